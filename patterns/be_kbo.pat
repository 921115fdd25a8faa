# Belgian enterprise number (KBO/BCE).
id: be.kbo
type: be_kbo
validator: be_kbo
context: ondernemings_nummer ondernemings_nr kbo kbo_nummer bce btw tva rpr numero_d'entreprise
context: numero_entreprise vat n_d'entreprise
against: @numbers tel telefoon telefoon_nummer phone fax gsm mobiel
form: any
  regex: (?<![0-9])(?<value>\(?[01]\)?[0-9]{3}([ .-]?)[0-9]{3}\2[0-9]{3}|[2-9][0-9]{2}([ .-]?)[0-9]{3}\3[0-9]{3})(?![0-9])
  base: none
  label: high
match: Ondernemingsnummer 0403.019.261 => 0403019261
match: BE0428759497 => 0428759497
match: TVA BE 428.759.497 => 0428759497
match: RPR Gent BE-0403-019-261 => 0403019261
refuse: BE0428759498
refuse: telefoon 040-3019261
refuse: ondernemingsnummer 2428.759.497
refuse: BE0000000000
