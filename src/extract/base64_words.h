/* Text that stands in base64 or hexadecimal digits (RFC 4648) in a text: credentials of HTTP,
 * tokens, what programs log. A word of digits is read as text when it decodes to that; long words
 * and numbers do not. It goes on over the ends of its lines, however these are indented, quoted or
 * escaped. */
#ifndef SP_EXTRACT_BASE64_WORDS_H
#define SP_EXTRACT_BASE64_WORDS_H

#include "core/text.h"
#include "speur/err.h"

enum {
    SP_BASE64_WORD_MIN = 16,     /* digits; by chance fewer are text too often */
    SP_BASE64_WORD_MAX = 4096,   /* of which a longer word is read at a time; a multiple of four, */
    SP_BASE64_WORD_AGAIN = 1024, /* and so are those that are read again with the next ones */
    SP_BASE64_TEXT_MAX = SP_BASE64_WORD_MAX / 4 * 3,
    SP_BASE64_LINES_MAX = 128 /* of a word, which are read one by one when it is none */
};

/* Decodes digits, lines of any length, into `out`, which has room for digits.len bytes: their
 * number; 0: not base64, or not of text. Text may have a few bytes that are none, as what PHP
 * serialises has, and be UTF-16: NUL is left out, other controls become line ends. */
size_t sp_base64_text(struct sp_slice digits, uint8_t *out);

/* Whether there may be such a word: as many digits in a row. */
bool sp_base64_words_may(struct sp_slice text);

enum sp_base64_state {
    SP_BASE64_DIGITS,
    SP_BASE64_GAP,     /* between two lines of one word */
    SP_BASE64_SLASH,   /* behind a backslash: \\n between lines, \\/ for the digit */
    SP_BASE64_PERCENT, /* %2B, %2F for the digits, %0A between lines */
    SP_BASE64_TWO,
    SP_BASE64_ZERO
};
struct sp_base64_words { /* all zero at first */
    size_t len;          /* digits of the word at hand, which may go on; 0: none */
    enum sp_base64_state state;
    size_t line_count;
    uint16_t lines[SP_BASE64_LINES_MAX]; /* where they begin in `digits` */
    size_t line_len;                     /* digits in its last line */
    size_t gap_len;                      /* bytes since then */
    size_t again;                        /* of `digits`, from the first on: were read before */
    uint64_t off, line;                  /* where it begins */
    uint8_t digits[SP_BASE64_WORD_MAX];
};
typedef enum sp_err (*sp_base64_out)(void *ctx, struct sp_slice utf8, uint64_t off, uint64_t line,
                                     struct sp_why *why);
/* Reads the next piece of a text, cut anywhere, which begins on that line; gives what decodes, as
 * normalised UTF-8 of less than 4 * SP_BASE64_TEXT_MAX bytes. */
enum sp_err sp_base64_words_push(struct sp_base64_words *words, struct sp_slice utf8,
                                 struct sp_origin_map map, uint64_t line, sp_base64_out out,
                                 void *ctx, struct sp_why *why);
/* The text has ended. */
enum sp_err sp_base64_words_end(struct sp_base64_words *words, sp_base64_out out, void *ctx,
                                struct sp_why *why);

#endif
