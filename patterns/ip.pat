# IP addresses of version 4 and 6.
id: int.ip
type: ip
validator: ip
context: ip ip_adres ip_address client_ip remote_addr host client
against: versie version release artikel* oid sectie section
form: v4
  regex: (?<![0-9.])(?<value>(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))(?![0-9])
  base: medium
  label: medium
form: v6
  regex: (?<![0-9A-Za-z:.])(?<value>(?:[0-9A-Fa-f]{1,4}:){1,7}(?::?[0-9A-Fa-f]{1,4}){0,7}+(?:\.[0-9]{1,3}){0,3}|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}(?:\.[0-9]{1,3}){0,3}+)(?![0-9A-Za-z:])
  base: medium
  label: medium
match: Inlog vanaf 203.0.113.7 => 203.0.113.7
match: 203.0.113.7:8080 => 203.0.113.7
match: fe80::1%eth0 => fe80::1
match: [2001:db8::1]:443 => 2001:db8::1
match: ::ffff:192.0.2.1 => ::ffff:192.0.2.1
refuse: versie 1.2.3.4
refuse: v10.0.19041.1
refuse: 127.0.0.1
refuse: 1.3.6.1.4.1.311
refuse: 10:20:30:40
