/* Content transfer encodings of mail (RFC 2045) and of encoded words in headers (RFC 2047). */
#ifndef SP_EXTRACT_MAIL_TRANSFER_H
#define SP_EXTRACT_MAIL_TRANSFER_H

#include "speur/slice.h"

enum sp_transfer {
    SP_TRANSFER_IDENTITY, /* 7bit, 8bit, binary, and what we do not know */
    SP_TRANSFER_QP,       /* quoted-printable */
    SP_TRANSFER_BASE64,
    SP_TRANSFER_Q /* the Q encoding of headers: '_' is a space */
};

enum { SP_TRANSFER_OUT_MAX = 3072 };

struct sp_transfer_reader {
    enum sp_transfer transfer;
    struct sp_slice in; /* borrowed */
    size_t pos;
    bool by_line;     /* base64: a run ends with its line, so that origins stay near */
    bool open;        /* base64: more may follow, digits that make no byte yet are kept */
    uint64_t strange; /* bytes so far that the encoding does not allow */
    uint32_t bits;    /* base64 digits that make no byte yet */
    unsigned digits;  /* how many */
    uint8_t out[SP_TRANSFER_OUT_MAX];
};

enum sp_transfer_answer { SP_TRANSFER_KNOWN, SP_TRANSFER_UU, SP_TRANSFER_UNKNOWN };
/* What a Content-Transfer-Encoding header says, as loosely as mail programs write it: quotes,
 * comments, parameters and odd names for base64 are tolerated. *out is the identity unless the
 * answer is SP_TRANSFER_KNOWN. `value` may be NULL. */
enum sp_transfer_answer sp_transfer_from_mime(const char *value, enum sp_transfer *out);
/* Are there bytes that base64 does not allow? Then something lies there that decoding passes
 * over. */
bool sp_transfer_base64_strange(struct sp_slice in);

void sp_transfer_init(struct sp_transfer_reader *reader, enum sp_transfer transfer,
                      struct sp_slice in);
/* The next run of decoded bytes; false at the end. *at is where it begins in `in`. Valid until the
 * next call. Broken input never fails: what is no code stands for itself (quoted-printable) or is
 * passed over and counted (base64). */
bool sp_transfer_next(struct sp_transfer_reader *reader, struct sp_slice *run, size_t *at);

/* The bytes that the kept digits make; false when there are none. Valid until the next call. */
bool sp_transfer_finish(struct sp_transfer_reader *reader, struct sp_slice *run);

#endif
