/* Where things are when nobody says so: the XDG base directories for people, /etc and /var/lib for
 * root, and the program's own files beside it in a build tree or where they were installed. */
#include "app/app.h"
#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

struct place_row {
    const char *root_default; /* for root; NULL: none */
    const char *xdg;          /* environment variable of the base directory */
    const char *below_home;   /* the base directory when that is not set */
    const char *name;         /* below the base directory */
};

static const struct place_row place_table[] = {
    [SP_PLACE_INVENTORY] = {"/var/lib/speur/inventory.db", "XDG_STATE_HOME", ".local/state",
                            "speur/inventory.db"},
    [SP_PLACE_KEY] = {"/etc/speur/speur.key", "XDG_CONFIG_HOME", ".config", "speur/speur.key"},
    [SP_PLACE_REGISTER] = {"/etc/speur/register.jsonl", "XDG_CONFIG_HOME", ".config",
                           "speur/register.jsonl"},
};

static enum sp_err place_data(const struct place_row *row, char **out, struct sp_why *why)
{
    /* before any thread is started. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *base = getenv(row->xdg);
    /* before any thread is started. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *home = getenv("HOME");
    struct sp_buf path;
    enum sp_err err;
    sp_buf_init(&path, PATH_MAX);
    if (base != NULL && base[0] == '/')
        err = sp_buf_appendf(&path, why, "%s/%s", base, row->name);
    else if (geteuid() == 0)
        err = sp_buf_append_string(&path, row->root_default, why);
    else if (home != NULL && home[0] == '/')
        err = sp_buf_appendf(&path, why, "%s/%s/%s", home, row->below_home, row->name);
    else
        err = sp_fail(why, SP_ERR_CONFIG, "HOME is not set; say where %s is", row->name);
    *out = err == SP_OK ? sp_copy_string(path.data, path.len) : NULL;
    if (err == SP_OK && *out == NULL)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    sp_buf_clear(&path);
    return err;
}

/* A file of the program's own: beside the program first (a build tree), then as installed. */
static enum sp_err place_own(const char *name, const char *installed, char **out,
                             struct sp_why *why)
{
    char self[PATH_MAX];
    char beside[PATH_MAX + 64] = "";
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len > 0) {
        self[len] = '\0';
        char *slash = strrchr(self, '/');
        if (slash != NULL)
            *slash = '\0';
        (void)snprintf(beside, sizeof beside, "%s/%s", self, name);
    }
    const char *found = access(beside, R_OK) == 0 ? beside : installed;
    if (access(found, R_OK) != 0)
        return sp_fail(why, SP_ERR_CONFIG, "%s is not installed: %s", name, strerrordesc_np(errno));
    *out = sp_copy_string(found, strlen(found));
    return *out == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a path") : SP_OK;
}

enum sp_err sp_app_path(enum sp_place_kind kind, const char *given, char **out, struct sp_why *why)
{
    if (given != NULL) {
        *out = sp_copy_string(given, strlen(given));
        return *out == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a path") : SP_OK;
    }
    switch (kind) {
    case SP_PLACE_PATTERNS:
        return place_own("patterns", SPEUR_DATA "/patterns", out, why);
    case SP_PLACE_WORKER_PROGRAM:
        return place_own("speur-worker", SPEUR_LIBEXEC "/speur-worker", out, why);
    case SP_PLACE_OCR_PROGRAM:
        return place_own("speur-ocr", SPEUR_LIBEXEC "/speur-ocr", out, why);
    case SP_PLACE_DISK_PROGRAM:
        return place_own("speur-disk", SPEUR_LIBEXEC "/speur-disk", out, why);
    default:
        return place_data(&place_table[kind], out, why);
    }
}
