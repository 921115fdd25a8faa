# Dutch number plates. RDW side codes.
id: nl.plate
type: plate
validator: plate
context: kenteken kenteken_nr kenteken_nummer kentekenplaat nummerplaat plate license_plate voertuig
context: auto
against: @numbers
form: any
  regex: (?<![0-9A-Za-z-])(?<value>(?=[A-Za-z-]{0,6}[0-9])[A-Za-z0-9]{1,3}-[A-Za-z0-9]{2,3}-[A-Za-z0-9]{1,3}|(?=[A-Za-z]{0,3}[0-9])(?![0-9]{6})[A-Za-z0-9]{6})(?![0-9A-Za-z])
  base: low
  label: high
match: kenteken 12-GBB-3 => 12GBB3
match: kenteken\nAB-12-34 => AB1234
match: nummerplaat 12GHJ3 => 12GHJ3
refuse: 12-GBB-3
refuse: kenteken 12-34-56
refuse: artikel AB-12-34
