/* Machine-readable zones as they were printed, from how they were recognised (ICAO 9303, parts 4
 * to 6): fillers that became letters, lines of a wrong length, letters and digits that look alike.
 */
#ifndef SP_OCR_MRZ_H
#define SP_OCR_MRZ_H

#include "base/buf.h"

/* Appends each zone that may stand in the lines of `text`, in full and on lines of its own. Whether
 * its check digits hold is for the detector to say. */
enum sp_err sp_mrz_readings(struct sp_slice text, struct sp_buf *out, struct sp_why *why);

#endif
