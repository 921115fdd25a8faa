"""Documents that real programs made: tests/slow/office.py SPEUR WORK. See office.sh."""

import collections
import email
import email.policy
import json
import os
import pathlib
import random
import re
import subprocess
import sys

SPEUR, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cases"))

import documents  # noqa: E402

LINES = ["Beste klant, mail een@post.example graag", "bel 06-12345678", "BSN 111222333"]
ROWS = [["naam", "e-mail", "bsn", "telefoon"], ["P. Proef", "twee@post.example", 123456782, "06-12345678"],
        ["E. Proef", "drie@post.example", "111222333", "06-87654321"]]
LETTER = {("email", "een@post.example"), ("phone", "+31612345678"), ("bsn", "111222333")}
TABLE = {("email", "twee@post.example"), ("email", "drie@post.example"), ("bsn", "123456782"), ("bsn", "111222333"),
         ("phone", "+31612345678"), ("phone", "+31687654321")}
ADDRESS = re.compile(r"(?<![\w.+-])[A-Za-z0-9._%-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?![\w@.-])")
FLAT = ('<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:automatic-styles><style:style style:name="V" '
        'style:family="text"><style:text-properties fo:font-weight="bold"/></style:style></office:automatic-styles><office:body>'
        '<office:text>TEXT</office:text></office:body></office:document>')
wrong = 0


def complain(what):
    global wrong
    wrong += 1
    print("FAILED:", what)


def run(*words, cwd=None, ok=(0,)):
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True, errors="replace")
    if done.returncode not in ok:
        complain(f"{words[0]} {words[1:4]} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def scan(tree, *options):
    run(SPEUR, "scan", "-q", "--keep-values", *options, str(tree), ok=(0, 2))
    found, told = collections.defaultdict(set), collections.defaultdict(set)
    places = {}
    for line in run(SPEUR, "export", "--show-values", "--min-confidence", "low").splitlines():
        row = json.loads(line)
        found[row["path"]].add((row["type"], row["canonical"]))
        places[row["path"], row["canonical"]] = row["locator"]
    for line in run(SPEUR, "export", "--unread").splitlines():
        row = json.loads(line)
        if row["class"] == "gap":
            told[row["path"]].add(row["reason"])
    pathlib.Path(os.environ["SPEUR_INVENTORY"]).unlink()
    return found, told, places


def office(source, out, kind):
    name = kind.split(":")[0]
    run("soffice", "--headless", "--convert-to", kind, "--outdir", str(out / name), str(source))
    if not (out / name / f"{source.stem}.{name}").exists():
        complain(f"LibreOffice made no {name} of {source.name}")


def converted():
    made = WORK / "made"
    made.mkdir()
    paragraphs = "".join("<text:p>" + line.replace("een@post", "een@<text:span text:style-name=\"V\">post</text:span>") + "</text:p>"
                         for line in LINES)  # a value in several runs
    (made / "brief.fodt").write_text(FLAT.replace("TEXT", paragraphs))
    (made / "tabel.csv").write_text("".join(",".join(f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in row) + "\n" for row in ROWS))
    out = WORK / "office"
    office(made / "brief.fodt", out, "odt")
    office(made / "tabel.csv", out, "ods")
    for kind in "doc rtf pdf docx html fodt".split():
        office(out / "odt" / "brief.odt", out, kind)
    for kind in "xls xlsx csv fods pdf".split():
        office(out / "ods" / "tabel.ods", out, kind)
    letter = out / "pdf" / "brief.pdf"
    run("qpdf", "--encrypt", "", "eigenaar", "256", "--", str(letter), str(out / "eigenaar.pdf"))
    run("qpdf", "--encrypt", "geheim", "geheim", "256", "--", str(letter), str(out / "slot.pdf"))
    run("qpdf", "--object-streams=generate", "--linearize", str(letter), str(out / "lineair.pdf"))
    found, told, places = scan(out)
    for path in sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()):
        wanted = TABLE if "tabel" in path else LETTER
        if path == "pdf/tabel.pdf":  # a page has no columns: a number without a word beside it may be a telephone's
            wanted = TABLE - {("bsn", "111222333")}
        if path == "slot.pdf":
            if told[path] != {"encrypted"} or found[path]:
                complain(f"{path}: {told[path]}, {found[path]}")
            continue
        have = {(kind, value) for kind, value in found[path]}
        print(f"{path:<28}{len(wanted & have)} / {len(wanted)}")
        if wanted - have or told[path]:
            complain(f"{path}: missing {wanted - have}, told {told[path]}, found {have}")
    for path in ("xls/tabel.xls", "xlsx/tabel.xlsx", "ods/tabel.ods"):
        if not places[path, "drie@post.example"].endswith("!B3"):
            complain(f"{path}: {places[path, 'drie@post.example']}")
    (WORK / "word").write_text("geheim\n")
    (WORK / "word").chmod(0o600)
    found, told, _ = scan(out / "slot.pdf", "--passwords", str(WORK / "word"))
    if LETTER - found["slot.pdf"]:
        complain(f"with its password: {found['slot.pdf']}")


