/* Records of one person, copied while a scan goes by, in a file without a name: lanes add, and
 * when the scan is over whoever asked for them takes them out by what the inventory calls them. In
 * the clear but for other people's values, so the file lies where the copies shall. */
#ifndef SP_SCAN_COPIES_H
#define SP_SCAN_COPIES_H

#include "base/buf.h"
#include "core/text.h"

/* What of a record that holds the person's data could be copied. */
enum sp_copy_state {
    SP_COPY_WHOLE,
    SP_COPY_TOO_LARGE, /* above SP_COPY_RECORD_MAX: nothing of it is kept */
    SP_COPY_UNJUDGED   /* whether something in it is somebody else's could not be told: the same */
};

enum { SP_COPY_RECORD_MAX = 16 << 20 /* bytes of text of one record */ };

/* What a record is called in the inventory of the scan. */
struct sp_copy_id {
    int64_t object;
    uint64_t ordinal;
    enum sp_record_kind kind;
};

struct sp_copies;

/* In this folder. SP_ERR_IO, SP_ERR_NOMEM. */
enum sp_err sp_copies_open(const char *folder, struct sp_copies **out, struct sp_why *why);
void sp_copies_close(struct sp_copies *copies); /* NULL is fine */
/* Adds a record: members of a JSON object ("\"text\":\"…\""). Thread-safe. SP_ERR_IO. */
enum sp_err sp_copies_add(struct sp_copies *copies, const struct sp_copy_id *id,
                          enum sp_copy_state state, struct sp_slice members, struct sp_why *why);
/* After the last add, before the first find. SP_ERR_IO, SP_ERR_NOMEM. */
enum sp_err sp_copies_end(struct sp_copies *copies, struct sp_why *why);
/* The copies of a record: index of the first, *count of them. */
size_t sp_copies_find(const struct sp_copies *copies, const struct sp_copy_id *id, size_t *count);
/* Reads one into `members`, which is emptied first. SP_ERR_IO, SP_ERR_LIMIT, SP_ERR_NOMEM. */
enum sp_err sp_copies_read(const struct sp_copies *copies, size_t index, enum sp_copy_state *state,
                           struct sp_buf *members, struct sp_why *why);

#endif
