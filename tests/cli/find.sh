#!/usr/bin/env bash
# speur find (access requests), and the CSV of exports as a spreadsheet reads it.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
find_person() { # STATUS IDENTIFIERS OPTIONS...
    printf '%b' "$2" >"$work/person"
    expect_status "$1" "$speur" find --from-file "$work/person" "${@:3}"
}
mkdir -p "$work/tree/=cmd" "$work/tree/map"
find_person 66 'email;piet.proef@post.example\n'
cat >"$work/tree/klanten.csv" <<'CSV'
klantnr;naam;email;telefoon;iban
0007;P. Proef;piet.proef@post.example;06-12345678;NL91ABNA0417164300
0008;E. Proef;els.proef@post.example;06-87654321;NL20INGB0001234567
CSV
printf 'van piet.proef+nieuws@post.example\n' >"$work/tree/=cmd/a.txt"
printf 'bel 06-12345678\n' >"$work/tree/map/@SUM(1).txt"
printf 'niets\n' >"$work/tree/map/\"q\";b.txt"
expect_status 0 "$speur" scan -q "$work/tree"

find_person 1 'type;value\nemail;piet.proef@post.example\nphone;+31612345678\n'
[ "$(grep -c -e ' exact ' "$work/out")" -eq 3 ] || fail "three exact places: $(cat "$work/out")"
grep -q ' possible .*a.txt' "$work/out" || fail "an alias is not told as possible"
grep -q '^4 places in 3 records, 2 email, 2 phone' "$work/out" || fail "$(tail -n 1 "$work/out")"
if grep -q 'els.proef\|piet.proef\|klanten.csv.*\[2\]' "$work/out"; then
    fail "a clear value, or somebody else"
fi
find_person 0 'email;niemand@post.example\n'
find_person 1 'els.proef@post.example\n' --type email
find_person 65 'email;piet.proef@post.example\nemail;geen adres\n'
grep -q 'line 2' "$work/err" || fail "the refused line is not named"
find_person 65 'naam;Piet\n'
find_person 64 ''
expect_status 64 "$speur" find piet.proef@post.example
find_person 1 'email;piet.proef@post.example\n' --format jsonl
[ "$(jq -s length "$work/out")" -eq 2 ] || fail "JSON Lines of find"

# a gap is told
printf '%%PDF-1.4 kapot' >"$work/tree/map/x.pdf"
head -c 3000 /dev/urandom | gzip | head -c 2000 >"$work/tree/map/y.gz"
expect_status 2 "$speur" scan -q "$work/tree"
find_person 3 'email;piet.proef@post.example\n' --evidence "$work/evidence.json" --req A1
find_person 2 'email;niemand@post.example\n'
expect_status 0 "$speur" evidence pubkey -o "$work/public"
expect_status 0 "$speur" evidence verify --pubkey "$work/public" "$work/evidence.json"
[ "$(jq -r '.kind + .request' "$work/evidence.json")" = findA1 ] || fail "evidence of find"
[ "$(jq .findings "$work/evidence.json")" -eq 2 ] || fail "evidence counts another number"
if grep -q 'piet' "$work/evidence.json"; then
    fail "a clear value stands in the evidence"
fi

# ---- CSV
expect_status 0 "$speur" export --format csv -o "$work/findings.csv"
expect_status 0 "$speur" export --format csv --unread -o "$work/unread.csv"
expect_status 0 "$speur" export -o "$work/findings.jsonl"
expect_status 64 "$speur" export --format doc
python3 - "$work" <<'PY' || fail "the CSV"
import csv, json, sys
work = sys.argv[1]
raw = open(f"{work}/findings.csv", "rb").read()
assert raw.startswith(b"\xef\xbb\xbf\"id\";"), raw[:20]
assert raw.count(b"\n") == raw.count(b"\r\n"), "a bare line end"
rows = list(csv.DictReader(open(f"{work}/findings.csv", encoding="utf-8-sig", newline=""),
                           delimiter=";"))
lines = [json.loads(line) for line in open(f"{work}/findings.jsonl")]
assert len(rows) == len(lines) > 0, (len(rows), len(lines))
for row, line in zip(rows, lines):
    for cell in row.values():
        assert cell[:1] not in tuple("=+-@\t\r\n"), cell
    assert row["id"] == line["id"] and row["type"] == line["type"]
    assert row["masked"].lstrip("'") == line["masked"], (row["masked"], line["masked"])
    assert row["path"].lstrip("'") == line["path"], (row["path"], line["path"])
    assert row["status"] == "open" and row["severity"] in ("low", "medium", "high")
assert any(row["path"].startswith("'=cmd") for row in rows), "a formula"
unread = list(csv.DictReader(open(f"{work}/unread.csv", encoding="utf-8-sig", newline=""),
                             delimiter=";"))
assert {row["class"] for row in unread} >= {"gap"}, unread
assert "post.example" not in raw.decode() and "12345678" not in raw.decode(), "a clear value"
PY
finish
