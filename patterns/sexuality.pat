# Sex life or sexual orientation (GDPR art. 9).
id: int.sexuality
type: sexuality
context: seksuele* seksualiteit geaardheid sexual* sexuality orientation_sexuelle seksleven sex_life
match: seksuele_voorkeur
match: sexualOrientation
refuse: orientation
refuse: geslacht
