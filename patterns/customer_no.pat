# Customer numbers: only their label tells.
id: int.customer_no
type: customer_no
validator: customer_no
context: klant_nummer klant_nr klant_code klant_id relatie_nummer relatie_nr debiteur_nummer
context: debiteur_nr debiteuren_nummer lid_nummer lidmaatschaps_nummer client_nummer patient_nummer
context: abonnee_nummer customer_id customer_no customer_number numero_client client_id
against: @numbers
form: any
  regex: (?<![0-9A-Za-z])(?<value>[A-Za-z]{0,4}[-\/]?[0-9][0-9-]{2,14}+)
  base: none
  label: medium
match: Klantnummer: 123456 => 123456
match: klantnr. K-20013 => K-20013
refuse: `klantnummer` varchar(255) DEFAULT NULL
refuse: klantnummers vanaf 2024
refuse: ordernummer 123456
