"""speur filter and speur prune: what stays is byte for byte what came, what must go is gone, and
nothing outside is touched.

usage: filter.py SPEUR WORK
"""

import gzip
import io
import json
import os
import pathlib
import shutil
import re
import sqlite3
import subprocess
import sys
import tarfile

SPEUR, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
WIS = "wis.mij@voorbeeld.example"
failures = 0


def expect(holds, text):
    global failures
    if not holds:
        print("FAILED:", text)
        failures += 1


def speur(*words, ok=(0,), data=b""):
    done = subprocess.run([SPEUR, *map(str, words)], input=data, capture_output=True, check=False)
    expect(done.returncode in ok, f"{words} ended with {done.returncode}: {done.stderr[-300:]!r}")
    return done


def tar(*members, form=tarfile.GNU_FORMAT):
    """Members: (name, bytes), (name, link target as str, type)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content, *kind in members:
            info = tarfile.TarInfo(name)
            info.mtime = 1_700_000_000
            if kind:
                info.type, info.linkname = kind[0], content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {info.name: archive.extractfile(info).read() if info.isreg() else None
                for info in archive}


def filtered(data, *names, ok=(0,), records=None):
    drop = WORK / "drop"
    drop.write_bytes(b"".join(os.fsencode(name) + b"\0" for name in names))
    more = ("--records", records) if records else ()
    return speur("filter", "-q", "--drop", drop, *more, data=data, ok=ok).stdout


# ---- whole members ------------------------------------------------------------------------------
def test_global():
    """A header for all members has no name that a list could say."""
    def of(comment):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT,
                          pax_headers={"comment": comment}) as archive:
            archive.addfile(tarfile.TarInfo("a"))
        return out.getvalue()

    (WORK / "drop").write_bytes(b"a\0")
    done = speur("filter", "--drop", WORK / "drop", data=of(f"voor {WIS}"), ok=(1,))
    expect(WIS.encode() not in done.stdout, "words of a global header go on")
    expect(b"pax_global_header" in done.stderr, "a global header that is left out is not told")
    commit = of("5e1b1f8a0c9d4e7f6a5b4c3d2e1f0a9b8c7d6e5f")
    expect(filtered(commit) == commit, "the commit in a global header of git does not go on")


def test_whole():
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        long = "diep/" * 20 + "l" * 50
        data = tar(("a", b"een"), (long, b"lang" * 1000), ("groot", bytes(3_000_000)), ("leeg", b""),
                   ("é", b"x"), ("z", b"laatste"), form=form)
        expect(filtered(data) == data, f"form {form}: what is kept differs")
        expect(filtered(gzip.compress(data)) == data, f"form {form}: unpacked input differs")
        left = members(filtered(data, "a", long, "é"))
        expect(set(left) == {"groot", "leeg", "z"}, f"form {form}: {set(left)} is left")
        expect(left["groot"] == bytes(3_000_000) and left["z"] == b"laatste", "content differs")
    data = tar(("a", b"1"), ("b", b"2"))
    done = speur("filter", "--drop", WORK / "drop", data=data, ok=(1,))  # é and others are in it
    expect(b"did not come by" in done.stderr, "a name that never came is not told")
    expect(speur("filter", "--drop", WORK / "geen", ok=(66,)).stdout == b"", "a list that is missing")
    (WORK / "regels").write_bytes(b"a\nb\n")
    speur("filter", "--drop", WORK / "regels", ok=(65, 70, 66, 64, 78, 74), data=data)


def test_damage():
    data = tar(("a", b"1" * 600), ("b", b"2" * 600), ("c", b"3"))
    hurt = bytearray(data)
    hurt[3 * 512 * 1 + 10] ^= 0xFF  # in the name of b, so its checksum fails
    done = speur("filter", "-q", "--drop", "/dev/null", data=bytes(hurt), ok=(65, 74))
    expect(b"damaged header" in done.stderr, "a damaged header is not told")
    expect(b"2222" not in done.stdout and b"3" not in done.stdout[1024 + 600:], "content behind it")
    for cut in (100, 700, 1500, 1600):
        done = speur("filter", "-q", "--drop", "/dev/null", data=data[:cut], ok=(65, 74))
        expect(done.stdout[:512] in data, "half a member")
    packed = gzip.compress(data * 50)
    speur("filter", "-q", "--drop", "/dev/null", data=packed[:-20], ok=(65, 74))


def test_links():
    hard = tarfile.LNKTYPE
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        long = "d/" + "x" * (90 if form == tarfile.USTAR_FORMAT else 190)
        data = tar(("a", b"inhoud" * 300), ("b", "a", hard), (long, "a", hard), ("c", "a", hard),
                   form=form)
        out = filtered(data, "a")
        with tarfile.open(fileobj=io.BytesIO(out)) as archive:
            first, *rest = archive
            expect(first.name == "b" and first.isreg(), "the first kept link is not the content")
            expect(archive.extractfile(first).read() == b"inhoud" * 300, "its content differs")
            expect([(m.name, m.linkname) for m in rest] == [(long, "b"), ("c", "b")], "later links")
        out = filtered(data, "a", "b")
        with tarfile.open(fileobj=io.BytesIO(out)) as archive:
            first, *rest = archive
            expect(first.name == long and first.isreg(), f"form {form}: a long name inherits")
            expect([m.linkname for m in rest] == [long], f"form {form}: a link to a long name")


# ---- records ------------------------------------------------------------------------------------
def cut(*files, status=0, form=tarfile.GNU_FORMAT, options=()):
    """Checks a tar of these files, cuts the records out, gives the members that are left."""
    data = tar(*files, form=form)
    backup = WORK / "backup.tar"
    backup.write_bytes(data)
    speur("check", "-q", "--fresh", backup, "--drop0", WORK / "drop0", "--decisions",
          WORK / "decisions", *options, ok=(1, 3))
    done = speur("filter", "--drop", WORK / "drop0", "--records", WORK / "decisions", data=data,
                 ok=(status,))
    left = members(done.stdout)
    again = WORK / "again.tar"
    again.write_bytes(done.stdout)
    told = speur("check", "--fresh", again, ok=(0, 1, 2, 3)).stdout
    expect(b"HIT " not in told, f"a hit is left: {told[:400]!r}")
    return left


def sql(*tuples, head="INSERT INTO `klant` (`id`, `naam`, `email`) VALUES "):
    return head + ",".join(tuples) + ";\n"


HEAD = "-- MySQL dump 10.13\nCREATE TABLE `klant` (\n `id` int,\n `naam` text,\n `email` text\n);\n"
KEEP = ["(1,'A','een@voorbeeld.example')", "(3,'C; (x)','drie@voorbeeld.example')"]
GONE = [f"(2,'B\\'s, (y);','{WIS}')", f"(4,NULL,'{WIS}')"]


def test_sql():
    for tuples in ([KEEP[0], GONE[0], KEEP[1]], [GONE[0], KEEP[0], KEEP[1]],
                   [KEEP[0], KEEP[1], GONE[0]], [GONE[0], GONE[1], KEEP[0], KEEP[1]],
                   [KEEP[0], GONE[0], GONE[1], KEEP[1]], [KEEP[0], KEEP[1], GONE[1], GONE[0]],
                   [GONE[0], KEEP[0], GONE[1], KEEP[1]]):
        text = HEAD + sql(*tuples) + "UNLOCK TABLES;\n"
        left = cut(("shop.sql", text.encode()))["shop.sql"].decode()
        wanted = HEAD + sql(*[t for t in tuples if t in KEEP]) + "UNLOCK TABLES;\n"
        expect(left == wanted, f"tuples {tuples}: {left!r}")
    text = HEAD + sql(KEEP[0]) + sql(*GONE) + sql(KEEP[1]) + "-- klaar\n"
    left = cut(("shop.sql", text.encode()))["shop.sql"].decode()
    expect(left == HEAD + sql(KEEP[0]) + sql(KEEP[1]) + "-- klaar\n", f"a statement: {left!r}")
    # one tuple a statement, as mysqldump --skip-extended-insert and SQLite write them
    text = HEAD + sql(KEEP[0]) + sql(GONE[0]) + sql(KEEP[1]) + sql(GONE[1])
    left = cut(("shop.sql", text.encode()))["shop.sql"].decode()
    expect(left == HEAD + sql(KEEP[0]) + sql(KEEP[1]), f"single statements: {left!r}")


def test_copy():
    lines = ["1\tA\teen@voorbeeld.example", f"2\tB\\tx\t{WIS}", "3\tC\tdrie@voorbeeld.example",
             f"4\t\\N\t{WIS}"]
    text = "-- PostgreSQL database dump\n\nCOPY public.klant (id, naam, email) FROM stdin;\n%s\\.\n\nSELECT 1;\n"
    whole = text % "".join(line + "\n" for line in lines)
    left = cut(("pg.sql", whole.encode()))["pg.sql"].decode()
    expect(left == text % "".join(line + "\n" for line in lines if WIS not in line), repr(left))


def test_csv():
    rows = ["naam;e-mail", '"een;\n""x""";een@voorbeeld.example', f"twee;{WIS}", "", "drie;d@voorbeeld.example",
            f"vier;{WIS}"]
    for end in ("\n", "\r\n"):
        for last in ("", end):
            text = end.join(rows) + last
            wanted = end.join(row for row in rows if WIS not in row)
            wanted += end if not last and wanted else last
            left = cut(("klanten.csv", text.encode("cp1252")))["klanten.csv"].decode("cp1252")
            expect(left == wanted, f"CSV with {end!r}, {last!r}: {left!r} instead of {wanted!r}")


