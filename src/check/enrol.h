/* Enrolment: from what a person wrote in a request to register rows.
 *
 * Tokens of a row, and of a finding alike (a scan makes them from the same three functions of
 * speur/patterns.h), so that equal bytes mean equal values:
 *   EXACT     sp_token(key, type, SP_TOKEN_EXACT, canonical form)
 *   POSSIBLE  sp_token(key, type, SP_TOKEN_POSSIBLE, weaker form), where the type has one
 *   EMBEDDED  sp_token(key, SP_TYPE_BSN, SP_TOKEN_EXACT, the BSN inside), where there is one: the
 *             kind is kept beside the token, the token is the exact one of the BSN, so that a BSN
 *             in the register meets the same BSN inside an old VAT number or an MRZ, and back. */
#ifndef SP_CHECK_ENROL_H
#define SP_CHECK_ENROL_H

#include "check/date.h"
#include "speur/patterns.h"
#include "store/register.h"

/* Makes one row from a clear value, under this key only: type, canonical version, tokens,
 * attributes. The other fields
 * of *row are left as they are. SP_ERR_FORMAT: not a valid value of the type; *row is unchanged. */
enum sp_err sp_enrol(const struct sp_key *key, enum sp_type type, struct sp_slice value,
                     enum sp_region region, struct sp_register_row *row, struct sp_why *why);
/* Takes the embedded token out of a row: a keyed BSN is still a BSN (UAVG art. 46), so without a
 * legal basis a VAT number is kept without the BSN in it. */
void sp_enrol_drop_embedded(struct sp_register_row *row);

/* ---- import (import.c) ------------------------------------------------------------------ */

enum { SP_IMPORT_BYTES_MAX = 64 << 20 }; /* a request takes ~100 bytes: half a million of them */

/* Told for each line that was refused: line number (from 1, of the record's first line) and why,
 * never the value. Also for columns of the header that are not known: these are left out. */
typedef void (*sp_import_bad)(void *ctx, uint64_t line, const char *reason);

struct sp_import_options {
    enum sp_region region;
    const char *allow_bsn;          /* legal basis, or NULL: BSN rows are refused */
    unsigned backup_retention_days; /* 0 = not configured */
    struct sp_term term;            /* from received to due */
    bool dry_run;
    sp_import_bad bad; /* may be NULL */
    void *ctx;         /* of bad */
};
struct sp_import_sum {
    uint64_t lines;   /* records below the header, empty ones left out */
    uint64_t added;   /* rows that are new (dry run: would be) */
    uint64_t known;   /* rows that were there already, or twice in the file */
    uint64_t refused; /* lines = added + known + refused */
};
/* CSV with ; or , and a header; UTF-8, BOM tolerated:
 * req_id;kind;received;identified;due;erased_at;
 * origin;type;value;strength;scope;exempt_basis;exempt_until;last_backup_expiry, any order, missing
 * columns empty; req_id, type and value must be there. Or a form of import_form.c. A bad line loses
 * only itself. The buffer with clear values is wiped. Without dry_run all rows are appended at once
 * after the last line was read: an error before that leaves the register as it was. SP_ERR_FORMAT:
 * no header of ours. SP_ERR_LIMIT: more than SP_IMPORT_BYTES_MAX. SP_ERR_IO, SP_ERR_NOMEM, and what
 * sp_register_append fails with. bad may be NULL. */
enum sp_err sp_import_csv(struct sp_register *, const struct sp_key *, int fd,
                          const struct sp_import_options *, struct sp_import_sum *sum,
                          struct sp_why *why);

#endif
