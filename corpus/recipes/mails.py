"""Mails as mail programs write them: charsets, transfer encodings, attachments, messages in
messages; and the folders that hold them (Maildir, mbox, loose .eml)."""

import email.policy
import email.utils
from email.message import EmailMessage

from .ledger import escape

POLICY = email.policy.SMTP.clone(linesep="\n", max_line_length=76)


class Mail:
    """One message under way. `at` books what is written into its headers and text."""

    def __init__(self, place, number, date, host="mx.voorbeeldwinkel.example"):
        self.id = f"20{number:06d}.{number * 7919 % 100000:05d}@{host}"
        self.date = date
        self.at = place.at(record=f"<{self.id}>", date=date[:10])
        self.message = EmailMessage(policy=POLICY)
        self.parts = 0

    def head(self, sender, receiver, subject):
        at, message = self.at, self.message
        stamp = email.utils.parsedate_to_datetime(
            email.utils.format_datetime(email.utils.datetime.datetime.fromisoformat(self.date))
        )
        message["From"] = email.utils.formataddr((sender.name, at.email(sender)))
        message["To"] = email.utils.formataddr((receiver.name, at.email(receiver)))
        message["Date"] = email.utils.format_datetime(
            stamp.replace(tzinfo=email.utils.datetime.timezone.utc)
        )
        message["Message-ID"] = f"<{self.id}>"
        message["Subject"] = subject
        message["X-Mailer"] = "Voorbeeldmail 4.2.1.0"
        return self

    def text(self, body, charset="utf-8", cte="quoted-printable"):
        self.message.set_content(body, charset=charset, cte=cte)
        return self

    def html(self, body):
        self.message.add_alternative(
            f"<html><body>{body}</body></html>\n",
            subtype="html",
            charset="utf-8",
            cte="quoted-printable",
        )
        return self

    def attach(self, name, data, kind):
        """Gives the pattern of the attachment's locator below a file of one message."""
        main, sub = kind.split("/")
        self.message.add_attachment(data, maintype=main, subtype=sub, filename=name, cte="base64")
        return self

    def forward(self, other):
        self.message.add_attachment(other.message)
        return self

    def raw(self):
        for number, part in enumerate(self.message.walk()):
            if part.is_multipart() and part.get_content_maintype() == "multipart":
                part.set_boundary(f"=_grens_{self.id.split('.')[0]}_{number}")
        return self.message.as_bytes(policy=POLICY)


def attachment_place(place, name):
    """The place of an attachment: its own object below the mail's."""
    return place.at(locator=f"{place.locator}!*{escape(name)}", record="", date="")


def mbox(mails):
    """mboxrd: a line that begins with From gets a '>'."""
    out = []
    for mail in mails:
        stamp = email.utils.parsedate_to_datetime(mail.message["Date"]).strftime(
            "%a %b %d %H:%M:%S %Y"
        )
        lines = [
            (b">" if line.lstrip(b">").startswith(b"From ") else b"") + line
            for line in mail.raw().split(b"\n")
        ]
        out.append(
            f"From MAILER-DAEMON {stamp}\n".encode() + b"\n".join(lines).rstrip(b"\n") + b"\n\n"
        )
    return b"".join(out)
