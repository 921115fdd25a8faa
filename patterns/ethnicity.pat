# Racial or ethnic origin (GDPR art. 9).
id: int.ethnicity
type: ethnicity
context: etniciteit etnische* ethnicity ethnic* racial* afkomst huidskleur skin_colour skin_color
context: origine_ethnique raciale*
match: etniciteit
match: ethnic_origin
refuse: herkomst
refuse: race