def fixtures():
    """Folders of npm packages, or None where there is no npm that can fetch."""
    out = WORK / "npm"
    out.mkdir()
    for name in ("pst-extractor", "msgreader", "node-tnef", "mammoth", "xlsx-populate"):
        run("npm", "pack", name, cwd=out)
    for archive in out.glob("*.tgz"):
        (out / archive.stem).mkdir()
        run("tar", "xzf", str(archive), "-C", str(out / archive.stem))
        archive.unlink()
    return out


def mailbox(out):
    """Addresses in headers and text of a real mailbox, by another program."""
    pst = next(out.rglob("enron.pst"))
    messages = WORK / "messages"
    messages.mkdir()
    run("readpst", "-q", "-D", "-e", "-o", str(messages), str(pst))
    wanted = set()
    for path in messages.rglob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts = [str(value) for value in message.values()]
        texts += [part.get_content() for part in message.walk() if part.get_content_type() == "text/plain" and not part.is_attachment()]
        for text in texts:
            wanted |= {address.lower() for address in ADDRESS.findall(text)}
    found, _, _ = scan(pst)
    have = {value.lower() for kind, value in found["enron.pst"] if kind == "email"}
    missing = {address for address in wanted - have if not address.startswith("imceanotes")}
    print(f"enron.pst: {len(wanted & have)} of {len(wanted)} addresses that readpst finds")
    if len(wanted) < 90 or missing:
        complain(f"enron.pst: missing {sorted(missing)[:20]}")


def opened(out):
    found, told, _ = scan(out)
    kinds = collections.Counter()
    for path in out.rglob("*"):
        if path.suffix.lower() in (".pst", ".ost", ".msg", ".docx", ".xlsx", ".dat", ".pdf"):
            name = str(path.relative_to(out))
            bad = told[name] - {"needs_ocr", "encrypted", "opaque", "corrupt"}
            if name.endswith("enron.pst"):  # letters of Word with drawings (metafiles) that are compressed: told
                bad -= {"unsupported"}
            kinds[path.suffix.lower()] += 1
            if bad:
                complain(f"{name}: {bad}")
    print("opened:", dict(kinds))


def mutants(out):
    rng = random.Random(5)
    folder = WORK / "mutants"
    folder.mkdir()
    for path in sorted(out.rglob("*")):
        if path.suffix.lower() not in (".pst", ".ost", ".msg", ".dat", ".docx", ".xlsx") or path.stat().st_size < 100:
            continue
        data = path.read_bytes()
        for number in range(20 if len(data) > 1 << 20 else 100):
            copy = bytearray(data)
            kind = rng.randrange(4)
            if kind == 0:
                for _ in range(rng.choice((1, 20, 400))):
                    copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
            elif kind == 1:
                del copy[rng.randrange(len(copy)):]
            elif kind == 2:
                at = rng.randrange(len(copy))
                copy[at:at + 4096] = bytes(min(4096, len(copy) - at))
            else:
                at, to = rng.randrange(len(copy)), rng.randrange(len(copy))
                copy[to:to + 512] = copy[at:at + 512]
            (folder / f"{path.stem[:20]}-{number}{path.suffix}").write_bytes(copy)
        if len(list(folder.iterdir())) > 400:
            flush(folder)
    flush(folder)


def flush(folder):
    _, told, _ = scan(folder, "--no-ocr")  # its own mutants are in ocr_mutants.sh
    bad = {path: reasons & {"crashed", "timeout", "sandbox"} for path, reasons in told.items()}
    for path, reasons in sorted(bad.items()):
        if reasons:
            complain(f"mutant {path}: {reasons}")
    for path in folder.iterdir():
        path.unlink()


converted()
packages = fixtures()
mailbox(packages)
opened(packages)
mutants(packages)
sys.exit(wrong > 0)
