# Machine-readable zones of passports and identity cards. ICAO 9303.
id: int.mrz
type: mrz
validator: mrz
context: mrz machine_readable_zone
form: lines
  regex: (?<![A-Z0-9<])(?<value>[A-Z0-9<]{44}|[A-Z0-9<]{36}|[A-Z0-9<]{30})(?![A-Z0-9<])
  base: high
  label: high
match: SPECI20142NLD6503101F2403096999999990<<<<<84 => NLD:SPECI2014
match: I<NLDSPECI20142999999990<<<<<<\n6503101F2403096NLD<<<<<<<<<<<2\nVAN<VOORBEELD<<TESSA<<<<<<<<<< => NLD:SPECI2014
refuse: SPECI20142NLD6503102F2403096999999990<<<<<84
refuse: P<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<
