#!/usr/bin/env bash
# speur filter and speur prune: tars of every form, damage, hard links, records of dumps, tables,
# mailboxes and logs, and paths that want to leave the tree.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/case"
python3 "$root/tests/cases/filter.py" "$speur" "$work/case" || fail "a member or a record"

# The corpus's backup: in what is left no record is a hit, and what had none is as it was.
use_corpus
use_register
export SPEUR_INVENTORY=$work/keep/inventory.db
backup=$corpus/site-backup.tar.gz
expect_status 3 "$speur" check -q "$backup" --drop0 "$work/drop0" --decisions "$work/decisions"
got=0
"$speur" filter -q --drop "$work/drop0" --records "$work/decisions" <"$backup" \
    >"$work/out.tar" 2>"$work/err" || got=$?
[ "$got" -eq 1 ] || fail "filter ended with $got instead of 1 (two members must be left out)"
[ "$(grep -c 'left out' "$work/err")" -eq 2 ] || fail "$(cat "$work/err")"
expect_status 3 "$speur" check --decisions "$work/again" "$work/out.tar"
if grep -q '"decision":"HIT"' "$work/again"; then
    fail "a hit is left in the filtered backup"
fi
reviews() {
    grep -c -e '"decision":"REVIEW"' "$1"
}
[ "$(reviews "$work/decisions")" -eq "$(($(reviews "$work/again") + 0))" ] ||
    say "reviews: $(reviews "$work/decisions") before, $(reviews "$work/again") after"
# What has changed since the check, or comes twice, is left out and told, never passed.
mkdir "$work/later"
cd "$work/later"
printf 'id,email\n1,%s\n2,blijf@post.example\n' 'weg.later@post.example' >a.csv
printf 'weg.later@post.example' | expect_status 0 "$speur" register add --req L1 --type email
tar -cf a.tar a.csv
expect_status 1 "$speur" check -q a.tar --decisions decisions
expect_status 0 "$speur" filter -q --records decisions <a.tar
grep -a -q '2,blijf' "$work/out" || fail "the other row is not there"
tar -rf a.tar a.csv
expect_status 1 "$speur" filter -q --records decisions <a.tar
grep -q 'one of the same name came before it' "$work/err" || fail "$(cat "$work/err")"
sed -i '1a 0,nieuw@post.example' a.csv
tar -cf a.tar a.csv
expect_status 1 "$speur" filter -q --records decisions <a.tar
grep -q 'it has changed' "$work/err" || fail "$(cat "$work/err")"
! grep -a -q 'weg.later' "$work/out" || fail "an erased person's row was passed"
cd "$work"
gzip -dc "$backup" >"$work/plain.tar"
"$speur" filter -q --drop /dev/null <"$backup" >"$work/kept.tar"
cmp "$work/kept.tar" "$work/plain.tar" ||
    fail "what is kept is not what came"
finish
