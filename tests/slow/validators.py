#!/usr/bin/env python3
"""validators.py SPEUR WORK [COUNT]: what speur takes for a value in a column that says so, beside what
others say of the same value: python-stdnum, libphonenumber-js and ibantools. COUNT generated values of a
type (100,000), about half of them right; each difference that is not explained below fails. Then a
million random numbers of nine digits: none is a BSN at medium without a label, all right ones are with.
"""

import json
import pathlib
import random
import re
import subprocess
import sys

from stdnum import iban, luhn, mac
from stdnum.be import nn, vat
from stdnum.nl import bsn, btw

SPEUR, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
rng = random.Random(20261128)


def digits(count):
    return "".join(rng.choices("0123456789", k=count))


def right_or_near(make, near=0.5):
    """A right value, or one with a digit changed."""
    value = make()
    if rng.random() < near:
        return value
    at = rng.choice([i for i, c in enumerate(value) if c.isdigit()])
    return value[:at] + rng.choice("0123456789") + value[at + 1 :]


def make_bsn():
    while True:
        eight = digits(8)
        rest = sum(int(c) * (9 - i) for i, c in enumerate(eight)) % 11
        if rest < 10:
            return eight + str(rest)


def make_nn():
    year, month, day = rng.randrange(1921, 2026), rng.randrange(1, 13), rng.randrange(1, 29)
    first = f"{year % 100:02d}{month:02d}{day:02d}{rng.randrange(1, 998):03d}"
    return first + f"{97 - int(('2' if year >= 2000 else '') + first) % 97:02d}"


def make_kbo():
    first = rng.choice("01") + digits(7)
    return first + f"{97 - int(first) % 97:02d}"


def make_btw():
    if rng.random() < 0.5:
        return f"NL{make_bsn()}B{rng.randrange(1, 100):02d}"
    number = digits(9)
    for check in range(2, 100):
        text = f"{number}B{check:02d}"
        if int("".join(str(int(c, 36)) for c in "NL" + text)) % 97 == 1:
            return "NL" + text
    return "NL" + make_bsn() + "B01"


def make_pan():
    start = rng.choice(["4", "51", "55", "2221", "2720", "34", "37", "300", "36", "3528", "6011", "62"])
    length = {"3": 15 if start in ("34", "37") else 14}.get(start[0], 16)
    length = 16 if start == "3528" else length
    body = start + digits(length - 1 - len(start))
    return body + luhn.calc_check_digit(body)


def make_mac():
    return rng.choice(":-").join(f"{rng.randrange(256):02x}" for _ in range(6))


def column(name, values):
    path = WORK / f"{name}.csv"
    path.write_text(f"id;{name}\n" + "".join(f"{i};{v}\n" for i, v in enumerate(values)))
    return path


def found(path, kind, values=None):
    """Rows (from 0) of the table in which the type was found; of `values`, those that begin as it is
    shown."""
    inventory = WORK / "validators.db"
    for old in WORK.glob("validators.db*"):
        old.unlink()
    common = ["--inventory", str(inventory)]
    subprocess.run([SPEUR, "scan", "-q", *common, "--key", str(WORK / "key"), str(path)], check=True)
    told = subprocess.run([SPEUR, "export", *common], check=True, stdout=subprocess.PIPE).stdout
    rows = set()
    for one in map(json.loads, told.splitlines()):
        row = one["record"]["row"] - 1
        whole = values is None or one["masked"][:2] == values[row][:2]
        if one["type"] == kind and one["record"]["column"] != "id" and whole:
            rows.add(row)
    return rows


failed = 0


def compare(kind, header, values, theirs, explained=lambda value, taken: False):
    """theirs: rows that the other program takes. explained(value, whether speur takes it)."""
    global failed
    ours = found(column(header, values), kind, values if kind == "iban" else None)
    differ = [i for i in ours ^ theirs if not explained(values[i], i in ours)]
    told = len(ours ^ theirs) - len(differ)
    print(f"{kind:8} {len(values):>7,} values, {len(theirs):>6,} right; {len(differ)} differ, {told} explained")
    for i in differ[:5]:
        print(f"   {values[i]}: only {'speur' if i in ours else 'the other'}")
    failed += len(differ)


def by_python(is_valid, values):
    return {i for i, value in enumerate(values) if is_valid(value)}


def by_node(script, values):
    """Rows for which the script's `valid(value)` holds."""
    program = f"""
const lines = require('fs').readFileSync(0, 'utf8').split('\\n');
{script}
const right = [];
lines.forEach((line, i) => {{ if (line && valid(line)) right.push(i); }});
console.log(JSON.stringify(right));"""
    done = subprocess.run(
        ["node", "-e", program], cwd=WORK, input="\n".join(values).encode(), stdout=subprocess.PIPE, check=True
    )
    return set(json.loads(done.stdout))


