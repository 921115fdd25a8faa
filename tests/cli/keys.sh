#!/usr/bin/env bash
# keys.sh BUILD: up to four live keys. Whoever is enrolled under either is found, nothing is CLEAN
# because tokens under a key were missing, and a key that no identifier needs is destroyed.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
register() {
    expect_status "$1" "$speur" register "${@:2}"
}
add() { # VALUE OPTIONS...
    printf '%s' "$1" | expect_status 0 "$speur" register add --type "${type:-email}" "${@:2}"
}
told() {
    grep -q -e "$1" "$work/out" || fail "$1 is not told: $(head -n 12 "$work/out")"
}
verdict() { # STATUS FILE OPTIONS...
    expect_status "$1" "$speur" check "$work/$2" "${@:3}"
}
ids() { # of the keys of the key file, newest first
    { "$speur" doctor || true; } | sed -n 's/^..   *key id *\([0-9a-f]\{32\}\).*/\1/p'
}
nothing_left() {
    if [ -e "$SPEUR_KEY.speur-replaced" ] || [ -e "$SPEUR_KEY.speur-replacing" ]; then
        fail "a copy of the key file is left"
    fi
}

register 0 init
first_line=$(cat "$SPEUR_KEY")
expect_status 0 "$speur" evidence pubkey -o "$work/public"
printf 'van piet.proef@post.example\n' >"$work/piet.txt"
printf 'van els.proef@post.example\n' >"$work/els.txt"
printf 'van niemand@post.example\n' >"$work/none.txt"
printf 'Geachte Johanna Vonderbeek, wij schrijven u.\n' >"$work/name.txt"
add piet.proef@post.example --req R1 --erased-at 2026-01-01 --backup-retention 36500
verdict 1 piet.txt --evidence "$work/e1.json"
verdict 0 els.txt
verdict 0 none.txt
old=$(ids)

# ---- a second key: the inventory of before has no tokens under it
register 0 new-key
told 'Made the key'
[ "$(wc -l <"$SPEUR_KEY")" -eq 2 ] || fail "not two keys: $(wc -l <"$SPEUR_KEY")"
[ "$(stat -c %a "$SPEUR_KEY")" = 600 ] || fail "the key file is open to others"
[ "$(tail -n 1 "$SPEUR_KEY")" = "$first_line" ] || fail "the first key is not the last line"
new=$(ids | head -n 1)
[ "$(ids | tail -n 1)" = "$old" ] || fail "the old key is gone"
add els.proef@post.example --req R2
grep -q "\"req_id\":\"R2\".*\"key_id\":\"$new\"" "$SPEUR_REGISTER" ||
    fail "not enrolled under the newest key"
cp "$work/inventory.db" "$work/inventory.old"
verdict 1 els.txt --evidence "$work/e2.json"
told '^HIT *R2 '
verdict 1 piet.txt
told '^HIT *R1 '
verdict 0 none.txt
expect_status 0 "$speur" evidence verify --pubkey "$work/public" "$work/e1.json" "$work/e2.json"
[ "$(jq -r '.keys | join(" ")' "$work/e2.json")" = "$new $old" ] || fail "evidence without key ids"

# ---- a declared snapshot: known, but not under the newest key
register 0 new-key
third=$(ids | head -n 1)
type=name add 'Johanna Vonderbeek' --req R3
add joh.proef@post.example --req R3
expect_status 0 "$speur" check --snapshot-id s1 --no-names - <"$work/none.txt"
add niemand@post.example --req R4
register 0 new-key
add niemand@post.example --req R5
expect_status 1 "$speur" check --snapshot-id s1 --no-names - <"$work/none.txt"
told '^HIT *R5 '
verdict 1 name.txt
told 'R3 *name'

# ---- a fifth is refused, and what to do is told
cp "$SPEUR_KEY" "$work/four"
register 77 new-key
grep -q 'register expire' "$work/err" || fail "what to do is not told: $(cat "$work/err")"
cmp "$SPEUR_KEY" "$work/four" || fail "a refused key changed the file"
{ cat "$SPEUR_KEY" && head -n 1 "$SPEUR_KEY" | tr 0-8 1-9; } >"$work/five"
{ head -n 1 "$SPEUR_KEY" && head -n 3 "$SPEUR_KEY"; } >"$work/twice"
head -c 200 "$SPEUR_KEY" >"$work/cut"
for bad in five twice cut; do
    chmod 600 "$work/$bad"
    verdict 77 els.txt --key "$work/$bad"
