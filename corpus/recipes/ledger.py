"""The ledger: every value that a recipe writes is booked here, with where it stands, so that what
is planted and what is written cannot drift apart. A recipe asks a Place for a notation of a
person's value and puts the string it gets into the file."""

import dataclasses
import re

from .persons import fold

LOW, MEDIUM, HIGH = "low", "medium", "high"


def escape(name):
    """A name as a locator segment: '!', '%', control bytes and bad UTF-8 are percent-escaped."""
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    out = []
    for char in raw.decode("utf-8", "surrogateescape"):
        code = ord(char)
        if 0xDC80 <= code <= 0xDCFF:
            out.append(f"%{code - 0xDC00:02X}")
        elif char in "!%" or code < 0x20 or code == 0x7F:
            out.append(f"%{code:02X}")
        elif 0x80 <= code < 0xA0:
            out.extend(f"%{byte:02X}" for byte in char.encode())
        else:
            out.append(char)
    return "".join(out)


# "{P01.phone:dash!}": person, what, notation, a context word stands before it.
FIELD = re.compile(r"\{(\w+)\.(\w+)(?::(\w+))?(!?)\}")


@dataclasses.dataclass(frozen=True)
class Planted:
    path: str  # file below the target, or the target's base name
    locator: str  # what the locator of a finding begins with; '*' stands for anything
    unit: str  # restore unit, escaped
    record: str  # "table pk", "line n", "<message id>", "name", or "" (the document)
    type: str
    canonical: str
    person: str
    confidence: str  # at least
    shape: str  # what the unit is: document or records
    date: str  # of the record, or ""


class Ledger:
    def __init__(self, persons):
        self.persons = persons
        self.planted = []
        self.gaps = []  # (unit, locator, reason)
        self.records_of = {}  # unit -> set of (locator, record): records that hold something
        self.links = {}  # unit that is a hard link -> unit whose content it repeats
        self.closed = set()  # units that hold nobody else's records: dropped when hit

    def place(self, path, locator=None, unit=None, record="", shape="document", date=""):
        path = escape(path)
        return Place(self, path, locator or path, unit or path, record, shape, date)

    def book(self, place, kind, canonical, person, confidence):
        row = Planted(
            place.path,
            place.locator,
            place.unit,
            place.record,
            kind,
            canonical,
            person.id,
            confidence,
            place.shape,
            place.date,
        )
        if row not in self.planted:
            self.planted.append(row)


@dataclasses.dataclass(frozen=True)
class Place:
    """A record of a file. The methods book a value and give it in the notation asked for."""

    ledger: Ledger
    path: str
    locator: str
    unit: str
    record: str
    shape: str
    date: str

    def at(self, **changes):
        """The same place with another record, date or locator."""
        return dataclasses.replace(self, **changes)

    def fill(self, template, **who):
        """Writes a template: "Bel {P01.phone:dash} of mail {who.email}". A field is a person (an
        id, or one given by keyword), what to write, and in which notation; see FIELD. Braces
        around anything else stay as they are."""

        def write(match):
            name, what, style, label = match.groups()
            person = who.get(name) or self.ledger.persons[name]
            if what in ("name", "first", "last"):
                return getattr(person, what)
            if what in ("phone", "landline"):
                line = "landline" if what == "landline" else "mobile"
                return self.phone(person, style or "dash", line=line, label=bool(label))
            return getattr(self, what)(person, *((style,) if style else ()))

        return FIELD.sub(write, template)

    def email(self, person, style="plain"):
        self.ledger.book(
            self, "email", person.email, person, MEDIUM if style == "obfuscated" else HIGH
        )
        return EMAIL[style](person.email)

    def phone(self, person, style="dash", line="mobile", label=False):
        """label: a context word stands before it, or it is a column's name."""
        digits = (person.mobile if line == "mobile" else person.landline).replace("-", "")
        code = "+32" if person.country == "BE" else "+31"
        sure = label or style in ("international", "brackets", "double_zero", "bare_code")
        self.ledger.book(self, "phone", code + digits[1:], person, HIGH if sure else MEDIUM)
        split = 4 if digits.startswith("04") else 2 if digits.startswith("06") else None
        if split is None:
            split = 2 if person.country == "BE" else len(person.landline.split("-")[0])
        return PHONE[style](digits[:split], digits[split:], code[1:])

    def iban(self, person, style="spaced"):
        self.ledger.book(self, "iban", person.iban, person, HIGH)
        return IBAN[style](person.iban)

    def bsn(self, person, style="plain", label=True):
        self.ledger.book(self, "bsn", person.bsn, person, HIGH if label else LOW)
        return BSN[style](person.bsn)

    def bare_bsn(self, person):
        return self.bsn(person, label=False)

    def kvk(self, person, style="plain"):
        self.ledger.book(self, "kvk", person.kvk, person, HIGH)
        return KVK[style](person.kvk)

    def address(self, person, style="line", addition=None):
        """addition: another one than the person's own (a neighbour, a forgotten letter)."""
        added = person.addition if addition is None else addition
        self.ledger.book(self, "address", address_canonical(person, added), person, HIGH)
        return ADDRESS[person.country][style](person, added)

    def other_address(self, person):
        """The person's address with another addition: perhaps the same person, perhaps not."""
        return self.address(person, "line", addition="X")

    def address_cells(self, person):
        """Street with number, postcode and city as three cells of one row."""
        self.ledger.book(self, "address", address_canonical(person, person.addition), person, HIGH)
        return (street_line(person, person.addition), spaced_postcode(person), person.city)

    def postcode_cells(self, person):
        """Postcode and city of one row, without a street."""
        rest = "::" if person.country == "NL" else ":::"
        canonical = f"{person.country}:{person.postcode}{rest}"
        self.ledger.book(self, "address", canonical, person, MEDIUM)
        return (spaced_postcode(person), person.city)

    def street_only(self, person):
        """Street and number, nothing else: reported, but nobody can be found by it."""
        self.ledger.book(self, "address", "*", person, MEDIUM)
        return street_line(person, person.addition)

    def postcode_only(self, person):
        if person.country == "NL":
            self.ledger.book(self, "address", f"NL:{person.postcode}::", person, MEDIUM)
        return spaced_postcode(person)


