"""Records of one person in files of every kind, beside somebody else's, and what a copy of them must be.

Piet asks. Els is in his records, and has records of her own, which must not be copied. What is
hers must stand nowhere in the copy, however it is written. All persons are made up.

usage: extract.py make TREE | check TREE COPY | large TREE
"""

import base64
import email.message
import email.policy
import json
import mailbox
import pathlib
import re
import sqlite3
import sys
import urllib.parse
import zipfile

PIET = "piet.proef@post.example"
ELS = "els.proef@post.example"
ELS_VALUES = [ELS, "0687654321", "06-87654321", "NL20INGB0001234567", "4321 BA", "Kerkweg 3"]
LARGE = 17 << 20


def csv(tree):
    (tree / "klanten.csv").write_text(
        "klantnr;naam;email;telefoon;iban;straat;huisnummer;postcode;plaats;medebewoner\n"
        f"0007;P. Proef;{PIET};06-12345678;;Dorpsstraat;12;1234 AB;Ons Dorp;{ELS}\n"
        f"0008;Els Proef;{ELS};06-87654321;NL20INGB0001234567;Kerkweg;3;4321 BA;Elders;\n")
    (tree / "bezorgen.csv").write_text(
        "mail;bezorg_straat;bezorg_huisnummer;bezorg_postcode;bezorg_plaats;straat;huisnummer;postcode;plaats\n"
        f"{PIET};Kerkweg;3;4321 BA;Elders;Dorpsstraat;12;1234 AB;Ons Dorp\n"
        f"{ELS};Kerkweg;3;4321 BA;Elders;;;;\n")
    (tree / "formulier.txt").write_text(
        f"Van: {PIET}\n\nStraat: Kerkweg\nHuisnummer: 3\nPostcode: 4321 BA\nWoonplaats: Elders\n\nBedankt.\n")
    (tree / "kop.csv").write_text(f"{ELS};wat\n{PIET};Els Proef\nniemand;niets\n")


def sql(tree):
    packed = base64.b64encode(f"van {ELS} met groet".encode()).decode()
    twice = base64.b64encode(packed.encode()).decode()
    wide = base64.b64encode(f"{ELS}".encode("utf-16-le")).decode()
    php = f'a:2:{{s:2:"to";s:{len(ELS)}:"{ELS}";s:2:"me";s:{len(PIET)}:"{PIET}";}}'
    (tree / "shop.sql").write_text(
        "CREATE TABLE `wp_orders` (`id` int, `email` varchar(80), `meta` text, `shipping_address_1` "
        "text, `shipping_postcode` text, `packed` text, `hex` text, PRIMARY KEY (`id`));\n"
        f"INSERT INTO `wp_orders` VALUES (1,'{PIET}','{{\"gift\":{{\"to\":\"{ELS}\"}}}}','Kerkweg 3',"
        f"'4321 BA','{packed}','{ELS.encode().hex()}'),\n"
        f"(2,'{ELS}','','Kerkweg 3','4321 BA','',''),\n"
        f"(3,'{PIET}','{php}','Dorpsstraat 12','1234 AB','x/{twice}','{wide}');\n")


def mail(tree):
    box = mailbox.mbox(tree / "in.mbox")
    for number, (sender, to, text) in enumerate([
            (PIET, ELS, f"Dag Els,\n\nbel me op 06-12345678, jij bent toch {ELS} en 06-87654321?\n"),
            (ELS, "winkel@shop.example", "Mijn eigen bericht.\n")]):
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"], message["To"], message["Subject"] = sender, to, "Vraag"
        message["Message-ID"] = f"<{20260101000000 + number}.77@mx.example>"
        message.set_content(text, cte="base64" if number == 0 else "7bit")
        message.add_attachment(f"email\r\n{PIET}\r\n{ELS}\r\n".encode(), maintype="text",
                               subtype="csv", filename=f"lijst {ELS}.csv")
        box.add(message)
    box.close()


