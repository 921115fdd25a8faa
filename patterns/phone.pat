# Telephone numbers. The candidate is how a number begins; the validator reads on by the number
# plan. ACM Nummerplan; BIPT; E.164.
id: int.phone
type: phone
validator: phone
context: tel tel_nr telefoon telefoon_nummer telefoon_nr telnr ^t mobiel mobiele_nummer mob ^m 06_nummer
context: gsm bel bellen bereikbaar_op whatsapp sms fax fax_nr ^f doorkies doorkies_nummer phone
context: telephone mobile cell call appelez telefonisch telefono vaste_telefoon
against: @numbers klant_nummer postcode
form: international
  regex: (?<![0-9+])(?<value>\(?(?:\+\(?[1-9]|(?<![0-9])00 ?[1-9]))
  base: high
  label: high
form: national
  regex: (?<![0-9+])(?<value>\(?0[1-9])
  base: medium
  label: high
form: bare
  regex: (?<![0-9+])(?<value>\(?[1-9]\)?[ -]?[0-9](?:[ -]?[0-9]){7,9}+)(?![0-9])
  base: none
  label: medium
form: short
  regex: (?<![0-9+])(?<value>14 ?0[1-9][0-9]{1,2}+)(?![0-9])
  base: none
  label: high
match: 06-12345678 => +31612345678
match: +31 (0)6-12345678 => +31612345678
match: 06-12345678 / 06-87654321 => +31612345678
match: mobiel 612345678 => +31612345678
match: Bel de gemeente op 14 020 => +3114020
match: 0476/12.34.56 => +32476123456
match: 020-1234567 tst 12 => +31201234567
match: +49 30 123456 => +4930123456
refuse: bel 112 bij spoed
refuse: 06-12-2023
refuse: 1700000000
refuse: bestelnummer 0612345678
refuse: 06-1234567
refuse: ISBN 978-90-245-3827-0
