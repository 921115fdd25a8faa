"""Files in which a value has something of its surroundings beside it that looks like a part of it: a length, a tag, the next
column, a login, a key of an envelope. A check must meet each; the files called `schoon` hold nobody.

make() writes them into the folder at hand."""

import base64
import pathlib
import pickle
import sqlite3
import struct

MAIL, IBAN, BSN = "jan.proef@voorbeeldhuis.nl", "NL91ABNA0417164300", "111222333"
HEX = MAIL.encode().hex()


def text():
    lines = {
        "link.log": f"GET /login?return=https://www.shop.example&email={MAIL} HTTP/1.1",
        "pijp.log": f"https://www.shop.example|{MAIL}|ok",
        "deel.log": f"https://www.shop.example#email={MAIL}",
        "dsn.env": "MAILER_DSN=smtp://jan.proef%40voorbeeldhuis.nl:geheim@smtp.host.example:587",
        "ftp.log": f"ftpd: ({MAIL}@192.0.2.3) [INFO] is now logged in",
        "alias": f"{MAIL}:/var/mail/jan",
        "zin.txt": f"Mail {MAIL}.Daarna komt er meer tekst.",
        "srs.log": "from=<SRS0=Ab1c=ZZ=voorbeeldhuis.nl=jan.proef@fwd.host.example>",
        "verp.log": "from=<bounces-jan.proef=voorbeeldhuis.nl@list.host.example>",
        "ezmlm.log": "from=<lijst-return-12-jan.proef=voorbeeldhuis.nl@list.host.example>",
        "mg.log": "from=<bounce+7d3a2e.b1c2d3-jan.proef=voorbeeldhuis.nl@mg.host.example>",
        "afschrift.log": f"GET /files/afschrift_{IBAN}_2024.pdf HTTP/1.1",
        "dossier.csv": f"id;bestand\n1;dossier_{BSN}_2024.pdf",
        "vast.txt": f"00001{IBAN}00000012345EUR",
        "auth.log": "AUTH PLAIN " + base64.b64encode(f"\0{MAIL}\0geheim".encode()).decode(),
        "uit.log": f"GET /unsub/{HEX} HTTP/1.1",
        "perl.pl": 'my $to = "jan.proef\\@voorbeeldhuis.nl";',
        "regel.cf": "/^jan\\.proef@voorbeeldhuis\\.nl$/ REJECT",
    }
    for name, line in lines.items():
        pathlib.Path(name).write_text(line + "\n")
    pathlib.Path("schoon.log").write_text("clone git@github.example:org/repo.git\nGET /img/a_987654321_b.png HTTP/1.1\n"
                                          "https://gebruiker:woord@host.example/pad\nWelkom bij voorbeeldhuis.nl.Daarna meer.\n")
    pathlib.Path("map2").mkdir()
    pathlib.Path(f"map2/{BSN}_brief.txt").write_text("x\n")


def binary():
    for protocol in range(1, 4):
        for kind, value in (("mail", MAIL), ("iban", IBAN), ("bsn", BSN)):
            pathlib.Path(f"{kind}{protocol}.pickle").write_bytes(pickle.dumps({"a": value, "b": "x"}, protocol))
    # Java: t, a length of two bytes, and the value; the next tag follows at once
    for kind, value in (("mail", MAIL), ("iban", IBAN), ("bsn", BSN)):
        item = b"t" + struct.pack(">H", len(value)) + value.encode()
        pathlib.Path(f"{kind}.ser").write_bytes(b"\xac\xed\x00\x05sr\x00\x13java.util.ArrayListx\x81\xd2\x1d\x99\xc7a\x9d\x03\x00\x01xp" + item + item + b"x")
    # a length that is a letter or a digit, as protobuf, CBOR and PostgreSQL have it
    for length in b"0Z9aC":
        pathlib.Path(f"lengte{length}.bin").write_bytes(b"\x00\x01\xfe\x02" * 9 + bytes([length]) + MAIL.encode() + b"dnaam\x01\x00\xff\x03" * 2)
    pathlib.Path("schoon.bin").write_bytes(b"\x00\x01\xfe\x02" * 9 + b"tkees.ander@voorbeeldhuis.nlq" + b"\x01\x00\xff\x03" * 2)


def deleted(name, encoding, columns, row, gone):
    """A row of 39 that is deleted and stands there still."""
    base = sqlite3.connect(name, isolation_level=None)
    base.execute(f"pragma encoding='{encoding}'")
    base.execute("pragma secure_delete=0")
    base.execute(f"create table t(id integer primary key, {', '.join(columns)})")
    for number in range(1, 40):
        values = [value if number == gone else other for value, other in row]
        base.execute(f"insert into t values({number}{',?' * len(values)})", values)
    base.execute(f"delete from t where id={gone}")
    base.close()


def databases():
    name, mail, bsn, town = ("Jan", "Kees"), (MAIL, "kees@elders.example"), (BSN, "123456789"), ("Utrecht", "Breda")
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
        for kind, columns, row in (("alle", ("n text", "e text", "p text"), (name, mail, town)), ("mail", ("e text",), (mail,)),
                                   ("bsn", ("b text", "n text"), (bsn, name))):
            for gone in (39, 20):
                deleted(f"{kind}{gone}.{encoding}.db", encoding, columns, row, gone)
    deleted("schoon.db", "UTF-8", ("n text", "e text"), (("Kees", "Kees"), ("kees@elders.example", "kees@elders.example")), 39)


def make():
    text()
    binary()
    databases()
