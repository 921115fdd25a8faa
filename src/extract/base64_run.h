/* A run of base64 (RFC 4648) in a text, decoded while the text comes: over the ends of its lines,
 * however these are indented, quoted or escaped, and with digits as programs and links write them.
 */
#ifndef SP_EXTRACT_BASE64_RUN_H
#define SP_EXTRACT_BASE64_RUN_H

#include "speur/slice.h"

enum {
    SP_BASE64_LINE_MIN = 40,   /* digits of a line that goes on in the next one */
    SP_BASE64_WIDTH_MAX = 256, /* digits of a line that programs break; longer ones stand alone */
    SP_BASE64_RUN_CARRY = 128, /* bytes that tell whether it does */
    SP_BASE64_RUN_HEAD = 2 * SP_BASE64_RUN_CARRY,
    SP_BASE64_RUN_OUT = 12 * 1024 /* bytes given at a time, at most */
};

/* Whether a document of its own begins with these digits; `first`: no line stands before. */
typedef bool (*sp_base64_begins)(struct sp_slice text, bool first);

struct sp_base64_run { /* all zero at first, but for: */
    sp_base64_begins begins;
    uint32_t bits;
    unsigned digits; /* in bits, 0 to 3 */
    size_t line;     /* digits in the line at hand */
    size_t width;    /* digits in its first line, when that has ended; 0: it has but one */
    unsigned ends;   /* of lines between its first two */
    bool newlines;   /* these are written as such; false: blanks stand for them */
    bool padded;     /* it ended with padding, so it is whole */
    uint8_t carry[SP_BASE64_RUN_CARRY];
    size_t carry_len; /* of the text, not decided yet */
};

typedef void (*sp_base64_run_out)(void *ctx, struct sp_slice bytes);
/* Decodes the next piece of the text, cut anywhere; `last`: nothing follows. How many of its bytes
 * belong to the run; *ended: it goes no farther, and what is carried then, of earlier pieces, does
 * not belong to it either. */
size_t sp_base64_run_feed(struct sp_base64_run *run, struct sp_slice text, bool last,
                          sp_base64_run_out out, void *ctx, bool *ended);

#endif
