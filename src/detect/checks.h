/* The validators (see validator.h): one function a name in the table. */
#ifndef SP_DETECT_CHECKS_H
#define SP_DETECT_CHECKS_H

#include "detect/validator.h"

bool sp_check_iban(struct sp_check *check); /* check_bank.c */
bool sp_check_bsn(struct sp_check *check);  /* check_nl.c */
bool sp_check_rsin(struct sp_check *check);
bool sp_check_kvk(struct sp_check *check);
bool sp_check_vat_nl(struct sp_check *check);
bool sp_check_email(struct sp_check *check);  /* check_email.c */
bool sp_check_phone(struct sp_check *check);  /* check_phone.c */
bool sp_check_be_kbo(struct sp_check *check); /* check_be.c */
bool sp_check_be_nrn(struct sp_check *check);
bool sp_check_ip(struct sp_check *check); /* check_net.c */
bool sp_check_mac(struct sp_check *check);
bool sp_check_pan(struct sp_check *check); /* check_card.c */
bool sp_check_bic(struct sp_check *check);
bool sp_check_dob(struct sp_check *check);   /* check_date.c */
bool sp_check_plate(struct sp_check *check); /* check_id.c */
bool sp_check_id_nl(struct sp_check *check);
bool sp_check_mrz(struct sp_check *check);         /* check_mrz.c */
bool sp_check_customer_no(struct sp_check *check); /* check_account.c */
bool sp_check_username(struct sp_check *check);

/* The test of BSN and RSIN: weights 9..2,-1, sum divisible by 11. digits: nine of '0'..'9'. */
bool sp_eleven_test(const uint8_t digits[9]);

#endif
