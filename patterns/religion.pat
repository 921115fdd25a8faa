# Religion or belief (GDPR art. 9).
id: int.religion
type: religion
context: religie religieus* geloof geloofsovertuiging geloofsrichting levensovertuiging kerkgenootschap
context: kerkelijke_gezindte kerklid* religion religious* belief beliefs religieuze_gezindte confession_religieuse
match: religie
match: levensOvertuiging
match: Religion
refuse: geloofsbrief
refuse: richting
