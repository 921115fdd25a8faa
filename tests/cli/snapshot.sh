#!/usr/bin/env bash
# A backup with a name that never changes (--snapshot-id): scanned once, then known without reading;
# read again when something else is looked for, or the scan did not reach its end.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
use_register
export SPEUR_INVENTORY=$work/keep/inventory.db
backup=$corpus/site-backup.tar.gz
id=restic:4bba301e

# no such name yet, and nothing to read: no verdict
expect_status 66 "$speur" check -q - --snapshot-id $id </dev/null
expect_status 2 "$speur" scan -q - --snapshot-id $id <"$backup"
expect_status 3 "$speur" check -q - --drop0 "$work/one" --decisions "$work/first" <"$backup"

# known: the same answer, and nothing is read
expect_status 3 "$speur" check - --snapshot-id $id --drop0 "$work/two" --decisions "$work/second" \
    --evidence "$work/evidence.json" </dev/null
grep -q '^Known by its name: nothing was read now' "$work/out" || fail "$(tail -5 "$work/out")"
cmp "$work/one" "$work/two" || fail "another list"
[ "$(wc -l <"$work/first")" -eq "$(wc -l <"$work/second")" ] || fail "other decisions"
grep -q '"identity":"declared"' "$work/evidence.json" || fail "the evidence does not say how it knows"
grep -q "snapshot:$id" "$work/evidence.json" || fail "the evidence does not name the snapshot"

# another name, a fresh look, another key or more to look for: what was known is not enough
expect_status 66 "$speur" check -q - --snapshot-id $id.2 </dev/null
expect_status 66 "$speur" check -q - --snapshot-id $id --fresh </dev/null
expect_status 66 "$speur" check -q - --snapshot-id $id --verify-digest </dev/null
expect_status 66 "$speur" check -q - --snapshot-id $id --limit-depth 2 </dev/null
printf 'Karin de Vriesema' | expect_status 0 "$speur" register add --req N1 --type name
expect_status 66 "$speur" check -q - --snapshot-id $id </dev/null
expect_status 3 "$speur" check -q - --snapshot-id $id --no-names </dev/null

# a scan that did not reach its end is no answer
head -c 20000000 /dev/zero | tr '\0' 'x' >"$work/much"
tar -cf "$work/half.tar" -C "$work" much
{ head -c 1000000 "$work/half.tar" && sleep 3; } | "$speur" scan -q - --snapshot-id half & pid=$!
sleep 1
kill -9 $pid 2>"$work/err" || fail "the scan ended by itself"
wait $pid 2>"$work/err" || true
expect_status 66 "$speur" check -q - --snapshot-id half </dev/null

# names
expect_status 64 "$speur" scan -q - --snapshot-id '../x' <"$backup"
expect_status 64 "$speur" scan -q - --snapshot-id '' <"$backup"
expect_status 64 "$speur" check -q "$backup" "$backup" --snapshot-id two
finish
