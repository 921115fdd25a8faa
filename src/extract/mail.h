/* One mail message: its MIME structure as found by GMime, told as ranges of the message's bytes.
 * Headers, texts and parts are read from these ranges, so that each byte of a message is either
 * in a range or in a gap between them, and gaps are read as text: nothing is lost when MIME is
 * broken. */
#ifndef SP_EXTRACT_MAIL_H
#define SP_EXTRACT_MAIL_H

#include "base/buf.h"
#include "extract/extract.h"
#include "extract/mail_transfer.h"

/* Once in a process, before threads and before it is locked down: GMime, and the charsets of
 * mail, which could not be loaded later. What GLib's libraries say of a file goes nowhere. */
void sp_mail_init(void);

enum { SP_MAIL_PATH_MAX = 160, SP_MAIL_TYPE_MAX = 96 };

enum sp_mail_kind {
    SP_MAIL_TEXT,      /* a text to read in the message's record */
    SP_MAIL_PART,      /* an attachment, or no text: an object of its own */
    SP_MAIL_MESSAGE,   /* message/rfc822: the same */
    SP_MAIL_ENCRYPTED, /* S/MIME or PGP: an object that nobody can read */
    SP_MAIL_MULTIPART, /* its headers only; its parts follow */
    SP_MAIL_TOO_DEEP   /* below the nesting limit: its headers only; the rest is a gap */
};

enum sp_mail_fault {
    SP_MAIL_FAULT_NONE,
    SP_MAIL_FAULT_UU,      /* uuencode */
    SP_MAIL_FAULT_SIGNED,  /* S/MIME with the message inside the signature */
    SP_MAIL_FAULT_PARTIAL, /* message/partial: a piece of a message (RFC 2046, 5.2.2) */
    SP_MAIL_FAULT_TRANSFER /* a name that we do not know */
};

struct sp_mail_entity {
    enum sp_mail_kind kind;
    enum sp_transfer transfer;
    enum sp_transfer transfer_other; /* of a second header that says otherwise; else the same */
    bool flowed, delete_space;       /* format=flowed; delsp=yes */
    enum sp_mail_fault fault;        /* the encoding has no reader: read as it stands */
    bool encoded_whole;   /* a multipart in which no part was found and that has an encoding */
    size_t headers_begin; /* bytes of the message; equal to headers_end when there are none */
    size_t headers_end;
    size_t content_begin;
    size_t content_end;
    const char *charset;         /* as declared, or NULL; valid until sp_mail_clear */
    const char *filename;        /* decoded, UTF-8 as GMime made it, or NULL */
    const char *boundary;        /* of a multipart, or NULL */
    char part[SP_MAIL_PATH_MAX]; /* "1.2" */
    char type[SP_MAIL_TYPE_MAX]; /* "text/plain" */
};

struct sp_mail {
    struct sp_slice bytes;  /* borrowed */
    void *tree;             /* GMimeMessage, or NULL when GMime found none */
    void *array;            /* GByteArray around `bytes` that the tree refers to, or NULL */
    const char *message_id; /* without <>, or NULL */
    int64_t date_s;         /* INT64_MIN unknown */
    struct sp_buf entities; /* struct sp_mail_entity[], in the message's order */
    bool recoded;           /* the message was UTF-16: what is not encoded is UTF-8 now */
    bool too_many;          /* more parts than we look at: MIME was not read at all */
};

/* Finds the structure of the message in `bytes` (an envelope line "From …" may stand before).
 * SP_ERR_NOMEM. Clear after use, also on failure. */
enum sp_err sp_mail_parse(struct sp_mail *mail, struct sp_slice bytes,
                          const struct sp_limits *limits, struct sp_why *why);
void sp_mail_clear(struct sp_mail *mail);
/* The Message-ID without <>; empty when there is none that is UTF-8 and of sane length. */
struct sp_slice sp_mail_id(const struct sp_mail *mail);
const struct sp_mail_entity *sp_mail_entity_at(const struct sp_mail *mail, size_t index);
size_t sp_mail_entity_count(const struct sp_mail *mail);

/* Reads the message into the open object: one record with headers and texts, then its parts as
 * objects below it. Fills x->done->record_count and encoding. */
enum sp_err sp_mail_read(struct sp_extract *x, const struct sp_mail *mail, struct sp_why *why);

/* ---- header lines ------------------------------------------------------------------------ */
/* Length of the line at pos with its line end. */
size_t sp_mail_line(struct sp_slice bytes, size_t pos);
/* Length of the header name before its colon when a header begins at pos; else 0. */
size_t sp_mail_header_name(struct sp_slice bytes, size_t pos);
/* Length of an envelope line "From …" at the start, quoted (">From …") or not; 0 when there is
 * none. */
size_t sp_mail_envelope(struct sp_slice bytes);
/* Where the headers begin: behind all that sp_mail_prefix knows and the envelope line. */
size_t sp_mail_start(struct sp_slice bytes);
/* End of the header block that begins at pos: behind its empty line, or before a line that
 * begins with "--", or `end`. */
size_t sp_mail_headers_end(struct sp_slice bytes, size_t pos, size_t end);

#endif
