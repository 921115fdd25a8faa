/* Memory. All heap memory of speur's own code comes from here, so that tests can make the n-th
 * allocation fail. */
#ifndef SP_BASE_MEM_H
#define SP_BASE_MEM_H

#include <stddef.h>

/* As malloc, calloc, realloc and free. NULL when memory could not be had, also for size 0 never.
 * Release with sp_free. */
void *sp_alloc(size_t size_bytes);
void *sp_alloc_zero(size_t size_bytes);
void *sp_realloc(void *old, size_t size_bytes);
void sp_free(void *memory);
/* A NUL-terminated copy of len bytes. */
char *sp_copy_string(const void *bytes, size_t len);

/* Tests only: the n-th allocation from now on fails (1 = the next); 0 switches it off. */
void sp_mem_fail_at(long nth);

#endif
