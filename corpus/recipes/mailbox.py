"""A mailbox of two dozen messages: what a mail program exports as one file."""

from . import mails
from .tables import customers

NAME = "mailbox.mbox"
# charset, transfer encoding, notation of the phone number
STYLES = (
    ("utf-8", "quoted-printable", "dash"),
    ("windows-1252", "quoted-printable", "spaced"),
    ("utf-8", "base64", "international"),
    ("iso-8859-15", "8bit", "brackets"),
    ("utf-8", "8bit", "slash"),
)
TEXT = """Beste,

Ik woon op {who.address:line}.
Tel. {who.phone:PHONE!}
IBAN {who.iban:spaced}
From dit adres graag één antwoord.

Met vriendelijke groet - {who.name}
"""


def message(place, number, person, receiver):
    charset, cte, phone = STYLES[number % 5]
    date = f"2025-{1 + number % 12:02d}-{1 + number:02d}T07:30:00"
    mail = mails.Mail(place, 700 + number, date, "mx.voorbeeld.example")
    mail.head(person, receiver, f"Bericht {number}: één vraag")
    mail.text(mail.at.fill(TEXT.replace("PHONE", phone), who=person), charset, cte)
    if number % 6 == 5:
        name = f"lijst {number}.csv"
        rows = customers(mails.attachment_place(place, name), [person, receiver])
        mail.attach(name, rows.encode(), "text/csv")
    return mail


def build(ledger, persons, out):
    place = ledger.place(NAME, shape="records")
    people = [persons[f"P{n:02d}"] for n in range(1, 51)]
    pairs = zip(people[::2], people[1::2])
    made = [message(place, n, *pair) for n, pair in enumerate(pairs)]
    (out / NAME).write_bytes(mails.mbox(made))
