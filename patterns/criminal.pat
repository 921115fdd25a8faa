# Criminal convictions and offences (GDPR art. 10).
id: int.criminal
type: criminal
context: strafblad strafrechtelijk* veroordeling* veroordeeld* justitiele* criminal_record* criminal_history
context: criminal_conviction* conviction convictions vog vog_status vog_uitslag delict* casier_judiciaire
context: misdrijf misdrijven
against: vog_datum_aanvraag
match: strafblad
match: criminalRecord
match: vog
refuse: veroordeel
refuse: record
