#!/usr/bin/env bash
# --passwords: opens zip members, says of a wrong one that they are encrypted, and leaks nothing.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db

mkdir "$work/tree" "$work/in"
printf 'mail anna.jansen@example.nl\n' >"$work/in/brief.txt"
(cd "$work/in" && zip -q -P Zeer-Geheim-9137 ../tree/slot.zip brief.txt &&
    7z a -bd -tzip -pZeer-Geheim-9137 -mem=AES256 ../tree/aes.zip brief.txt >/dev/null)
printf 'Zeer-Geheim-9137\n' >"$work/right"
printf 'Heel-Anders-5528\n' >"$work/wrong"
chmod 600 "$work/right" "$work/wrong"

expect_status 2 "$speur" scan "$work/tree"
expect_status 2 "$speur" scan --passwords "$work/wrong" "$work/tree"
expect_status 0 "$speur" export --format jsonl --unread -o "$work/unread"
grep -q encrypted "$work/unread" || fail "a wrong password is not told as encrypted"
grep -q corrupt "$work/unread" && fail "a wrong password is told as damage"
# the same files again, with another password: not taken for unchanged
expect_status 0 "$speur" scan -v --passwords "$work/right" "$work/tree"
cat "$work/out" "$work/err" >"$work/told"
expect_status 0 "$speur" export --format jsonl -o "$work/findings"
[ "$(grep -c '"email"' "$work/findings")" -ge 2 ] || fail "the members were not opened"
for place in "$work/told" "$work/findings" "$work/unread" "$work"/inventory.db*; do
    grep -aq 'Zeer-Geheim\|Heel-Anders' "$place" && fail "a password stands in $place"
done

chmod 644 "$work/right"
expect_status 77 "$speur" scan --passwords "$work/right" "$work/tree"
grep -q 'chmod 600' "$work/err" || fail "a file open to others is not refused"
chmod 600 "$work/right"
for i in $(seq 65); do printf 'w%s\n' "$i"; done >"$work/wrong"
expect_status 78 "$speur" scan --passwords "$work/wrong" "$work/tree"
grep -q 'w65\|w64' "$work/err" && fail "an error quotes a password"
expect_status 66 "$speur" scan --passwords "$work/none" "$work/tree"
finish
