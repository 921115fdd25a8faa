# Burgerservicenummer (sofinummer). Wet algemene bepalingen BSN; RvIG.
id: nl.bsn
type: bsn
validator: bsn
context: bsn burgerservice* burger_service_nummer burger_service_nr sofi sofi_nummer sofi_nr
context: sociaal_fiscaal* persoons_nummer persoonlijk_nummer citizen_service_number
context: social_security_number
against: @numbers
form: plain
  regex: (?<![0-9])(?<value>[0-9]{8,9}+|[0-9]{3}([ .-])[0-9]{3}\2[0-9]{2,3}+|[0-9]{4}([ .-])[0-9]{2}\3[0-9]{3}|[0-9]{2} [0-9]{3} [0-9]{3})(?![0-9])
  base: low
  label: high
match: BSN: 111222333 => 111222333
match: Mijn burgerservicenummer is 9990.01.231. => 999001231
match: BSN 12345672 (8 cijfers, voorloopnul weggevallen) => 012345672
match: bsn;naam\n12345672;Voorbeeld => 012345672
match: id,bsn,aantal\n17,999555017,3 => 999555017
match: 111222333 (BSN) => 111222333
match: BSN 999001231 12-03-1980 => 999001231
refuse: BSN: 123456789
refuse: ordernummer 111222333
refuse: Het getal 999876545 staat hier zonder uitleg.
refuse: BSN-controle: zie artikel 10 van de wet, 111 222 333 444
