/* What the first bytes of an image tell of it. */
#ifndef SP_EXTRACT_IMAGE_H
#define SP_EXTRACT_IMAGE_H

#include "speur/slice.h"

#include <stdbool.h>

struct sp_image_size {
    unsigned width, height; /* pixels */
};
/* PNG, JPEG, GIF, BMP, WebP. False: another, or the head does not reach so far. */
bool sp_image_size(struct sp_slice head, struct sp_image_size *out);
/* Too small to show words that can be read: an icon, a line, a logo; of a thumbnail that an office
 * program made of the document itself more is allowed. */
bool sp_image_is_small(struct sp_image_size size, bool is_thumbnail);
/* "Thumbnails/thumbnail.png" and "docProps/thumbnail.jpeg". */
bool sp_image_is_thumbnail(struct sp_slice name);

#endif
