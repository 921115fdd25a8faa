# Payment card numbers. ISO/IEC 7812.
id: int.pan
type: pan
validator: pan
context: creditcard credit_card kaart kaart_nummer card card_number pan cc visa mastercard amex
context: maestro bancontact american_express diners discover betaalkaart
against: @numbers
form: any
  regex: (?<![0-9])(?<value>[2-6][0-9]{11,18}+|[2-6][0-9]{3}([ -])[0-9]{4}\2[0-9]{4}\2[0-9]{4}(?:\2[0-9]{1,3})?|3[0-9]{3}([ -])[0-9]{6}\3[0-9]{4,5})(?![0-9])
  base: high
  label: high
match: Creditcard: 4111 1111 1111 1111 => 4111111111111111
match: Amex 3782 822463 10005 => 378282246310005
match: Bancontact kaart 6703 4500 0000 0000 8 => 67034500000000008
refuse: 4111 1111 1111 1112
refuse: ordernummer 4111111111111111
refuse: IMEI 490154203237518
refuse: id 4111-1111-11111111
refuse: boundary="===============4274080186813559058=="
