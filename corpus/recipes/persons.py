"""Synthetic persons. No real one: e-mail domains reserved for examples (RFC 2606 and example.nl,
example.be), streets that do not exist, citizen numbers from the 999 range that tests use, and
account numbers that fail the eleven test, which the banks named never issue."""

import dataclasses
import unicodedata

NAMES = """Anna Voorbeeld|Bram de Vries|Chloë Dupont|Daan van den Berg|Eva Jansen|Finn Bakker
Gijs Visser|Hanna Smit|Iris Meijer|Jörg Müller|Kees Mulder|Lotte de Groot|Mees Bos|Noor Vos
Olivia Peters|Pim Hendriks|Quinten Dekker|Roos Brouwer|Sanne de Wit|Thijs Dijkstra|Uma Smits
Vera de Graaf|Wout van der Meer|Xander van Dijk|Yara Jacobs|Zoë Maas|Aïcha El Idrissi|Bo Verhoeven
Cas van Leeuwen|Dewi Kramer|Emiel Claes|Fleur Maes|Guus Willems|Hilde Mertens|Ilse Wouters
Joost Goossens|Karel de Smet|Lien Lemmens|Marijke Ó Súilleabháin|Nele Aerts|Otto Schouten
Petra van Beek|Quirine Postma|Rik Kuipers|Saskia Hoekstra|Teun Prins|Ulrike Blom|Vincent Huisman
Willemijn Peeters|Xenia Koster|Youssef Amrani|Zeger Sanders|Aart van Vliet|Bente Molenaar
Coen Scholten|Doortje Post|Ewout Kuiper|Femke Veenstra|Geert Jonker|Heleen Timmermans"""

STREETS = """Voorbeeldstraat|Testlaan|Oefengracht|Proefweg|Modelkade|Maquetteplein|Schijndijk
Fictiehof|Verzonnensingel|Prof. Schijnstraat|1e Proefdwarsstraat|Lange Oefenstraat"""
CITIES = """Utrecht|Amersfoort|'s-Hertogenbosch|Zwolle|Leeuwarden|Rotterdam|Hengelo|Sneek|Breda
Haarlem|Venlo|Middelburg"""
CITIES_BE = (("2000", "Antwerpen"), ("9000", "Gent"), ("8500", "Kortrijk"), ("3000", "Leuven"))
DOMAINS = ("example.nl", "example.nl", "example.org", "post.example", "mail.example.nl")
AREAS = ("030", "020", "010", "033", "038", "058", "0318", "0515")
BANKS = ("ABNA", "RABO", "TRIO", "SNSB")

# The letters of a postcode: none that read as a Dutch or English word or as a unit.
POSTCODE_LETTERS = "ABCDEGHJKLNPRTVWX"
POSTCODE_NEVER = set(
    """SA SD SS EN IN IS OP TE DE OM OF AL MG ML MM CM KM KG GB MB KB TB HZ PK KW CC EU MS
    SE""".split()
)


@dataclasses.dataclass(frozen=True)
class Person:
    id: str
    first: str
    last: str
    email: str
    mobile: str  # national digits with the leading 0
    landline: str  # (area, number) joined by "-"
    country: str  # NL or BE
    street: str
    number: int
    addition: str  # NL: letter and the like; BE: number of the letter box
    postcode: str
    city: str
    iban: str
    bsn: str
    username: str
    kvk: str = ""

    @property
    def name(self):
        return f"{self.first} {self.last}".strip()


def fold(text):
    """Lower case, no diacritics, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def eleven(digits, weights):
    return sum(int(d) * w for d, w in zip(digits, weights)) % 11


def make_bsn(rng):
    while True:
        digits = f"9990{rng.randrange(10**5):05d}"
        if eleven(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) == 0 and len(set(digits[4:])) > 2:
            return digits


def iban_of(country, bban):
    numbers = "".join(str(int(c, 36)) for c in bban + country + "00")
    return f"{country}{98 - int(numbers) % 97:02d}{bban}"


def make_iban(rng, country):
    if country == "BE":
        head = f"{rng.randrange(10**10):010d}"
        # 98 is never a Belgian check: nobody has this account.
        return iban_of("BE", head + "98")
    while True:
        account = f"0{rng.randrange(10**9):09d}"
        if eleven(account, range(10, 0, -1)) != 0:
            return iban_of("NL", rng.choice(BANKS) + account)


def make_postcode(rng):
    while True:
        letters = rng.choice(POSTCODE_LETTERS) + rng.choice(POSTCODE_LETTERS)
        if letters not in POSTCODE_NEVER:
            return f"{rng.randrange(1011, 9800)}{letters}"


def split_words(text):
    return [word.strip() for line in text.splitlines() for word in line.split("|")]


def make_person(rng, index, full):
    first, last = full.split(" ", 1)
    belgian = 30 <= index < 40
    postcode, city = (
        rng.choice(CITIES_BE) if belgian else (make_postcode(rng), rng.choice(split_words(CITIES)))
    )
    area = rng.choice(AREAS)
    rest = f"{2345600 + index * 7}" if len(area) == 3 else f"{234500 + index * 7}"
    return Person(
        id=f"P{index + 1:02d}",
        first=first,
        last=last,
        email=f"{fold(first)}.{fold(last)}@" + ("example.be" if belgian else rng.choice(DOMAINS)),
        mobile=f"047612{3400 + index * 7:04d}" if belgian else f"0612345{100 + index * 7:03d}",
        landline=f"02-512{3000 + index * 7:04d}" if belgian else f"{area}-{rest}",
        country="BE" if belgian else "NL",
        street=rng.choice(split_words(STREETS)[:7])
        if belgian
        else rng.choice(split_words(STREETS)),
        number=3 + index * 2,
        addition=rng.choice(("", "", "", "A", "2")) if not belgian else rng.choice(("", "3")),
        postcode=postcode,
        city=city,
        iban=make_iban(rng, "BE" if belgian else "NL"),
        bsn=make_bsn(rng),
        username=fold(first)[0] + fold(last),
    )


def make_persons(rng):
    """The persons by id: P01 … P60, the shop itself (SHOP) and its bookkeeper (ACC)."""
    made = [make_person(rng, i, full) for i, full in enumerate(split_words(NAMES))]
    shop = dataclasses.replace(
        made[0],
        id="SHOP",
        first="Webwinkel",
        last="Voorbeeld",
        email="info@voorbeeldwinkel.example",
        mobile="0612345990",
        landline="085-0123456",
        street="Modelkade",
        number=100,
        addition="",
        postcode="3511LX",
        city="Utrecht",
        iban=make_iban(rng, "NL"),
        bsn=make_bsn(rng),
        username="winkel",
        kvk="90123456",
    )
    accountant = dataclasses.replace(
        shop,
        id="ACC",
        first="Boekhouding",
        last="Proefbalans",
        email="k.balans@proefbalans.example",
        mobile="0612345983",
        landline="030-2345990",
        street="Testlaan",
        number=200,
        postcode="3521VA",
        iban=make_iban(rng, "NL"),
        bsn=make_bsn(rng),
        username="kbalans",
        kvk="90654321",
    )
    return {person.id: person for person in [*made, shop, accountant]}
