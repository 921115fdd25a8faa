"""The mail of a hosting backup: a Maildir of single messages, and an archive as mbox."""

from . import mails, tools
from .letters import letter
from .tables import customers

# How a mail is written: subject, text, charset, transfer encoding, date.
DATE = "2026-01-14T10:22:31"
STYLES = {
    "plain": (
        "Vraag over mijn bestelling",
        "Hallo,\n\nWaar blijft mijn pakket?\nMijn nummer is {who.phone:dash}.\n"
        "From hier kan ik het niet zien.\n\n-- \n{who.name}\n",
        "utf-8",
        "8bit",
        DATE,
    ),
    # A long line: the soft breaks of quoted-printable fall into the values.
    "quoted": (
        "Wijziging rekeningnummer – café",
        "Beste winkel, vanaf één januari gebruik ik een andere rekening, namelijk {who.iban:plain}"
        " en voor het overige verandert er niets aan mijn gegevens; adres blijft"
        " {who.address:line}. Bellen kan op {who.phone:double_zero} of mailen naar {who.email} als"
        " dat beter uitkomt.\n",
        "utf-8",
        "quoted-printable",
        DATE,
    ),
    "latin": (
        "Geen € terug ontvangen",
        "Café-bon van € 12,50 nog niet terug.\nTel: {who.phone:international}\n",
        "windows-1252",
        "quoted-printable",
        DATE,
    ),
    "base64": (
        "Gegevens voor de machtiging",
        "Hierbij mijn gegevens.\nIBAN: {who.iban:spaced}\nAdres: {who.address:line}\n",
        "utf-8",
        "base64",
        DATE,
    ),
    "html": (
        "Bestelling wijzigen",
        "Graag mijn bestelling wijzigen. Bel {who.phone:dash}.\n",
        "utf-8",
        "quoted-printable",
        DATE,
    ),
    # Sent after the person's data were erased: a new relation, so somebody decides.
    "new": (
        "Ik wil toch weer klant worden",
        "Hallo, ik wil weer klant worden.\n",
        "utf-8",
        "7bit",
        "2026-01-20T09:00:00",
    ),
    # The request names an alias of this address: perhaps the same person.
    "alias": ("Nieuwsbrief", "Ik krijg de nieuwsbrief niet meer.\n", "utf-8", "7bit", DATE),
}
HTML = "<p>Graag mijn bestelling wijzigen.</p><p>Rekening: <b>{who.iban:spaced}</b></p>"
MAILDIR = (
    ("P02", "plain"),
    ("P13", "plain"),
    ("P01", "quoted"),
    ("P14", "quoted"),
    ("P31", "latin"),
    ("P15", "latin"),
    ("P05", "html"),
    ("P16", "html"),
    ("P09", "new"),
    ("P06", "alias"),
    ("P11", "plain"),
    ("P12", "plain"),
    ("P17", "base64"),
    ("P10", "base64"),
    ("P32", "plain"),
    ("P33", "html"),
    ("P47", "quoted"),
    ("P48", "latin"),
)


class Post:
    """The mails of one backup, numbered as they are made."""

    def __init__(self, backup):
        self.backup, self.persons, self.count = backup, backup.persons, 0

    def next(self, place, sender, subject, date=DATE, to="SHOP"):
        self.count += 1
        mail = mails.Mail(place, self.count, date)
        return mail.head(self.persons[sender], self.persons[to], subject)

    def styled(self, place, sender, style):
        subject, text, charset, cte, date = STYLES[style]
        person = self.persons[sender]
        mail = self.next(place, sender, subject, date)
        mail.text(mail.at.fill(text, who=person), charset, cte)
        return mail.html(mail.at.fill(HTML, who=person)) if style == "html" else mail

    def deliver(self, write):
        """Puts what `write` makes at a place into the Maildir."""
        number = self.count + 1
        seen = number % 3 > 0
        name = f"17723{number:05d}.M{number}P{number * 11}.mx" + (":2,S" if seen else "")
        name = f"mail/info/Maildir/{'cur' if seen else 'new'}/{name}"
        self.backup.folder.write(name, write(self.backup.place(name)).raw())

    # ---- mails with something in them ----

    def forwarded(self, place):
        """A colleague forwards the mail of a person who asked to be forgotten."""
        mail = self.next(place, "P18", "FW: klacht", "2026-02-03T12:00:00")
        inner = self.next(place, "P02", "klacht", "2026-02-02T12:00:00")
        inner.text(inner.at.fill("Dit kan zo niet. {P02.phone:nbsp}\n"))
        return mail.text("Zie hieronder.\n").forward(inner)

    def with_csv(self, place):
        """The bookkeeper sends a list with other people in it: nobody may drop it whole."""
        records = place.at(shape="records")
        mail = self.next(records, "ACC", "Openstaande posten").text("Zie de bijlage.\n")
        people = [self.persons[who] for who in ("P24", "P05", "P25")]
        rows = customers(mails.attachment_place(records, "openstaand.csv"), people)
        return mail.attach("openstaand.csv", rows.encode(), "text/csv")

    def with_zip(self, place):
        mail = self.next(place, "P10", "Mijn papieren").text("Zie bijlage.\n")
        folder = self.backup.scratch("papers")
        inner = mails.attachment_place(place, "papieren.zip")
        at = inner.at(locator=inner.locator + "!inschrijving.txt")
        text = at.fill(letter("BSN: {who.bsn}"), who=self.persons["P10"])
        folder.write("inschrijving.txt", text)
        return mail.attach("papieren.zip", tools.make_zip(folder), "application/zip")

    def with_letter(self, place, sender, who, name, encoding):
        """A colleague sends on what came by post."""
        mail = self.next(place, sender, "Brief van een klant", to="P18")
        at = mails.attachment_place(place, name)
        text = at.fill(letter("Groet."), who=self.persons[who])
        return mail.text("Ontvangen per post.\n").attach(name, text.encode(encoding), "text/plain")


def fill_folders(backup):
    post = Post(backup)
    for who, style in MAILDIR:
        post.deliver(lambda place, who=who, style=style: post.styled(place, who, style))
    for write in (post.forwarded, post.with_csv, post.with_zip):
        post.deliver(write)
    post.deliver(lambda place: post.with_letter(place, "P26", "P01", "brief.txt", "cp1252"))
    post.deliver(lambda place: post.with_letter(place, "P27", "P28", "brief é.txt", "utf-8"))
    backup.folder.write("mail/info/Maildir/maildirfolder", b"")
    place = backup.place("mail/archief/2024.mbox", "records")
    made = [post.styled(place, who, "plain") for who in ("P34", "P02", "P35", "P36")]
    backup.folder.write("mail/archief/2024.mbox", mails.mbox(made))
