#!/usr/bin/env bash
# restart.sh BUILD: one member with which workers end does not hide the others. labels: threads
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key

# The program in a folder of its own, with the worker that misbehaves beside it.
mkdir "$work/bin" "$work/in"
cp "$speur" "$work/bin/speur"
cp "$build/tests/worker_unsteady" "$work/bin/speur-worker"
ln -s "$root/patterns" "$work/bin/patterns"

letter() {
    printf 'Mail proef%s@voorbeeld.example over de levering.\n' "$1" >"$work/in/$2"
}
for number in $(seq 100 180); do
    letter "$number" "brief$number.txt"
done
names() {
    (cd "$work/in" && printf '%s\n' brief1[0-3]*.txt "$@" brief1[4-8]*.txt)
}

# scan_of ARCHIVE UNREAD-NAMES FOUND: which members are told of as unread, how many letters found.
scan_of() {
    local archive=$1 unread=$2 found=$3
    for threads in 1 4; do
        rm -f "$SPEUR_INVENTORY"*
        expect_status "$((${#unread} > 0 ? 2 : 0))" "$work/bin/speur" scan -j "$threads" --limit-time 1 --limit-memory 300000000 "$work/$archive"
        expect_status 0 "$work/bin/speur" export --unread --stable -o "$work/unread.jsonl"
        expect_status 0 "$work/bin/speur" export --stable -o "$work/found.$threads.jsonl"
        [ "$(jq -r '.locator + " " + .reason' "$work/unread.jsonl" | sort | tr '\n' ',')" = "$unread" ] ||
            fail "$archive, $threads lanes: unread $(jq -r '.locator + " " + .reason' \
                "$work/unread.jsonl" | tr '\n' ',') instead of $unread"
        [ "$(jq -r .masked "$work/found.$threads.jsonl" | wc -l)" = "$found" ] ||
            fail "$archive, $threads lanes: $(wc -l <"$work/found.$threads.jsonl") findings, not $found"
    done
    cmp "$work/found.1.jsonl" "$work/found.4.jsonl" || fail "$archive: lanes change what is found"
}

letter 200 die.txt
letter 201 late.txt
letter 202 hang.txt
letter 203 always.txt
(cd "$work/in" && names die.txt | tar -cf ../die.tar -T - && names die.txt | zip -q@ ../die.zip)
(cd "$work/in" && names late.txt | tar -czf ../late.tar.gz -T -)
(cd "$work/in" && names hang.txt | tar -cf ../hang.tar -T -)
(cd "$work/in" && names always.txt | tar -cf ../always.tar -T -)
(cd "$work/in" && names die.txt hang.txt late.txt | tar -cf ../three.tar -T -)

# Each letter is found, in its text; the bad one by the raw pass.
scan_of die.tar "die.tar!die.txt crashed," 82
scan_of die.zip "die.zip!die.txt crashed," 82
# A worker that ends with a member that it had told of whole: nothing is missing.
scan_of late.tar.gz "" 82
scan_of hang.tar "hang.tar!hang.txt timeout," 82
scan_of three.tar "three.tar!die.txt crashed,three.tar!hang.txt timeout," 84

# What a parser does that somebody has taken over, or that has lost its mind: each ends as told, and
# each letter is found.
scan_deed() {
    local deed=$1 reason=$2
    letter 210 "$deed.txt"
    (cd "$work/in" && names "$deed.txt" | tar -cf "../$deed.tar" -T -)
    scan_of "$deed.tar" "${reason:+$deed.tar!$deed.txt $reason,}" 82
}
contained=$(jq -Rr 'contains("seccomp")' <<<"$("$work/bin/speur-worker" --level)")
scan_deed segv crashed
scan_deed exit crashed
scan_deed garbage sandbox
scan_deed huge sandbox
scan_deed twice sandbox
scan_deed half timeout
scan_deed flood timeout
if [ "$contained" = true ]; then
    scan_deed eat limit_memory
    scan_deed open ""
    for deed in socket local exec fork kill trace; do
        scan_deed "$deed" sandbox
    done
    [ ! -e /tmp/speur-was-here ] || fail "a worker made a file"
else
    say "not tried, as sanitizers need what the filter refuses: memory, files, sockets, exec"
fi
! pgrep -f "$work/bin/speur-worker" >/dev/null || fail "workers are left"

# Where not even the raw pass comes through, the archive is given up, and says so.
rm -f "$SPEUR_INVENTORY"*
expect_status 2 "$work/bin/speur" scan "$work/always.tar"
expect_status 0 "$work/bin/speur" export --unread -o "$work/unread.jsonl"
[ "$(jq -r .locator "$work/unread.jsonl" | sort -u)" = always.tar ] || fail "not told of the archive"
expect_status 0 "$work/bin/speur" export -o "$work/found.jsonl"
[ "$(wc -l <"$work/found.jsonl")" -ge 40 ] || fail "what stood before the bad member is lost"
finish
