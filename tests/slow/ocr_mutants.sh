#!/usr/bin/env bash
# ocr_mutants.sh BUILD [COUNT [SEED]]: damaged copies of a picture of each kind. No worker ends, no object is left open; of a
# PNG, which has checksums, it is told when the value is not found. In others damage may be a picture of other letters.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
[ -x "$build/speur-ocr" ] || exit 77
count=${2-200}
seed=${3-7}
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db
mkdir "$work/made"
convert -size 620x110 xc:white -font DejaVu-Sans -pointsize 26 -fill black -annotate +20+45 'Mail naar vondst@voorbeeld.example' \
    -annotate +20+90 'BSN 111222333' -alpha off -depth 8 -colorspace gray "$work/made/a.png"
for kind in jpg gif pgm webp; do
    convert "$work/made/a.png" "$work/made/a.$kind"
done
convert "$work/made/a.png" -type truecolor "bmp3:$work/made/a.bmp"
convert "$work/made/a.png" "$work/made/a.png" -compress lzw "$work/made/a.tif"
convert "$work/made/a.png" -type truecolor "$work/made/a.jp2" 2>/dev/null || true
python3 - "$root" "$work" "$count" "$seed" <<'PYTHON'
import pathlib, random, sys
sys.dont_write_bytecode = True
root, work, count, seed = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
sys.path.insert(0, str(root / "tests/cases"))
import pictures
pictures.pdf(work / "made/a.pdf", [((work / "made/a.jpg").read_bytes(), (30, 450, 530, 94), None)])
rng = random.Random(seed)


def mutate(data):
    data, kind = bytearray(data), rng.randrange(6)
    at, to = rng.randrange(len(data)), rng.randrange(len(data))
    size = min(rng.choice((1, 4, 16, 256, 4096)), len(data) - max(at, to))
    if kind <= 1:
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.choice((rng.randrange(len(data)), rng.randrange(min(200, len(data)))))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        data[to:to + size] = data[at:at + size]
    elif kind == 4:
        data[at:at + size] = bytes(size)
    else:
        del data[at:at + size]
    return bytes(data)


for original in sorted((work / "made").iterdir()):
    folder = work / "tree" / original.suffix[1:]
    folder.mkdir(parents=True)
    (folder / f"heel{original.suffix}").write_bytes(original.read_bytes())
    for n in range(count):
        (folder / f"{n}{original.suffix}").write_bytes(mutate(original.read_bytes()))
PYTHON
expect_status 2 "$speur" scan -q "$work/tree" --keep-values
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
expect_status 0 "$speur" export --unread -o "$work/unread.jsonl"
python3 - "$work" <<'PYTHON' || fail "not as expected"
import collections, json, pathlib, sqlite3, sys
work = pathlib.Path(sys.argv[1])
base = sqlite3.connect(work / "inventory.db")
wrong = base.execute("SELECT count(*) FROM object WHERE state = 0").fetchone()[0]
if wrong:
    print("objects are left open")
told, found, counts = collections.defaultdict(set), set(), collections.Counter()
for line in open(work / "unread.jsonl", encoding="utf-8"):
    row = json.loads(line)
    told[row["path"]].add(row["reason"])
    if row["reason"] in ("crashed", "timeout", "sandbox", "limit_memory"):
        wrong += 1
        print(row["locator"], row["reason"], row["detail"])
for line in open(work / "found.jsonl", encoding="utf-8"):
    row = json.loads(line)
    if row["canonical"] == "vondst@voorbeeld.example":
        found.add(row["path"])
for file in sorted((work / "tree").rglob("*.*")):
    path = str(file.relative_to(work / "tree"))
    kind = path.split("/")[0]
    silent = path not in found and not told[path]
    if silent and kind == "png":
        wrong += 1
        print(f"{path}: not found, and nothing is told")
    if "heel" in path and path not in found:
        wrong += 1
        print(f"{path}: the undamaged file is not read: {told[path]}")
    counts[kind, "silent" if silent else "found" if path in found else "told"] += 1
for kind in sorted({kind for kind, _ in counts}):
    print(f"{kind:<5} {counts[kind, 'found']:>4} found {counts[kind, 'told']:>4} told of only {counts[kind, 'silent']:>4} other pixels")
sys.exit(wrong > 0)
PYTHON
finish
