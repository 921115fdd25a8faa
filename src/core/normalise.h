/* Pieces of the decoder that know characters only. Internal to core. */
#ifndef SP_CORE_NORMALISE_H
#define SP_CORE_NORMALISE_H

#include "core/charset.h"

/* Code points that stand for no character, above U+10FFFF. */
enum { SP_CODE_DROPPED = 0x110000, SP_CODE_INVALID = 0x110001 };

/* U+2018, U+2019, U+02BC: apostrophes for us, no quotes of SQL. */
bool sp_code_is_quote(uint32_t code);
/* The normalised code point; SP_CODE_DROPPED for what is left out. CR is not handled here. */
uint32_t sp_code_map(uint32_t code);
uint32_t sp_windows_1252_code(uint8_t byte);
/* Length of the run at ptr that is its own normalised UTF-8: no NUL, no CR, no high byte. */
size_t sp_plain_run(const uint8_t *ptr, size_t len);

#endif
