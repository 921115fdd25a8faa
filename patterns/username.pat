# User names: only their label tells.
id: int.username
type: username
validator: username
context: gebruikersnaam gebruiker username user_name user_login login user inlognaam loginnaam
context: password_for publickey_for opened_for_user closed_for_user
form: any
  regex: (?<![0-9A-Za-z_@.\x80-\xFF-])(?<=[:=;,|\t\n>("'\x1F]|[:=] |for |user )(?<value>[A-Za-z0-9_][A-Za-z0-9_.@-]{2,63}+)(?![A-Za-z0-9\x80-\xFF])
  base: none
  label: medium
match: Gebruikersnaam: jdevries => jdevries
match: sshd[123]: Accepted password for pbakker from 203.0.113.9 port 5222 => pbakker
match: "userName":"kvdberg" => kvdberg
refuse: username: null
refuse: user=root
refuse: inloggen als gebruiker
