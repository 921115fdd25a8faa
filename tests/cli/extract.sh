#!/usr/bin/env bash
# speur find --extract: one person's records of all formats, in clear what is theirs, masked what is
# not; what changed, is gone or too large is told.
# labels: threads
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
cases=$root/tests/cases/extract.py
expect_status 0 "$speur" register init
printf 'email;piet.proef@post.example\nphone;+31612345678\naddress;Dorpsstraat 12, 1234 AB Ons Dorp\n' \
    >"$work/person"
extract() { # STATUS DIR OPTIONS...
    expect_status "$1" "$speur" find --from-file "$work/person" --extract "$2" "${@:3}"
}
expect_missing() { # DIR REASON COUNT
    [ "$(jq -r .reason "$1/not-extracted.jsonl" | grep -c -x "$2")" -eq "$3" ] ||
        fail "$3 records are not told as $2: $(jq -c '[.path,.reason]' "$1/not-extracted.jsonl")"
}

# ---- every format
python3 "$cases" make "$work/tree"
expect_status 0 "$speur" scan -q "$work/tree"
extract 1 "$work/copy" -j 1
grep -q 'records copied to' "$work/out" || fail "the summary does not tell of it"
[ ! -s "$work/copy/not-extracted.jsonl" ] || fail "$(head -n 3 "$work/copy/not-extracted.jsonl")"
python3 "$cases" check "$work/tree" "$work/copy" || fail "what was copied"
[ "$(find "$work/copy" -printf '%f %m\n' | sort | tr '\n' ' ')" = \
    "README.txt 600 copy 700 not-extracted.jsonl 600 records.jsonl 600 " ] ||
    fail "files or modes: $(ls -la "$work/copy")"

# the same by eight threads, with small limits of nothing, into a folder that is empty
mkdir -m 755 "$work/eight"
extract 1 "$work/eight" -j 8
cmp "$work/copy/records.jsonl" "$work/eight/records.jsonl" || fail "eight threads copy otherwise"
[ "$(stat -c %a "$work/eight")" = 700 ] || fail "an empty folder keeps its mode"

# nothing in clear anywhere else (names of files are raw in an inventory)
if grep -r -a -l '12345678\|87654321\|NL20INGB\|Kerkweg 3' "$work/inventory.db"* "$TMPDIR" "$work/out" \
    "$work/err"; then
    fail "a clear value outside the folder"
fi

# other people's values in other spellings
mkdir "$work/spelled"
secret=$(printf 'aan iemand: els.geheim@voorbeeld.example en nog wat woorden daarachter, genoeg voor twee regels' | base64 -w 60 | sed 's/^/        /')
cat >"$work/spelled/a.txt" <<TEXT
van piet.proef@post.example en els.geheim%40voorbeeld.example of els.geheim&#64;voorbeeld.example, els.geheim\\u0040voorbeeld.example
en els.geheim<b>@</b>voorbeeld.example, \\u0065ls.geheim\\100voorbeeld.example of %65ls.geheim%40voorbeeld%2Eexample
$secret
TEXT
printf 'id;els.geheim%%40voorbeeld.example\n1;piet.proef@post.example\n' >"$work/spelled/a.csv"
expect_status 0 "$speur" scan -q --inventory "$work/spelled.db" "$work/spelled"
extract 1 "$work/spelled.copy" --inventory "$work/spelled.db"
grep -q 'piet.proef@post.example' "$work/spelled.copy/records.jsonl" || fail "nothing was copied"
if grep -o 'geheim.\{12\}\|%65ls.\{12\}\|u0065ls.\{12\}\|ZWxzLmdlaGVpb.*\|hbiBpZW1hbmQ.*' "$work/spelled.copy/records.jsonl"; then
    fail "another person's value in another spelling is copied"
fi

# ---- where to
extract 64 "$work/copy"
touch "$work/file"
extract 64 "$work/file"
ln -s "$work/eight" "$work/link"
extract 64 "$work/link"
extract 74 "$work/none/deeper"
find "$work/none" 2>/dev/null && fail "a folder was made above it"

# ---- a person of whom nothing is there, and the account
printf 'email;niemand@post.example\n' >"$work/nobody"
expect_status 0 "$speur" find --from-file "$work/nobody" --extract "$work/nothing" \
    --evidence "$work/evidence.json"
[ ! -s "$work/nothing/records.jsonl" ] || fail "records of nobody"
extract 1 "$work/told" --evidence "$work/evidence.json"
[ "$(jq .extracted "$work/evidence.json")" -eq "$(wc -l <"$work/told/records.jsonl")" ] ||
    fail "the evidence counts another number"

# ---- another person's name is masked when it is registered, the person's own is not
expect_status 0 "$speur" register add --req E1 --type name <<<'Els Proef'
extract 1 "$work/named"
grep -q 'Els Proef' "$work/copy/records.jsonl" || fail "the case has no name"
if grep -q 'Els Proef' "$work/named/records.jsonl"; then
    fail "a registered name is in clear"
fi

# ---- what changed since the scan, is gone, or cannot be read again
printf '0009;P. Proef;piet.proef@post.example;;;;;;\n' >>"$work/tree/klanten.csv"
rm "$work/tree/shop.sql"
extract 3 "$work/changed"
expect_missing "$work/changed" changed 1
expect_missing "$work/changed" vanished 2
if jq -r .path "$work/changed/records.jsonl" | grep -q 'klanten.csv\|shop.sql'; then
    fail "a record of a changed file was copied"
fi
mv "$work/tree" "$work/moved"
extract 3 "$work/away"
[ ! -s "$work/away/records.jsonl" ] || fail "records from nowhere"
[ "$(jq -r .reason "$work/away/not-extracted.jsonl" | sort -u)" = no_source ] ||
    fail "a root that is gone"
export SPEUR_INVENTORY=$work/other.db
expect_status 0 "$speur" scan -q - <"$work/moved/klanten.csv"
extract 3 "$work/piped"
expect_missing "$work/piped" no_source 1

# ---- only a form that others share: next door
export SPEUR_INVENTORY=$work/possible.db
mkdir "$work/doors"
printf 'Bezorgd bij Dorpsstraat 12 B, 1234 AB Ons Dorp.\n' >"$work/doors/bon.txt"
expect_status 0 "$speur" scan -q "$work/doors"
extract 3 "$work/next"
expect_missing "$work/next" possible 1
[ ! -s "$work/next/records.jsonl" ] || fail "next door was copied"

# ---- larger than a record may be
export SPEUR_INVENTORY=$work/large.db
python3 "$cases" large "$work/large"
expect_status 0 "$speur" scan -q "$work/large"
extract 3 "$work/large-copy"
expect_missing "$work/large-copy" too_large 2
[ "$(jq -r .text "$work/large-copy/records.jsonl" | grep -c 'piet.proef@post.example ok$')" -eq 2 ] ||
    fail "the lines beside the large one"
finish
