#!/usr/bin/env bash
# privileges.sh BUILD: what the kernel says of a worker at work: another user than root, no capability, no new ones, a
# filter on its system calls; and of the inventory, which keeps what held.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key
level=$("$build/speur-worker" --level)

mkfifo "$work/pipe"
"$speur" scan -q - <"$work/pipe" &
scan=$!
exec 9>"$work/pipe"
printf 'Mail proef@voorbeeld.example\n' >&9
for _ in $(seq 1 100); do
    worker=$(pgrep -P "$scan" -f speur-worker) && [ -s "/proc/$worker/status" ] &&
        grep -q '^NoNewPrivs:.*1' "/proc/$worker/status" && break
    sleep 0.05
done
# It reads the pipe now, so it has locked itself down.
sleep 0.3
state() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$worker/status"; }
for set in CapInh CapPrm CapEff CapAmb; do
    [ "$(state "$set")" = 0000000000000000 ] || fail "$set of a worker is $(state "$set")"
done
[ "$(state NoNewPrivs)" = 1 ] || fail "a worker may gain privileges"
if [ "$(id -u)" -eq 0 ]; then
    [ "$(state CapBnd)" = 0000000000000000 ] || fail "CapBnd of a worker is $(state CapBnd)"
    [ "$(state Uid)" != 0 ] || fail "a worker is root"
    [ "$(state Gid)" != 0 ] || fail "a worker has the group of root"
    [ -z "$(awk '$1 == "Groups:" { print $2 }' "/proc/$worker/status")" ] || fail "a worker has groups"
    case $level in *uid*) ;; *) fail "the level does not tell of the user: $level" ;; esac
fi
case $level in
*seccomp*) [ "$(state Seccomp)" = 2 ] || fail "no system call filter" ;;
*) say "no seccomp in this build or kernel: $level" ;;
esac
exec 9>&-
wait "$scan" || fail "the scan ended with $?"
kept=$(python3 - "$SPEUR_INVENTORY" <<'PYTHON'
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT sandbox FROM scan").fetchone()[0])
PYTHON
)
[ "$kept" = "$level" ] || fail "the inventory says $kept, a worker $level"

# Asked for, and told.
rm -f "$SPEUR_INVENTORY"*
printf 'Mail proef@voorbeeld.example\n' >"$work/brief.txt"
expect_status 0 "$speur" scan --no-sandbox "$work/brief.txt"
grep -q 'no sandbox' "$work/out" || fail "a scan without a sandbox does not say so"
finish
