#!/usr/bin/env bash
# categories.sh BUILD: what columns hold. Categories (health, sex …) by their column, whatever stands there, never kept; and
# a user's system file that says what columns of a program hold that no pattern knows.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
mkdir -p "$work/share" "$work/own/systems"
cat >"$work/share/leden.csv" <<'CSV'
nr;email;geslacht;diagnose;wachtwoord;omschrijving
1;jan@post.example;M;astmakwaal;hunter-zebra;graag bellen
2;els@post.example;V;NULL;;diagnose volgt
3;piet@post.example;;n.v.t.;geheim-zebra;
CSV
cat >"$work/share/dump.sql" <<'SQL'
CREATE TABLE `personeel` (`id` int, `mail` varchar(90), `reden_verzuim` text, `vakbondslid` varchar(9), PRIMARY KEY (`id`));
INSERT INTO `personeel` VALUES (4,'an@post.example','hernia-zebra','FNV'),(5,'bo@post.example',NULL,NULL);
SQL
printf '{"patient":{"mail":"cor@post.example","medication":["paracetamol-zebra"],"religion":"","status":"ok"}}\n' >"$work/share/dossier.json"
printf '<clienten><client><email>dia@post.example</email><strafblad>ja-zebra</strafblad></client></clienten>\n' >"$work/share/client.xml"
printf 'De diagnose is griep. Geslacht: onbekend. Wachtwoord: zebra\n' >"$work/share/brief.txt"
expect_status 0 "$speur" scan "$work/share"
"$speur" export --format csv >"$work/export.csv"
python3 - "$work/export.csv" <<'END'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig"), delimiter=";"))
found = sorted((r["type"], r["locator"], r["severity"], r["masked"]) for r in rows if r["type"] != "email")
wanted = sorted([
    ("sex", "leden.csv![1].geslacht", "low", "***"),
    ("sex", "leden.csv![2].geslacht", "low", "***"),
    ("health", "leden.csv![1].diagnose", "high", "***"),
    ("password", "leden.csv![1].wachtwoord", "high", "***"),
    ("password", "leden.csv![3].wachtwoord", "high", "***"),
    ("health", "dump.sql!personeel[1].reden_verzuim", "high", "***"),
    ("trade_union", "dump.sql!personeel[1].vakbondslid", "high", "***"),
    ("health", "dossier.json!/patient/medication[1]", "high", "***"),
    ("criminal", "client.xml![1]/clienten/client/strafblad", "high", "***"),
])
if found != wanted:
    print(*(f"- {w}" for w in wanted if w not in found), sep="\n")
    print(*(f"+ {f}" for f in found if f not in wanted), sep="\n")
    sys.exit("not the categories that were planted")
if {r["category"] for r in rows if r["type"] == "health"} != {"health"}:
    sys.exit("the category is not told")
END
if grep -aq 'zebra\|astmakwaal' "$work/export.csv" "$SPEUR_INVENTORY" "$work/out" "$work/err"; then
    fail "what a category holds was kept"
fi

# a name that says what is not to be kept is not kept either
mkdir "$work/keys"
printf '{"patient":{"medicatie insuline 10mg":"2x","gezondheid":{"diagnose zebraziekte":"ja"}}}\n' >"$work/keys/a.json"
printf 'nr;diagnose zebraziekte 1\n1;ja\n' >"$work/keys/b.csv"
expect_status 0 "$speur" scan "$work/keys" --inventory "$work/keys.db"
"$speur" export --inventory "$work/keys.db" >"$work/keys.jsonl"
[ "$(jq -r 'select(.type == "health") | .path' "$work/keys.jsonl" | sort | uniq -c | tr -d '\n ')" = "2a.json1b.csv" ] || fail "$(cat "$work/keys.jsonl")"
if grep -aq 'zebraziekte\|insuline' "$work/keys.jsonl" "$work/keys.db"; then
    fail "what a category holds was kept with its name: $(cat "$work/keys.jsonl")"
fi

# nobody can be looked for by a category, and it is not masked in the copy of who it is about
expect_status 0 "$speur" register init
printf 'type;value\nhealth;astmakwaal\n' >"$work/person"
expect_status 65 "$speur" find --from-file "$work/person"
grep -q 'category' "$work/err" || fail "$(cat "$work/err")"
printf 'type;value\nemail;jan@post.example\n' >"$work/person"
expect_status 1 "$speur" find --from-file "$work/person" --extract "$work/copy"
grep -rq astmakwaal "$work/copy" || fail "a person's own health is not in the copy"

# once a cell, however the text is cut: many rows, and cells that are longer than any window
python3 -c 'print("nr;diagnose"); [print(f"{n};klacht {n % 7}") for n in range(20000)]; print("0;" + "lang " * 80000); print("1;kort")' >"$work/veel.csv"
rm -f "$SPEUR_INVENTORY"
expect_status 0 "$speur" scan "$work/veel.csv"
[ "$("$speur" export | jq -r 'select(.type == "health") | .record.row' | sort -u | wc -l)" -eq 20002 ] || fail "not all rows"
[ "$("$speur" export | jq -r 'select(.type == "health") | .type' | wc -l)" -eq 20002 ] || fail "a row twice"

# columns that no pattern knows
printf 'RELX1;RELX2;RELX3;RELX4\n123456782;0612345678;rug-zebra;Jan\n' >"$work/share/koppel.csv"
cat >"$work/own/systems/relatiepakket.sys" <<'SYS'
# A program of our own.
system: relatiepakket
column: RELX1
holds: bsn relx1
holds: health relx3
SYS
expect_status 0 "$speur" scan "$work/share"
"$speur" export >"$work/before"
expect_status 0 "$speur" scan "$work/share" --patterns "$work/own"
"$speur" export --patterns "$work/own" >"$work/after"
count() { # FILE TYPE CONFIDENCE
    jq -r "select(.type == \"$2\" and .confidence == \"$3\" and .locator[0:10] == \"koppel.csv\") | .system" "$1" | sort | uniq -c
}
[ -z "$(count "$work/before" bsn medium)$(count "$work/before" health medium)" ] || fail "$(cat "$work/before")"
[ "$(count "$work/after" bsn medium)" = "      1 relatiepakket" ] || fail "$(grep koppel "$work/after")"
[ "$(count "$work/after" health medium)" = "      1 relatiepakket" ] || fail "$(grep koppel "$work/after")"

# one that is not right is told by its line, the program's own are read, and nothing is CLEAN
for line in 'holds: nosuch relx3' 'holds: health' 'holds: health rel;x3'; do
    printf 'system: stuk\n%s\n' "$line" >"$work/own/systems/stuk.sys"
    expect_status 2 "$speur" scan "$work/share" --patterns "$work/own"
    grep -q 'stuk.sys:2: ' "$work/err" || fail "$line: $(cat "$work/err")"
done
"$speur" export >"$work/after"
[ -n "$(jq -r 'select(.type == "health")' "$work/after")" ] || fail "the program's own categories are gone"
finish
