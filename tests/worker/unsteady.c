/* A worker that ends with some members, by their names, as a parser with a defect would: "die" when
 * it comes to the member, "late" after having read it, "hang" never comes back. Those that it is
 * told not to parse it leaves alone, but "always" ends it even then. */
#include "extract/extract.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The linker puts the first in the place of sp_extract_member, and calls that the second. */
enum sp_err __wrap_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why);
enum sp_err __real_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why);

static bool is_called(const struct sp_object_info *info, const char *piece)
{
    return memmem(info->name.ptr, info->name.len, piece, strlen(piece)) != NULL;
}

enum sp_err __wrap_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why)
{
    bool parses =
        !sp_plan_is_done(x->plan, info->ordinal) && sp_plan_lost(x->plan, info->ordinal) == NULL;
    if (is_called(info, "always") || (parses && is_called(info, "die")))
        abort();
    while (parses && is_called(info, "hang"))
        (void)pause();
    enum sp_err err = __real_sp_extract_member(x, info, stream, why);
    if (parses && is_called(info, "late"))
        abort();
    return err;
}
