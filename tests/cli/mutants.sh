#!/usr/bin/env bash
# mutants.sh BUILD [COUNT [SEED]]: damaged copies of files of each format (tests/hostile/mutants). No crash, no hang; each
# file ends complete, partial or skipped; where a checksum covers all content, a value that is gone is told of.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
count=${2-25}
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin DISKS=$([ ! -x "$build/speur-disk" ] || echo yes) python3 "$root/tests/hostile/mutants" "$work" "$count" "${3-1}"

status=0
timeout 1500 "$speur" scan -q -j 4 "$work/tree" >"$work/out" 2>"$work/err" || status=$?
[ "$status" -eq 2 ] || fail "exit status $status instead of 2: $(tail -n 3 "$work/err")"
expect_status 0 "$speur" export --min-confidence low -o "$work/found.jsonl"
expect_status 0 "$speur" export --unread -o "$work/unread.jsonl"
python3 - "$work" <<'PYTHON' || fail "not as expected"
import collections, json, os, pathlib, sqlite3, sys
work = pathlib.Path(sys.argv[1])
files = {str(p.relative_to(work / "tree")) for p in (work / "tree").rglob("*") if p.is_file()}
base = sqlite3.connect(work / "inventory.db")
states = dict(base.execute("SELECT CAST(name AS TEXT), state FROM object WHERE parent = 0 AND node = 0"))
told, found = set(), collections.defaultdict(set)
for line in open(work / "unread.jsonl", encoding="utf-8"):
    told.add(json.loads(line)["path"])
for line in open(work / "found.jsonl", encoding="utf-8"):
    row = json.loads(line)
    if row["masked"] == "v***@v***.example":
        found[row["path"]].add(row["id"])
wrong = 0
def complain(what):
    global wrong
    wrong += 1
    if wrong < 20:
        print(what)
for path in sorted(files - set(states)):
    complain(f"{path}: not in the inventory")
if base.execute("SELECT count(*) FROM object WHERE state = 0").fetchone()[0]:
    complain("objects are left open")
for reason in ("crashed", "timeout", "sandbox"):
    for line in open(work / "unread.jsonl", encoding="utf-8"):
        if f'"reason":"{reason}"' in line:
            complain(f"{reason}: {json.loads(line)['locator']}: {json.loads(line)['detail']}")
sums = dict(line.split() for line in open(work / "formats.tsv", encoding="utf-8"))
counts = collections.Counter()
for path in sorted(files & set(states)):
    kind = path.split("/")[0]
    whole = os.path.basename(path).startswith("heel.")
    if states[path] != 1 and path not in told:
        complain(f"{path}: state {states[path]}, and nothing is told")
    if whole and (len(found[path]) < 1 or path in told):
        complain(f"{path}: the undamaged file: {len(found[path])} found, told {path in told}")
    if sums[kind] == "yes" and len(found[path]) < 3 and path not in told:
        complain(f"{path}: {len(found[path])} of 3 values, and nothing is told")
    counts[kind, "told" if path in told else "read"] += 1
for kind in sorted(sums):
    print(f"{kind:<8} {counts[kind, 'read']:>4} read whole {counts[kind, 'told']:>4} told of")
sys.exit(wrong > 0)
PYTHON
say "$(wc -l <"$work/found.jsonl") findings"
finish
