#!/usr/bin/env bash
# The export is a contract: every key always there, of its type, lines sorted, no clear value
# unless asked for, and a record for whatever was not read.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key

# Two members cannot be read: a gap each.
targets=("$corpus/site-backup.tar.gz" "$corpus/share" "$corpus/mailbox.mbox")
expect_status 2 "$speur" scan "${targets[@]}"
expect_status 0 "$speur" export --format jsonl --min-confidence low -o "$work/all.jsonl"
expect_status 0 "$speur" export --format jsonl
cp "$work/out" "$work/medium.jsonl"
expect_status 0 "$speur" export --format jsonl --unread -o "$work/unread.jsonl"
expect_status 64 "$speur" export --format jsonl --show-values
# An older output is replaced.
expect_status 0 "$speur" export --format jsonl --unread -o "$work/unread.jsonl"
[ "$(stat -c %a "$SPEUR_INVENTORY")" = 600 ] || fail "the inventory is not 0600"

python3 - "$work" <<'PYTHON' || fail "the export is not as the contract says"
import json, pathlib, sys

work = pathlib.Path(sys.argv[1])
text, number, optional = (str,), (int,), (str, type(None))
FINDING = {
    "id": text, "type": text, "confidence": text, "masked": text, "canonical": optional, "holder": optional,
    "root": text, "path": text, "locator": text, "record": (dict,),
    "offset": (int, type(None)), "length": (int, type(None)), "count": number,
    "attributes": (list,), "dpv": text, "system": optional, "owner": optional, "group": optional,
    "mtime": optional, "first_seen": text, "last_seen": text,
}
RECORD = ("kind table row column pk sheet cell message_id part page pointer line date").split()
UNREAD = {
    "root": text, "path": text, "locator": text, "reason": text, "class": text, "detail": optional,
    "bytes_read": (int, type(None)), "bytes_expected": (int, type(None)), "partial": (bool,),
    "fallback": (bool,),
}
TYPES = """iban bsn rsin kvk email phone address vat_nl be_kbo be_nrn dob ip mac pan id_nl mrz plate
bic customer_no username cookie health religion ethnicity politics trade_union sexuality genetic biometric
criminal sex password""".split()
wrong = []


def read(name, keys):
    rows = []
    for number, line in enumerate((work / name).read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        if list(row) != list(keys):
            wrong.append(f"{name}:{number}: keys {sorted(set(row) ^ set(keys)) or list(row)}")
            continue
        wrong.extend(f"{name}:{number}: {key} is {row[key]!r}" for key in keys
                     if not isinstance(row[key], keys[key]))
        rows.append(row)
    return rows


for name in ("all.jsonl", "medium.jsonl"):
    rows = read(name, FINDING)
    for row in rows:
        if list(row["record"]) != RECORD:
            wrong.append(f"record has the keys {list(row['record'])}")
        if row["type"] not in TYPES or row["canonical"] is not None:
            wrong.append(f"type {row['type']}, canonical {row['canonical']}")
    if len({row["id"] for row in rows}) != len(rows):
        wrong.append(f"{name}: ids occur twice")
    roots = [row["root"] for row in rows]
    if roots != sorted(roots):
        wrong.append(f"{name}: not sorted by root")
    if len(rows) < 1000:
        wrong.append(f"{name}: only {len(rows)} findings")
if any(row["confidence"] == "low" for row in rows):
    wrong.append("low confidence without asking for it")
unread = read("unread.jsonl", UNREAD)
gaps = {"!".join(row["locator"].split("!")[:2]) for row in unread if row["class"] == "gap"}
backups = "site-backup.tar.gz!backups/"
if gaps != {f"{backups}oud-2019.zip", f"{backups}salarissen-versleuteld.zip"}:
    wrong.append(f"gaps in {sorted(gaps)}")
if not any(row["reason"] == "not_followed" for row in unread):
    wrong.append("the symbolic link is not accounted for")
print("\n".join(wrong[:20]))
sys.exit(1 if wrong else 0)
PYTHON
jq -e . "$work/all.jsonl" >"$TMPDIR/jq" || fail "jq does not read the export"

# --stable: nothing in it tells when or by which scan.
for turn in 1 2; do
    expect_status 0 "$speur" export --format jsonl --stable -o "$work/stable.$turn"
    rm -f "$SPEUR_INVENTORY" "$SPEUR_INVENTORY"-*
    expect_status 2 "$speur" scan "${targets[@]}"
done
cmp -s "$work/stable.1" "$work/stable.2" || fail "two scans of the same give another stable export"

# What was kept can be shown, with the key and only with it.
rm -f "$SPEUR_INVENTORY" "$SPEUR_INVENTORY"-*
expect_status 2 "$speur" scan --keep-values "$corpus/site-backup.tar.gz"
expect_status 0 "$speur" export --format jsonl --show-values
grep -q '"canonical":"anna.voorbeeld@' "$work/out" || fail "--show-values shows nothing"
finish
