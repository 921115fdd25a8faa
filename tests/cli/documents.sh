#!/usr/bin/env bash
# documents.sh BUILD: files of offices, each with planted values in every corner that its format has; all are found at their
# place, passwords are told, and a check drops a document with a hit and holds a sheet of several people.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db SPEUR_REGISTER=$work/register
mkdir "$work/tree"
python3 - "$root/tests/cases" "$work" <<'PYTHON'
import json, os, pathlib, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import documents as made
work = pathlib.Path(sys.argv[2])
os.chdir(work / "tree")
lines = ["Beste klant, mail een@post.example graag", "bel 06-12345678 ïé", "BSN 111222333"]
rows = [["naam", "e-mail", "bsn", "telefoon"], ["P. Proef", "twee@post.example", 123456782, None],
        ["E. Proef", "drie@post.example", "111222333", "06-12345678"]]
planted = []


def plant(name, values):
    planted.extend([name, what, value, place] for what, value, place in values)


text = [("email", "een@post.example", "1:19"), ("phone", "+31612345678", "2:5"), ("bsn", "111222333", "3:5")]


def at(prefix, values=text):
    return [(what, value, prefix + place) for what, value, place in values]


table = [("email", "twee@post.example", "Blad1!B2"), ("bsn", "123456782", "Blad1!C2"), ("email", "drie@post.example", "Blad1!B3"),
         ("bsn", "111222333", "Blad1!C3"), ("phone", "+31612345678", "Blad1!D3")]
made.docx("a.docx", lines, header="kop@post.example", author="maker@post.example", link="link@post.example")
plant("a.docx", at("word/document.xml!") + [
    ("email", "kop@post.example", "word/header1.xml!1:1"), ("email", "maker@post.example", "docProps/core.xml![1]/coreProperties/creator"),
    ("email", "link@post.example", "word/_rels/document.xml.rels!")])
made.pptx("a.pptx", lines)
plant("a.pptx", at("ppt/slides/slide1.xml!"))
made.odt("a.odt", lines)
plant("a.odt", at("content.xml!"))
for name in ("a.xlsx", "b.xlsx"):
    made.xlsx(name, rows, strings_last=name == "a.xlsx", lost="weg@post.example")
    plant(name, at("xl/worksheets/sheet1.xml!", table) + [("email", "weg@post.example", "1:1")])
made.ods("a.ods", rows)
plant("a.ods", at("content.xml!", table))
made.xls("a.xls", rows)
plant("a.xls", table)
for kind in ("rtf", "doc", "ppt"):
    getattr(made, kind)(f"a.{kind}", lines)
    plant(f"a.{kind}", text)
attached = [("bij.txt", b"bijlage@post.example\n")]
made.pdf("a.pdf", [lines, ["blad vier@post.example"], []], title="titel@post.example", attachment=attached[0], image_pages=(3,),
         field="veld@post.example", outline="inhoud@post.example", clip=("clip.txt", b"clip@post.example\n"))
with open("a.pdf", "ab") as revised:
    revised.write(b"9 0 obj\n(oud@post.example)\nendobj\n")
plant("a.pdf", at("p1:") + [("email", "vier@post.example", "p2:1:6"), ("email", "titel@post.example", "1:1"),
                            ("email", "bijlage@post.example", "bij.txt!1:1"), ("email", "veld@post.example", "p1:"),
                            ("email", "inhoud@post.example", ""), ("email", "clip@post.example", "clip.txt!1:1"),
                            ("email", "oud@post.example", "@")])
made.msg("a.msg", lines, sender="van@post.example", to="aan@post.example", html="<p>html@post<b>.example</b></p>", attachments=attached,
         inner=made.message(["binnen@post.example"], "x@y.example", "z@y.example", header=24))
plant("a.msg", [("email", "een@post.example", ""), ("bsn", "111222333", "3:5"), ("email", "van@post.example", "From"),
                ("email", "aan@post.example", "email"), ("email", "html@post.example", "body.html!"),
                ("email", "bijlage@post.example", "bij.txt!1:1"), ("email", "binnen@post.example", "#3!"), ("email", "z@y.example", "#3!")])
made.tnef("winmail.dat", lines, sender="van@post.example", attachments=attached)
plant("winmail.dat", [("email", "een@post.example", ""), ("email", "van@post.example", "From"),
                      ("email", "bijlage@post.example", "bij.txt!1:1")])
made.sqlite("a.db", [(n, f"rij{n}@post.example", "06-12345678" if n == 7 else "x") for n in range(1, 300)], deleted=range(100, 250),
            blob=b"een brief van blob@post.example hier")
plant("a.db", [("email", f"rij{n}@post.example", f"klanten[{n}].email") for n in (1, 7, 99)] + [
    ("phone", "+31612345678", "klanten[7].nota"), ("email", "blob@post.example", "klanten[1].bijlage!"),
    ])
left = pathlib.Path("a.db").read_bytes()  # SQLite writes over some of what it frees
plant("a.db", [("email", f"rij{n}@post.example", "@") for n in range(100, 250) if f"rij{n}@post.example".encode() in left])
made.doc("slot.doc", lines, encrypted=True)
made.xls("slot.xls", rows, encrypted=True)
made.compound("slot.docx", {"EncryptionInfo": bytes(100), "EncryptedPackage": bytes(5000)})
(work / "planted.json").write_text(json.dumps(planted))
PYTHON