def make_ibans():
    """Right ones of every country in the registry by ibantools' own structures, half of them changed."""
    script = """const t = require('ibantools');
const spec = Object.entries(t.countrySpecs).filter(([k, v]) => v.IBANRegistry && v.bban_regexp);
console.log(JSON.stringify(spec.map(([k, v]) => [k, v.bban_regexp])));"""
    done = subprocess.run(["node", "-e", script], cwd=WORK, stdout=subprocess.PIPE, check=True)
    structures = json.loads(done.stdout)
    out = []
    for _ in range(COUNT):
        country, structure = rng.choice(structures)
        bban = ""
        for kind, count in re.findall(r"\[([^\]]+)\]\{(\d+)\}", structure):
            letters = ("0123456789" if "0-9" in kind else "") + ("ABCDEFGHIJKLMNOPQRSTUVWXYZ" if "A-Z" in kind else "")
            bban += "".join(rng.choices(letters, k=int(count)))
        rest = int("".join(str(int(c, 36)) for c in bban + country + "00")) % 97
        made = f"{country}{98 - rest:02d}{bban}"
        out.append(right_or_near(lambda made=made: made))
    return out


def make_phones():
    """Dutch numbers as the plan has them and near it, and Belgian and other ones with a plus."""
    out = []
    for _ in range(COUNT):
        sort = rng.random()
        if sort < 0.3:
            number = "06" + digits(8)
        elif sort < 0.7:
            number = "0" + digits(9)
        elif sort < 0.85:
            number = "+31" + rng.choice("123456789") + digits(8)
        else:
            number = "+32" + rng.choice(["4" + digits(8), digits(8)])
        out.append(number)
    return out


def phone_explained(value, taken):
    """What libphonenumber knows in more detail, or the plan of the ACM otherwise."""
    if not taken:  # service numbers have four or seven digits behind 0800 or 0900
        return value.startswith(("080", "090", "+3180", "+3190"))
    return (
        value.startswith("00")  # other countries by the length that E.164 allows
        or value.startswith(("067", "+3167"))  # with a label only
        or value.startswith("04")  # Belgian mobile numbers, in no Dutch area
        or value.startswith("+32")  # by zone and length, not by ranges in use
    )


def pan_range(value):
    """Begins as cards of the issuers begin that speur knows."""
    return value[0] in "23456" and not value.startswith(("23", "24", "25", "26", "28", "29", "31", "32", "33"))


def main():
    values = [right_or_near(make_bsn) for _ in range(COUNT)]
    compare("bsn", "bsn", values, by_python(bsn.is_valid, values), lambda v, _: v == "000000000")
    values = [right_or_near(make_nn) for _ in range(COUNT)]
    # stdnum also refuses dates that no calendar has and births that are still to come
    compare("be_nrn", "rijksregisternummer", values, by_python(nn.is_valid, values), lambda v, taken: taken)
    values = [right_or_near(make_kbo) for _ in range(COUNT)]
    # until 2023 all numbers began with 0: this version of stdnum knows no other
    compare("be_kbo", "ondernemingsnummer", values, by_python(vat.is_valid, values), lambda v, taken: taken and v[0] == "1")
    values = [right_or_near(make_btw) for _ in range(COUNT)]
    compare("vat_nl", "btw_nummer", values, by_python(btw.is_valid, values), lambda v, taken: not taken and v.endswith("B00"))
    values = [right_or_near(make_pan) for _ in range(COUNT)]
    compare("pan", "creditcard", values, by_python(luhn.is_valid, values), lambda v, taken: not taken and not pan_range(v))
    values = [right_or_near(make_mac) for _ in range(COUNT)]
    compare("mac", "mac_adres", values, by_python(lambda v: mac.is_valid(v, validate_manufacturer=False), values))

    script = "const t = require('ibantools'); const valid = v => t.isValidIBAN(v);"
    values = make_ibans()
    # where ibantools knows more (the keys of national accounts) or less (structures that the registry
    # of SWIFT has otherwise, countries that it has not), stdnum, which has the registry's, decides
    compare(
        "iban",
        "iban",
        values,
        by_node(script, values),
        lambda v, taken: iban.is_valid(v, check_country=False) == taken,
    )
    script = """const { isValidPhoneNumber, parsePhoneNumberFromString } = require('libphonenumber-js/max');
const valid = v => { const p = parsePhoneNumberFromString(v, 'NL'); return !!p && p.isValid(); };"""
    values = make_phones()
    compare("phone", "telefoon", values, by_node(script, values), phone_explained)

    values = [digits(9) for _ in range(1_000_000)]
    plain = WORK / "random.txt"
    plain.write_text("".join(f"{v}\n" for v in values))
    inventory = WORK / "validators.db"
    for old in WORK.glob("validators.db*"):
        old.unlink()
    subprocess.run(
        [SPEUR, "scan", "-q", "--inventory", inventory, "--key", WORK / "key", plain], check=True
    )
    told = subprocess.run([SPEUR, "export", "--inventory", inventory], check=True, stdout=subprocess.PIPE).stdout
    loose = sum(1 for line in told.splitlines() if json.loads(line)["type"] == "bsn")
    right = by_python(bsn.is_valid, values)
    labelled = found(column("bsn", values), "bsn")
    print(f"random   1,000,000 numbers: {loose} a BSN without a label; in a column bsn {len(labelled):,} of {len(right):,}")
    global failed
    failed += loose + len(labelled ^ right)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
