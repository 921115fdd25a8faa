/* The way from an object's bytes to normalised text, for text formats. */
#ifndef SP_EXTRACT_DECODE_H
#define SP_EXTRACT_DECODE_H

#include "core/charset.h"
#include "extract/extract.h"

/* Reads x->stream to its end and pushes its text to `out`. Fills x->done->encoding and
 * bytes_read. keep_quotes: see sp_decoder_keep_quotes.
 * Returns an error of `out` or of memory. A failure of the stream itself is put into
 * *stream_err, with its reason in `why`, after all that came before it was pushed: the caller ends
 * what is open and returns it. */
enum sp_err sp_extract_decode(struct sp_extract *x, bool keep_quotes, sp_text_out out, void *ctx,
                              enum sp_err *stream_err, struct sp_why *why);

/* The head as one byte a character: ASCII stays, all else becomes 0xFF; a BOM is left out.
 * Returns how many bytes of `sample` were filled; 0 when the head is no text. */
size_t sp_extract_sample(struct sp_slice head, uint8_t sample[SP_SAMPLE_BYTES]);
/* Whether it looks like text, in whatever encoding. */
bool sp_extract_is_text(struct sp_slice head);

/* True when the name ends in one of the suffixes (".csv\0.tsv\0", ended by an empty one),
 * ASCII case ignored. */
bool sp_name_has_suffix(struct sp_slice name, const char *suffixes);

#endif
