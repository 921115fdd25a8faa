/* Files and secret messages that stand encoded in a text: uuencode, yEnc, PGP. */
#ifndef SP_EXTRACT_ENCLOSED_H
#define SP_EXTRACT_ENCLOSED_H

#include "extract/extract.h"

enum { SP_ENCLOSED_MARK_MAX = 48 };

struct sp_enclosed {
    uint8_t carry[2 * SP_ENCLOSED_MARK_MAX]; /* the end of the piece before */
    size_t carry_len;
    bool behind; /* something stood before what is carried */
    bool file, secret;
};

/* Looks at the next piece of a text, cut anywhere. */
void sp_enclosed_add(struct sp_enclosed *enclosed, struct sp_slice text);
/* Tells what was met. */
enum sp_err sp_enclosed_report(const struct sp_enclosed *enclosed, struct sp_extract *x,
                               struct sp_why *why);

#endif