def groups(text, *sizes, by=" "):
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return by.join([*parts, text[at:]] if at < len(text) else parts)


def fours(text, by=" "):
    return by.join(text[i : i + 4] for i in range(0, len(text), 4))


EMAIL = {
    "plain": str,
    "upper": lambda v: v.title(),
    "percent": lambda v: v.replace("@", "%40"),
    "obfuscated": lambda v: v.replace("@", " [at] "),
    "angle": lambda v: f"<{v}>",
}
PHONE = {
    "dash": lambda a, b, c: f"{a}-{b}",
    "plain": lambda a, b, c: a + b,
    "spaced": lambda a, b, c: f"{a} " + " ".join(b[i : i + 2] for i in range(0, len(b), 2)),
    "dots": lambda a, b, c: f"{a}/" + groups(b, 2, 2, by="."),
    "slash": lambda a, b, c: f"{a}/{b}",
    "area": lambda a, b, c: f"({a}) {b[:3]} {b[3:5]} {b[5:]}",
    "international": lambda a, b, c: f"+{c} {a[1:]} {b}",
    "brackets": lambda a, b, c: f"+{c} (0){a[1:]}-{b}",
    "double_zero": lambda a, b, c: f"00{c}{a[1:]}{b}",
    "bare_code": lambda a, b, c: f"+{c}{a[1:]}{b}",
    "en_dash": lambda a, b, c: f"{a}\u2013{b}",
    "nbsp": lambda a, b, c: f"{a}\u00a0{b}",
    "loose": lambda a, b, c: f"{a} - " + " ".join(b[i : i + 2] for i in range(0, len(b), 2)),
    "threes": lambda a, b, c: f"{a} {b[:3]} {b[3:6]} {b[6:]}",
    "in_brackets": lambda a, b, c: f"({a}) {b}",
    "tight": lambda a, b, c: f"+{c}(0){a[1:]}{b}",
    "dotted_code": lambda a, b, c: f"+{c}.{a[1:]}.{b}",
    "uri": lambda a, b, c: f"tel:+{c}-{a[1:]}-{b}",
}
IBAN = {
    "plain": str,
    "spaced": fours,
    "lower": lambda v: v.lower(),
    "dashes": lambda v: fours(v, by="-"),
    "dots": lambda v: fours(v, by="."),
    "sepa": lambda v: f"/IBAN/{v}/BIC/",
    "nbsp": lambda v: fours(v, by="\u00a0"),
    "odd": lambda v: f"{v[:2]} {v[2:4]} {v[4:8]} {v[8:13]} {v[13:]}",
    "glued": lambda v: f"IBAN{v}",
    "two_lines": lambda v: f"{v[:12]}\n{v[12:]}",
}
BSN = {
    "plain": str,
    "spaced": lambda v: groups(v, 3, 3),
    "dots": lambda v: groups(v, 3, 3, by="."),
    "official": lambda v: groups(v, 4, 2, by="."),
}
KVK = {"plain": str, "dots": lambda v: groups(v, 2, 2, 2, by="."), "spaced": lambda v: groups(v, 4)}


def street_line(person, addition, glue=" "):
    if person.country == "BE":
        return f"{person.street} {person.number}" + (f" bus {addition}" if addition else "")
    if addition.isdigit():
        glue = "-"
    return f"{person.street} {person.number}" + (glue + addition if addition else "")


def spaced_postcode(person, by=" "):
    if person.country == "BE":
        return person.postcode
    return person.postcode[:4] + by + person.postcode[4:]


def address_canonical(person, addition):
    if person.country == "BE":
        box = f"BUS{addition}" if addition else ""
        return f"BE:{person.postcode}:{person.number}:{box}:{fold(person.street)}"
    return f"NL:{person.postcode}:{person.number}:{addition.upper()}"


def dutch(form):
    return lambda p, a: form.format(
        line=street_line(p, a),
        glued=street_line(p, a, glue=""),
        pc=p.postcode,
        spaced=spaced_postcode(p),
        wide=spaced_postcode(p, "  "),
        city=p.city,
        shout=p.city.upper(),
        small=p.postcode.lower(),
    )


ADDRESS = {
    "NL": {
        "line": dutch("{line}, {spaced} {city}"),
        "block": dutch("{glued}\n{wide}{shout}".replace("{wide}", "{spaced}  ")),
        "compact": dutch("{glued} {pc} {city}"),
        "bars": dutch("{line} | {pc} | {city}"),
        "brackets": dutch("{line} te {city} ({spaced})"),
        "small": dutch("{glued}, {small} {city}"),
        "dashes": dutch("{line} - {spaced} {city}"),
        "no_city": dutch("{line}, {spaced}"),
        "form": dutch("Adres : {line}\nPostcode : {spaced}\nWoonplaats : {city}"),
    },
    "BE": {
        "line": dutch("{line}, {pc} {city}"),
        "block": dutch("{line}\nB-{pc} {shout}"),
        "compact": dutch("{line}, BE-{pc} {city}"),
        "bars": dutch("{line}, {pc} {city}, België"),
        "brackets": dutch("{line}, {pc} {city} (België)"),
    },
}
