# IBAN, ISO 13616. The candidate is the two check digits; the validator reads the country code
# before them and exactly as many characters behind them as the country has.
id: int.iban
type: iban
validator: iban
context: iban rekening rekening_nummer rekening_nr rek bankrekening* bank_account account_number
context: t_n_v compte numero_de_compte sepa incasso* machtiging begunstigde tegenrekening giro
against: sha sha1 sha256 hash commit
form: any
  regex: (?<=[A-Za-z]|[A-Za-z][ .-])(?<value>[0-9][ .-]?[0-9])
  base: high
  label: high
match: Gelieve te betalen op NL02ABNA0123456789 t.n.v. Stichting Voorbeeld. => NL02ABNA0123456789
match: IBAN: NL02 ABNA 0123 4567 89 => NL02ABNA0123456789
match: NL23.BUNQ.2025.1234.56 (bunq) => NL23BUNQ2025123456
match: Rekening: BE34 736 0012345 90 => BE34736001234590
match: IBANNL02ABNA0123456789 => NL02ABNA0123456789
match: IBAN NL96TRIO0200\n300400 is het rekeningnummer => NL96TRIO0200300400
refuse: IBAN: NL02ABNA0123456780
refuse: NL99BANK0123456789
refuse: ABCNL02ABNA0123456789DEF99
refuse: sha: nl02abna01234567890f3c9a77be
