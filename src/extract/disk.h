/* Disk images: what speur-disk reads, known by their first bytes. */
#ifndef SP_EXTRACT_DISK_H
#define SP_EXTRACT_DISK_H

#include "speur/reason.h"
#include "speur/slice.h"

/* What stands in the head of an image of a file system or of a whole disk ("ext file system", "MBR
 * partition table"), or NULL. size_bytes: of all of it, or SP_SIZE_UNKNOWN. */
const char *sp_disk_find(struct sp_slice head, uint64_t size_bytes);
/* The same by the copies that file systems and tables keep elsewhere, when the first bytes of a
 * file are overwritten. */
const char *sp_disk_find_copy(int fd, uint64_t size_bytes);
/* True for what speur-disk gives as bytes because it could not open it, by its name ("p1:raw"): it
 * is not asked again. */
bool sp_disk_is_given(struct sp_slice name);

#endif
