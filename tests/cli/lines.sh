#!/usr/bin/env bash
# An address in lines, blocks or cells of HTML is met wherever the HTML stands: in a page, a mail, a
# cell of a dump, a table, JSON. What the text and its tags both show is one finding.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/share"
export SPEUR_KEY=$work/keep/key SPEUR_REGISTER=$work/keep/register SPEUR_INVENTORY=$work/keep/inventory
expect_status 0 "$speur" register init
printf 'req_id;type;value\nV1;address;"Dorpsstraat 12, 1234 AB Tiel"\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work/share"
number=0
for between in '<br>' '<br />\n' '</p>\n<p>' '</td><td>' '</div>\n   <div>' '</span><br>\n<span class=x>' \
    '</td></tr>\n<tr><td>' '</p>\r\n\r\n<p class=MsoNormal>'; do
    number=$((number + 1))
    html="<p>Jan Jansen${between}Dorpsstraat 12${between}1234 AB Tiel</p>"
    printf '%b' "<html><body>$html</body></html>\n" >"$number.html"
    printf '%b' "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/html\n\n$html\n" >"$number.eml"
    cell=${html//'\r'/}
    printf '%b' "CREATE TABLE t (id int, body text);\nINSERT INTO t VALUES (1,'${cell//'\n'/'\\n'}'),(2,'x');\n" >"$number.sql"
    printf '%b' "id;body\n1;\"${cell//\"/}\"\n2;x\n" >"$number.csv"
    printf '%b' "{\"body\":\"${cell//'\n'/'\\n'}\"}\n" >"$number.json"
done
cd "$work"
expect_status 1 "$speur" check share --decisions "$work/decisions"
jq -r .path "$work/decisions" | sort -u >"$work/got"
find share -type f -printf '%f\n' | sort >"$work/want"
diff "$work/want" "$work/got" || fail "missed: the address is in each of them"

printf '<p>Mail <b>jan@voorbeeld.nl</b> of bel 06-<i>1234</i>5678</p><p>of 1</p>' >page.html
expect_status 0 "$speur" scan page.html --inventory "$work/page"
expect_status 0 "$speur" export --inventory "$work/page"
[ "$(jq -r 'select(.type == "email") | .type' "$work/out" | wc -l)" = 1 ] || fail "the mail address twice"
[ "$(jq -r 'select(.type == "phone") | .type' "$work/out" | wc -l)" = 1 ] || fail "the split number"
finish
