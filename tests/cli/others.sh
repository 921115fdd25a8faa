#!/usr/bin/env bash
# others.sh BUILD: a value that something beside it hides is met by a check all the same, and is in no report; what holds nobody
# is kept.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register.jsonl SPEUR_INVENTORY=$work/inventory.db
expect_status 0 "$speur" register init
mkdir "$work/tree"
python3 - "$root/tests/cases" "$work" <<'PYTHON'
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import others
os.chdir(sys.argv[2] + "/tree")
others.make()
with open("../people.csv", "w") as out:
    out.write(f"req_id;type;value\nR1;email;{others.MAIL}\nR1;iban;{others.IBAN}\nR1;bsn;{others.BSN}\n")
PYTHON
expect_status 0 "$speur" register import -q --allow-bsn "synthetic" "$work/people.csv"
expect_status 1 "$speur" check -q --keep0 "$work/keep0" "$work/tree"
kept=$(tr '\0' '\n' <"$work/keep0" | grep '\.[a-z0-9]*$\|alias' | sort | tr '\n' ' ')
[ "$kept" = "schoon.bin schoon.db schoon.log " ] || fail "kept: $kept"
# Unlikely readings are for checks: a report has the likely one only.
expect_status 0 "$speur" export --min-confidence low -o "$work/found.jsonl"
[ "$(jq -r 'select(.path == "dsn.env") | .type' "$work/found.jsonl")" = "" ] || fail "a login is in the export"
[ "$(jq -r 'select(.path == "zin.txt") | .type' "$work/found.jsonl")" = "email" ] || fail "a second reading is in the export"
finish
