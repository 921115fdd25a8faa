# Political opinions (GDPR art. 9).
id: int.politics
type: politics
context: politieke* politiek_lid partijlid* partijlidmaatschap political* party_affiliation party_member*
context: stemvoorkeur opinion_politique
match: politieke_voorkeur
match: politicalAffiliation
refuse: partij
refuse: policy