def data(tree):
    (tree / "export.json").write_text(json.dumps({"orders": [
        {"email": PIET, "items": [{"sku": "A"}, {"sku": "B"}], "gift": {"email": ELS}},
        {"email": ELS, "items": []}]}))
    buffers = [{"type": "Buffer", "data": list(f"van {PIET} aan {ELS}, {'groet ' * 900}".encode())},
               {"type": "Buffer", "data": [1, 2, 3]}]
    (tree / "buffer.json").write_text(json.dumps([{"v": buffers[0], "w": [1, 2]}]))
    (tree / "lang.json").write_text(json.dumps([{"mail": PIET, "v": {"data": list(f"van {PIET}{' x' * (8172 - gap // 2)} {ELS} bel 06-87654321 ".encode())}}
                                                for gap in range(0, 60, 2)]))
    (tree / "oud.csv").write_text('id;old;new\n1;"{""notes"":[""alfa"",""beta""],""m"":""%s""}";"{""notes"":""gamma""}"\n' % PIET)
    (tree / "buffer.jsonl").write_text("".join(json.dumps({"v": one}) + "\n" for one in buffers))
    lines = [f"2026-01-{day:02} 10:00:00 INFO login {ELS} from 203.0.113.{day}\n"
             for day in range(1, 20)]
    lines[7] = f"2026-01-08 10:00:00 INFO order {PIET} by {ELS}\n"
    (tree / "app.log").write_text("".join(lines))
    base = sqlite3.connect(tree / "shop.db")
    base.execute("create table klanten (id integer primary key, email text, vriend text)")
    base.executemany("insert into klanten (email, vriend) values (?, ?)",
                     [(PIET, ELS), (ELS, "niemand")])
    base.commit()
    base.close()


def package(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in members.items():
            out.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)


