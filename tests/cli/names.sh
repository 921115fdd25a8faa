#!/usr/bin/env bash
# Names of people in the register, in running text: found in all spellings, also in files that were
# read before the name was registered; nobody else's; nowhere in the clear.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/share"
export SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register SPEUR_INVENTORY=$work/keep/inventory
expect_status 0 "$speur" register init
cat >"$work/requests.csv" <<'END'
req_id;type;value
V1;name;Jan-Willem van den Bérghuizen
V2;name;"Vriesema, J.P. de"
V3;name;Ömer Çelikoglu
V3;address;1234 AB 12
V4;email;iemand@voorbeeld.example
END
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work/share"
printf 'Beste Jan van den Berghuizen,\nhallo' >vol.txt
printf 'De heer J.W. van den Berghuizen woont hier' >letters.txt
printf 'Aan: Berghuizen, Jan van den' >komma.txt
printf 'Jeroen van den Berghuizen en Jan Bergman' >ander.txt
printf 'mevrouw Joke de Vriesema' >mogelijk.txt
printf 'mevrouw Karin de Vriesema' >niet.txt
printf 'OMER CELIKOGLU, Dorpsstraat 12, 1234 AB Tiel' >beide.txt
printf 'naam;voornaam;plaats\nCelikoglu;Omer;Tiel\nCelik;Omer;Tiel\n' >leden.csv
printf 'niets' >CV_Jan_van_den_Berghuizen.txt
mkdir diep && printf 'Groet,\nÖmer Çelikoglu\n' >diep/brief.txt && tar -czf archief.tgz diep && rm -r diep
cd "$work"

# all of them, and no other
expect_status 1 "$speur" check share --decisions "$work/decisions"
jq -r '[.decision, .req_id, (.locator | split("!")[0])] | join(" ")' "$work/decisions" | sort >"$work/got"
sort >"$work/want" <<'END'
HIT V3 beide.txt
REVIEW V1 CV_Jan_van_den_Berghuizen.txt
REVIEW V1 komma.txt
REVIEW V1 letters.txt
REVIEW V1 vol.txt
REVIEW V2 mogelijk.txt
REVIEW V3 archief.tgz
REVIEW V3 leden.csv
END
diff "$work/want" "$work/got" || fail "not these"

# a scan that looks for no names in between takes over what the check has read, and so does the next check
expect_status 0 "$speur" scan share
grep -q '10 files were unchanged' "$work/out" || fail "read again: $(cat "$work/out")"
expect_status 1 "$speur" check share --decisions "$work/decisions"
jq -r '[.decision, .req_id, (.locator | split("!")[0])] | join(" ")' "$work/decisions" | sort | diff "$work/want" - ||
    fail "not these after a scan without names"

# one name more: what is known and unchanged is read again
printf 'Karin de Vriesema' | expect_status 0 "$speur" register add --req V5 --type name
expect_status 1 "$speur" check share --decisions "$work/decisions"
grep -q '"V5".*niet.txt\|niet.txt.*"V5"' "$work/decisions" || fail "a name that was registered later"

# not looked for: told, and a gap for who has nothing else
expect_status 3 "$speur" check share --no-names
grep -q '4 names in the register were not looked for' "$work/out" || fail "$(cat "$work/out")"
grep -q 'The register holds name' "$work/out" || fail "no word of who has nothing but a name"
"$speur" register withdraw -q --req V1 --reason test
"$speur" register withdraw -q --req V2 --reason test
"$speur" register withdraw -q --req V5 --reason test
expect_status 1 "$speur" check share --no-names
grep -q '1 names in the register' "$work/out" || fail "$(cat "$work/out")"

# an access request cannot be answered for a name: what a check has met is told, and that it is not all
printf 'name;Ömer Çelikoglu\n' | expect_status 3 "$speur" find

# a name that is none is refused, by its line
printf 'req_id;type;value\nV6;name;Jansen\n' >"$work/bad.csv"
expect_status 65 "$speur" register import "$work/bad.csv"
grep -q 'line 2: a name wants a first name or an initial, and a surname' "$work/err" || fail "$(cat "$work/err")"

# nor one that is a key or a column
mkdir "$work/keys"
printf '{"Ömer Çelikoglu":{"tel":"06-12345678"}}' >"$work/keys/a.json"
printf 'id;Omer Celikoglu\n1;06-12345678\n' >"$work/keys/b.csv"
expect_status 1 "$speur" check "$work/keys"

# no name in the clear, but for the file that is called so
for file in "$SPEUR_REGISTER" "$SPEUR_INVENTORY" "$work/decisions"; do
    if grep -aiE 'vriesema|[cç]elikoglu|omer\|' "$file" >/dev/null; then
        fail "a name stands in $file"
    fi
done
finish
