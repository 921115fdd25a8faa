#include "detect/validator.h"

#include "detect/checks.h"

const struct sp_validator sp_validators[] = {
    {"iban", sp_check_iban, false},
    {"bsn", sp_check_bsn, false},
    {"rsin", sp_check_rsin, false},
    {"kvk", sp_check_kvk, false},
    {"email", sp_check_email, false},
    {"phone", sp_check_phone, false},
    {"address", sp_check_address, false},
    {"vat_nl", sp_check_vat_nl, false},
    {"be_kbo", sp_check_be_kbo, false},
    {"be_nrn", sp_check_be_nrn, false},
    {"dob", sp_check_dob, true},
    {"ip", sp_check_ip, false},
    {"mac", sp_check_mac, false},
    {"pan", sp_check_pan, false},
    {"id_nl", sp_check_id_nl, true},
    {"mrz", sp_check_mrz, false},
    {"plate", sp_check_plate, false},
    {"bic", sp_check_bic, false},
    {"customer_no", sp_check_customer_no, true},
    {"username", sp_check_username, true},
    {NULL, NULL, false},
};
