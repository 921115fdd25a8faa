/* Whole numbers in the spelling of programs: 1.11222333E8, 111222333.0. */
#ifndef SP_EXTRACT_NUMBER_H
#define SP_EXTRACT_NUMBER_H

#include "speur/slice.h"

enum { SP_NUMBER_MAX = 32 };

/* The number without exponent and fraction, in `room`; empty when the text is no whole number of at
 * least six digits, has more than fits a double, or is spelt plainly already. */
struct sp_slice sp_number_whole(struct sp_slice text, char room[SP_NUMBER_MAX]);

#endif
