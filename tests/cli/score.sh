#!/usr/bin/env bash
# Precision and recall over the corpus, by type; the numbers in score.floor may only rise.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key

expect_status 2 "$speur" scan --keep-values \
    "$corpus/site-backup.tar.gz" "$corpus/share" "$corpus/mailbox.mbox"
expect_status 0 "$speur" export --format jsonl --show-values --min-confidence low \
    -o "$work/export.jsonl"
"$root/tests/score" "$corpus/planted.tsv" "$work/export.jsonl" "$root/tests/cli/score.floor" ||
    fail "a number fell below its floor (tests/score --misses tells which values)"
finish
