# Genetic data (GDPR art. 4(13) and 9).
id: int.genetic
type: genetic
context: dna dna_profiel dna_profile dna_test dna_uitslag genetisch* genetic* genetique* genoom genome genotype
context: erfelijke_aandoening*
match: dna_profiel
match: genotype
refuse: general
refuse: genre
