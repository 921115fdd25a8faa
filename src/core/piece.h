/* A piece of decoded text on its way out: characters in, normalised UTF-8 with origins out.
 * Internal to core. */
#ifndef SP_CORE_PIECE_H
#define SP_CORE_PIECE_H

#include "base/limits.h"
#include "core/charset.h"

enum { SP_PIECE_POINTS_MAX = 4096 }; /* origin points: 64 KiB, and 1 MiB frames are far off */

struct sp_piece {
    sp_text_out out; /* where full pieces go; set for each push */
    void *ctx;
    struct sp_why *why;
    bool keep_quotes; /* see sp_decoder_keep_quotes */
    bool cr_waits;    /* a CR whose next character is not known yet */
    uint64_t cr_off;  /* source byte of that CR */
    size_t text_len;
    size_t point_count;
    struct sp_origin points[SP_PIECE_POINTS_MAX];
    uint8_t text[SP_FRAME_TEXT_MAX];
};

/* All return what `out` returned. */
enum sp_err sp_piece_flush(struct sp_piece *piece);
/* One character, or several, that lie at source byte `off`. */
enum sp_err sp_piece_code(struct sp_piece *piece, uint32_t code, uint64_t off);
enum sp_err sp_piece_codes(struct sp_piece *piece, const uint32_t *codes, size_t count,
                           uint64_t off);
/* A run as sp_plain_run finds it (len > 0); a long one goes out without a copy. */
enum sp_err sp_piece_run(struct sp_piece *piece, const uint8_t *ptr, size_t len, uint64_t off);
/* A CR that waited is kept unless `next` is LF. */
enum sp_err sp_piece_settle(struct sp_piece *piece, uint32_t next);

#endif