expect_status 2 "$speur" scan -q --no-ocr --keep-values "$work/tree"
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
expect_status 0 "$speur" export --unread -o "$work/unread.jsonl"
python3 - "$work" <<'PYTHON' || fail "not all of it was found, or not at its place"
import collections, json, pathlib, sys
work = pathlib.Path(sys.argv[1])
found = collections.defaultdict(list)
for line in open(work / "found.jsonl", encoding="utf-8"):
    row = json.loads(line)
    found[row["path"], row["type"], row["canonical"]].append(row)
counts, wrong = collections.defaultdict(lambda: [0, 0]), 0
for path, what, value, place in json.loads((work / "planted.json").read_text()):
    rows = [row for row in found[path, what, value] if row["locator"].startswith(f"{path}!{place}")]
    counts[path][1] += 1
    counts[path][0] += bool(rows)
    if not rows:
        wrong += 1
        print(f"{path} {what} {value} at {place}: {[row['locator'] for row in found[path, what, value]]}")
for path, (have, wanted) in sorted(counts.items()):
    print(f"{path:<12}{have:>3} / {wanted}")
cell = found["a.xls", "bsn", "111222333"][0]["record"]
if (cell["sheet"], cell["cell"], cell["column"], cell["kind"]) != ("Blad1", "C3", "bsn", "row"):
    wrong += 1
    print("a cell:", cell)
if found["a.pdf", "email", "vier@post.example"][0]["record"]["page"] != 2:
    wrong += 1
    print("no page")
if found["a.msg", "email", "een@post.example"][0]["record"]["date"] != "2026-01-01":
    wrong += 1
    print("no date of a message")
told = {(row["path"], row["reason"]) for row in map(json.loads, open(work / "unread.jsonl", encoding="utf-8"))}
wanted = {("slot.doc", "encrypted"), ("slot.xls", "encrypted"), ("slot.docx", "encrypted"), ("a.pdf", "needs_ocr")}
if told != wanted:
    wrong += 1
    print("told:", sorted(told))
sys.exit(wrong > 0)
PYTHON

# ---- what a check makes of them
expect_status 0 "$speur" register init
n=0
for value in een@post.example twee@post.example rij7@post.example; do
    n=$((n + 1))
    printf '%s' "$value" | expect_status 0 "$speur" register add --req "R$n" --type email
done
tar -C "$work/tree" -cf "$work/backup.tar" .
expect_status 3 "$speur" check -q "$work/backup.tar" --drop0 "$work/drop" --hold0 "$work/hold" --keep0 "$work/keep"
lines() {
    tr '\0' '\n' <"$1" | sed 's/^\.\///' | sort | paste -sd ' '
}
[ "$(lines "$work/drop")" = "a.doc a.docx a.msg a.odt a.pdf a.ppt a.pptx a.rtf winmail.dat" ] || fail "drop: $(lines "$work/drop")"
[ "$(lines "$work/hold")" = "a.db a.ods a.xls a.xlsx b.xlsx slot.doc slot.docx slot.xls" ] || fail "hold: $(lines "$work/hold")"
expect_status 1 "$speur" check -q "$work/tree/a.docx" --keep0 "$work/keep" --drop0 "$work/drop"
[ "$(lines "$work/drop")" = a.docx ] || fail "a document alone: $(lines "$work/drop")"

# ---- more small attachments than descriptors may be on their way at once
mkdir "$work/post"
python3 - "$work/post" <<'PYTHON'
import pathlib, sys
text = ""
for n in range(3000):
    text += (f"From a@b.example Thu Jan  1 00:00:00 2026\nFrom: a@b.example\nSubject: {n}\nMIME-Version: 1.0\n"
             "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nbijlagen\n"
             + f"--x\nContent-Type: application/rtf; name=a.rtf\n\n{{\\rtf1 post{n}@post.example}}\n" * 2 + "--x--\n\n")
for name in "abcd":
    (pathlib.Path(sys.argv[1]) / f"{name}.mbox").write_text(text)
PYTHON
expect_status 0 "$speur" scan -q -j 8 "$work/post" --inventory "$work/post.db"
[ "$("$speur" export --inventory "$work/post.db" | grep -c 'a.rtf')" -eq 24000 ] || fail "attachments are lost"
# ---- more text beside the cells than is kept at once, and codes of a header
mkdir "$work/wide"
python3 - "$root" "$work/wide" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/cases")
import documents as made
HEAD = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
links = "".join(f"<hyperlink ref='A{i}' tooltip='{'x' * 60} {i}'/>" for i in range(30000))
rows = "".join(f"<row r='{i}'><c r='A{i}'><f>CONCATENATE(\"{'y' * 60}\",{i})</f><v>1</v></c></row>" for i in range(1, 30000))
one = "".join(f"<c><f>\"{'z' * 8000}\"</f><v>1</v></c>" for i in range(300))
for name, body in {
    "links": f"</sheetData><hyperlinks>{links}<hyperlink ref='B1' tooltip='een@post.example'/></hyperlinks>",
    "formulas": rows + "<row r='30000'><c r='A30000'><f>HYPERLINK(\"een@post.example\")</f><v>1</v></c></row></sheetData>",
    "header": "</sheetData><headerFooter><oddHeader>&amp;C&amp;\"Arial,Bold\"&amp;10een@post.example&amp;R&amp;P</oddHeader></headerFooter>",
    "row": f"<row r='1'>{one}</row></sheetData>",
}.items():
    made.package(f"{sys.argv[2]}/{name}.xlsx", {"xl/worksheets/sheet1.xml": f"{HEAD}{body}</worksheet>"})
END
for name in links formulas header; do
    expect_status 1 "$speur" check -q "$work/wide/$name.xlsx"
done
expect_status 2 "$speur" check -q "$work/wide/row.xlsx"

finish
