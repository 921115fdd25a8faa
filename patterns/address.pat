# Addresses of the Netherlands and Belgium, and foreign ones that name their country.
# BAG, NEN 5825, PostNL and bpost addressing rules. An expression finds an anchor (a postcode, the
# number behind a street's suffix, a PO box, a country); the validator reads the whole address
# around it, in running text, in keyed text or in the cells of a row.
id: address
type: address
validator: address
context: adres* bezoekadres postadres woonadres afleveradres bezorgadres factuuradres
context: vestigingsadres huisadres woont wonend* woonachtig gevestigd address adresse domicile
context: postcode postal_code post_code zip zipcode code_postal
against: artikel* bestelnummer ordernummer factuurnummer serienummer versie version

form: nl_postcode
  regex: (?<![0-9A-Za-z_])(?<value>(?:NL-)?[1-9][0-9]{3}(?:[ ]{0,2}|\+|%20)[A-Za-z]{2})(?![A-Za-z0-9_])
  base: low
  label: high

# the number behind a word that ends like a street; the lookbehinds spell their alternatives out
# because each must have a fixed length
form: street
  regex: (?i)(?<=[a-z\x80-\xFF.]\x1F|straat[ ,;|\t\x1F]|strjitte[ ,;|\t\x1F]|laan[ ,;|\t\x1F]|leane[ ,;|\t\x1F]|weg[ ,;|\t\x1F]|wegje[ ,;|\t\x1F]|plein[ ,;|\t\x1F]|kade[ ,;|\t\x1F]|kaai[ ,;|\t\x1F]|gracht[ ,;|\t\x1F]|singel[ ,;|\t\x1F]|dijk[ ,;|\t\x1F]|dyk[ ,;|\t\x1F]|hof[ ,;|\t\x1F]|hofje[ ,;|\t\x1F]|pad[ ,;|\t\x1F]|dreef[ ,;|\t\x1F]|park[ ,;|\t\x1F]|plantsoen[ ,;|\t\x1F]|steeg[ ,;|\t\x1F]|markt[ ,;|\t\x1F]|baan[ ,;|\t\x1F]|bolwerk[ ,;|\t\x1F]|dam[ ,;|\t\x1F]|erf[ ,;|\t\x1F]|haven[ ,;|\t\x1F]|heuvel[ ,;|\t\x1F]|hoek[ ,;|\t\x1F]|kamp[ ,;|\t\x1F]|kanaal[ ,;|\t\x1F]|kruis[ ,;|\t\x1F]|meent[ ,;|\t\x1F]|oever[ ,;|\t\x1F]|poort[ ,;|\t\x1F]|ring[ ,;|\t\x1F]|sluis[ ,;|\t\x1F]|spoor[ ,;|\t\x1F]|tuin[ ,;|\t\x1F]|veld[ ,;|\t\x1F]|wal[ ,;|\t\x1F]|wetering[ ,;|\t\x1F]|werf[ ,;|\t\x1F]|wijk[ ,;|\t\x1F]|zijde[ ,;|\t\x1F]|wei[ ,;|\t\x1F]|lei[ ,;|\t\x1F]|str[ ,;|\t\x1F]|ln[ ,;|\t\x1F]|pln[ ,;|\t\x1F]|wg[ ,;|\t\x1F])(?<value>[1-9][0-9]{0,4}+)(?![0-9])
  base: medium
  label: high

form: street_marked
  regex: (?i)(?<=straat[,;|."'][ "']|strjitte[,;|."'][ "']|laan[,;|."'][ "']|leane[,;|."'][ "']|weg[,;|."'][ "']|wegje[,;|."'][ "']|plein[,;|."'][ "']|kade[,;|."'][ "']|kaai[,;|."'][ "']|gracht[,;|."'][ "']|singel[,;|."'][ "']|dijk[,;|."'][ "']|dyk[,;|."'][ "']|hof[,;|."'][ "']|hofje[,;|."'][ "']|pad[,;|."'][ "']|dreef[,;|."'][ "']|park[,;|."'][ "']|plantsoen[,;|."'][ "']|steeg[,;|."'][ "']|markt[,;|."'][ "']|baan[,;|."'][ "']|bolwerk[,;|."'][ "']|dam[,;|."'][ "']|erf[,;|."'][ "']|haven[,;|."'][ "']|heuvel[,;|."'][ "']|hoek[,;|."'][ "']|kamp[,;|."'][ "']|kanaal[,;|."'][ "']|kruis[,;|."'][ "']|meent[,;|."'][ "']|oever[,;|."'][ "']|poort[,;|."'][ "']|ring[,;|."'][ "']|sluis[,;|."'][ "']|spoor[,;|."'][ "']|tuin[,;|."'][ "']|veld[,;|."'][ "']|wal[,;|."'][ "']|wetering[,;|."'][ "']|werf[,;|."'][ "']|wijk[,;|."'][ "']|zijde[,;|."'][ "']|wei[,;|."'][ "']|lei[,;|."'][ "']|str\.[ ]|ln\.[ ]|wg\.[ ]|pln\.[ ]|kd\.[ ]|gr\.[ ]|sngl\.[ ]|dk\.[ ]|drf\.[ ]|plnts\.[ ]|stg\.[ ]|stwg\.[ ]|sg\.[ ]|straat["'][,;|]["']|laan["'][,;|]["']|weg["'][,;|]["']|plein["'][,;|]["']|kade["'][,;|]["']|gracht["'][,;|]["']|singel["'][,;|]["']|dijk["'][,;|]["']|hof["'][,;|]["']|pad["'][,;|]["']|dreef["'][,;|]["']|park["'][,;|]["']|steeg["'][,;|]["']|markt["'][,;|]["'])(?<value>[1-9][0-9]{0,4}+)(?![0-9])
  base: medium
  label: high

