#!/usr/bin/env bash
# A registered BSN or telephone number that a label calls something else (a customer's number, a
# passport) is met all the same, by a check and by find; a report calls it what the label says, and
# another person's number is nobody's.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/share"
export SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register SPEUR_INVENTORY=$work/keep/inventory
expect_status 0 "$speur" register init
printf 'req_id;type;value\nV1;bsn;111222333\nV2;bsn;612345610\nV3;phone;0612345678\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv" --allow-bsn test
cd "$work/share"
printf 'telefoon: 612345610\n' >tel.txt
printf 'klantnummer 111222333\n' >klant.txt
printf 'klantnummer: 0612345678\n' >mobiel.txt
printf 'gebruikersnaam: 111222333\n' >login.txt
printf 'fiscaal nummer 111222333\n' >rsin.txt
printf 'paspoort 111222333\n' >paspoort.txt
printf 'klantnr;naam\n111222333;Jan\n123456782;Piet\n' >klanten.csv
printf 'telefoon: 612345622\nklantnummer 123456782\n' >ander.txt
cd "$work"
expect_status 1 "$speur" check share --decisions "$work/decisions"
jq -r '[.decision, .req_id, .types[0], .locator] | join(" ")' "$work/decisions" | sort >"$work/got"
sort >"$work/want" <<'END'
HIT V1 bsn klant.txt!1:13
HIT V1 bsn klanten.csv![1].klantnr
HIT V1 bsn login.txt!1:17
HIT V1 bsn paspoort.txt!1:10
HIT V1 bsn rsin.txt!1:16
HIT V2 bsn tel.txt!1:11
REVIEW V3 phone mobiel.txt!1:14
END
diff "$work/want" "$work/got" || fail "not these"
expect_status 0 "$speur" export --output "$work/found"
jq -r 'select(.path == "tel.txt" or .path == "klant.txt") | .type' "$work/found" | sort >"$work/types"
printf 'customer_no\nphone\n' | diff - "$work/types" || fail "a report says what the label says"
printf 'phone;06-12345678\n' | expect_status 1 "$speur" find --from-file - --format jsonl
grep -q mobiel.txt "$work/out" || fail "find"
finish
