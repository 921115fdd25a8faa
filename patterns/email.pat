# E-mail addresses. The candidate is the at-mark; the validator reads both sides.
id: int.email
type: email
validator: email
context: e_mail email_adres email_address mail mailadres mailto ^e correo courriel e_mailadres
# What WordPress leaves when it erases (wp_privacy_anonymize_data).
never: deleted@site.invalid
form: plain
  regex: (?<value>@|%40)(?=[A-Za-z0-9\x80-\xFF])
  base: high
  label: high
# The at-mark as languages and markup write it, where nobody decoded it: scripts, logs, cells.
form: coded
  regex: (?<value>%(?:25){1,3}40|(?<!\\)\\+(?:u00|x)40|&\x23(?:0{0,3}64|[xX]0{0,2}40);|&commat;)(?=[A-Za-z0-9\x80-\xFF])
  base: high
  label: high
form: obfuscated
  regex: (?<=[A-Za-z0-9_\x80-\xFF]|[A-Za-z0-9_\x80-\xFF] )(?<value>[\[({] ?(?i:at) ?[\])}])(?= ?[A-Za-z0-9\x80-\xFF])
  base: medium
  label: medium
# In the name of a file `_` may stand before the address.
form: underscore
  regex: _(?<value>[A-Za-z0-9.+-]{1,64}+@)(?=[A-Za-z0-9\x80-\xFF])
  base: high
  label: high
  records: name
# Behind `\n` or `\u003c` of JSON and PHP the letters may be the escape's or the address's: both.
form: escaped
  regex: \\(?:[nrtbfv]|u00[0-9A-Fa-f]{2})(?<value>[A-Za-z0-9.+_-]{1,64}+@)
  base: high
  label: high
match: {"t":"Beste,\\njan@example.nl"} => jan@example.nl
match: {"t":"\\u003cjan@example.nl\\u003e"} => jan@example.nl
match: Mail naar jan.jansen@example.nl. => jan.jansen@example.nl
match: https://www.example.nl/bevestig?email=jan%40example.nl&ok=1 => jan@example.nl
match: var m = "jan\\u0040example.nl"; => jan@example.nl
match: GET /x?m=jan%2540example.nl => jan@example.nl
match: jan&#64;example.nl => jan@example.nl
match: *_jan@example.nl_* => jan@example.nl
match: ^FO50,50^FDjan@example.nl^FS => jan@example.nl
match: PER*IC*Jan*EM*jan@example.nl~ => jan@example.nl
match: NAD+BY+++Jan+Tiel++1234AB+NL'COM+jan@example.nl:EM' => jan@example.nl
match: info [at] example.nl => info@example.nl
match: ('k.bakker@example.nl','Bakker') => k.bakker@example.nl
refuse: logo@2x.png
refuse: ('deleted@site.invalid','[deleted]','0.0.0.0')
refuse: git@github.com:org/repo.git
refuse: Message-ID: <20240101.abc123@mail.example.com>
refuse: https://user:pw@host.example/pad
refuse: jan @ kantoor.nl is afwezig