form: street_glued
  regex: (?i)(?<=straat|laan|weg|plein|kade|gracht|singel|dijk|hof|dreef|steeg)(?<value>[1-9][0-9]{0,4}+)[A-Za-z]?(?![0-9A-Za-z_.])
  base: medium
  label: high

# the type stands before the name
form: type_first
  regex: (?<![A-Za-z_])(?<value>(?:[Rr]ue|[Aa]venue|[Aa]v\.|[Bb]oulevard|[Bb]d\.?|[Cc]hauss\xC3\xA9e|[Cc]hemin|[Pp]lace|[Qq]uai|[Cc]ours|[Aa]ll\xC3\xA9e|[Dd]r\xC3\xA8ve|[Ii]mpasse|Laan|Plein|Weg|Kade|Singel|Dreef|Hof|Park|Pad)[ ](?:[A-Za-z\x80-\xFF.'-]{1,24}+[ ]){1,6}?[1-9][0-9]{0,4}+)(?![0-9])
  base: medium
  label: high

form: po_box
  regex: (?<![A-Za-z])(?<value>(?i:postbus|antwoordnummer|antwoordnr)[ .:]{1,3}+[1-9][0-9]{0,4}+)(?![0-9])
  base: medium
  label: high

form: be_postcode
  regex: (?<![0-9A-Za-z_])(?<value>(?:BE?-)?[1-9][0-9]{3})(?=[ ,;|\t\x1F"']{1,3}(?:[A-Z]|\xC3[\x80-\x9E])[a-zA-Z\x80-\xFF']|(?<=\x1F.{4})[\x1F\n])
  base: low
  label: high

# a country behind an address, and a number under its own key
form: country_or_key
  regex: (?<![A-Za-z])(?|(?<=[ ,;|\t\n\x1F(])(?<value>Ierland|Ireland|Duitsland|Germany|Deutschland|Frankrijk|France|Luxemb(?:urg|ourg)|Oostenrijk|Austria|\xC3\x96sterreich|Zwitserland|Switzerland|Schweiz|Suisse|Spanje|Spain|Itali(?:\xC3\xAB|a)|Italy|Portugal|Polen|Poland|Polska|Denemarken|Denmark|Danmark|Zweden|Sweden|Noorwegen|Norway|Finland|Verenigd Koninkrijk|United Kingdom|UK|Engeland|England|Verenigde Staten|United States|USA|Tsjechi\xC3\xAB|Hongarije|Griekenland|Roemeni\xC3\xAB|Kroati\xC3\xAB)(?![A-Za-z])|(?i:postcode|postal_?code|zip(?:_?code)?|code_?postal)\\?["']?[ ]?[:=>][ ]?\\?["']?(?<value>(?:BE?-)?[1-9][0-9]{3})(?![0-9]|[ ]{0,2}[A-Za-z]{2}(?![A-Za-z]))|(?i:huis|house)_?(?i:nr|nummer|number|no)\\?["']?[ ]?[:=>][ ]?\\?["']?(?<value>[1-9][0-9]{0,4}+))
  base: medium
  label: high

match: Dorpsstraat 12a, 1234 AB Voorbeeld => NL:1234AB:12:A
match: Voorbeeldlaan 45-3 hoog\n1234 AB Voorbeeld => NL:1234AB:45:3HOOG
match: Postbus 626, 1234 AB Voorbeeld => NL:1234AB:PB626:
match: Adres : Dorpsstraat 12\nPostcode : 1234 AB\nWoonplaats : Voorbeeld => NL:1234AB:12:
match: {"straat":"Dorpsstraat","huisnummer":12,"postcode":"1234 AB"} => NL:1234AB:12:
match: straat;huisnummer;toevoeging;postcode\nDorpsstraat;12;B;1234 AB => NL:1234AB:12:B
match: Kerkplein 3 => NL::3::kerkplein:
match: 1234 AB Voorbeeld => NL:1234AB::
match: Nieuwstraat 12 bus 4, 1000 Brussel => BE:1000:12:BUS4:nieuwstraat
match: Rue de la Loi 16\nB-1000 Bruxelles => BE:1000:16::ruedelaloi
match: 12 Example Road, Dublin 4, D04 E5W5, Ireland => IE:D04E5W5:12:
refuse: in 2019 EN 2020
refuse: 1500 PK motor
refuse: artikel 6 lid 1
refuse: de weg 3 keer gereden
refuse: onderweg 2 uur
refuse: order 1234AB5678
refuse: 00000010: 1234 AB12 CD34 5678
refuse: Poort 8080
refuse: Verzekering 12
