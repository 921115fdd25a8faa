/* The patterns of a directory: reads the files in the order of their names, compiles, and puts
 * one digest over all of them. The format of a file is described in pattern.h. */
#include "detect/pattern.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "detect/systems.h"
#include "detect/wordlist.h"

/* Goes up when the engine would find something else with the same files. */
#define ENGINE_VERSION "speur-detect-4"

static bool is_pattern_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 4, ".pat") == 0;
}

static int filter_entry(const struct dirent *entry)
{
    return is_pattern_file(entry);
}

/* By bytes, not by locale. */
static int compare_entries(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum sp_err read_file(const char *path, struct sp_buf *out, struct sp_why *why)
{
    char block[4096];
    size_t got = 0;
    enum sp_err err = SP_OK;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", path, strerrordesc_np(errno));
    while (!err && (got = fread(block, 1, sizeof block, file)) > 0)
        err = sp_buf_append(out, block, got, why);
    if (!err && ferror(file))
        err = sp_fail(why, SP_ERR_IO, "%s: %s", path, strerrordesc_np(errno));
    fclose(file);
    return err;
}

/* FNV-1a over 128 bits: tells sets of files apart; it is no protection against an attacker, who
 * could change the program as well. */
struct digest {
    uint64_t high, low;
};

static void digest_add(struct digest *digest, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        digest->low ^= bytes[i];
        /* times the FNV prime 2^88 + 0x13B, modulo 2^128 */
        uint64_t low_half = (digest->low & 0xFFFFFFFF) * 0x13B;
        uint64_t high_half = (digest->low >> 32) * 0x13B + (low_half >> 32);
        digest->high = digest->high * 0x13B + (high_half >> 32) + (digest->low << 24);
        digest->low = (high_half << 32) | (low_half & 0xFFFFFFFF);
    }
}

/* A pattern file. */
struct source {
    const char *dir; /* borrowed */
    char name[NAME_MAX + 1];
};

static enum sp_err load_file(struct sp_patterns *patterns, struct sp_word_lists *lists,
                             const struct source *source, struct digest *digest, struct sp_why *why)
{
    const char *name = source->name;
    struct sp_buf path, content;
    sp_buf_init(&path, 4096);
    sp_buf_init(&content, SP_PATTERN_FILE_MAX);
    enum sp_err err = sp_buf_appendf(&path, why, "%s/%s", source->dir, name);
    if (!err)
        err = sp_buf_append_byte(&path, 0, why);
    if (!err)
        err = read_file((const char *)path.data, &content, why);
    if (!err)
        err = sp_patfile_read(patterns, lists, name, sp_buf_slice(&content), why);
    if (!err) {
        digest_add(digest, name, strlen(name) + 1);
        digest_add(digest, content.data, content.len);
        digest_add(digest, "", 1);
    }
    sp_buf_clear(&path);
    sp_buf_clear(&content);
    return err;
}

static bool form_is_labelled(void *ctx, uint16_t form)
{
    const struct sp_patterns *patterns = ctx;
    const struct sp_pattern *pattern = &patterns->list[form / SP_PATTERN_FORMS_MAX];
    return pattern->validator->keeps_base &&
           pattern->forms[form % SP_PATTERN_FORMS_MAX].base == SP_CONF_NONE;
}

/* What the gate closes: the anchors of forms that are nothing without a label. */
static void note_labelled(struct sp_patterns *patterns)
{
    const struct sp_filter *filter = &patterns->filter;
    for (size_t i = 0; i < filter->count; i++) {
        unsigned pattern = filter->form_of[i] / SP_PATTERN_FORMS_MAX;
        struct sp_filter_set *set = &patterns->labelled_anchors[pattern];
        if (!form_is_labelled(patterns, filter->form_of[i]))
            continue;
        patterns->list[pattern].forms[filter->form_of[i] % SP_PATTERN_FORMS_MAX].labelled = true;
        patterns->labelled |= UINT64_C(1) << pattern;
        if (filter->digit_within[i] == SP_ANCHOR_NO_DIGIT)
            patterns->wide |= UINT64_C(1) << pattern;
        if (i < 64)
            set->low |= UINT64_C(1) << i;
        else
            set->high |= UINT64_C(1) << (i - 64);
    }
}

