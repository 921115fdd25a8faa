"""A hosting backup as a provider hands one out: the files of a web shop, its database, its mail,
its logs, and some older backups in it, of which one is encrypted and one is damaged."""

import gzip
import struct

from . import hosting_mail, letters, tools
from .ledger import escape
from .letters import letter
from .shop import Shop
from .tables import access_log, customers

NAME = "site-backup.tar.gz"


class Backup:
    """The docroot being filled. A member's place carries its unit and its locator."""

    def __init__(self, ledger, persons, work, rng):
        self.ledger, self.persons, self.work, self.rng = ledger, persons, work, rng
        self.folder = self.scratch("site")
        self.buyers = [persons[f"P{n:02d}"] for n in range(1, 49) if n not in (9, 11)]

    def place(self, name, shape="document", below=""):
        unit = escape(name)
        return self.ledger.place(NAME, f"{NAME}!{unit}{below}", unit, shape=shape)

    def scratch(self, name):
        """A folder outside the docroot, to pack something in."""
        return tools.Folder(self.work / name)

    def write(self, name, template, encoding="utf-8", **who):
        self.folder.write(name, self.place(name).fill(template, **who), encoding)

    def hardlink(self, name, first):
        """The name sorts after the first, so that tar stores it as the link."""
        self.folder.hardlink(name, first)
        self.ledger.links[escape(name)] = escape(first)


# ---- files --------------------------------------------------------------------------------------


def site(b):
    for name, text in letters.OF_NOBODY:
        b.folder.write(name, text)
    b.write("docroot/contact.html", letters.CONTACT)
    b.folder.write(
        "docroot/wp-content/languages/nl_NL.mo", mo({"Hello": "Hallo", "Cart": "Winkelwagen"})
    )
    b.folder.symlink("docroot/huidig", "wp-content/uploads")
    b.folder.symlink("docroot/weg", "/etc/bestaat-niet")
    b.hardlink("docroot/docs/contact-kopie.html", "docroot/contact.html")


def mo(catalogue):
    """A gettext catalogue, little endian: the binary file of a site."""
    pairs = sorted(catalogue.items())
    head = 28 + 16 * len(pairs)
    index, body = [], b""
    for column in (0, 1):
        for pair in pairs:
            word = pair[column].encode()
            index.append(struct.pack("<II", len(word), head + len(body)))
            body += word + b"\0"
    tables = (28, 28 + 8 * len(pairs), 0, head)
    return struct.pack("<7I", 0x950412DE, 0, len(pairs), *tables) + b"".join(index) + body


def uploads(b):
    for number, (name, who, text) in enumerate(letters.OF_REQUESTED + letters.OF_OTHERS):
        style = letters.STYLES[number % 4] if name.startswith("2026/02") else "block"
        template = letter(text, style) if who else text
        b.write(f"{letters.UPLOADS}/{name}", template, who=b.persons.get(who))
    b.write(
        f"{letters.UPLOADS}/oude-tekst.txt",
        "Café de Króon € 12,50\nReservering: {P30.email}, {P30.phone:slash}\n",
        encoding="cp1252",
    )
    for name, template in letters.ODD_NAMES:
        b.write(name, template)
    name = f"{letters.UPLOADS}/cv ({b.persons['P10'].email}).txt"
    b.place(name).at(record="name").email(b.persons["P10"])
    b.write(name, "Ervaring: tien jaar in de detailhandel.\n")
    first = f"{letters.UPLOADS}/2025/11/opzegging.txt"
    b.hardlink(f"{letters.UPLOADS}/2026/opzegging.txt", first)


# ---- records ------------------------------------------------------------------------------------


def databases(b):
    shop = Shop(b.place("db/shop.sql", "records"), "wp_", b.buyers, b.rng)
    b.folder.write("db/shop.sql", shop.dump())
    old = Shop(b.place("db/oud/fngs_2023.sql.gz", "records"), "fngs_", b.buyers[:20], b.rng)
    b.folder.write("db/oud/fngs_2023.sql.gz", gzip.compress(old.dump().encode(), mtime=tools.EPOCH))
    clean = Shop(b.place("db/oud/test.sql", "records"), "wpgb_", b.buyers[30:36], b.rng)
    b.folder.write("db/oud/test.sql", clean.dump())


def tables(b):
    p = b.persons
    people = [p[f"P{n:02d}"] for n in (20, 1, 21, 5, 22, 12, 23, 11)]
    b.folder.write(
        "exports/klanten.csv", customers(b.place("exports/klanten.csv", "records"), people)
    )
    single = b.place("exports/een-klant.csv", "records")
    b.folder.write("exports/een-klant.csv", customers(single, [p["P10"]]))
    b.ledger.closed.add(single.unit)
    clean = b.place("exports/leveranciers.csv", "records")
    b.folder.write("exports/leveranciers.csv", customers(clean, [p["P45"], p["P46"]]))


def logs(b):
    lines = access_log(b.place("logs/access.log", "records"), b.rng)
    b.folder.write("logs/access.log", "".join(lines))
    b.folder.write(
        "logs/error.log",
        "".join(
            f"[Sun Feb {n:02d} 04:0{n % 10}:11.{n:06d} 2026] [php:warn] [pid {20000 + n}]"
            f" Undefined array key {n}\n"
            for n in range(1, 29)
        ),
    )


# ---- older backups ------------------------------------------------------------------------------


def old_backups(b):
    p = b.persons
    locked = b.scratch("locked")
    locked.write("salarissen.csv", "naam;bsn\nniemand;geheim\n" * 40)
    b.folder.write("backups/salarissen-versleuteld.zip", tools.make_zip(locked, "-P", "geheim"))
    gap(b, "backups/salarissen-versleuteld.zip", "encrypted")

    broken = b.scratch("broken")
    place = b.place("backups/oud-2019.zip", "records")
    at = place.at(locator=place.locator + "!1 brief.txt")
    broken.write("1 brief.txt", at.fill(letter("Mail mij: {who.email}"), who=p["P02"]))
    broken.write(
        "2 verslag.txt",
        "".join(f"Regel {n} van {b.rng.getrandbits(30)} het verslag.\n" for n in range(400)),
    )
    at = place.at(locator=place.locator + "!3 brief.txt")
    broken.write("3 brief.txt", at.fill(letter("Met vriendelijke groet"), who=p["P37"]))
    b.folder.write("backups/oud-2019.zip", tools.damage(tools.make_zip(broken), "2 verslag.txt"))
    gap(b, "backups/oud-2019.zip", "corrupt|truncated")

    whole = b.scratch("whole")
    place = b.place("backups/thema.zip", "records")
    at = place.at(locator=place.locator + "!thema/leesmij.txt")
    whole.write("thema/leesmij.txt", at.fill("Vragen? {P38.email}\n"))
    whole.write("thema/functions.php", "<?php\nadd_theme_support('menus');\n")
    b.folder.write("backups/thema.zip", tools.make_zip(whole))


def gap(b, name, reasons):
    b.ledger.gaps.append((escape(name), f"{NAME}!{escape(name)}", reasons))


def build(ledger, persons, out, work, rng):
    """Gives the names of all members, as stored, escaped."""
    b = Backup(ledger, persons, work, rng)
    for part in (site, uploads, databases, tables, logs, hosting_mail.fill_folders, old_backups):
        part(b)
    (out / NAME).write_bytes(tools.packed(tools.tar(b.folder), "gzip", "-n", "-6"))
    return [escape(name) for name in tools.stored_names(b.folder)]
