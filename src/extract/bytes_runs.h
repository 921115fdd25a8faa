/* The two scanners of the raw byte pass and what they share; see bytes.c. */
#ifndef SP_EXTRACT_BYTES_RUNS_H
#define SP_EXTRACT_BYTES_RUNS_H

#include "extract/extract.h"

enum {
    SP_RUN_CHARS_MIN = 6,   /* shortest run that is kept: a@b.nl */
    SP_RUN_FOREIGN_MAX = 2, /* letters beyond ASCII in a row */
};

enum sp_run_kind { SP_RUN_NARROW, SP_RUN_WIDE_EVEN, SP_RUN_WIDE_ODD, SP_RUN_KIND_COUNT };

/* What a byte may be in a narrow run. */
enum byte_class { BYTE_OTHER, BYTE_ASCII, BYTE_CR, BYTE_LETTER, BYTE_HIGH };

struct sp_scanner {
    uint64_t next; /* source byte from which on it has to look */
    bool open;     /* the run at `next` was given in part: it goes on without a separator */
};

struct sp_bytes_pass {
    struct sp_extract *x;
    uint8_t classes[256]; /* enum byte_class of each byte */
    struct sp_why *why;
    uint8_t *window; /* WINDOW_BYTES */
    size_t window_len;
    uint64_t window_off; /* source byte of window[0] */
    bool final;          /* nothing follows the window */
    struct sp_scanner scanners[SP_RUN_KIND_COUNT];
    bool record_open;
    uint8_t *text; /* SP_FRAME_TEXT_MAX; what was not yet pushed */
    size_t text_len;
    struct sp_origin *points; /* POINTS_MAX */
    size_t point_count;
};

/* Appends whole characters that stem from consecutive source bytes from `off` on. */
enum sp_err sp_bytes_put(struct sp_bytes_pass *pass, const uint8_t *ptr, size_t len, uint64_t off);
/* Appends one code point, normalised. */
enum sp_err sp_bytes_put_code(struct sp_bytes_pass *pass, uint32_t code, uint64_t off);
/* Ends a run: a newline stands between it and the next one. */
enum sp_err sp_bytes_separate(struct sp_bytes_pass *pass, uint64_t off);
/* May letters beyond ASCII stand between these two characters? A length or a flag that lies
 * between two values may look like a letter as well, and would hide where they end: so they are
 * believed only within words, "Renée", "COÖP", and never beside a digit. */
bool sp_bytes_foreign_fits(unsigned before, unsigned after);

/* Gives the runs that end within the window; scanner->next gets where a run begins that does
 * not, or the window's end. */
enum sp_err sp_narrow_scan(struct sp_bytes_pass *pass, struct sp_scanner *scanner);
enum sp_err sp_wide_scan(struct sp_bytes_pass *pass, struct sp_scanner *scanner);
/* Gives the run at scanner->next, which the window cuts, as far as it goes. */
enum sp_err sp_narrow_cut(struct sp_bytes_pass *pass, struct sp_scanner *scanner);
enum sp_err sp_wide_cut(struct sp_bytes_pass *pass, struct sp_scanner *scanner);

#endif
