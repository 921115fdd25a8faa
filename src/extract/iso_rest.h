/* What lies in an ISO 9660 image and in none of its files: the volume's own strings, files without
 * a record of a directory, boot images, what is behind a file's end. libarchive follows the records
 * and sees none of it. */
#ifndef SP_EXTRACT_ISO_REST_H
#define SP_EXTRACT_ISO_REST_H

#include "extract/container.h"

/* Reads it raw, from the image's beginning up to byte `end`, with offsets in the image. A directory
 * that is damaged leaves its files to be read raw too. */
enum sp_err sp_iso_rest(struct sp_extract *x, const struct sp_container_file *file, uint64_t end,
                        struct sp_why *why);

#endif