def message(number, who):
    return (f"From - Mon Jan  5 10:00:0{number} 2026\nFrom: {who}\nTo: info@winkel.example\n"
            f"Subject: bericht {number}\nMessage-ID: <{number}@mx.winkel.example>\n"
            f"Date: Mon, 5 Jan 2026 10:00:0{number} +0000\n\nHallo {number}\n\n")


def test_mail():
    parts = [message(1, "een@voorbeeld.example"), message(2, WIS), message(3, "d@voorbeeld.example"),
             message(4, WIS)]
    left = cut(("in.mbox", "".join(parts).encode()))["in.mbox"].decode()
    expect(left == parts[0] + parts[2], f"mbox: {left!r}")


def test_log():
    lines = [f"2026-01-0{i} 10:00:00 GET /?mail={who}\n" for i, who in
             enumerate(("een@voorbeeld.example", WIS, "x@voorbeeld.example", WIS, "y@voorbeeld.example"), 1)]
    left = cut(("web.log", "".join(lines).encode()))["web.log"].decode()
    expect(left == lines[0] + lines[2] + lines[4], f"log: {left!r}")


def test_packed():
    text = (HEAD + sql(KEEP[0], GONE[0], KEEP[1])).encode()
    wanted = (HEAD + sql(*KEEP)).encode()
    left = cut(("shop.sql.gz", gzip.compress(text)))["shop.sql.gz"]
    expect(gzip.decompress(left) == wanted, "a gzipped dump")
    # headers of every form have the new size
    for form in (tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        left = cut(("shop.sql", text), ("b", b"na"), form=form)
        expect(left == {"shop.sql": wanted, "b": b"na"}, f"form {form}")
    # larger than any block
    many = "".join(sql(*[f"({i},'n','k{i}@voorbeeld.example')" if i % 7 else GONE[0]
                         for i in range(j * 1000, j * 1000 + 1000)]) for j in range(40))
    left = cut(("shop.sql", (HEAD + many).encode()))["shop.sql"]
    expect(left.count(b"@voorbeeld.example") == many.count("@voorbeeld.example") - many.count(WIS),
           "a large dump")


def test_single():
    text = (HEAD + sql(KEEP[0], GONE[0], KEEP[1])).encode()
    dump = WORK / "los.sql"
    for data in (text, gzip.compress(text)):
        dump.write_bytes(data)
        speur("check", "-q", "--fresh", dump, "--decisions", WORK / "decisions", ok=(1,))
        done = speur("filter", "-q", "--records", WORK / "decisions", data=data)
        expect(done.stdout == (HEAD + sql(*KEEP)).encode(), "a dump that is no member")


def test_refused():
    """What cannot be cut out never goes on, and that is told."""
    inner = tar(("dump.sql", (HEAD + sql(KEEP[0], GONE[0])).encode()))
    left = cut(("nest.tar", inner), ("b", b"vrij"), status=1)
    expect(left == {"b": b"vrij"}, f"a dump in an archive in it: {set(left)}")
    wide = (HEAD + sql(KEEP[0], GONE[0])).encode("utf-16")
    left = cut(("w.sql", wide), ("b", b"vrij"), status=1)
    expect(left == {"b": b"vrij"}, "UTF-16")
    # another version of the dump than was checked
    text = HEAD + sql(KEEP[0], GONE[0], KEEP[1])
    cut(("shop.sql", text.encode()))
    other = tar(("shop.sql", (HEAD + sql(KEEP[0])).encode()))
    done = speur("filter", "--drop", WORK / "drop0", "--records", WORK / "decisions", data=other,
                 ok=(1,))
    expect(b"left out" in done.stderr and members(done.stdout) == {}, "another version")
    (WORK / "kapot").write_text('{"decision":"HIT"}\n')
    speur("filter", "--records", WORK / "kapot", data=other, ok=(65, 70, 78, 74))


# ---- SQL that undoes ------------------------------------------------------------------------------
def undone(dump, status=0):
    path = WORK / "undo.sql"
    (WORK / "los.sql").write_bytes(dump)
    speur("check", "-q", "--fresh", WORK / "los.sql", "--decisions", WORK / "decisions", ok=(1,))
    speur("filter", "-q", "--records", WORK / "decisions", "--emit", f"sql={path}", data=dump, ok=(status,))
    return path.read_text() if path.exists() else None


def test_undo():
    """Values that want to break out stay values; a row that is another by now stays."""
    evil = "x'); DROP TABLE klant; --\\"
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE klant (id TEXT PRIMARY KEY, email TEXT, nota TEXT)")
    rows = [("1", "a@voorbeeld.example", "blijft"), (evil, WIS, f"{evil}\n'\"\t"), ("3'", WIS, None),
            ("4", "b@voorbeeld.example", evil)]
    base.executemany("INSERT INTO klant VALUES (?,?,?)", rows)
    base.execute("CREATE TABLE los (email TEXT, n INTEGER, nota TEXT)")
    base.executemany("INSERT INTO los VALUES (?,?,?)",
                     [(WIS, 7, evil), ("a@voorbeeld.example", 7, evil), (WIS, None, "")])
    base.commit()
    dump = "".join(line + "\n" for line in base.iterdump()).encode()
    sql = undone(dump)
    expect(sql.count("DELETE FROM") == 4, sql)
    base.executescript(sql)
    left = (base.execute("SELECT id FROM klant ORDER BY id").fetchall(),
            base.execute("SELECT email FROM los").fetchall())
    expect(left == ([("1",), ("4",)], [("a@voorbeeld.example",)]), f"left: {left}")
    base.execute("INSERT INTO klant VALUES (?,?,?)", ("3'", "nieuw@voorbeeld.example", None))  # the key was given again
    base.executescript(sql)
    expect(base.execute("SELECT count(*) FROM klant").fetchone() == (3,), "a row of somebody else is gone")
    # MySQL's escapes, as hexadecimal
    text = ("-- MySQL dump 10.13\nCREATE TABLE `k` (\n  `id` int NOT NULL,\n  `e``mail` text,\n  PRIMARY KEY (`id`)\n);\n"
            f"INSERT INTO `k` VALUES (1,'vrij'),(2,'{WIS}'),(3,_binary '{WIS} \\' \\0 \\\\');\n")
    sql = undone(text.encode())
    wanted = [f"DELETE FROM `k` WHERE `id` = {n} AND `e``mail` = _utf8mb4 X'{value.hex().upper()}' LIMIT 1;"
              for n, value in ((2, WIS.encode()), (3, WIS.encode() + b" ' \0 \\"))]
    expect([line for line in sql.splitlines() if line.startswith("DELETE")] == wanted, sql)
    (WORK / "undo.sql").unlink()
    bare = b"INSERT INTO k VALUES (1,'" + WIS.encode() + b"');\n"
    expect(undone(bare, status=65) is None, "columns that nobody knows")
    speur("filter", "--drop", WORK / "drop", "--emit", "sql=x", ok=(64,))
    speur("filter", "--records", WORK / "decisions", "--emit", "tar=x", ok=(64,))


# ---- exempt rows ------------------------------------------------------------------------------------
BEWAARD = "bewaard.klant@voorbeeld.example"
TELEFOON = "0687654321"


def anonymised(dump, *more, status=0, check=1):
    """The SQL for a dump with exempt rows, and what the filter gives on."""
    (WORK / "los.sql").write_bytes(dump)
    (WORK / "undo.sql").unlink(missing_ok=True)
    speur("check", "-q", "--fresh", WORK / "los.sql", "--decisions", WORK / "decisions", ok=(check,))
    done = speur("filter", "--records", WORK / "decisions", "--emit", f"sql={WORK / 'undo.sql'}",
                 *more, data=dump, ok=(status,))
    return (WORK / "undo.sql").read_text(), done


def test_exempt():
    """A row that the tax office wants stays, without how to reach the person; in both dialects."""
    for kind, value in (("email", BEWAARD), ("phone", TELEFOON), ("iban", "NL20INGB0001234567"),
                        ("ip", "203.0.113.77")):
        speur("register", "add", "--req", "R-2", "--type", kind, data=value.encode())
    speur("register", "exempt", "--req", "R-2", "--reason", "AWR art. 52", "--until", "2099-01-01")
    php = f'a:1:{{s:1:"e";s:{len(BEWAARD)}:"{BEWAARD}";}}'
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT, tel TEXT, ip TEXT, "
                 "iban TEXT, nota TEXT, meta TEXT, json TEXT, total REAL)")
    rows = [(1, BEWAARD, TELEFOON, "203.0.113.77", "NL20INGB0001234567",
             f"it's from {BEWAARD}; --\n", php, f'{{"to": "{BEWAARD}"}}', 10.5),
            (2, WIS, "", "", "", "", "", "", 1), (3, "a@voorbeeld.example", "x", "", "", "", "", "", 2)]
    base.executemany("INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?)", rows)
    base.execute("CREATE TABLE users (email TEXT PRIMARY KEY, ip TEXT)")
    base.execute("INSERT INTO users VALUES (?,?)", (BEWAARD, "203.0.113.77"))
    base.commit()
    dump = "".join(line + "\n" for line in base.iterdump()).encode()
    sql, done = anonymised(dump)
    expect("UPDATE" not in sql and "2 decisions are EXEMPT" in sql, f"unasked: {sql}")
    expect(BEWAARD.encode() in done.stdout and WIS.encode() not in done.stdout, "the stream, unasked")
    old = re.sub(r',"columns":\[[^]]*\]', "", (WORK / "decisions").read_text())
    (WORK / "old").write_text(old)
    done = speur("filter", "--records", WORK / "old", "--emit", f"sql={WORK / 'undo.sql'}",
                 "--anonymise-exempt", data=dump, ok=(65,))
    expect(b"run the check again" in done.stderr, "decisions that name no columns")
    sql, done = anonymised(dump, "--anonymise-exempt", status=1)
    expect(BEWAARD.encode() in done.stdout and WIS.encode() not in done.stdout, "the stream")
    expect(sql.count("\n-- stays: ") == 3 and b"3 columns of EXEMPT rows stay" in done.stderr, sql)
    expect("-- stays: users.email: it is the primary key" in sql, sql)
    base.executescript(sql)
    kept = base.execute("SELECT * FROM orders WHERE id = 1").fetchone()
    expect(kept == (1, "deleted@site.invalid", "[deleted]", "0.0.0.0", "NL20INGB0001234567",
                    "[deleted]", php, f'{{"to": "{BEWAARD}"}}', 10.5), f"anonymised: {kept}")
    expect(base.execute("SELECT id FROM orders").fetchall() == [(1,), (3,)], "rows that stay")
    expect(base.execute("SELECT * FROM users").fetchall() == [(BEWAARD, "0.0.0.0")], "a key")
    base.execute("UPDATE orders SET email = 'nieuw@voorbeeld.example', tel = 'anders' WHERE id = 1")
    base.executescript(sql)  # the row is another by now
    kept = base.execute("SELECT email, tel FROM orders WHERE id = 1").fetchone()
    expect(kept == ("nieuw@voorbeeld.example", "anders"), f"a row of somebody else: {kept}")
    # nothing is left of it for the next check but what stays by reason
    left = "".join(line + "\n" for line in base.iterdump()).encode()
    (WORK / "na.sql").write_bytes(left)
    speur("check", "-q", "--fresh", WORK / "na.sql", "--decisions", WORK / "decisions")
    found = [json.loads(line) for line in open(WORK / "decisions", encoding="utf-8")]
    expect({d["decision"] for d in found} == {"EXEMPT"} and
           {t for d in found for t in d["types"]} == {"email", "iban"}, f"after it: {found}")
    # MySQL's dialect: hexadecimal, and a number where the dump has one
    text = ("-- MySQL dump 10.13\nCREATE TABLE `b``d` (\n  `id` int NOT NULL,\n  `e\n;mail` text,\n  `tel` bigint,\n"
            "  `m` text,\n  PRIMARY KEY (`id`)\n);\n"
            f"INSERT INTO `b``d` VALUES (7,'{BEWAARD}',31687654321,'');\n")
    sql, _ = anonymised(text.encode(), "--anonymise-exempt", check=0)
    old = BEWAARD.encode().hex().upper()
    wanted = (f"UPDATE `b``d` SET `e\n;mail` = _utf8mb4 X'{b'deleted@site.invalid'.hex().upper()}', `tel` = 0 "
              f"WHERE `id` = 7 AND `e\n;mail` = _utf8mb4 X'{old}' AND `tel` = 31687654321 LIMIT 1;\n")
    expect(wanted in sql and "COMMIT; -- 0 rows, 1 anonymised" in sql, sql)
    # two persons in one row: kept for both it loses both; kept for one it goes when the other's goes
    speur("register", "add", "--req", "R-3", "--type", "email", data=b"partner@voorbeeld.example")
    speur("register", "exempt", "--req", "R-3", "--reason", "AWR art. 52", "--until", "2099-01-01")
    two = ("-- MySQL dump 10.13\nCREATE TABLE `t` (\n  `id` int,\n  `a` text,\n  `b` text,\n  PRIMARY KEY (`id`)\n);\n"
           f"INSERT INTO `t` VALUES (1,'{BEWAARD}','partner@voorbeeld.example'),(2,'{BEWAARD}','{WIS}');\n")
    sql, _ = anonymised(two.encode(), "--anonymise-exempt")
    gone = b"deleted@site.invalid".hex().upper()
    expect(f"UPDATE `t` SET `a` = _utf8mb4 X'{gone}', `b` = _utf8mb4 X'{gone}' WHERE `id` = 1 AND" in sql and
           sql.count("UPDATE") == 1 and "DELETE FROM `t` WHERE `id` = 2" in sql, sql)
    # a name in a comment cannot end it; COPY; a member of which nothing goes passes as it came
    text = text.replace("'');", f"'{{\"a\": \"{BEWAARD}\"}}');").replace("`m`", "`m\nDROP TABLE x;`")
    sql, _ = anonymised(text.encode(), "--anonymise-exempt", check=0, status=1)
    expect("\nDROP" not in sql and "-- stays: b`d.m%0ADROP TABLE x;: JSON" in sql, sql)
    copy = (b"--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.o (id integer, mail text, tel text, telefoon bigint);\n"
            b"COPY public.o (id, mail, tel, telefoon) FROM stdin;\n"
            b"1\t" + BEWAARD.encode() + b"\t" + TELEFOON.encode() + b"\t31687654321\n\\.\n")
    sql, done = anonymised(copy, "--anonymise-exempt", check=0)
    expect("UPDATE \"public\".\"o\" SET \"mail\" = 'deleted@site.invalid', \"tel\" = '[deleted]', \"telefoon\" = '0' WHERE "
           in sql, sql)
    expect(done.stdout == copy, "a dump of which nothing goes")
    packed = gzip.compress(copy, 1)
    data = tar(("a.sql.gz", packed), ("b", b"vrij"), ("c", "a.sql.gz", tarfile.LNKTYPE))
    (WORK / "in.tar").write_bytes(data)
    speur("check", "-q", "--fresh", WORK / "in.tar", "--decisions", WORK / "decisions")
    done = speur("filter", "-q", "--records", WORK / "decisions", "--emit", f"sql={WORK / 'undo.sql'}",
                 "--anonymise-exempt", data=data)
    expect(members(done.stdout) == members(data), "members of which nothing goes")
    expect("SET \"mail\"" in (WORK / "undo.sql").read_text(), "an exempt row in a member")
    wide = tar(("w.sql", text.encode("utf-16")))
    (WORK / "in.tar").write_bytes(wide)
    speur("check", "-q", "--fresh", WORK / "in.tar", "--decisions", WORK / "decisions")
    done = speur("filter", "--records", WORK / "decisions", "--emit", f"sql={WORK / 'undo.sql'}",
                 "--anonymise-exempt", data=wide, ok=(1,))
    expect(members(done.stdout) == members(wide) and b"EXEMPT rows are not in the SQL" in done.stderr,
           "UTF-16 goes on, and is told")
    speur("filter", "--records", WORK / "decisions", "--anonymise-exempt", data=wide, ok=(64,))
    for request in ("R-2", "R-3"):
        speur("register", "withdraw", "--req", request, "--reason", "end of the case")


