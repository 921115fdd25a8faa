#!/usr/bin/env bash
# labels: threads
# One thread or eight: the same export, unread list and decisions, byte for byte.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
use_register

# More files than threads, so that the lanes meet: the share three times over.
mkdir "$work/tree"
for copy in 1 2 3; do
    cp -a "$corpus/share" "$work/tree/share $copy"
done
cp -a "$corpus/site-backup.tar.gz" "$corpus/mailbox.mbox" "$work/tree"

for threads in 1 8; do
    export SPEUR_INVENTORY=$work/$threads.db
    expect_status 2 "$speur" scan -j "$threads" "$work/tree"
    expect_status 0 "$speur" export --format jsonl --stable --min-confidence low \
        -o "$work/$threads.jsonl"
    expect_status 0 "$speur" export --format jsonl --stable --unread -o "$work/$threads.unread"
    expect_status 3 "$speur" check -j "$threads" "$work/tree" \
        --decisions "$work/$threads.decisions" --keep0 "$work/$threads.keep0" \
        --hold0 "$work/$threads.hold0" --drop0 "$work/$threads.drop0"
done
[ "$(wc -l <"$work/1.jsonl")" -gt 1000 ] || fail "only $(wc -l <"$work/1.jsonl") findings"
for kind in jsonl unread decisions keep0 hold0 drop0; do
    cmp "$work/1.$kind" "$work/8.$kind" || fail "$kind of 1 and of 8 threads differ"
done
finish
