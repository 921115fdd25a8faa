/* Archives read by libarchive and what stands around it: the first byte also chooses the format. */
#define FUZZ_FORMAT                                                                                \
    (container_formats[(data[0] >> 2) % (sizeof container_formats / sizeof *container_formats)])
static const char *const container_formats[] = {"7z", "rar", "cab", "iso", "cpio",
                                                "ar", "xar", "rpm", "warc"};

#include "format.h"
