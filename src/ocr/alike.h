/* Letters and digits that are taken for each other. */
#ifndef SP_OCR_ALIKE_H
#define SP_OCR_ALIKE_H

#include <stdint.h>

/* The digit that a letter may be, or the byte itself. */
uint8_t sp_alike_digit(uint8_t byte);
/* The capital that a digit may be, or the byte itself. */
uint8_t sp_alike_letter(uint8_t byte);
/* The one or the other; 0: it looks like none. */
uint8_t sp_alike_other(uint8_t byte);

#endif