/* Builds the filter and tells each form whether it is in. */
static enum sp_err build_filter(struct sp_patterns *patterns, struct sp_why *why)
{
    enum sp_err err = sp_filter_build(&patterns->filter, form_is_labelled, patterns, why);
    if (!err)
        note_labelled(patterns);
    for (size_t p = 0; p < patterns->count && !err; p++) {
        struct sp_pattern *pattern = &patterns->list[p];
        for (size_t f = 0; f < pattern->form_count; f++)
            pattern->forms[f].filtered =
                sp_filter_knows(&patterns->filter, (uint16_t)(p * SP_PATTERN_FORMS_MAX + f));
    }
    return err;
}

/* Words of keys are not looked for in texts. */
static enum sp_err build_words(struct sp_patterns *patterns, const struct sp_word_lists *lists,
                               struct sp_why *why)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (sp_type_is_category(patterns->list[i].type))
            patterns->categories |= UINT64_C(1) << i;
    }
    enum sp_err err =
        sp_word_lists_resolve(lists, ~patterns->categories, true, patterns->words, why);
    if (!err)
        err = sp_word_lists_resolve(lists, patterns->categories, true, patterns->keys, why);
    return err ? err : sp_words_build(patterns->words, why);
}

/* Words of columns that files of systems add to all patterns of a type. */
static enum sp_err add_holds(const struct sp_patterns *patterns, struct sp_word_lists *lists,
                             const struct sp_system_holds *holds, struct digest *digest,
                             struct sp_why *why)
{
    bool any = false;
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < patterns->count && !err; i++) {
        if (patterns->list[i].type != holds->type)
            continue;
        const struct sp_word_line line = {
            .text = holds->words, .file = holds->file, .line = holds->line, .owner = (unsigned)i};
        any = true;
        err = sp_word_lists_add(lists, &line, why);
    }
    digest_add(digest, &holds->type, sizeof holds->type);
    digest_add(digest, holds->words.ptr, holds->words.len);
    return any || err ? err
                      : sp_fail(why, SP_ERR_CONFIG, "%s:%u: no pattern looks for %s", holds->file,
                                holds->line, sp_type_name(holds->type));
}

/* What is loaded: pattern files, and systems (NULL: none). */
struct load_set {
    const struct source *sources;
    size_t count;
    const struct sp_systems *systems;
};

static enum sp_err load_all(struct sp_patterns *patterns, const struct load_set *set,
                            struct sp_why *why)
{
    struct digest digest = {0x6C62272E07BB0142, 0x62B821756295C58D};
    enum sp_err err = SP_OK;
    struct sp_word_lists *lists = sp_word_lists_new();
    patterns->words = sp_words_new();
    patterns->labels = sp_words_new();
    patterns->keys = sp_words_new();
    if (!lists || !patterns->words || !patterns->labels || !patterns->keys) {
        err = sp_fail(why, SP_ERR_NOMEM, "patterns: no memory");
        goto done;
    }
    digest_add(&digest, ENGINE_VERSION, sizeof ENGINE_VERSION);
    for (size_t i = 0; i < set->count && !err; i++)
        err = load_file(patterns, lists, &set->sources[i], &digest, why);
    for (size_t i = 0; i < sp_systems_holds_count(set->systems) && !err; i++)
        err = add_holds(patterns, lists, sp_systems_holds(set->systems, i), &digest, why);
    if (!err)
        err = build_words(patterns, lists, why);
    if (!err)
        err = build_filter(patterns, why);
    if (!err)
        err = sp_word_lists_resolve(lists, patterns->labelled, false, patterns->labels, why);
    if (!err)
        err = sp_words_build(patterns->labels, why);
    if (!err && patterns->count == 0)
        err = sp_fail(why, SP_ERR_NOINPUT, "%s: there is no pattern in it", set->sources[0].dir);
    snprintf(patterns->digest, sizeof patterns->digest, "%016llx%016llx",
             (unsigned long long)digest.high, (unsigned long long)digest.low);
done:
    sp_word_lists_free(lists);
    return err;
}

