/* Formats that are known by their first bytes and have no reader here. */
#ifndef SP_EXTRACT_KNOWN_H
#define SP_EXTRACT_KNOWN_H

#include "speur/reason.h"
#include "speur/slice.h"

struct sp_known {
    const char *name;      /* for the detail of the unread record */
    enum sp_reason reason; /* SP_REASON_COUNT: needs no reader, the raw pass reads what there is */
};

/* The row whose bytes stand in the head, or NULL. In what looks like text only long signatures at
 * its very beginning count. */
const struct sp_known *sp_known_find(struct sp_slice head, bool is_text);
/* The row for a MIME type that libmagic gave, or NULL. */
const struct sp_known *sp_known_mime(const char *mime);

#endif
