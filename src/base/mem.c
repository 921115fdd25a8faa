#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>

/* The countdown of the fault injection: 0 = off. Written by tests before they start threads. */
static atomic_long mem_fail_in;

static int mem_must_fail(void)
{
    if (atomic_load_explicit(&mem_fail_in, memory_order_relaxed) == 0)
        return 0;
    return atomic_fetch_sub(&mem_fail_in, 1) == 1;
}

void *sp_alloc(size_t size_bytes)
{
    return mem_must_fail() ? NULL : malloc(size_bytes == 0 ? 1 : size_bytes);
}

void *sp_alloc_zero(size_t size_bytes)
{
    return mem_must_fail() ? NULL : calloc(1, size_bytes == 0 ? 1 : size_bytes);
}

void *sp_realloc(void *old, size_t size_bytes)
{
    return mem_must_fail() ? NULL : realloc(old, size_bytes == 0 ? 1 : size_bytes);
}

void sp_free(void *memory)
{
    free(memory);
}

char *sp_copy_string(const void *bytes, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : sp_alloc(len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

void sp_mem_fail_at(long nth)
{
    atomic_store(&mem_fail_in, nth);
}
