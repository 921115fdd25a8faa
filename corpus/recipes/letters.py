"""What lies among the uploads of a shop: letters, notes, forms. One row a file: name, template."""

UPLOADS = "docroot/wp-content/uploads"

LETTER = """Aan: Webwinkel Voorbeeld

{who.name}
{who.address:STYLE}

BODY

{who.name}
"""


def letter(body, style="block"):
    return LETTER.replace("STYLE", style).replace("BODY", body)


# (file, whose letter it is or None for a note, text or body)
OF_REQUESTED = (
    (
        "2025/11/klacht Anna.txt",
        "P01",
        "Ik wacht al weken. Mijn rekening is {who.iban}, bel mij op" " {who.phone:international}.",
    ),
    ("2025/11/opzegging.txt", "P02", "Hierbij zeg ik op. Mail: {who.email:upper}."),
    (
        "2025/11/loonstrook-élan.txt",
        None,
        "Loonstrook december\nNaam: {P03.name}\n" "BSN: {P03.bsn:official}\nBruto: 3.450,00\n",
    ),
    (
        "2025/11/los-nummer.txt",
        None,
        "Zoals besproken: het gaat om {P03.bare_bsn} van de vorige" " keer.\n",
    ),
    ("2025/12/verhuizing.txt", "P04", "Wij zijn te bereiken op tel. {who.landline:area!}."),
    ("2025/12/alleen adres.txt", None, "Pakket bezorgd bij {P04.address:line}.\n"),
    (
        "2025/12/de buren.txt",
        None,
        "Bij de buren afgegeven: {P10.address:line}\n" "Afzender: {P20.email}\n",
    ),
    (
        "2025/12/gedeelde rekening.txt",
        None,
        "Graag terugstorten op {P05.iban:dashes} t.n.v." " {P05.name}.\n",
    ),
    ("2025/12/adres met andere letter.txt", None, "Bezorgd: {P01.other_address}\n"),
    ("2025/12/brief Gent.txt", "P31", "Mijn gsm: {who.phone:dots!}"),
    (
        "2026/01/terugbellen.txt",
        None,
        "Terugbellen: {P08.phone:brackets}, vraagt naar de" " garantie.\n",
    ),
    ("2026/01/oude klant.txt", "P09", "Mijn e-mail is {who.email}."),
    ("2026/01/aanvraag.txt", "P10", "BSN {who.bsn:spaced}, rekeningnummer {who.iban:dots}."),
    ("2026/01/afmelding.txt", None, "{P11.email} wil geen reclame meer.\n"),
    (
        "2026/01/factuur 2025-118.txt",
        None,
        "Factuur voor {P12.name}\n{P12.email}\n" "IBAN {P12.iban}\nTotaal 121,00 EUR\n",
    ),
    (
        "formulier/inzending-17.json",
        None,
        '{"formulier":"contact","naam":"{P02.name}",'
        '"email":"{P02.email}","bericht":"Bel mij"}\n',
    ),
)
OF_OTHERS = tuple(
    (
        f"2026/02/brief {n}.txt",
        f"P{n:02d}",
        (
            "Bedankt voor de snelle levering.",
            "Kunt u mij een catalogus sturen?",
            "De maat past niet.",
        )[n % 3]
        + " U bereikt mij op {who.phone:spaced}.",
    )
    for n in range(13, 29)
) + (
    (
        "formulier/inzending-18.json",
        None,
        '{"formulier":"contact","email":"{P29.email}",' '"telefoon":"{P29.phone:plain!}"}\n',
    ),
)
STYLES = ("block", "line", "compact", "brackets")

CONTACT = """<!DOCTYPE html>
<html lang="nl"><head><title>Contact</title></head><body>
<p>{SHOP.address:bars}</p>
<p>Telefoon: {SHOP.landline:dash!}</p>
<p>E-mail: <a href="mailto:{SHOP.email}">{SHOP.email}</a></p>
<p>KvK-nummer: {SHOP.kvk}</p>
<p>IBAN: {SHOP.iban}</p>
</body></html>
"""

DECOYS = """Wijzigingen en lijsten: niets hiervan is een persoon.
versie 1.2.3.4, build 20240131, release v8.2.1
bestelnummer 999001231, ordernummer 200300126
EAN 8712345678906, ISBN 9789012345678, artikelnr 12345678
IBAN: NL02ABNA0123456780 (fout controlegetal)
BSN: 123456789 (voldoet niet aan de elfproef)
git clone git@git.voorbeeld:winkel/thema.git
npm i @winkel/thema@1.2.3
logo@2x.png, user@10.0.0.1, root@localhost
commit 9f999001231ab, sha 4e1243bd22c66e76c2ba9eddc1f91394e57f9f83
1200 MB vrij, 2000 KG, in 2019 EN 2020, artikel 6 lid 1
bedrag 123.456.782,00 euro; 10.000 EU
Track & trace 3S99900123177
pad 550e8400-e29b-41d4-a716-446655440000
"""

# Files that hold nobody: (name, content).
OF_NOBODY = (
    (
        "docroot/index.php",
        "<?php\n/* Voorbeeldwinkel 6.7.1 */\nrequire __DIR__ . '/wp.php';\n"
        "echo '<p>Welkom, er zijn ' . count($klanten) . ' klanten</p>';\n",
    ),
    (
        "docroot/wp-config.php",
        "<?php\ndefine('DB_NAME', 'winkel');\ndefine('DB_USER', 'winkel');\n"
        "define('AUTH_KEY', 'k(7*~2}x9]q0;w3-8z_1');\n$table_prefix = 'wp_';\n",
    ),
    (
        "docroot/style.css",
        "@media print { a::after { content: attr(href); } }\n"
        ".logo { background: url(logo@2x.png); width: 1200px; z-index: 99999999; }\n",
    ),
    (
        "docroot/logo.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
        '<path d="M0612.345 L67 89 0.612345678"/></svg>\n',
    ),
    ("docroot/docs/wijzigingen.txt", DECOYS),
    ("docroot/stra\u00dfe \u00fcber 100%!.txt", "Niets bijzonders.\n"),
    ("docroot/naam achteraan ", "Een spatie aan het eind van de naam.\n"),
    ("--help", "Een bestand met een vreemde naam, verder niets.\n"),
    ("notitie*.txt", "Een ster in de naam.\n"),
    ("notitieboek.txt", "Het gewone boek.\n"),
)
# Names that a list of names must survive: (name, template).
ODD_NAMES = (
    ("-rf brief.txt", "Van {P02.email} over de naam van dit bestand.\n"),
    ("notitie\nmet regeleinde.txt", "Mailen naar {P40.email}.\n"),
    (b"docroot/caf\xe9 (latin1).txt", "Gebeld door {P01.phone:dash}.\n"),
)
