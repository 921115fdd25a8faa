# KvK number: eight digits without a check digit, so only a label makes one. Handelsregisterwet
# 2007.
id: nl.kvk
type: kvk
validator: kvk
context: kvk k_v_k kamer_van_koophandel kamer_v_koophandel handelsregister* handelsreg h_r
context: inschrijving inschrijvings_nummer chamber_of_commerce coc dossiernummer_kvk kvk_dossier*
against: @numbers klant_nummer
form: plain
  regex: (?<![0-9])(?<value>[0-9]{7,8}+|[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{2}|[0-9]{4} [0-9]{4}|[0-9]{2} [0-9]{3} [0-9]{3})(?![0-9])
  base: none
  label: high
match: KvK 12345678 => 12345678
match: KVK: 12.34.56.78 => 12345678
match: Ingeschreven bij de Kamer van Koophandel te Utrecht onder nummer 12345678 => 12345678
match: {"kvkNummer":"12345678"} => 12345678
match: H.R. Utrecht 12345678 => 12345678
match: naam,kvk\nVoorbeeld,1234567 => 01234567
refuse: 12345678
refuse: Klantnummer 12345678
refuse: Vestigingsnummer 000012345678
refuse: KvK informatie 2024 12 34