static enum sp_err load_sources(const struct load_set *set, struct sp_patterns **out,
                                struct sp_why *why)
{
    struct sp_patterns *patterns = sp_alloc_zero(sizeof *patterns);
    if (!patterns)
        return sp_fail(why, SP_ERR_NOMEM, "patterns: no memory");
    enum sp_err err = load_all(patterns, set, why);
    if (!err) {
        *out = patterns; /* ours no longer */
        patterns = NULL;
    }
    sp_patterns_free(patterns);
    return err;
}

/* The files that are loaded, in the order of their names. */
struct sources {
    struct source list[SP_PATTERNS_MAX];
    size_t count;
};

static int compare_sources(const void *left, const void *right)
{
    const struct source *a = left, *b = right;
    return strcmp(a->name, b->name);
}

/* Adds one, in the place of one with its name. False: no room. */
static bool sources_put(struct sources *sources, const char *dir, const char *name)
{
    size_t at = 0;
    while (at < sources->count && strcmp(sources->list[at].name, name) != 0)
        at++;
    if (at == SP_PATTERNS_MAX)
        return false;
    sources->count += at == sources->count;
    sources->list[at].dir = dir;
    (void)snprintf(sources->list[at].name, sizeof sources->list[at].name, "%s", name);
    qsort(sources->list, sources->count, sizeof *sources->list, compare_sources);
    return true;
}

/* A directory may hold files of systems only (detect/systems.h). */
static bool has_systems(const char *dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/systems", dir);
    return len > 0 && (size_t)len < sizeof path && access(path, R_OK) == 0;
}

/* Calls take(ctx, name) for each pattern file of a directory. */
static enum sp_err each_file(const char *dir,
                             enum sp_err (*take)(void *ctx, const char *name, struct sp_why *why),
                             void *ctx, struct sp_why *why)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, filter_entry, compare_entries);
    if (count < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", dir, strerrordesc_np(errno));
    enum sp_err err = SP_OK;
    for (int i = 0; i < count; i++) {
        if (!err)
            err = take(ctx, entries[i]->d_name, why);
        free(entries[i]); /* scandir's own memory */
    }
    free(entries);
    if (!err && count == 0 && !has_systems(dir))
        err = sp_fail(why, SP_ERR_NOINPUT, "%s: there is no pattern in it", dir);
    return err;
}

struct load {
    struct sources sources;
    struct sp_systems *systems;
    const char *dir;
    sp_pattern_refused refused;
    void *ctx;
};

static enum sp_err load_now(const struct sources *sources, const struct sp_systems *systems,
                            struct sp_patterns **out, struct sp_why *why)
{
    const struct load_set set = {sources->list, sources->count, systems};
    return load_sources(&set, out, why);
}

static enum sp_err take_own(void *ctx, const char *name, struct sp_why *why)
{
    struct load *load = ctx;
    return sources_put(&load->sources, load->dir, name)
               ? SP_OK
               : sp_fail(why, SP_ERR_LIMIT, "%s: more than %d pattern files", load->dir,
                         SP_PATTERNS_MAX);
}

/* A file of the user's is in when all together are right. */
static enum sp_err take_beside(void *ctx, const char *name, struct sp_why *why)
{
    struct load *load = ctx;
    struct sources with = load->sources;
    struct sp_patterns *patterns = NULL;
    enum sp_err err = sources_put(&with, load->dir, name)
                          ? load_now(&with, load->systems, &patterns, why)
                          : sp_fail(why, SP_ERR_LIMIT, "%s/%s: more than %d pattern files",
                                    load->dir, name, SP_PATTERNS_MAX);
    sp_patterns_free(patterns);
    if (err == SP_ERR_NOMEM)
        return err;
    if (err)
        load->refused(load->ctx, why);
    else
        load->sources = with;
    return SP_OK;
}

