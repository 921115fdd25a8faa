/* Text that a mail program broke into lines that go on (format=flowed, RFC 3676): paragraphs in
 * which such a break stands within what may be a value are given once more, in one line. */
#ifndef SP_EXTRACT_MAIL_FLOWED_H
#define SP_EXTRACT_MAIL_FLOWED_H

#include "extract/row.h"

enum { SP_FLOWED_MAX = 8192, SP_FLOWED_POINTS = 1024 };

struct sp_flowed {
    struct sp_row *row;   /* borrowed */
    struct sp_slice part; /* MIME part path, borrowed until the row ends */
    bool delete_space;    /* DelSp=yes: the blank of a break is no text */
    uint64_t line;        /* at hand, from 1 */
    /* the line */
    bool at_start;   /* in its quote marks, or before them */
    bool stuffed;    /* its first blank was left out */
    unsigned quotes; /* marks of it */
    size_t begin;    /* of its text in the paragraph */
    /* the paragraph */
    bool soft;      /* the line before goes on */
    bool broken;    /* nothing stands behind the break yet */
    bool joins;     /* a break stands within what may be a value */
    unsigned depth; /* of quoting */
    uint64_t begun; /* its line */
    size_t len, points;
    uint8_t text[SP_FLOWED_MAX];
    struct sp_origin point[SP_FLOWED_POINTS];
};

void sp_flowed_init(struct sp_flowed *flowed, struct sp_row *row, struct sp_slice part,
                    bool delete_space);
/* Decoded text, of any cut. */
enum sp_err sp_flowed_push(struct sp_flowed *flowed, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why);
enum sp_err sp_flowed_end(struct sp_flowed *flowed, struct sp_why *why);

#endif
