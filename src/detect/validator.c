#include "detect/validator.h"

#include "detect/checks.h"

const struct sp_validator sp_validators[] = {
    {"iban", sp_check_iban},
    {"bsn", sp_check_bsn},
    {"rsin", sp_check_rsin},
    {"kvk", sp_check_kvk},
    {"email", sp_check_email},
    {"phone", sp_check_phone},
    {"address", sp_check_address},
    {"vat_nl", sp_check_vat_nl},
    {"be_kbo", sp_check_be_kbo},
    {"be_nrn", sp_check_be_nrn},
    {"dob", sp_check_dob},
    {"ip", sp_check_ip},
    {"mac", sp_check_mac},
    {"pan", sp_check_pan},
    {"id_nl", sp_check_id_nl},
    {"mrz", sp_check_mrz},
    {"plate", sp_check_plate},
    {"bic", sp_check_bic},
    {"customer_no", sp_check_customer_no},
    {"username", sp_check_username},
    {NULL, NULL},
};
