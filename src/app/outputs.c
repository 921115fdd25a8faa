/* No output goes over a file of speur's own, a device or a link, or over another output: checked
 * before anything is read, as a list or report replaces what was there. */
#include "app/app.h"
#include "base/mem.h"
#include "store/private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUTS_MAX = 2 * SP_LIST_OPTION_MAX };

/* The folder as the system knows it and the name in it; a name that replaces is no link. */
static char *output_real(const char *path)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    const char *name = slash == NULL ? path : slash + 1;
    if (len >= sizeof folder)
        return NULL;
    memcpy(folder, path, len);
    folder[len] = '\0';
    const char *where = slash == NULL ? "." : len == 0 ? "/" : folder;
    if (realpath(where, real) == NULL)
        return NULL; /* cannot be written either */
    size_t size = strlen(real) + strlen(name) + 2;
    char *out = sp_alloc(size);
    if (out != NULL)
        (void)snprintf(out, size, "%s/%s", real, name);
    return out;
}

struct outputs {
    char *real[OUTPUTS_MAX]; /* of own files first */
    const char *named[OUTPUTS_MAX];
    size_t count;
};

static void outputs_add(struct outputs *outputs, const char *path)
{
    char *real = path == NULL || strcmp(path, "-") == 0 || outputs->count == OUTPUTS_MAX
                     ? NULL
                     : output_real(path);
    if (real == NULL)
        return;
    outputs->named[outputs->count] = path;
    outputs->real[outputs->count++] = real;
}

static void outputs_add_own(struct outputs *outputs, enum sp_place_kind kind, const char *given,
                            const char *variable)
{
    static const char *const beside[] = {"", ".head", ".evidence", "-wal", "-shm"};
    char *path = NULL;
    if (given == NULL) /* not every command takes it. NOLINTNEXTLINE(concurrency-mt-unsafe) */
        given = getenv(variable);
    if (sp_app_path(kind, given, &path, NULL) != SP_OK)
        return; /* told when it is needed */
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        char *one = sp_private_beside(path, beside[i]);
        outputs_add(outputs, one);
        sp_free(one);
    }
    sp_free(path);
}

enum sp_err sp_app_outputs_differ(const struct sp_options *options, struct sp_why *why)
{
    struct outputs outputs = {.count = 0};
    enum sp_err err = SP_OK;
    outputs_add_own(&outputs, SP_PLACE_KEY, options->key, "SPEUR_KEY");
    outputs_add_own(&outputs, SP_PLACE_REGISTER, options->register_path, "SPEUR_REGISTER");
    outputs_add_own(&outputs, SP_PLACE_INVENTORY, options->inventory, "SPEUR_INVENTORY");
    const size_t own = outputs.count;
    const char *const paths[] = {options->keep0,     options->drop0,    options->hold0,
                                 options->decisions, options->evidence, options->output};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        outputs_add(&outputs, paths[i]);
    for (size_t i = 0; i < options->emit_count; i++) {
        const char *equals = strchr(options->emits[i], '=');
        outputs_add(&outputs, equals == NULL ? NULL : equals + 1);
    }
    for (size_t i = own; err == SP_OK && i < outputs.count; i++) {
        err = sp_private_replaceable(outputs.real[i], why);
        for (size_t k = 0; err == SP_OK && k < i; k++) {
            if (strcmp(outputs.real[i], outputs.real[k]) == 0)
                err = sp_fail(why, SP_ERR_USAGE,
                              k < own ? "%s would be written over a file of speur's own"
                                      : "two outputs would be written to %s",
                              outputs.named[i]);
        }
    }
    for (size_t i = 0; i < outputs.count; i++)
        sp_free(outputs.real[i]);
    return err;
}
