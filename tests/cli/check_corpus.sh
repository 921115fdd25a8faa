#!/usr/bin/env bash
# The main job on the corpus: exit status 3, every planted hit of a requested person and nobody
# else's, both unreadable members with their reasons, the three lists, and a restore of keep0 that
# is clean.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
use_register
export SPEUR_INVENTORY=$work/keep/inventory.db

check() {
    expect_status "$1" "$speur" check "${@:2}" --keep0 "$work/keep0" --drop0 "$work/drop0" \
        --hold0 "$work/hold0" --decisions "$work/decisions.jsonl"
}

# last_line WANTED: of the program's output.
last_line() {
    [ "$(tail -n 1 "$work/out")" = "$1" ] ||
        fail "the last line is '$(tail -n 1 "$work/out")' instead of '$1'"
}

compare() {
    expect_status 0 "$speur" export --format jsonl --unread
    cp "$work/out" "$work/unread.jsonl"
    "$root/corpus/compare" "$corpus/expected.tsv" "$work/decisions.jsonl" "$work/unread.jsonl" \
        "$work/keep0" "$work/drop0" "$work/hold0" || fail "$1"
}

check 3 "$corpus/site-backup.tar.gz"
last_line "VERDICT: HITS INCOMPLETE"
compare "the check differs from what was planted"
for name in salarissen-versleuteld.zip oud-2019.zip; do
    grep -qF "$name" "$work/out" "$work/err" || fail "$name is not named to the reader"
done
for list in keep0 drop0 hold0 decisions.jsonl; do
    mode=$(stat -c %a "$work/$list")
    [ "$mode" = 600 ] || fail "$list has mode $mode instead of 600"
done

# Answered from the inventory, the verdict and the lists are the same.
check 3 "$corpus/site-backup.tar.gz"
compare "a second check, from the inventory, differs"

mkdir "$work/staging"
tar -xzf "$corpus/site-backup.tar.gz" -C "$work/staging" --null --verbatim-files-from \
    --no-recursion --no-wildcards -T "$work/keep0" || fail "tar cannot restore keep0"
check 0 "$work/staging"
last_line "VERDICT: CLEAN"
if [ -s "$work/drop0" ] || [ -s "$work/hold0" ]; then
    fail "the restored files are not all kept"
fi

# Everything restored: the hits come back, and the check says so.
mkdir "$work/all"
tar -xzf "$corpus/site-backup.tar.gz" -C "$work/all"
check 3 "$work/all"
last_line "VERDICT: HITS INCOMPLETE"

finish
