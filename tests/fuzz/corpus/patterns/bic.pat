# Bank identifier codes. ISO 9362. Not personal by themselves.
id: int.bic
type: bic
validator: bic
context: bic swift swift_code bic_code
against: @numbers
form: any
  regex: (?<![0-9A-Za-z])(?<value>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?![0-9A-Za-z])
  base: none
  label: high
match: BIC: ABNANL2A => ABNANL2A
match: BIC INGBNL2AXXX => INGBNL2A
match: BUNQNL2A => BUNQNL2A
refuse: ADRESSEN
refuse: BIC ABNAXX2A
