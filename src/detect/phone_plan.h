/* Number plans: how many digits a number has, and what kind it is. Sources: ACM Nummerplan
 * telefoon- en ISDN-diensten; BIPT; libphonenumber metadata. */
#ifndef SP_DETECT_PHONE_PLAN_H
#define SP_DETECT_PHONE_PLAN_H

#include "detect/validator.h"

enum {
    SP_PHONE_LANDLINE = 1, /* no mobile number */
    SP_PHONE_SERVICE = 2,  /* 0800, 0900: reported as public */
    SP_PHONE_LABEL = 4     /* valid only with a label */
};

/* National digits without the trunk 0. Returns the number of digits that a number with this
 * beginning has, 0: there is none. Where two lengths exist the longer comes back, and the shorter
 * in *shorter (else 0). At least 3 digits must be given. */
size_t sp_phone_plan_nl(const uint8_t *digits, size_t *shorter, unsigned *kind);
size_t sp_phone_plan_be(const uint8_t *digits, unsigned *kind);
/* Digits of a national number behind a country code, 0: no fixed number. *code_len gets the
 * length of the country code, 0 when it is not in the table. */
size_t sp_phone_plan_country(const uint8_t *digits, size_t count, size_t *code_len);
/* Area codes after 14 (`14 020`): the digits without the leading 0. */
bool sp_phone_is_area_nl(const uint8_t *digits, size_t count);

#endif
