#!/usr/bin/env bash
# doctor.sh BUILD: what is amiss is told, with what to do; and the program that scans has given up what it does not need.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/state/inventory.db SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register.jsonl

expect_status 1 "$speur" doctor
grep -q '^!!   register .*not there' "$work/out" || fail "a missing register is not told"
grep -q '^ok   patterns' "$work/out" || fail "the patterns are not told"
expect_status 0 "$speur" register init
printf 'Mail proef@voorbeeld.example\n' >"$work/brief.txt"
expect_status 0 "$speur" scan -q "$work/brief.txt"
amiss=0
! is_sanitized || amiss=1
expect_status "$amiss" "$speur" doctor
grep -q "^Opens: .*zip" "$work/out" || fail "formats are not told"
chmod 644 "$SPEUR_KEY"
expect_status 1 "$speur" doctor
grep -q 'chmod 600' "$work/out" || fail "a key that others may read is not told"
chmod 600 "$SPEUR_KEY"

if [ -x "$build/speur-disk" ]; then
    is_sanitized || grep -q '^ok   disk images .*speur-disk (seccomp' "$work/out" || fail "speur-disk is not told of"
    mkdir "$work/bare"
    cp "$speur" "$build/speur-worker" "$work/bare/"
    ln -s "$root/patterns" "$work/bare/patterns"
    expect_status "$amiss" "$work/bare/speur" doctor
    grep -q '^--   disk images .*opaque' "$work/out" || fail "a missing speur-disk is not told of"
fi

# A worker that is a script inherits what the program itself may not do.
mkdir "$work/bin" "$work/tree" "$work/elsewhere"
cp "$speur" "$work/bin/speur"
ln -s "$root/patterns" "$work/bin/patterns"
printf 'geheim\n' >"$work/elsewhere/geheim.txt"
cat >"$work/bin/speur-worker" <<WORKER
#!/bin/sh
echo test >&3
cat "$work/elsewhere/geheim.txt" >&2
echo hier >"$work/tree/nieuw.txt"
exit 3
WORKER
chmod +x "$work/bin/speur-worker"
printf 'x' >"$work/tree/x"
tar -C "$work/tree" -cf "$work/tree/a.tar" x
expect_status 2 "$work/bin/speur" scan "$work/tree"
if [[ $("$build/speur-worker" --level) == *landlock* ]]; then
    ! grep -q geheim$ "$work/err" || fail "a file outside of PATH was read"
    [ ! -e "$work/tree/nieuw.txt" ] || fail "something was written below PATH"
fi
expect_status 2 "$work/bin/speur" scan --no-sandbox "$work/tree"
grep -q geheim$ "$work/err" || fail "this test proves nothing: the script did not run"
finish
