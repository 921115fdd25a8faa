# Dutch VAT number and btw-id. Belastingdienst; VIES. The candidate is the digits and B; the
# validator takes in the NL before them.
id: nl.vat
type: vat_nl
validator: vat_nl
context: btw btw_id btw_nr btw_nummer omzetbelasting omzetbelasting_nummer ob_nummer vat tva
context: tax_number vat_id
against: @numbers
form: any
  regex: (?<![0-9])(?<value>[0-9](?:[ .-]?[0-9]){8}[ .-]?[Bb][ .-]?[0-9][ .-]?[0-9])(?![0-9])
  base: high
  label: high
match: BTW-nummer: NL004495445B01 => NL004495445B01
match: btw-id NL000099998B57 => NL000099998B57
match: NL8123.45.678.B.01 => NL812345678B01
match: BTW nr. 812345678B01 => NL812345678B01
refuse: NL123456789B01
refuse: NL004495445B00
refuse: artikel X004495445B011
