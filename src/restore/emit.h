/* What a restore tool must leave out, in the words of that tool. Each form was tried with hostile
 * names and their look-alikes (tests/cli/emit.sh); what other forms lose or leak is in DESIGN.md.
 */
#ifndef SP_RESTORE_EMIT_H
#define SP_RESTORE_EMIT_H

#include "base/buf.h"

struct sp_emit_tool {
    const char *name;
    const char *usage; /* how the file is used; FILE stands for it */
    uint8_t separator; /* behind each name: a newline or NUL */
    const char *head;  /* before the first name */
    const char *prefix, *suffix;
    bool relative; /* names without a leading ./ and / */
    enum sp_err (*name_out)(struct sp_buf *out, struct sp_slice name, struct sp_why *why);
};
extern const struct sp_emit_tool sp_emit_tools[]; /* ended by a NULL name */

/* The tool of that name, or NULL. */
const struct sp_emit_tool *sp_emit_find(struct sp_slice name);
/* Appends one name that must not come back, with its separator. `host` is for tools that name the
 * server. SP_ERR_FORMAT: the tool cannot name it. */
enum sp_err sp_emit_name(const struct sp_emit_tool *tool, struct sp_slice name, const char *host,
                         struct sp_buf *out, struct sp_why *why);

#endif