done
chmod 640 "$work/four"
verdict 77 els.txt --key "$work/four"
chmod 600 "$work/four"

# ---- a ring without a key that identifiers are under: never CLEAN
tail -n 2 "$SPEUR_KEY" >"$work/older" && chmod 600 "$work/older"
printf 'van iemand.anders@post.example\n' >"$work/other.txt"
verdict 2 other.txt --key "$work/older"
told '^4 register rows were made with another key'
told 'VERDICT: INCOMPLETE'
verdict 3 els.txt --key "$work/older" # R2 is met, the others could not be looked for
register 0 verify --key "$work/older"
told "Key $third: 3 identifiers live; not in the key file"
expect_status 1 "$speur" doctor --key "$work/older"
told "^!!   key id *$third"
head -n 2 "$SPEUR_KEY" >"$work/headless" && chmod 600 "$work/headless"
register 77 verify --key "$work/headless" # another first key: not the ring of this register

# ---- what was scanned with one of the keys only: a person is found there, a check reads again
cp "$work/inventory.old" "$work/inventory.db" && rm -f "$work/inventory.db-wal" "$work/inventory.db-shm"
expect_status 1 "$speur" find --type email < <(printf 'piet.proef@post.example\n')
told 'piet.txt'
verdict 1 els.txt
told '^HIT *R2 '

# ---- destroyed: what no identifier needs
register 0 expire -n
told '0 identifiers would be destroyed'
if grep -q '^Key' "$work/out"; then
    fail "a key that is needed would be destroyed"
fi
printf 'een lange zin van proef\n' >"$work/passphrase" && chmod 600 "$work/passphrase"
register 0 kit -o "$work/kit" --passphrase "$work/passphrase"
register 0 withdraw --req R1 --reason 'asked to stay'
rows=$(wc -l <"$SPEUR_REGISTER")
cp "$SPEUR_KEY" "$work/before"
register 0 expire -n
told '1 identifiers would be destroyed'
told "^Key $old would be destroyed"
cmp "$SPEUR_KEY" "$work/before" || fail "a dry run destroyed a key"
register 0 expire
told "^Key $old destroyed"
told 'destroy the kits'
if grep -q "${first_line#* }" "$SPEUR_KEY"; then
    fail "the key is still in the file"
fi
[ "$(grep -c '^speur-key-1 ' "$SPEUR_KEY")" -eq 3 ] || fail "another key is gone too"
[ "$(stat -c '%a %h' "$SPEUR_KEY")" = '600 1' ] || fail "the file is not private"
nothing_left
[ "$(wc -l <"$SPEUR_REGISTER")" -eq $((rows + 2)) ] || fail "rows are lost or not noted"
register 0 list
told "key_destroyed .*$old"
register 0 verify
verdict 1 els.txt
verdict 1 name.txt
verdict 1 none.txt # R4 and R5
verdict 0 piet.txt --evidence "$work/e3.json"
expect_status 0 "$speur" evidence verify --pubkey "$work/public" "$work/e2.json" "$work/e3.json"
expect_status 0 "$speur" evidence pubkey -o "$work/public2"
cmp "$work/public" "$work/public2" || fail "the public key changed"
register 0 expire
told '^0 identifiers destroyed'
if grep -q '^Key' "$work/out"; then
    fail "destroyed twice"
fi
# a row of the destroyed key is verified as before
sed "s/\"req_id\":\"R1\"/\"req_id\":\"R7\"/" "$SPEUR_REGISTER" >"$work/altered"
cp "$SPEUR_REGISTER.head" "$work/altered.head" && chmod 600 "$work/altered"
register 65 verify --register "$work/altered"

# ---- the destroyed key comes back with an old copy of the key file
register 0 verify --key "$work/before"
told "Key $old: 0 identifiers live; the register says that it was destroyed"
printf '%s\n' "$first_line" >"$work/onlyold" && chmod 600 "$work/onlyold"
printf 'x.proef@post.example' |
    expect_status 77 "$speur" register add --req R9 --type email --key "$work/onlyold"
