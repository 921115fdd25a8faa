/* Spans in which digits mean nothing: UUIDs, hashes, Base64, URL paths, amounts (DETECTORS 1).
 * Floats and timestamps need no mask: the boundaries of numbers reject their parts. */
#ifndef SP_DETECT_MASK_H
#define SP_DETECT_MASK_H

#include "core/text.h"

/* Whether text[begin, end) lies in such a span. Looks at most SP_LINE_LOOK_BYTES around it. */
bool sp_mask_covers(const struct sp_text *text, size_t begin, size_t end);

#endif
