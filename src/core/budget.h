/* Limits on what a file may make us do, and the running account of one job. Each limit that is
 * hit becomes an unread record. */
#ifndef SP_CORE_BUDGET_H
#define SP_CORE_BUDGET_H

#include "speur/reason.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SP_PASSWORDS_MAX = 64,
    SP_PASSWORD_BYTES_MAX = 256,
    SP_PASSWORDS_BYTES_MAX = SP_PASSWORDS_MAX * (SP_PASSWORD_BYTES_MAX + 1)
};

/* Programs beside speur-worker, each with a large library of its own: a machine may be without.
 * What they would read is told as before where they are not. */
enum sp_program {
    SP_PROGRAM_OCR = 1, /* speur-ocr: words of pictures */
    SP_PROGRAM_DISK = 2 /* speur-disk: files of disk images */
};

struct sp_limits {
    uint32_t programs;  /* that are there and may be used; bits of enum sp_program */
    uint32_t depth_max; /* containers within containers */
    uint32_t mime_depth_max;
    uint64_t entries_max;      /* members of one container */
    uint64_t ratio_layer_max;  /* bytes out per byte in, one layer */
    uint64_t ratio_total_max;  /* the same from the top object */
    uint64_t ratio_free_bytes; /* ratios count only after so many bytes out */
    uint64_t spool_max_bytes;  /* one seekable child kept in memory */
    uint64_t member_max_bytes; /* read of one member or of what one compressed layer holds; 0 =
                                * none: streams are never stored */
    uint64_t memory_max_bytes; /* address space of a worker */
    uint32_t quiet_max_s;      /* a worker that makes no progress for so long is ended */
    /* Passwords of zip members, each ended by a NUL, one behind the other; borrowed, NULL when
     * there are none. Never told, logged or stored; whoever holds them wipes them. */
    const char *passwords;
    uint32_t passwords_len; /* bytes, with the NULs */
};
/* The defaults: 16, 32, 1,000,000, 200, 1000, 64 MiB, 256 MiB, none, 1 GiB, 30 s. */
void sp_limits_init(struct sp_limits *limits);

#endif
