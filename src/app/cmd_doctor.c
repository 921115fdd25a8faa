/* speur doctor: what works on this machine, what does not, and what to do about it. */
#include "app/keeping.h"
#include "base/mem.h"
#include "extract/extract.h"
#include "scan/feed.h"
#include "scan/link.h"

#include <sys/stat.h>
#include <unistd.h>

enum { DOCTOR_AMISS = 1, DOCTOR_INDENT = 17, DOCTOR_WIDTH = 96 };

/* One line of the report; `advice` NULL: all is well. */
static void doctor_line(int *status, const char *what, const char *found, const char *advice)
{
    (void)printf("%s  %-12s ", advice == NULL ? "ok " : "!! ", what);
    sp_print_escaped(stdout, found);
    (void)printf("\n");
    if (advice == NULL)
        return;
    (void)printf("                 %s\n", advice);
    *status = DOCTOR_AMISS;
}

static void doctor_sandbox(int *status, const char *worker)
{
    char level[SP_LOCKDOWN_LEVEL_MAX];
    struct sp_limits limits;
    struct sp_why why = {""};
    sp_limits_init(&limits);
    const struct sp_worker_how how = {.path = worker,
                                      .memory_bytes = limits.memory_max_bytes,
                                      .spool_bytes = limits.spool_max_bytes};
    if (sp_worker_level(&how, level, &why) != SP_OK) {
        doctor_line(status, "sandbox", why.text,
                    "parsers cannot be contained; scans are refused without --no-sandbox");
        return;
    }
    const char *advice = NULL;
    if (strstr(level, "seccomp") == NULL)
        advice = "no system call filter: a parser that is taken over can do what you can";
    else if (strstr(level, "landlock") == NULL)
        advice =
            "this kernel has no Landlock (Linux 5.13, lsm=landlock): one wall less, the filter "
            "of system calls holds";
    doctor_line(status, "sandbox", level, advice);
}

/* Who reads words of pictures; a machine may be without. */
static void doctor_ocr(int *status, const struct sp_options *options)
{
    char level[SP_LOCKDOWN_LEVEL_MAX];
    char *path = NULL;
    struct sp_why why = {""};
    enum sp_err err = sp_app_ocr(options, &path, level, &why);
    if (path == NULL)
        (void)printf("--   %-12s not installed: each picture is told of as not read (needs_ocr)\n",
                     "ocr");
    else if (err != SP_OK)
        doctor_line(status, "ocr", path,
                    "it cannot be used, as said above: pictures are told of as not read");
    else
        doctor_line(status, "ocr", level, NULL);
    sp_free(path);
}

/* An installation may be without it. */
static void doctor_disk(int *status)
{
    char *path = NULL;
    char level[SP_LOCKDOWN_LEVEL_MAX];
    char line[512];
    struct sp_limits limits;
    struct sp_why why = {""};
    sp_limits_init(&limits);
    const struct sp_worker_how how = {.memory_bytes = limits.memory_max_bytes};
    if (sp_app_path(SP_PLACE_DISK_PROGRAM, NULL, &path, &why) != SP_OK) {
        (void)printf(
            "--   %-12s speur-disk is not installed: disk images are searched for text and "
            "told as opaque\n",
            "disk images");
        return;
    }
    if (sp_feed_level(path, &how, level, &why) != SP_OK) {
        doctor_line(status, "disk images", why.text, "they are told as not read (sandbox)");
    } else {
        (void)snprintf(line, sizeof line, "%s (%s)", path, level);
        doctor_line(status, "disk images", line,
                    strstr(level, "seccomp") != NULL
                        ? NULL
                        : "no system call filter: a reader that is taken over can do what you can");
    }
    sp_free(path);
}

/* A file that only its owner may read. */
static void doctor_private(int *status, const char *what, enum sp_place_kind place,
                           const char *given, const char *missing)
{
    char *path = NULL;
    struct sp_why why = {""};
    struct stat st;
    char line[512];
    if (sp_app_path(place, given, &path, &why) != SP_OK) {
        doctor_line(status, what, why.text, "say where it is");
        return;
    }
    if (stat(path, &st) != 0) {
        (void)snprintf(line, sizeof line, "%s: not there", path);
        doctor_line(status, what, line, missing);
    } else {
        bool open_to_others = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
        (void)snprintf(line, sizeof line, "%s", path);
        doctor_line(status, what, line,
                    open_to_others            ? "others may read it: chmod 600"
                    : access(path, R_OK) != 0 ? "you may not read it"
                                              : NULL);
    }
    sp_free(path);
}

static void doctor_key_use(int *status, const struct sp_key_use *use, bool newest)
{
    char line[128];
    (void)snprintf(line, sizeof line, "%.*s%s: %zu identifiers live", SP_KEY_ID_SIZE - 1, use->id,
                   newest ? " (newest)" : "", use->live);
    doctor_line(status, "key id", line, sp_keys_advice(use));
}

