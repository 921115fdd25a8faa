# Numbers of Dutch passports and identity cards. RvIG.
id: nl.id
type: id_nl
validator: id_nl
context: paspoort paspoort_nummer paspoort_nr passport passport_no document_nummer document_nr
context: id_kaart identiteitskaart identiteitskaart_nummer id_bewijs reisdocument
against: @numbers
form: any
  regex: (?<![0-9A-Za-z])(?<value>[A-NP-Za-np-z]{2} ?[A-NP-Za-np-z0-9](?: ?[A-NP-Za-np-z0-9]){5} ?[0-9])(?![0-9A-Za-z])
  base: none
  label: high
match: Paspoortnummer: XR1001R58 => XR1001R58
match: paspoort XR 1001R5 8 => XR1001R58
refuse: XR1001R58
refuse: Paspoortnummer: XR1O01R58
refuse: documentnummer 2024-00123
