/* The body of a gzip member, behind its header, by ISA-L: about twice as fast as zlib. Where speur
 * was built without it there is none, and zlib reads all. What comes out of a sound stream is the
 * same; out of a damaged one never less than zlib gives. */
#ifndef SP_EXTRACT_GZIP_BODY_H
#define SP_EXTRACT_GZIP_BODY_H

#include "speur/err.h"
#include "speur/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_gzip_body;

enum sp_gzip_body_end {
    SP_GZIP_BODY_MORE,   /* wants more input, or more room */
    SP_GZIP_BODY_END,    /* the trailer was read, and agrees */
    SP_GZIP_BODY_DAMAGED /* what was made before stays good */
};

/* *out is NULL when there is no ISA-L. SP_ERR_NOMEM. */
enum sp_err sp_gzip_body_open(struct sp_gzip_body **out, struct sp_why *why);
void sp_gzip_body_close(struct sp_gzip_body *body); /* NULL allowed */
/* Before the first byte behind a header. */
void sp_gzip_body_start(struct sp_gzip_body *body);
/* Takes from *in and makes up to `room` bytes. With a full room there may be more to come of bytes
 * that were taken already. */
enum sp_gzip_body_end sp_gzip_body_inflate(struct sp_gzip_body *body, struct sp_slice *in,
                                           uint8_t *out, size_t room, size_t *made);
/* Where the file ends within the body: ISA-L holds back up to a symbol that zlib would give. Makes
 * up to `room` bytes, of which *made come whether zeros or ones follow: all that zlib gives, and
 * perhaps the beginning of one match more. */
void sp_gzip_body_flush(struct sp_gzip_body *body, uint8_t *out, size_t room, size_t *made);
/* For tests: true has sp_gzip_body_open find none. */
extern bool sp_gzip_body_off;

#endif