grep -q 'fetch the newest key file' "$work/err" || fail "enrolled under a destroyed key"
cp "$work/before" "$work/again" && chmod 600 "$work/again"
register 0 expire --key "$work/again"
cmp "$work/again" "$SPEUR_KEY" || fail "the key that came back was not destroyed again"

# ---- kits: of before, with all keys; of now, without the first
register 0 unpack "$work/kit" --passphrase "$work/passphrase" --key "$work/k1" --register "$work/r1"
cmp "$work/k1" "$work/before" || fail "a kit did not give the ring back"
register 0 kit -o "$work/kit2" --passphrase "$work/passphrase"
register 0 unpack "$work/kit2" --passphrase "$work/passphrase" --key "$work/k2" --register "$work/r2"
cmp "$work/k2" "$SPEUR_KEY" || fail "a kit without the first key did not give the ring back"
cmp "$work/r2" "$SPEUR_REGISTER" || fail "another register was unpacked"
expect_status 0 "$speur" doctor --restore-day "$work/kit2" --passphrase "$work/passphrase"
verdict 1 els.txt --key "$work/k2" --register "$work/r2"

# ---- values that were kept, and a person
printf 'els.proef@post.example\n' >"$work/kept.txt"
expect_status 0 "$speur" scan -q --inventory "$work/kept.db" --keep-values "$work/kept.txt"
expect_status 0 "$speur" export --inventory "$work/kept.db" --show-values
told 'els.proef@post.example'
expect_status 1 "$speur" find --inventory "$work/kept.db" --type email \
    < <(printf 'els.proef@post.example\n')

# ---- the same mail address under four keys: no token of one is one of another
mkdir "$work/c"
export SPEUR_KEY=$work/c/key SPEUR_REGISTER=$work/c/register SPEUR_INVENTORY=$work/c/inventory.db
register 0 init
for n in 1 2 3 4; do
    [ "$n" -eq 1 ] || register 0 new-key
    add zelfde.proef@post.example --req "C$n"
done
tokens=$(grep -o '"[0-2]:[0-9a-f]\{32\}"' "$SPEUR_REGISTER" | cut -d: -f2 | sort)
[ "$(wc -l <<<"$tokens")" -ge 4 ] || fail "no tokens"
[ -z "$(uniq -d <<<"$tokens")" ] || fail "a token is the same under two keys"
printf 'zelfde.proef@post.example\n' >"$work/same.txt"
verdict 1 same.txt
for n in 1 2 3 4; do
    told "^HIT *C$n "
done

# ---- kill -9 in new-key and in expire: the old ring or the new one, and nothing is lost
for n in 1 2 3; do
    register 0 withdraw --req "C$n" --reason proef
done
rounds=0
for _ in $(seq 12); do
    for _ in $(seq 40); do
        "$speur" register new-key -q || "$speur" register expire -q || true
    done >/dev/null 2>&1 &
    writer=$!
    sleep "0.0$((RANDOM % 90 + 10))"
    pkill -9 -P "$writer" -x speur 2>/dev/null || true
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    register 0 verify
    rounds=$((rounds + 1))
done
register 0 expire
nothing_left
register 0 verify
if grep -q 'was destroyed' "$work/out"; then
    fail "a key that was noted as destroyed is there"
fi
verdict 1 same.txt
told '^HIT *C4 '

# ---- several at once: each new key is there, or was refused
before=$(grep -c '^speur-key-1 ' "$SPEUR_KEY")
: >"$work/made"
for _ in 1 2 3 4 5 6; do
    if "$speur" register new-key >/dev/null 2>&1; then echo made >>"$work/made"; fi &
done
wait
[ "$(grep -c '^speur-key-1 ' "$SPEUR_KEY")" -eq 4 ] || fail "not four keys after six tries"
[ "$(wc -l <"$work/made")" -eq $((4 - before)) ] || fail "a key was told of and is not there"
register 0 verify
verdict 1 same.txt
say "kill -9: $rounds times"
finish
