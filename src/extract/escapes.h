/* Characters that a text of a program writes as escapes: \u0040, \u{40}, \U00000040, \x40, \100,
 * with any number of backslashes; %40, %u0040 and the + for a blank of links (RFC 3986, WHATWG
 * URL); and words that are text in base64. What stands there may be meant as it is (a user name
 * behind a domain), so the text goes on its way untouched, and the piece between quotes or line
 * ends in which such escapes stand is kept, decoded, to be read once more. */
#ifndef SP_EXTRACT_ESCAPES_H
#define SP_EXTRACT_ESCAPES_H

#include "base/buf.h"
#include "core/charset.h"
#include "core/sink.h"
#include "extract/base64_words.h"
#include "extract/extract.h"

enum {
    SP_ESCAPES_CONTEXT = 128, /* bytes read again on either side of an escape */
    SP_ESCAPES_PIECE = 2048,  /* bytes of one decoded piece */
    SP_ESCAPES_POINTS = 256,
    SP_ESCAPES_SLASHES = 8,
    SP_ESCAPES_CARRY = SP_ESCAPES_CONTEXT + SP_ESCAPES_SLASHES + 16
};

enum sp_escape_state {
    SP_ESCAPE_NONE,
    SP_ESCAPE_SLASH,
    SP_ESCAPE_UNIT,    /* behind \u */
    SP_ESCAPE_CODE,    /* behind \u{ */
    SP_ESCAPE_WIDE,    /* behind \U */
    SP_ESCAPE_BYTE,    /* behind \x */
    SP_ESCAPE_OCTAL,   /* behind \1 */
    SP_ESCAPE_PERCENT, /* behind % */
    SP_ESCAPE_PLUS
};

struct sp_escapes {
    struct sp_slice text; /* that is being read */
    struct sp_origin_map map;
    uint64_t line; /* of text.ptr[counted] */
    size_t counted;
    enum sp_escape_state state;
    uint8_t seen[SP_ESCAPES_SLASHES + 16]; /* of the escape at hand */
    size_t seen_len;
    uint64_t seen_off;
    unsigned digits;
    uint32_t code;
    uint32_t high;   /* first half of a pair, or 0 */
    uint8_t held[4]; /* bytes of a character in UTF-8, which are windows-1252 if it does not end */
    uint8_t held_len, held_want;
    uint64_t held_off;
    bool whole;     /* the text comes in one piece: nothing is carried to the next */
    bool open;      /* a piece is being decoded */
    size_t since;   /* bytes behind its last escape */
    uint64_t begun; /* line on which it starts */
    size_t len, points;
    size_t carry_len; /* the end of what was read before */
    bool overfull;    /* more was met than is kept */
    uint8_t piece[SP_ESCAPES_PIECE];
    struct sp_origin point[SP_ESCAPES_POINTS];
    uint8_t carry[SP_ESCAPES_CARRY];
    uint64_t carry_off[SP_ESCAPES_CARRY];
    struct sp_base64_words words;
    struct sp_buf kept;       /* of sp_escapes_give */
    struct sp_escapes *inner; /* reads what was decoded; NULL until the first */
    unsigned depth;           /* such readers around it */
};

void sp_escapes_init(struct sp_escapes *escapes);
/* Ready for another text. */
void sp_escapes_again(struct sp_escapes *escapes);
void sp_escapes_clear(struct sp_escapes *escapes);
/* Reads the next piece of decoded text, cut anywhere. SP_ERR_NOMEM. */
enum sp_err sp_escapes_push(struct sp_escapes *escapes, struct sp_slice utf8,
                            struct sp_origin_map map, struct sp_why *why);
/* Keeps a text of the caller's own, which lies at source byte `off`, beside what is decoded. */
enum sp_err sp_escapes_add(struct sp_escapes *escapes, struct sp_slice utf8, uint64_t off,
                           uint64_t line, struct sp_why *why);
/* The text has ended: the piece at hand is kept too. SP_ERR_NOMEM. */
enum sp_err sp_escapes_end(struct sp_escapes *escapes, struct sp_why *why);
/* Whether a text may have any of them. */
bool sp_escapes_may(struct sp_slice text);
/* Gives each kept piece and forgets it; what is at hand goes on. */
typedef enum sp_err (*sp_escapes_out)(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                      uint64_t line, struct sp_why *why);
enum sp_err sp_escapes_give(struct sp_escapes *escapes, sp_escapes_out out, void *ctx,
                            struct sp_why *why);
/* Tells, behind the record, when more was met than could be kept. */
enum sp_err sp_escapes_report(const struct sp_escapes *escapes, struct sp_extract *x,
                              struct sp_why *why);
/* Tells that some text has more of them than are kept. */
enum sp_err sp_escapes_tell_cut(struct sp_extract *x, struct sp_why *why);

#endif