/* Systems of the user's are in when all of them are right. */
static enum sp_err take_systems_beside(struct load *load, const char *own, struct sp_why *why)
{
    struct sp_systems *with = NULL;
    struct sp_patterns *patterns = NULL;
    enum sp_err err = sp_systems_load(own, load->dir, &with, why);
    if (!err)
        err = load_now(&load->sources, with, &patterns, why);
    sp_patterns_free(patterns);
    if (err) {
        sp_systems_free(with);
        if (err == SP_ERR_NOMEM)
            return err;
        load->refused(load->ctx, why);
        return SP_OK;
    }
    sp_systems_free(load->systems);
    load->systems = with;
    return SP_OK;
}

static bool is_same_directory(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

enum sp_err sp_patterns_load_beside(const char *own, const char *beside, sp_pattern_refused refused,
                                    void *ctx, struct sp_patterns **out, struct sp_why *why)
{
    struct load *load = sp_alloc_zero(sizeof *load);
    if (!load)
        return sp_fail(why, SP_ERR_NOMEM, "patterns: no memory");
    load->dir = own;
    enum sp_err err = each_file(own, take_own, load, why);
    if (!err)
        err = sp_systems_load(own, NULL, &load->systems, why);
    if (!err && beside && !is_same_directory(own, beside)) {
        load->dir = beside;
        load->refused = refused;
        load->ctx = ctx;
        err = each_file(beside, take_beside, load, why);
        if (!err)
            err = take_systems_beside(load, own, why);
    }
    if (!err)
        err = load_now(&load->sources, load->systems, out, why);
    sp_systems_free(load->systems);
    sp_free(load);
    return err;
}

enum sp_err sp_patterns_load(const char *dir, struct sp_patterns **out, struct sp_why *why)
{
    return sp_patterns_load_beside(dir, NULL, NULL, NULL, out, why);
}

static void pattern_clear(struct sp_pattern *pattern)
{
    for (size_t i = 0; i < pattern->form_count; i++) {
        sp_free(pattern->forms[i].name);
        pcre2_code_free(pattern->forms[i].code);
        pcre2_code_free(pattern->forms[i].anchored);
    }
    for (size_t i = 0; i < pattern->example_count; i++) {
        sp_free(pattern->examples[i].text);
        sp_free(pattern->examples[i].canonical);
    }
    for (size_t i = 0; i < pattern->never_count; i++)
        sp_free(pattern->never[i]);
    sp_free(pattern->examples);
    sp_free(pattern->file);
    sp_free(pattern->id);
}

void sp_patterns_free(struct sp_patterns *patterns)
{
    if (!patterns)
        return;
    for (size_t i = 0; i < patterns->count; i++)
        pattern_clear(&patterns->list[i]);
    sp_words_free(patterns->words);
    sp_words_free(patterns->labels);
    sp_words_free(patterns->keys);
    sp_filter_clear(&patterns->filter);
    sp_free(patterns);
}

size_t sp_patterns_count(const struct sp_patterns *patterns)
{
    return patterns->count;
}

bool sp_patterns_compiled(const struct sp_patterns *patterns)
{
    for (size_t p = 0; p < patterns->count; p++) {
        for (size_t f = 0; f < patterns->list[p].form_count; f++) {
            if (!patterns->list[p].forms[f].fast)
                return false;
        }
    }
    return true;
}

const char *sp_patterns_digest(const struct sp_patterns *patterns)
{
    return patterns->digest;
}

bool sp_patterns_has_type(const struct sp_patterns *patterns, enum sp_type type)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (patterns->list[i].type == type)
            return true;
    }
    return false;
}
