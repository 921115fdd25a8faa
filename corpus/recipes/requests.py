"""A dozen requests to the register, and an oracle: what a check of a target must decide about
each record that holds an identifier of one of them. The oracle is written from the rules of the
register, not from the program."""

import csv
import dataclasses
import io

from .ledger import ADDRESS, BSN, EMAIL, IBAN, PHONE, address_canonical

COLUMNS = (
    "req_id",
    "kind",
    "received",
    "erased_at",
    "type",
    "value",
    "strength",
    "scope",
    "exempt_basis",
    "exempt_until",
    "last_backup_expiry",
)


@dataclasses.dataclass(frozen=True)
class Request:
    id: str
    person: str
    types: tuple
    kind: str = "erasure"
    erased_at: str = "2026-03-02"
    shared: tuple = ()  # types that the CSV calls weak: an account of two people
    exempt: tuple = ("", "")  # basis, until


# mobile and landline are both phones.
REQUESTS = (
    Request("AVG-2026-001", "P01", ("email", "mobile", "iban", "address")),
    Request("AVG-2026-002", "P02", ("email",)),
    Request("AVG-2026-003", "P03", ("bsn", "address")),
    Request("AVG-2026-004", "P04", ("address", "landline")),
    Request("AVG-2026-005", "P05", ("iban", "email"), shared=("iban",)),
    Request("AVG-2026-006", "P06", ("alias",)),
    Request("AVG-2026-007", "P31", ("email", "mobile", "address", "iban")),
    Request("AVG-2026-008", "P08", ("mobile",)),
    Request("AVG-2026-009", "P09", ("email", "address"), erased_at="2025-05-01"),
    Request("AVG-2026-010", "P10", ("email", "bsn", "iban")),
    Request("AVG-2026-011", "P11", ("email",), kind="optout"),
    Request("AVG-2026-012", "P12", ("email", "iban"), exempt=("belastingwet 7 jaar", "2033-01-01")),
)
BY_PERSON = {request.person: request for request in REQUESTS}
# Notations as people fill in a form: not the ones that stand in the files.
STYLES = {"P01": "international", "P04": "area", "P08": "brackets", "P31": "dots"}


def phone_value(person, digits):
    area = digits.split("-")[0] if "-" in digits else digits[: 4 if person.country == "BE" else 2]
    code = "32" if person.country == "BE" else "31"
    return PHONE[STYLES.get(person.id, "plain")](area, digits.replace("-", "")[len(area) :], code)


def alias_of(email):
    return email.replace("@", "+nieuwsbrief@")


def value_of(person, what):
    """(type, the value as it is typed into the request)"""
    country = ADDRESS[person.country]
    return {
        "email": lambda: ("email", EMAIL["upper"](person.email)),
        "alias": lambda: ("email", alias_of(person.email)),
        "mobile": lambda: ("phone", phone_value(person, person.mobile)),
        "landline": lambda: ("phone", phone_value(person, person.landline)),
        "iban": lambda: ("iban", IBAN["spaced"](person.iban)),
        "bsn": lambda: ("bsn", BSN["dots"](person.bsn)),
        "address": lambda: ("address", country["line"](person, person.addition)),
    }[what]()


def requests_csv(persons):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for request in REQUESTS:
        for what in request.types:
            kind, value = value_of(persons[request.person], what)
            strength = "weak" if what in request.shared else ""
            writer.writerow(
                (
                    request.id,
                    request.kind,
                    "2026-02-20",
                    request.erased_at,
                    kind,
                    value,
                    strength,
                    "",
                    *request.exempt,
                    "",
                )
            )
    return out.getvalue()


def identifiers(request, person):
    """canonical form -> (type, weight, token kind) of one request."""
    code = "+32" if person.country == "BE" else "+31"
    known = {}
    for what in request.types:
        weak = what in request.shared or what in ("address", "landline")
        weight = "weak" if weak else "strong"
        if what == "email":
            known[person.email] = ("email", weight)
        elif what == "alias":
            known[alias_of(person.email)] = ("email", "strong")
            known[person.email] = ("email", "weak")  # the alias key: possible, not exact
        elif what in ("mobile", "landline"):
            digits = (person.mobile if what == "mobile" else person.landline).replace("-", "")
            known[code + digits[1:]] = ("phone", weight)
        elif what == "address":
            for addition in {person.addition, "", "X"}:  # another or no addition: possible
                known[address_canonical(person, addition)] = ("address", "weak")
        else:
            known[getattr(person, what)] = (what, weight)
    return known


def judge(request, types, date):
    """types: {type: weight} that met in one record."""
    if request.exempt[0]:
        return "EXEMPT"
    if date and date > request.erased_at:
        return "REVIEW"
    weak = [kind for kind, weight in types.items() if weight == "weak"]
    if "strong" in types.values() or len(weak) > 1:
        return "OPTOUT" if request.kind == "optout" else "HIT"
    return "REVIEW"


@dataclasses.dataclass(frozen=True)
class Decision:
    request: str
    decision: str
    unit: str
    locator: str
    record: str
    types: str


def decide(ledger, persons, path):
    """The decisions of a check of the target whose findings have this path (None: all)."""
    met = {}
    for request in REQUESTS:
        known = identifiers(request, persons[request.person])
        for row in ledger.planted:
            if row.canonical not in known or (path is not None and row.path != path):
                continue
            kind, weight = known[row.canonical]
            key = (request, row.unit, row.locator, row.record, row.date)
            types = met.setdefault(key, {})
            if types.get(kind) != "strong":
                types[kind] = weight
    return [
        Decision(
            request.id, judge(request, types, date), unit, locator, record, ",".join(sorted(types))
        )
        for (request, unit, locator, record, date), types in met.items()
    ]


def list_of(made, whole):
    """made: the decisions about one member; whole: it holds nobody else's records."""
    if "HIT" in made and whole:
        return "drop0"
    return "hold0" if "HIT" in made or "REVIEW" in made else "keep0"


def lists(ledger, decisions):
    """{unit: drop0 | hold0}; every unit that is not named goes to keep0."""
    shapes = {row.unit: row.shape for row in ledger.planted}
    made = {}
    for found in decisions:
        made.setdefault(found.unit, set()).add(found.decision)
    where = {
        unit: list_of(kinds, shapes[unit] == "document" or unit in ledger.closed)
        for unit, kinds in made.items()
    }
    where.update((unit, "hold0") for unit, _, _ in ledger.gaps)
    where.update((link, where[unit]) for link, unit in ledger.links.items() if unit in where)
    return {unit: name for unit, name in where.items() if name != "keep0"}
