#include "speur/err.h"

#include <stdarg.h>
#include <stdio.h>

enum sp_err(sp_fail)(struct sp_why *why, enum sp_err err, const char *format, ...)
{
    if (why != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return err;
}

/* One row a code: its name and the exit status of sysexits.h that stands for it. */
static const struct {
    const char *name;
    int exit_status;
} err_table[] = {
    [SP_OK] = {"ok", 0},
    [SP_ERR_NOMEM] = {"out of memory", 70},
    [SP_ERR_LIMIT] = {"limit reached", 70},
    [SP_ERR_IO] = {"input/output error", 74},
    [SP_ERR_NOINPUT] = {"no such input", 66},
    [SP_ERR_FORMAT] = {"malformed input", 65},
    [SP_ERR_USAGE] = {"usage", 64},
    [SP_ERR_ALTERED] = {"altered data", 65},
    [SP_ERR_KEY] = {"key, register or permission", 77},
    [SP_ERR_CONFIG] = {"configuration", 78},
    [SP_ERR_STOP] = {"stopped", 74},
    [SP_ERR_BUG] = {"internal error", 70},
};

const char *sp_err_name(enum sp_err err)
{
    return (size_t)err < sizeof err_table / sizeof err_table[0] ? err_table[err].name : "unknown";
}

int sp_err_exit_status(enum sp_err err)
{
    return (size_t)err < sizeof err_table / sizeof err_table[0] ? err_table[err].exit_status : 70;
}
