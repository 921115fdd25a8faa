#include "extract/extract.h"

#include <magic.h>

/* One database a process: workers have one thread. The only state of this floor, because
 * libmagic's database must be loaded before the lockdown and takes 30 ms. */
static magic_t magic_database;

enum sp_err sp_magic_open(struct sp_why *why)
{
    if (magic_database != NULL)
        return SP_OK;
    /* Only the first bytes decide: nothing is uncompressed, no device is opened. */
    magic_database =
        magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
                   MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_ENCODING);
    if (magic_database == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for libmagic");
    if (magic_load(magic_database, NULL) != 0) {
        sp_magic_close();
        return sp_fail(why, SP_ERR_NOINPUT, "cannot load the database of libmagic");
    }
    return SP_OK;
}

void sp_magic_close(void)
{
    if (magic_database != NULL)
        magic_close(magic_database);
    magic_database = NULL;
}

bool sp_magic_mime(struct sp_slice head, char mime[SP_MAGIC_MIME_MAX])
{
    const char *found =
        magic_database == NULL ? NULL : magic_buffer(magic_database, head.ptr, head.len);
    if (found == NULL || strcmp(found, "application/octet-stream") == 0)
        return false;
    (void)snprintf(mime, SP_MAGIC_MIME_MAX, "%s", found);
    return true;
}