/* Which keys there are, and which identifiers are under them. What is not there was told. */
static void doctor_keys(int *status, const struct sp_options *options)
{
    struct sp_keeping keeping = {.key = NULL};
    struct sp_key_use uses[SP_KEY_USES_MAX];
    struct sp_why why = {""};
    enum sp_err err = sp_keeping_paths(&keeping, options, &why);
    bool there = err == SP_OK && access(keeping.key_path, R_OK) == 0 &&
                 access(keeping.register_path, R_OK) == 0;
    if (there)
        err = sp_key_open(keeping.key_path, &keeping.key, &why);
    if (there && err == SP_OK)
        err = sp_register_open(keeping.register_path, keeping.key, &keeping.reg, &why);
    if (err != SP_OK)
        doctor_line(status, "keys", why.text, "no check can be made");
    size_t count = err == SP_OK && there ? sp_register_key_uses(keeping.reg, uses) : 0;
    for (size_t i = 0; i < count; i++)
        doctor_key_use(status, &uses[i], i == 0);
    sp_keeping_close(&keeping);
}

static void doctor_patterns(int *status, const struct sp_options *options)
{
    char *dir = NULL;
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {""};
    char line[160];
    size_t refused = 0;
    enum sp_err err = sp_app_patterns(options, &dir, &patterns, &refused, &why);
    if (err != SP_OK) {
        doctor_line(status, "patterns", why.text, "nothing can be looked for without them");
    } else {
        (void)snprintf(line, sizeof line, "%zu files, digest %s", sp_patterns_count(patterns),
                       sp_patterns_digest(patterns));
        doctor_line(status, "patterns", line,
                    refused > 0 ? "a file of your own was refused, see above" : NULL);
        doctor_line(status, "matching",
                    sp_patterns_compiled(patterns) ? "compiled to machine code (PCRE2 JIT)"
                                                   : "interpreted",
                    sp_patterns_compiled(patterns)
                        ? NULL
                        : "PCRE2 may not make code here (MemoryDenyWriteExecute=?): some ten times "
                          "slower, nothing is missed");
    }
    sp_patterns_free(patterns);
    sp_free(dir);
}

/* Words in lines of a length that a terminal shows, behind a heading. */
static void doctor_word(size_t *width, const char *word, bool last)
{
    size_t len = strlen(word) + 2;
    if (*width + len > DOCTOR_WIDTH) {
        (void)printf("\n%*s", DOCTOR_INDENT, "");
        *width = DOCTOR_INDENT;
    }
    (void)printf("%s%s", word, last ? "\n" : ", ");
    *width += len;
}

static void doctor_formats(void)
{
    const char *name;
    size_t width = DOCTOR_INDENT;
    (void)printf("\n%-*s", DOCTOR_INDENT, "Opens:");
    for (const struct sp_extractor *row = sp_extractors; row->name != NULL; row++)
        doctor_word(&width, row->name, row[1].name == NULL);
    width = DOCTOR_INDENT;
    (void)printf("%-*s", DOCTOR_INDENT, "Knows, not yet:");
    for (size_t i = 0; (name = sp_extract_known_name(i)) != NULL; i++)
        doctor_word(&width, name, sp_extract_known_name(i + 1) == NULL);
    (void)printf("%*sThese are searched for readable text and reported as not read.\n",
                 DOCTOR_INDENT, "");
}

int sp_cmd_doctor(struct sp_options *options)
{
    int status = 0;
    if (options->restore_day != NULL) {
        struct sp_why what = {""};
        enum sp_err err = sp_kit_rehearse(options, &what);
        return err == SP_OK ? 0 : sp_complain(err, &what);
    }
    char *worker = NULL;
    struct sp_why why = {""};
    char threads[32];
    (void)printf("speur %s\n", SPEUR_VERSION);
    if (sp_app_path(SP_PLACE_WORKER_PROGRAM, NULL, &worker, &why) != SP_OK) {
        doctor_line(&status, "worker", why.text, "install speur-worker beside speur");
    } else {
        doctor_line(&status, "worker", worker, NULL);
        doctor_sandbox(&status, worker);
    }
    sp_free(worker);
    doctor_ocr(&status, options);
    doctor_disk(&status);
    doctor_patterns(&status, options);
    (void)snprintf(threads, sizeof threads, "%u lanes", sp_scan_lanes());
    doctor_line(&status, "threads", threads, NULL);
    doctor_private(&status, "key", SP_PLACE_KEY, options->key,
                   "speur register init, or a first scan, makes one");
    doctor_private(&status, "register", SP_PLACE_REGISTER, options->register_path,
                   "speur register init makes one; without it no check gives a verdict");
    doctor_keys(&status, options);
    doctor_private(&status, "inventory", SP_PLACE_INVENTORY, options->inventory,
                   "a first scan makes it");
    doctor_formats();
    return status;
}
