#!/usr/bin/env bash
# systems.sh BUILD: what shops, mailing lists, banks and carriers keep: an artefact of each kind with planted values. All are
# found, in the right record, named by system. Prints system × type × found / planted.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db

python3 "$root/tests/cases/systems.py" "$work"
expect_status 0 "$speur" scan --keep-values "$work/tree"
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
python3 - "$work" <<'PYTHON' || fail "not all of it was found, or not as it should be"
import collections, json, pathlib, sys
work = pathlib.Path(sys.argv[1])
found = collections.defaultdict(list)
for line in open(work / "found.jsonl", encoding="utf-8"):
    row = json.loads(line)
    found[row["path"], row["type"], row["canonical"]].append(row)
table = collections.defaultdict(lambda: [0, 0])
wrong, planted = 0, set()
for line in open(work / "planted.jsonl", encoding="utf-8"):
    want = json.loads(line)
    key = want["path"], want["type"], want["value"]
    planted.add(key)
    at = [row for row in found[key] if all(row["record"][name] == value for name, value in want["record"].items())]
    right = [row for row in at if row["system"] == want["system"]]
    table[want["system"] or "-", want["type"]][1] += 1
    table[want["system"] or "-", want["type"]][0] += bool(right)
    if not right:
        wrong += 1
        where = [(row["locator"], row["system"], row["record"]["date"]) for row in found[key]]
        print(f"{want}: {'system' if at else 'record' if where else 'not found'} {where}")
for key in sorted(set(found) - planted):
    # what is kept for checks only is not counted, nor names of accounts, which were not planted
    if key[1] != "username" and any(row["confidence"] != "low" for row in found[key]):
        wrong += 1
        print(f"not planted: {key}")
for (name, kind), (have, wanted) in sorted(table.items()):
    print(f"{name:<14}{kind:<12}{have:>3} / {wanted}")
sys.exit(wrong > 0)
PYTHON
finish
