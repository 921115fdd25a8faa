/* Letters beyond ASCII as they are compared: in lower case and without diacritics. */
#ifndef SP_DETECT_FOLD_H
#define SP_DETECT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Folds one letter of U+0080 and above to 0, 1 or 2 ASCII letters. */
unsigned sp_fold_letter(uint32_t code, char out[2]);
/* A capital of U+0080 to U+017F. */
bool sp_fold_is_upper(uint32_t code);

#endif
