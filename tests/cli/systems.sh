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
    if key[1] not in ("username", "bic") and any(row["confidence"] != "low" for row in found[key]):
        wrong += 1
        print(f"not planted: {key}")
for (name, kind), (have, wanted) in sorted(table.items()):
    print(f"{name:<14}{kind:<12}{have:>3} / {wanted}")
sys.exit(wrong > 0)
PYTHON

# The same numbers, all with the check digit of a BSN: no BSN in a column of orders, all in a column of BSN.
python3 - "$work" <<'PYTHON'
import pathlib, random, sys
rng, numbers = random.Random(1), set()
while len(numbers) < 500:
    digits = [rng.randrange(1, 10)] + [rng.randrange(10) for _ in range(7)]
    last = sum((9 - at) * digit for at, digit in enumerate(digits)) % 11
    if last < 10:
        numbers.add("".join(map(str, digits)) + str(last))
folder = pathlib.Path(sys.argv[1]) / "columns"
folder.mkdir()
for column in ("ordernummer", "bsn"):
    rows = "".join(f"{number};x\n" for number in sorted(numbers))
    (folder / f"{column}.csv").write_text(f"{column};naam\n{rows}")
PYTHON
export SPEUR_INVENTORY=$work/columns.db
expect_status 0 "$speur" scan "$work/columns"
expect_status 0 "$speur" export -o "$work/columns.jsonl"
[ "$(grep -c '"path":"bsn.csv".*"column":"bsn"' "$work/columns.jsonl")" -eq 500 ] || fail "a BSN in a column bsn is missed"
[ "$(grep -c '"path":"ordernummer.csv"' "$work/columns.jsonl")" -eq 0 ] || fail "an order number is taken for a BSN"

# A dump that was cut is read up to the cut, and told of.
mkdir "$work/cut"
for cut in 1500 6000 9000; do
    head -c "$cut" "$work/tree/shop.sql" >"$work/cut/$cut.sql"
done
export SPEUR_INVENTORY=$work/cut.db
expect_status 2 "$speur" scan "$work/cut"
expect_status 0 "$speur" export --unread -o "$work/cut.jsonl"
[ "$(grep -c '"reason":"truncated"' "$work/cut.jsonl")" -eq 3 ] || fail "cut dumps are not told: $(cat "$work/cut.jsonl")"
expect_status 0 "$speur" export --min-confidence low -o "$work/found.jsonl"
for cut in 6000 9000; do
    planted=$(head -c "$cut" "$work/tree/shop.sql" | grep -oE 'klant[0-9]@voorbeeld\.example.' | wc -l)
    found=$(grep -c "\"path\":\"$cut.sql\".*\"type\":\"email\"\|\"type\":\"email\".*\"path\":\"$cut.sql\"" "$work/found.jsonl" || true)
    [ "$found" -ge "$planted" ] || fail "$cut.sql: $found of $planted addresses before the cut"
done
finish
