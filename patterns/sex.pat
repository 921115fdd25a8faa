# Sex of a person: a column, not the word in a sentence.
id: int.sex
type: sex
context: geslacht gender sex sekse sexe geschlecht man_vrouw geslachtsaanduiding
against: sex_life gender_id
match: geslacht
match: Gender
match: klant_geslacht
refuse: geslachtsnaam
refuse: essex
