/* Charsets that only iconv knows. Internal to core. */
#ifndef SP_CORE_NAMED_H
#define SP_CORE_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SP_NAMED_BYTES_MAX = 16 }; /* bytes of one character with its escape sequence */

/* An iconv descriptor to UCS-4, or NULL when there is no such charset. */
void *sp_named_open(const char *name);
void sp_named_close(void *named); /* NULL is fine */
/* Converts up to SP_NAMED_BYTES_MAX bytes; *made_count code points come out, *left bytes were not
 * taken. Returns 0, or EILSEQ, EINVAL (more bytes needed) as iconv does. */
int sp_named_convert(void *named, const uint8_t *ptr, size_t count,
                     uint32_t made[SP_NAMED_BYTES_MAX], size_t *made_count, size_t *left);
/* What the charset held back until now: number of code points. */
size_t sp_named_finish(void *named, uint32_t made[SP_NAMED_BYTES_MAX]);
/* True when each byte alone makes one character or none (SP_CODE_INVALID): then iconv is not
 * needed any more. */
bool sp_named_table(void *named, uint32_t table[256]);

#endif
