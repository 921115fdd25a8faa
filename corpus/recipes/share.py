"""A shared drive: tables in the encodings that office programs write, letters, loose mails, and
archives in archives."""

from . import mails, tools
from .ledger import escape
from .letters import letter
from .tables import customers

# (file, persons from, to, encoding, cells parted by, first bytes)
TABLES = (
    ("klanten 2025.csv", 1, 12, "utf-8", ";", b"\xef\xbb\xbf"),
    ("België.csv", 31, 38, "cp1252", ";", b""),
    ("relaties.txt", 13, 18, "utf-16-le", "\t", b"\xff\xfe"),
    ("uit het oude pakket.csv", 19, 25, "utf-16-le", ";", b""),
    ("grote machine.csv", 41, 45, "utf-16-be", ";", b"\xfe\xff"),
    ("dpd|import.csv", 46, 49, "utf-8", "|", b""),
)
LETTERS = (
    ("P26", "utf-8", "line"),
    ("P27", "cp1252", "bars"),
    ("P28", "utf-16", "brackets"),
    ("P29", "utf-16-le", "compact"),
    ("P32", "utf-8", "bars"),
)
BODY = "Café gesloten. IBAN {who.iban:nbsp}, bel {who.phone:en_dash}."
OFFER = """Offerte van {ACC.last}
KvK {ACC.kvk:dots} | IBAN {ACC.iban:lower}
{ACC.address:bars}
Mail ons: {ACC.email:obfuscated}
"""


# Notations that people use, one note each: what is written in it.
NOTES = (
    "Bel {who.phone:loose} na zessen",
    "Zijn nummer: {who.phone:threes}.",
    "{who.phone:in_brackets} of {who.landline:dash}",
    '<a href="{who.phone:uri!}">bel ons</a>',
    "M: {who.phone:tight} | E: {who.email}",
    "telefoon {who.phone:dotted_code}",
    "Tel/fax: {who.landline:slash!}",
    "rekening {who.iban:odd} op naam",
    "{who.iban:glued}",
    "Rekeningnummer: {who.iban:two_lines}",
    "/TRTP/SEPA OVERBOEKING{who.iban:sepa}RABONL2U/NAME/VOORBEELD",
    '{"iban":"{who.iban:plain}","email":"{who.email}"}',
    "adres {who.address:small}",
    "{who.address:dashes}",
    "Bezoekadres: {who.address:no_city}",
    "{who.address:form}",
    "burgerservicenummer {who.bsn:spaced} (kopie gezien)",
    "naam {who.name}\nBSN:\n{who.bsn:plain}",
    "mail naar ({who.email})! of <{who.email:upper}>",
    "Uitnodiging: https://www.voorbeeld.example/ja?mail={who.email:percent}&ok=1",
)


class Share:
    def __init__(self, ledger, persons, folder, work):
        self.ledger, self.persons, self.folder, self.work = ledger, persons, folder, work

    def scratch(self, name):
        """A folder outside the share, to pack something in."""
        return tools.Folder(self.work / name)

    def people(self, first, last):
        return [self.persons[f"P{n:02d}"] for n in range(first, last + 1)]

    def place(self, name, below="", shape="document"):
        return self.ledger.place(name, escape(name) + below, shape=shape)


def tables(s):
    for name, first, last, encoding, glue, mark in TABLES:
        name = f"Verkoop/{name}"
        text = customers(s.place(name, shape="records"), s.people(first, last), glue)
        s.folder.write(name, mark + text.encode(encoding))
    name = "Administratie/verzoeken.csv"
    lines = ["naam,opmerking,bsn"]
    for person in s.people(50, 52):
        at = s.place(name, shape="records").at(record=f"line {len(lines) + 1}")
        lines.append(at.fill('{who.name},"belde ""weer"", zie map",{who.bsn}', who=person))
    s.folder.write(name, "\n".join(lines) + "\n")


def papers(s):
    for who, encoding, style in LETTERS:
        name = f"Brieven/brief {who} {encoding}.txt"
        text = s.place(name).fill(letter(BODY, style), who=s.persons[who])
        s.folder.write(name, text.encode(encoding))
    for number, note in enumerate(NOTES):
        name = f"Notities/{number:02d}.txt"
        person = s.persons[f"P{41 + number}"]
        s.folder.write(name, s.place(name).fill(note, who=person) + "\n")
    name = f"Brieven/van {s.persons['P53'].email} ontvangen.txt"
    s.place(name).at(record="name").email(s.persons["P53"])
    s.folder.write(name, "Zie het dossier.\n")
    s.folder.write("Brieven/offerte.txt", s.place("Brieven/offerte.txt").fill(OFFER))
    s.folder.write("Brieven/begin.txt", "begin 644 geen-uu\nDit is gewone tekst.\nend\n")
    s.folder.write("Brieven/leeg.txt", "")
    s.folder.write("Foto/stip.png", tools.png())
    s.folder.symlink("Brieven/snelkoppeling", "offerte.txt")


def loose_mail(s):
    p = s.persons
    mail = mails.Mail(s.place("Mail/klacht.eml"), 501, "2025-09-09T08:00:00")
    mail.head(p["P54"], p["SHOP"], "Klacht").text(mail.at.fill("Mijn BSN is {P54.bsn}.\n"))
    s.folder.write("Mail/klacht.eml", mail.raw())
    made = []
    for n, who in enumerate(("P55", "P56", "P57")):
        at = s.place("Mail/oud.mbox", shape="records")
        mail = mails.Mail(at, 510 + n, f"2025-10-0{n + 1}T08:00:00")
        text = mail.at.fill("Rekening {who.iban:plain}\nFrom nu af graag.\n", who=p[who])
        made.append(mail.head(p[who], p["SHOP"], "Bestelling").text(text))
    s.folder.write("Mail/oud.mbox", mails.mbox(made))


def nested(s):
    """A letter in a tar.xz in a zip in a tar.zst."""
    name = "Archief/jaren.tar.zst"
    inner, middle, outer = s.scratch("inner"), s.scratch("middle"), s.scratch("outer")
    at = s.place(name, "!2020.zip!kwartaal 1.tar.xz!brief.txt", "records")
    inner.write("brief.txt", at.fill(letter("IBAN: {who.iban}"), who=s.persons["P58"]))
    middle.write("kwartaal 1.tar.xz", tools.packed(tools.tar(inner), "xz", "-T1"))
    outer.write("2020.zip", tools.make_zip(middle))
    outer.write("leesmij.txt", "De oude jaren.\n")
    s.folder.write(name, tools.packed(tools.tar(outer, "posix"), "zstd", "-q", "-c"))


def archives(s):
    for suffix, packer, who in (("bz2", "bzip2", "P59"), ("lz4", "lz4", "P60")):
        name = f"Archief/map.tar.{suffix}"
        folder = s.scratch(suffix)
        at = s.place(name, "!map/één brief.txt", "records")
        text = at.fill(letter("BSN: {who.bsn:spaced}"), who=s.persons[who])
        folder.write("map/één brief.txt", text)
        s.folder.write(name, tools.packed(tools.tar(folder, "posix"), packer, "-q", "-c"))
    name = "Archief/notitie.txt.gz"
    text = s.place(name).fill("Bellen met {P47.phone:dash}\n")
    s.folder.write(name, tools.packed(text.encode(), "gzip", "-n"))


def build(ledger, persons, out, work):
    s = Share(ledger, persons, tools.Folder(out / "share"), work)
    for part in (tables, papers, loose_mail, nested, archives):
        part(s)
    s.folder.settle()
