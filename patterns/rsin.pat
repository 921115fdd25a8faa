# RSIN, the fiscal number of organisations. KVK; Belastingdienst.
id: nl.rsin
type: rsin
validator: rsin
context: rsin fiscaal_nummer fiscaal_nr fi_nummer fi_nr fiscal_number
against: @numbers
form: plain
  regex: (?<![0-9])(?<value>[0-9]{8,9}+|[0-9]{3}([ .-])[0-9]{3}\2[0-9]{2,3}+|[0-9]{4}([ .-])[0-9]{2}\3[0-9]{3}|[0-9]{2} [0-9]{3} [0-9]{3})(?![0-9])
  base: low
  label: high
match: RSIN: 812345678 => 812345678
match: Fiscaal nummer (RSIN)\n001234560 => 001234560
match: kvk;rsin;naam\n12345678;854321007;Voorbeeld B.V. => 854321007
refuse: RSIN: 123456789
refuse: BSN: 999001231
refuse: dossier 812345678
