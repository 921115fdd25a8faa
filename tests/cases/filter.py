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
