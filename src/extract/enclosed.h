/* What stands encoded in a text and is not read there: files in uuencode, yEnc or base64, encrypted
 * messages. Looks at the text of one object on its way to the matcher, whatever read it. */
#ifndef SP_EXTRACT_ENCLOSED_H
#define SP_EXTRACT_ENCLOSED_H

#include "core/object.h"
#include "extract/base64_run.h"

enum { SP_ENCLOSED_MARK_BYTES = 320 }; /* of text that tell whether something begins there */

enum sp_enclosed_kind {
    SP_ENCLOSED_FILE,     /* uuencode, yEnc, BinHex, git */
    SP_ENCLOSED_SECRET,   /* OpenPGP, CMS, age, Ansible, OpenSSL */
    SP_ENCLOSED_DOCUMENT, /* in base64 (RFC 4648): PDF, office, compressed */
    SP_ENCLOSED_IMAGE,    /* the same, of a size that can show words */
    SP_ENCLOSED_HEX,      /* either, in hexadecimal digits */
    SP_ENCLOSED_KINDS
};

/* Who takes documents and images, decoded while the text comes. */
struct sp_enclosed_taker {
    bool (*begin)(void *ctx); /* false: it cannot, then the kind is met */
    sp_base64_run_out put;
    bool (*end)(void *ctx); /* false: not all of it was taken */
    void *ctx;
};

struct sp_enclosed {                           /* all zero at first */
    const struct sp_enclosed_taker *taker;     /* borrowed; NULL: what is met is only told */
    struct sp_base64_run run;                  /* of the document that is taken */
    enum sp_enclosed_kind taking;              /* its kind */
    bool open;                                 /* there is one */
    size_t cut_width;                          /* of the lines of one that may not have been whole;
                                                * 0: it was */
    uint8_t carry[2 * SP_ENCLOSED_MARK_BYTES]; /* the end of the text, not decided yet */
    size_t carry_len;                          /* less than SP_ENCLOSED_MARK_BYTES */
    bool in_line;                              /* something stands before it in its line */
    bool in_digits;                            /* a digit of base64 stands before it, */
    bool in_lines;                             /* or a line of them */
    bool met[SP_ENCLOSED_KINDS];
};

/* Looks at the next piece of a text, cut anywhere. */
void sp_enclosed_text(struct sp_enclosed *enclosed, struct sp_slice utf8);
/* The text has ended: a field or record begins or ends, or the object. */
void sp_enclosed_end(struct sp_enclosed *enclosed);
/* A text that is nothing but a document in base64, as far as it is here. */
bool sp_enclosed_is_document(struct sp_slice text);
/* What is to be told of a kind; false: none was met. */
bool sp_enclosed_unread(const struct sp_enclosed *enclosed, enum sp_enclosed_kind kind,
                        struct sp_unread *unread);

#endif
