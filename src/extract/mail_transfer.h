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
    uint64_t strange; /* bytes so far that the encoding does not allow */
    uint32_t bits;    /* base64 digits that make no byte yet */
    unsigned digits;  /* how many */
    uint8_t out[SP_TRANSFER_OUT_MAX];
};

void sp_transfer_init(struct sp_transfer_reader *reader, enum sp_transfer transfer,
                      struct sp_slice in);
/* The next run of decoded bytes; false at the end. *at is where it begins in `in`. Valid until the
 * next call. Broken input never fails: what is no code stands for itself (quoted-printable) or is
 * passed over and counted (base64). */
bool sp_transfer_next(struct sp_transfer_reader *reader, struct sp_slice *run, size_t *at);

#endif
