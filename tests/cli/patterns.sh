#!/usr/bin/env bash
# A user's own patterns: loaded beside the program's, in the place of one with the same name, refused
# by line while the others load; the example of the manual page; the filter verified over files.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/own"
export SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register SPEUR_INVENTORY=$work/keep/inventory
types() { # FILE
    rm -f "$SPEUR_INVENTORY"
    "$speur" scan -q --patterns "$work/own" "$1" >/dev/null 2>"$work/err" || true
    "$speur" export | jq -r .type | sort | tr '\n' ' '
}
# the example of the manual page, as printed
sed -n '/^# Membership/,/^\.EE/p' "$root/src/dist/speur-patterns.5" | sed '$d' >"$work/own/club.pat"
expect_status 0 "$speur" patterns test --patterns "$work/own"
expect_status 0 "$speur" patterns verify --patterns "$work/own"
expect_status 0 "$speur" register init
printf 'lidnummer LID-12345, mail jan@voorbeeld.example\n' >"$work/brief.txt"
[ "$(types "$work/brief.txt")" = "customer_no email " ] || fail "both its own and the program's"

# in the place of one with the same name
sed 's/^id: int.email/id: own.email/; s/@|%40/%40/' "$root/patterns/email.pat" | grep -v '^match' >"$work/own/email.pat"
[ "$(types "$work/brief.txt")" = "customer_no " ] || fail "a file of the user takes the place of the program's"
rm "$work/own/email.pat"

# one that is not right: told by its line, the others load, nothing is CLEAN
printf 'id: x\ntype: email\nform: plain\n  regex: (?<value>[\n' >"$work/own/stuk.pat"
printf 'id: own.club\ntype: kvk\nvalidator: kvk\nform: x\n  regex: [0-9]{8}\n  base: low\n  label: low\n' >"$work/own/twee.pat"
printf 'niets\n' >"$work/leeg.txt"
expect_status 2 "$speur" scan "$work/leeg.txt" --patterns "$work/own"
grep -q 'stuk.pat:4: at character' "$work/err" || fail "$(cat "$work/err")"
grep -q 'twee.pat' "$work/err" || fail "$(cat "$work/err")"
[ "$(types "$work/brief.txt")" = "customer_no email " ] || fail "the others load"
printf 'req_id;type;value\nA1;email;piet@voorbeeld.example\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
expect_status 2 "$speur" check "$work/leeg.txt" --patterns "$work/own"
grep -q '^VERDICT: INCOMPLETE' "$work/out" || fail "a check must not be CLEAN"
grep -q '2 pattern files were refused' "$work/out" || fail "$(cat "$work/out")"
expect_status 0 "$speur" check "$work/leeg.txt"
expect_status 78 "$speur" patterns list --patterns "$work/own"
expect_status 78 "$speur" patterns test --patterns "$work/own"
expect_status 66 "$speur" patterns list --patterns "$work/ander"
expect_status 66 "$speur" patterns verify "$work/ander"

# the filter over prose, tables, binary data and floods
head -c 300000 "$speur" >"$work/binary"
python3 - "$work" <<'END'
import pathlib, sys
work = pathlib.Path(sys.argv[1])
for number, piece in enumerate(("a@a@", "12345678,", "Aa de 1 aat 1 ", "NL91 ABNA ", "06-", "1.1.1.", "http://x/?e=%40")):
    (work / f"flood{number}").write_text(piece * (200000 // len(piece)))
END
expect_status 0 "$speur" patterns verify "$work/binary" "$work"/flood* "$root/tests/cases/detector_cases.tsv" "$root/README.md"
grep -q '^[0-9]* patterns verified, 0 places differ, 0 forms without a filter$' "$work/out" || fail "$(cat "$work/out")"
finish
