/* What the two halves of the decoder share: decoder.c with blocks and encodings of bytes,
 * decoder_wide.c with UTF-16 and UTF-32. Internal to core. */
#ifndef SP_CORE_DECODER_H
#define SP_CORE_DECODER_H

#include "core/named.h"
#include "core/piece.h"

enum { SP_HELD_MAX = SP_NAMED_BYTES_MAX };

struct sp_decoder {
    enum sp_encoding encoding;
    void *named;         /* see named.h; NULL unless a charset of more bytes a character */
    bool has_table;      /* a single-byte charset: `table` has its code points */
    bool ascii_superset; /* bytes below 0x80 mean ASCII, whatever was before */
    bool started;        /* the first unit was read (a BOM may turn UTF-16 round) */
    bool in_bytes;       /* UTF-16: where we are, bytes of another encoding stand */
    bool nul_dropped;    /* the last NUL was half of a character of UTF-16 in a text of bytes */
    uint8_t before[2];   /* the last byte, and the one before it; ASCII supersets only */
    uint64_t invalid_count;
    uint8_t held[SP_HELD_MAX]; /* a character cut by the end of a block */
    size_t held_len;
    uint64_t held_off;   /* source byte of held[0] */
    uint32_t table[256]; /* SP_CODE_INVALID where the charset has nothing */
    struct sp_piece piece;
};

/* One call of sp_decoder_push. */
struct sp_push {
    struct sp_decoder *decoder;
    bool last; /* no bytes follow those in hand */
};

/* ---- the steps ---------------------------------------------------------------------------
 * Each reads one character at in.ptr (in.len > 0) that lies at source byte `off`. *used stays 0
 * when more bytes are needed; with push->last at least one is used. */
enum sp_err sp_step_utf8(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used);
enum sp_err sp_step_utf16(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used);
enum sp_err sp_step_utf32(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used);
/* A byte that means nothing in its encoding: taken as windows-1252, so that nothing is lost. */
enum sp_err sp_step_fallback(struct sp_push *push, uint8_t byte, uint64_t off);
/* ASCII in UTF-16, as far as the piece has room: one point a character. Returns bytes used. */
size_t sp_utf16_run(struct sp_push *push, struct sp_slice in, uint64_t off);

#endif
