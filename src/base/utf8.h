/* UTF-8: decode, encode, check, and make foreign bytes safe to show. */
#ifndef SP_BASE_UTF8_H
#define SP_BASE_UTF8_H

#include "base/buf.h"

/* Decodes one code point. Returns its length 1..4, or 0 when the bytes are no valid UTF-8
 * (overlong, surrogate, above U+10FFFF, cut). */
unsigned sp_utf8_decode(const uint8_t *ptr, size_t len, uint32_t *code_point);
/* Writes 1..4 bytes to out and returns how many; an invalid code point becomes U+FFFD. */
unsigned sp_utf8_encode(uint32_t code_point, uint8_t out[4]);
bool sp_utf8_valid(struct sp_slice bytes);
/* Valid UTF-8 that was cut somewhere: its length without what is left of the last character. */
size_t sp_utf8_whole(struct sp_slice cut);
/* What a hexadecimal digit of either case stands for; -1 when it is none. */
int sp_hex_digit(uint8_t byte);
/* Length of the ASCII run (all bytes below 0x80) at the start. */
size_t sp_ascii_run(const uint8_t *ptr, size_t len);

/* A control character of ASCII that no text has: all but tab, LF and CR. */
static inline bool sp_byte_is_control(uint8_t byte)
{
    return byte == 0x7F || (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r');
}

/* How many bytes are LF. */
size_t sp_line_ends(const uint8_t *ptr, size_t len);

/* True when all bytes are printable ASCII, white space or ESC: text in any encoding that extends
 * ASCII, and no doubt about it. */
bool sp_ascii_is_text(struct sp_slice bytes);

/* Appends bytes as valid UTF-8 that cannot harm a terminal, a log or a locator: control
 * characters (C0, DEL, C1), bidirectional and line-separator marks, invalid bytes, `%`, and each
 * byte of `also` become %XX of their bytes. */
enum sp_err sp_escape(struct sp_buf *out, struct sp_slice bytes, const char *also,
                      struct sp_why *why);

#endif
