#!/usr/bin/env bash
# unseen.sh BUILD: documents with a part that is damaged, in an encoding that nobody knows, or on no page: it is found or it is
# told, and what is whole is told of by nobody.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db
mkdir "$work/tree"
python3 - "$root/tests/cases" "$work" <<'PYTHON'
import json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import unseen
os.chdir(sys.argv[2] + "/tree")
json.dump(unseen.make(), open("../expected.json", "w"))
PYTHON
expect_status 2 "$speur" scan -q --no-ocr --keep-values "$work/tree"
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
expect_status 0 "$speur" export --unread -o "$work/unread.jsonl"
python3 - "$work" <<'PYTHON' || fail "not all of it was found or told"
import collections, json, sys
work = sys.argv[1]
found, told, wrong = collections.defaultdict(set), collections.defaultdict(set), 0
for row in map(json.loads, open(work + "/found.jsonl", encoding="utf-8")):
    found[row["path"]].add(row["canonical"])
for row in map(json.loads, open(work + "/unread.jsonl", encoding="utf-8")):
    told[row["path"]].add(row["reason"])
for name, (reasons, values) in json.load(open(work + "/expected.json")).items():
    if sorted(told[name]) != reasons or not set(values) <= found[name]:
        wrong += 1
        print(f"{name}: told {sorted(told[name])} instead of {reasons}, found {sorted(found[name])} instead of {values}")
sys.exit(wrong > 0)
PYTHON
finish
