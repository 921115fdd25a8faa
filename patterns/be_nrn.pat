# Belgian national register number and BIS number.
id: be.nrn
type: be_nrn
validator: be_nrn
context: rijksregister rijksregister_nummer rijksregister_nr rrn insz niss nn numero_national
context: registre_national bis_nummer numero_de_registre_national
against: @numbers
form: any
  regex: (?<![0-9])(?<value>[0-9]{2}([ .\/-]?)[0-9]{2}\2[0-9]{2}[ .\/-]?[0-9]{3}[ .\/-]?[0-9]{2})(?![0-9])
  base: high
  label: high
match: Rijksregisternummer: 85.07.30-033.28 => 85073003328
match: NISS: 01020300467 => 01020300467
match: BIS-nummer 98.47.28-997.65 => 98472899765
match: NN 85 07 30 033 28 => 85073003328
refuse: 85.07.30-033.29
refuse: bestelnummer 85073003328
refuse: 850730033287
refuse: 85.13.30-001.05
