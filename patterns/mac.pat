# MAC addresses (EUI-48).
id: int.mac
type: mac
validator: mac
context: mac mac_adres mac_address hwaddr hardware_address ether bssid
against: sha sha1 sha256 md5 hash fingerprint
form: any
  regex: (?<![0-9A-Za-z:._-])(?<value>[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\2[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})(?![0-9A-Za-z])
  base: high
  label: high
match: MAC-adres 00:1A:2B:3C:4D:5E => 00:1a:2b:3c:4d:5e
match: 001A.2B3C.4D5E => 00:1a:2b:3c:4d:5e
match: mac: 001A2B3C4D5E => 00:1a:2b:3c:4d:5e
refuse: 001A2B3C4D5E
refuse: ff:ff:ff:ff:ff:ff
refuse: aa:bb:cc:dd:ee:ff:00:11:22:33
refuse: 00:1A-2B:3C-4D:5E
