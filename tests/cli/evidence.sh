#!/usr/bin/env bash
# Evidence of checks: signed, chained, checked with a key that is kept apart; what was altered,
# swapped, left out or rolled back is noticed; no clear value stands in it.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/tree"
export SPEUR_INVENTORY=$work/keep/inventory.db SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register
expect_status 0 "$speur" register init
printf 'piet.proef@post.example' >"$work/value"
expect_status 0 "$speur" register add --req R1 --type email <"$work/value"
expect_status 0 "$speur" evidence pubkey -o "$work/public"

printf 'van piet.proef@post.example\n' >"$work/tree/a.txt"
printf 'niets\n' >"$work/tree/b.txt"
check() {
    expect_status "$1" "$speur" check -q --evidence "$work/$2" "${@:3}"
}
verify() {
    expect_status "$1" "$speur" evidence verify --pubkey "$work/public" "${@:2}"
}
field() {
    jq -r "$2" "$work/$1"
}
check 1 one.json "$work/tree/a.txt" --drop0 "$work/drop0"
check 1 two.json "$work/tree" "$work/tree/b.txt"
check 0 three.json - < <(printf 'niets\n')
verify 0 "$work/one.json" "$work/two.json" "$work/three.json"
grep -q 'VERDICT: CLEAN' "$work/out" || fail "no verdict is shown"

# What is in it
[ "$(field one.json .targets[0].identity)" = digest ] || fail "a file that was read has no digest"
[ "$(field one.json .targets[0].digest)" = "$(b2sum -l 256 "$work/tree/a.txt" | cut -d' ' -f1)" ] ||
    fail "the digest is not the file's"
[ "$(field one.json .files.drop0)" = "$(b2sum -l 256 "$work/drop0" | cut -d' ' -f1)" ] ||
    fail "the digest is not the list's"
[ "$(field two.json '.targets | length')" -eq 2 ] || fail "a target is missing"
[ "$(field two.json .targets[0].identity)" = stat ] || fail "a tree has a digest"
[ "$(field three.json .targets[0].identity)" = stream ] || fail "a stream has an identity"
[ "$(field one.json .decisions.HIT)" -eq 1 ] || fail "the hit is not counted"
[ "$(field one.json .verdict)" = "VERDICT: HITS" ] || fail "another verdict: $(field one.json .verdict)"
check 1 again.json "$work/tree/a.txt"
[ "$(field again.json .targets[0].identity)" = stat ] || fail "what was not read again has a digest"
check 1 fresh.json --verify-digest "$work/tree/a.txt"
[ "$(field fresh.json .targets[0].identity)" = digest ] || fail "--verify-digest did not read"
if grep -qi 'piet\|post.example' "$work"/*.json; then
    fail "a clear value stands in the evidence"
fi

# What was changed
verify 1 "$work/two.json" "$work/one.json"
verify 1 "$work/one.json" "$work/three.json"
for edit in 's/VERDICT: HITS/VERDICT: CLEAN/' 's/"number":1,/"number":2,/' 's/"HIT":1/"HIT":0/'; do
    sed "$edit" "$work/one.json" >"$work/altered.json"
    cmp -s "$work/altered.json" "$work/one.json" && fail "$edit changes nothing"
    verify 1 "$work/altered.json"
done
head -c 300 "$work/one.json" >"$work/altered.json"
verify 1 "$work/altered.json"
sed 's/}$/,"more":1}/' "$work/one.json" >"$work/altered.json"
verify 1 "$work/altered.json"
expect_status 64 "$speur" evidence verify "$work/one.json"
expect_status 0 "$speur" register init --key "$work/other-key" --register "$work/other-register"
expect_status 0 "$speur" evidence pubkey --key "$work/other-key" -o "$work/other-public"
expect_status 1 "$speur" evidence verify --pubkey "$work/other-public" "$work/one.json"

# A register that is older than the last evidence, and a chain that was touched
cp "$SPEUR_REGISTER" "$work/old" && cp "$SPEUR_REGISTER.head" "$work/old.head"
printf 'els.proef@post.example' >"$work/value"
expect_status 0 "$speur" register add --req R2 --type email <"$work/value"
check 1 four.json "$work/tree/a.txt"
cp "$SPEUR_REGISTER" "$work/newest" && cp "$SPEUR_REGISTER.head" "$work/newest.head"
cp "$work/old" "$SPEUR_REGISTER" && cp "$work/old.head" "$SPEUR_REGISTER.head"
expect_status 77 "$speur" check -q --inventory "$work/other.db" "$work/tree/a.txt"
# however much is added to it since, which wants that the evidence is not there
expect_status 77 "$speur" register verify
expect_status 77 "$speur" register add --req R3 --type email <"$work/value"
mv "$SPEUR_REGISTER.evidence" "$work/chain"
for req in R3 R4; do
    printf '%s.proef@post.example' $req >"$work/value"
    expect_status 0 "$speur" register add --req $req --type email <"$work/value"
done
expect_status 77 "$speur" check -q "$work/tree/a.txt" # the inventory knows it too
mv "$work/chain" "$SPEUR_REGISTER.evidence"
expect_status 77 "$speur" check -q "$work/tree/a.txt"
expect_status 77 "$speur" check -q --inventory "$work/other.db" "$work/tree/a.txt"
cp "$work/newest" "$SPEUR_REGISTER" && cp "$work/newest.head" "$SPEUR_REGISTER.head"
expect_status 1 "$speur" check -q "$work/tree/a.txt"
# A register that the evidence refuses leaves no trace in an inventory.
cp "$work/old" "$SPEUR_REGISTER" && cp "$work/old.head" "$SPEUR_REGISTER.head"
expect_status 77 "$speur" check -q --inventory "$work/third.db" "$work/tree/a.txt"
cp "$work/newest" "$SPEUR_REGISTER" && cp "$work/newest.head" "$SPEUR_REGISTER.head"
expect_status 1 "$speur" check -q --inventory "$work/third.db" "$work/tree/a.txt"
sed -i 's/ [0-9]* / 1 /' "$SPEUR_REGISTER.evidence"
expect_status 65 "$speur" check -q "$work/tree/a.txt"
finish
