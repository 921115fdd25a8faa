/* Bytes to normalised UTF-8 text, with an origin map.
 * Normalisation (DETECTORS: the form in which all expressions are written): NBSP, narrow NBSP,
 * thin and figure space, U+2014 and U+2015 become a space; U+2010-2013 and U+2212 become '-';
 * U+2018, U+2019 and U+02BC become '\''; U+200B-200D, U+2060, U+FEFF and the soft
 * hyphen are dropped; full-width forms become ASCII; CR LF becomes LF; NUL becomes a space. Nothing
 * else is changed. */
#ifndef SP_CORE_CHARSET_H
#define SP_CORE_CHARSET_H

#include "core/text.h"
#include "speur/err.h"

enum sp_encoding {
    SP_ENC_ASCII, /* found nothing above 0x7F in the head; decodes like UTF-8 */
    SP_ENC_UTF8,  /* a byte that is no UTF-8 decodes as windows-1252: mixed files lose nothing */
    SP_ENC_WINDOWS_1252,
    SP_ENC_UTF16LE,
    SP_ENC_UTF16BE,
    SP_ENC_UTF32LE,
    SP_ENC_UTF32BE,
    SP_ENC_NAMED /* through iconv, by its MIME name */
};
const char *sp_encoding_name(enum sp_encoding encoding);

/* Decides from the first bytes: BOM, NUL statistics (UTF-16 without BOM), strict UTF-8, else
 * windows-1252. *bom_len is how many bytes the BOM takes. `looks_text` is false when the bytes
 * are no text in any of these (controls, NULs without pattern): then the raw pass reads them. */
enum sp_encoding sp_encoding_detect(struct sp_slice head, size_t *bom_len, bool *looks_text);

/* The charset name to decode a text with that is declared as `declared` (may be NULL) and begins
 * with `sample`: another one when the declared one is wide or EBCDIC and the bytes are not, or the
 * other way round. Borrowed from `declared`, or static; NULL: UTF-8 with fallback. */
const char *sp_encoding_settle(const char *declared, struct sp_slice sample);
/* Whether most of it is ASCII: read as UTF-8, no more than accents can be lost of it. */
bool sp_encoding_is_readable(struct sp_slice sample);

/* Gets pieces of text: valid normalised UTF-8 of at most SP_FRAME_TEXT_MAX bytes. */
typedef enum sp_err (*sp_text_out)(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                   struct sp_why *why);

/* The normalisation above for one code point; false when it is dropped. */
bool sp_code_normalise(uint32_t *code);

struct sp_decoder;
/* name is the MIME charset for SP_ENC_NAMED, else NULL. SP_ERR_FORMAT: no such charset. */
enum sp_err sp_decoder_new(enum sp_encoding encoding, const char *name, struct sp_decoder **out,
                           struct sp_why *why);
/* Decodes the next bytes, which lie at source_off in the leaf's stream; holds back an incomplete
 * character until more bytes come or `final`. */
enum sp_err sp_decoder_push(struct sp_decoder *decoder, struct sp_slice bytes, uint64_t source_off,
                            bool final, sp_text_out out, void *ctx, struct sp_why *why);
/* Leaves U+2018, U+2019 and U+02BC as they are: a language where ' is syntax (SQL) must tell them
 * apart; its reader does that part of the normalisation itself. Before the first push. */
void sp_decoder_keep_quotes(struct sp_decoder *decoder, bool keep);
/* Bytes that were invalid in the encoding and were taken as windows-1252 so far. */
uint64_t sp_decoder_invalid_count(const struct sp_decoder *decoder);
void sp_decoder_free(struct sp_decoder *decoder);

/* Loads the charsets that mail and documents name, for the life of the process: a process that
 * locks itself down cannot load them later. Call once, before threads. */
void sp_charset_load(void);

/* The encoding for a MIME charset name ("iso-8859-1" decodes as windows-1252, "us-ascii" as
 * UTF-8 with fallback, …); SP_ENC_NAMED when only iconv may know it. */
enum sp_encoding sp_encoding_from_mime(const char *name);

#endif
