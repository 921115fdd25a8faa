# Trade union membership (GDPR art. 9).
id: int.trade_union
type: trade_union
context: vakbond* vakbondslid* vakbondslidmaatschap trade_union* union_member* labour_union labor_union
context: syndicaat syndicale* syndicat*
match: vakbondslid
match: tradeUnion
refuse: union
refuse: unie