def office(tree):
    types = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
             '<Default Extension="xml" ContentType="application/xml"/></Types>')
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    package(tree / "brief.docx", {
        "[Content_Types].xml": types,
        "word/document.xml": f"<w:document {word}><w:body><w:p><w:r><w:t>Aan {PIET}</w:t></w:r></w:p>"
                             f"<w:p><w:r><w:t>Kopie aan els.proef@</w:t></w:r><w:r><w:t>post.example"
                             "</w:t></w:r></w:p></w:body></w:document>"})
    sheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = [("email", "iban"), (PIET, "NL20INGB0001234567"), (ELS, "")]
    cells = "".join(
        f'<row r="{number}">' + "".join(
            f'<c r="{"AB"[column]}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            for column, value in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, 1))
    package(tree / "leden.xlsx", {
        "[Content_Types].xml": types,
        "xl/workbook.xml": f"<workbook {sheet}><sheets/></workbook>",
        "xl/worksheets/sheet1.xml": f"<worksheet {sheet}><sheetData>{cells}</sheetData></worksheet>"})


def names(tree):
    (tree / f"van {ELS}.txt").write_text(f"Beste {PIET}, tot gauw. Kerkweg 3, 4321 BA Elders\n")
    (tree / f"cv {PIET}.txt").write_text("Niets van belang.\n")


def make(tree):
    tree.mkdir()
    for part in (csv, sql, mail, data, office, names):
        part(tree)


def forms(value):
    """How a value may stand in a text without being read at once."""
    raw = value.encode()
    yield value
    yield value.replace(" ", "")
    yield urllib.parse.quote(value, safe="")
    yield raw.hex()
    for wide in (raw, value.encode("utf-16-le"), base64.b64encode(raw)):
        for phase in range(3):
            coded = base64.b64encode(b"\0" * phase + wide).decode()
            yield coded[4 if phase else 0:len(coded) - 4]


def find(lines, path, **wanted):
    found = [line for line in lines if path in line["locator"] and
             all(line["record"].get(key) == value for key, value in wanted.items())]
    assert len(found) == 1, (path, wanted, [line["locator"] for line in found])
    return found[0]


def check(tree, copy):
    everything = "\n".join(path.name + "\n" + path.read_text() for path in copy.iterdir())
    folded = everything.lower()
    for value in ELS_VALUES:
        for form in forms(value):
            same_case = form in (value, value.replace(" ", ""))
            assert form not in everything and not (same_case and form.lower() in folded), form
    assert not re.search(r"els\W{0,3}proef\W{0,3}(@|post)", everything, re.I)
    lines = [json.loads(line) for line in (copy / "records.jsonl").read_text().splitlines()]
    for line in lines:
        assert ("fields" in line) != ("text" in line), line
        assert PIET in json.dumps(line) or "12345678" in json.dumps(line), line["locator"]
    row = find(lines, "klanten.csv")["fields"]
    assert row["email"] == PIET and row["telefoon"] == "06-12345678", row
    assert [row[key] for key in ("straat", "huisnummer", "postcode", "plaats")] == \
        ["Dorpsstraat", "12", "1234 AB", "Ons Dorp"], row
    sent = find(lines, "bezorgen.csv")["fields"]
    assert [sent[f"bezorg_{key}"] for key in ("straat", "huisnummer", "postcode", "plaats")] == \
        ["***", "***", "4321***", "***"], sent
    assert [sent[key] for key in ("straat", "huisnummer", "postcode", "plaats")] == \
        ["Dorpsstraat", "12", "1234 AB", "Ons Dorp"], sent
    form = find(lines, "formulier.txt")["text"]
    assert form == f"Van: {PIET}\n\nStraat: ***\nHuisnummer: ***\nPostcode: 4321***\nWoonplaats: ***\n\n" \
        "Bedankt.\n", form
    assert "Kerkweg" not in everything and "Elders" not in everything
    assert find(lines, "kop.csv")["fields"].popitem()[1] == "Els Proef"
    first = find(lines, "shop.sql", row=1)["fields"]
    assert first["id"] == "1" and "***" in first["meta.to"], first
    assert first["shipping_address_1"] == "*** ***" and first["shipping_postcode"] == "4321***", first
    third = find(lines, "shop.sql", row=3)["fields"]
    assert third["meta.me"] == PIET and third["shipping_postcode"] == "1234 AB", third
    assert third["shipping_address_1"] == "Dorpsstraat 12", third
    mail_line = find(lines, "in.mbox", kind="message")
    assert PIET in mail_line["fields"]["From"] and "***" in mail_line["fields"]["To"], mail_line
    assert any("bel me op 06-12345678" in str(value) for value in mail_line["fields"].values())
    attached = [line for line in lines if "!2:" in line["locator"] and line["kind"] == "row"]
    assert len(attached) == 2 and all(PIET in line["fields"].values() for line in attached)
    for name in ("buffer.jsonl", "buffer.json"):
        buffer = find(lines, name + "!")["fields"]
        first = buffer["v/data"]
        assert first.startswith(f"van {PIET} aan ") and "***" in first and "v/data/0" not in buffer, buffer
    old = json.dumps(find(lines, "oud.csv"))
    assert all(word in old for word in ("alfa", "beta", "gamma")), old
    assert not re.search(r"els\.proef|@post\.e|0687|06-8", "".join(json.dumps(line) for line in lines if "lang.json" in line["path"]).replace(PIET, ""))
    order = find(lines, "export.json")["fields"]
    assert order["email"] == PIET and order["items/0/sku"] == "A" and "***" in order["gift/email"]
    assert find(lines, "app.log")["text"].startswith(f"2026-01-08 10:00:00 INFO order {PIET} by ")
    assert find(lines, "shop.db", kind="sql")["fields"]["email"] == PIET
    assert f"Aan {PIET}" in json.dumps(find(lines, "brief.docx"))
    assert find(lines, "leden.xlsx")["fields"]["email"] == PIET
    letter = find(lines, "van ", kind="document")
    assert letter["text"].startswith(f"Beste {PIET}, tot gauw."), letter
    assert find(lines, f"cv {PIET}.txt", kind="name")["text"] == f"cv {PIET}.txt"


def large(tree):
    tree.mkdir()
    filler = "woord en nog een woord " * 40 + "\n"
    (tree / "lang.txt").write_text(filler * (LARGE // len(filler)) + f"{PIET}\n")
    line = "2026-01-01 10:00:00 INFO {}\n"
    huge = "x y " * (LARGE // 4) + PIET + " z" * 5000
    (tree / "app.log").write_text(
        line.format("a") * 9 + line.format(f"{PIET} ok") + line.format(huge) +
        line.format(f"{PIET} ok") + line.format("a") * 9)


def main():
    verb, *paths = sys.argv[1:]
    {"make": make, "check": check, "large": large}[verb](*map(pathlib.Path, paths))


main()
