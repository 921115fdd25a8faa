# Dates of birth: only with a label.
id: int.dob
type: dob
validator: dob
context: geboorte_datum geboortedat geb_datum geb_dat gebdatum gebdat geb geboren geboren_op
context: geboren_te date_of_birth dob birth_date birthday birth_day birth born ° date_de_naissance
context: naissance ne_le nee_le geboortedag
against: datum date publicatiedatum ingangsdatum factuurdatum besteldatum laatste_update
form: numbers
  regex: (?<![0-9])(?<value>(?:[0-9]{4}([-\/.])[0-9]{1,2}\2[0-9]{1,2}|[0-9]{1,2}([-\/. ])[0-9]{1,2}\3(?:[0-9]{4}|'?[0-9]{2})|[0-9]{8}))(?![0-9])
  base: none
  label: high
form: month
  regex: (?<![0-9])(?<value>[0-9]{1,2}[ .-]{1,2}(?i:jan|feb|f\xC3\xA9v|maa|mrt|mar|apr|avr|mei|may|mai|jui|jun|jul|aug|ao\xC3\xBB|sep|okt|oct|nov|dec|d\xC3\xA9c)[A-Za-z\x80-\xFF]{0,9}+[ .-]{1,2}(?:[0-9]{4}|'[0-9]{2}))(?![0-9])
  base: none
  label: high
match: Geboortedatum: 12-03-1980 => 1980-03-12
match: geb. 12 maart 1980 => 1980-03-12
match: (° 12/03/1980) => 1980-03-12
match: née le 12 mars 1980 => 1980-03-12
match: geb.dat. 12-03-'80 => 1980-03-12
refuse: Datum: 12-03-1980
refuse: geboortedatum: 32-01-1980
refuse: geboortedatum onbekend; datum brief 30-01-2020
refuse: geb. 1980
