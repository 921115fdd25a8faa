/* How a camera was held. */
#ifndef SP_OCR_EXIF_H
#define SP_OCR_EXIF_H

#include "speur/slice.h"

/* The orientation that a JPEG's Exif segment tells (tag 0112 of its first directory; CIPA DC-008,
 * 4.6.4), 1 to 8; 1 when it tells none. */
unsigned sp_exif_orientation(struct sp_slice jpeg);

#endif
