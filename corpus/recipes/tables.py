"""Files of records: a customer table, a web server's log."""

HEADER = ("klantnr", "naam", "e-mail", "telefoon", "iban", "straat", "postcode", "plaats")
ROW = "{who.email} {who.phone:dash!} {who.iban:plain}"
INVITED = {37: "P01", 90: "P31", 140: "P41", 211: "P05", 260: "P42"}  # line: person
INVITE = (
    "/v1/invite?hash=%016x&location_id=1041&tenantId=99&delay=7&first_name=%s&language=nl"
    "&invite_email={who.email:percent}&ref_code=ORD%d"
)
PATHS = (
    "/",
    "/winkel/?ts=1700000000",
    "/product/%d/",
    "/feed/",
    "/wp-cron.php?doing=1772356800.12",
)


def customers(place, people, glue=";"):
    """One person a line below a header."""
    lines = [glue.join(HEADER)]
    for person in people:
        at = place.at(record=f"line {len(lines) + 1}")
        cells = at.fill(ROW, who=person).split(" ")
        number = f"K{len(lines):04d}"
        lines.append(glue.join((number, person.name, *cells, *at.address_cells(person))))
    return "\r\n".join(lines) + "\r\n"


def access_log(place, rng):
    """Four hundred requests; a few carry an e-mail address in their query."""
    for n in range(1, 401):
        path = PATHS[n % 5].replace("%d", str(n * 37))
        if n in INVITED:
            person = place.ledger.persons[INVITED[n]]
            query = INVITE % (rng.getrandbits(64), person.first.split()[0], 1000 + n)
            path = place.at(record=f"line {n}").fill(query, who=person)
        when = f"{1 + n // 20:02d}/Feb/2026:{n % 24:02d}:{n % 60:02d}:07 +0100"
        yield (
            f'203.0.113.{n % 250 + 1} - - [{when}] "GET {path} HTTP/1.1" 200 {5000 + n * 31}'
            ' "-" "Mozilla/5.0 (X11; Linux x86_64)"\n'
        )