# ---- prune ----------------------------------------------------------------------------------------
def test_prune():
    tree, outside = WORK / "tree", WORK / "live"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in (tree / "map" / "vol", outside):
        folder.mkdir(parents=True, exist_ok=True)
    for path in (tree / "a", tree / "map" / "b", tree / "map" / "vol" / "c", outside / "x",
                 tree / "blijft"):
        path.write_text("x")
    (tree / "brug").symlink_to(outside)
    (tree / "wijs").symlink_to(outside / "x")
    names = ["./a", "/map/b", str(outside / "x"), "../live/x", "map/../../live/x", "brug/x", "wijs",
             "map/vol", "geen", ".", "/", "map/./b"]
    drop = WORK / "drop"
    drop.write_bytes(b"".join(name.encode() + b"\0" for name in names))
    speur("prune", "-n", "--root", tree, "--drop0", drop, ok=(1,))
    expect((tree / "a").exists(), "a dry run removed something")
    done = speur("prune", "--root", tree, "--drop0", drop, ok=(1,))
    expect((outside / "x").exists(), "a file outside the tree was removed")
    expect(not (tree / "a").exists() and not (tree / "map" / "b").exists(), "not removed")
    expect(not (tree / "wijs").is_symlink() and (tree / "brug").is_symlink(), "links themselves")
    expect((tree / "map" / "vol" / "c").exists() and (tree / "blijft").exists(), "innocents")
    for words in (b"leaves the tree", b"a link stands on the way", b"not empty", b"is not there"):
        expect(words in done.stderr, f"{words!r} is not told")
    speur("prune", "--root", "/", "--drop0", drop, ok=(64,))
    (WORK / "slash").symlink_to("/")
    speur("prune", "--root", WORK / "slash", "--drop0", drop, ok=(64,))
    speur("prune", "--root", WORK / "nergens", "--drop0", drop, ok=(66,))


def main():
    os.environ.update(SPEUR_REGISTER=str(WORK / "register"), SPEUR_KEY=str(WORK / "key"),
                      SPEUR_INVENTORY=str(WORK / "inventory.db"))
    speur("register", "init")
    speur("register", "add", "--req", "R-1", "--type", "email", data=WIS.encode())
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            before = failures
            test()
            print(f"{name[5:]:10} {'holds' if failures == before else 'FAILED'}")
    sys.exit(1 if failures else 0)


main()
