/* Compressed texts of a PNG (zTXt, iTXt: W3C PNG, 11.3.3), which the raw pass cannot read. */
#ifndef SP_EXTRACT_PNG_TEXT_H
#define SP_EXTRACT_PNG_TEXT_H

#include "extract/extract.h"

/* Hands each out as a part of the object, from this ordinal on; a stream that cannot seek, or that
 * holds no PNG, has none. What cannot be handed out is told. The stream's position stays. */
enum sp_err sp_png_texts(struct sp_extract *x, struct sp_stream *stream, uint64_t ordinal,
                         struct sp_why *why);

#endif
