#!/usr/bin/env bash
# readings.sh BUILD: values that stand in one reading of a document only (before its changes, without what is hidden), in
# attributes, beside the cells, or in another spelling: each is found. What cannot be read as it is meant is told.
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
import readings
os.chdir(sys.argv[2] + "/tree")
json.dump(readings.make(), open("../wanted.json", "w"))
PYTHON
expect_status 0 "$speur" scan -q --keep-values "$work/tree"
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
python3 - "$work" <<'PYTHON' || fail "not all of it was found"
import json, sys
found = {(row["path"], row["type"], row["canonical"]) for row in map(json.loads, open(sys.argv[1] + "/found.jsonl", encoding="utf-8"))}
lost = [one for one in map(tuple, json.load(open(sys.argv[1] + "/wanted.json"))) if one not in found]
for one in lost:
    print("lost:", *one)
sys.exit(len(lost) > 0)
PYTHON

# ---- what cannot be read as it is meant
mkdir "$work/told"
python3 - "$root/tests/cases" "$work" <<'PYTHON'
import json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import readings
os.chdir(sys.argv[2] + "/told")
json.dump(readings.tell(), open("../told.json", "w"))
PYTHON
expect_status 2 "$speur" scan -q --no-ocr "$work/told" --inventory "$work/told.db"
expect_status 0 "$speur" export --unread --inventory "$work/told.db" -o "$work/unread.jsonl"
python3 - "$work" <<'PYTHON' || fail "not all of it was told"
import json, sys
told = {row["path"]: row["reason"] for row in map(json.loads, open(sys.argv[1] + "/unread.jsonl", encoding="utf-8"))}
wanted = json.load(open(sys.argv[1] + "/told.json"))
print(*({f"{name}: {told.get(name)}" for name in wanted if told.get(name) != wanted[name]}), sep="\n")
sys.exit(told != wanted)
PYTHON
finish
