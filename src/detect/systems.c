#include "detect/systems.h"

#include "base/buf.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>

enum {
    SYSTEMS_MAX = 256,
    SYSTEMS_RULES_MAX = 4096,
    SYSTEMS_HOLDS_MAX = 1024,
    SYSTEMS_FILE_MAX = 64 * 1024, /* bytes of one file */
    SYSTEMS_NAME_MAX = 256        /* bytes of a name that is compared */
};

enum systems_by { BY_TABLE, BY_COLUMN, BY_FILE, BY_COUNT };

struct systems_rule {
    enum systems_by by;
    size_t owner; /* index of the system */
    char *glob;
    int flags; /* of fnmatch */
};

struct sp_systems {
    char *names[SYSTEMS_MAX];
    size_t count;
    struct systems_rule rules[SYSTEMS_RULES_MAX];
    size_t rule_count;
    struct systems_holds {
        struct sp_system_holds told; /* its slices and its name are the two below */
        char *words, *file;
    } holds[SYSTEMS_HOLDS_MAX];
    size_t holds_count;
};

/* A file while it is read. */
struct systems_reader {
    struct sp_systems *systems;
    const char *file;
    unsigned line;
    bool named; /* system: was there */
    struct sp_why *why;
};

static enum sp_err reader_fail(const struct systems_reader *reader, const char *what)
{
    return sp_fail(reader->why, SP_ERR_CONFIG, "%s:%u: %s", reader->file, reader->line, what);
}

static struct sp_slice word_next(struct sp_slice *text)
{
    while (text->len > 0 && (text->ptr[0] == ' ' || text->ptr[0] == '\t')) {
        text->ptr++;
        text->len--;
    }
    size_t len = 0;
    while (len < text->len && text->ptr[len] != ' ' && text->ptr[len] != '\t')
        len++;
    struct sp_slice word = {text->ptr, len};
    text->ptr += len;
    text->len -= len;
    return word;
}

static enum sp_err read_name(struct systems_reader *reader, struct sp_slice text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    struct sp_systems *systems = reader->systems;
    struct sp_slice name = word_next(&text);
    for (size_t i = 0; i < name.len; i++) {
        if (memchr(allowed, name.ptr[i], sizeof allowed - 1) == NULL)
            return reader_fail(reader, "a system is named with a-z, 0-9, `.`, `_` and `-`");
    }
    if (name.len == 0 || text.len > 0 || reader->named)
        return reader_fail(reader, "system: has one name, once a file");
    if (systems->count == SYSTEMS_MAX)
        return reader_fail(reader, "too many systems");
    char *copy = sp_copy_string(name.ptr, name.len);
    if (copy == NULL)
        return sp_fail(reader->why, SP_ERR_NOMEM, "no memory for systems");
    systems->names[systems->count++] = copy;
    reader->named = true;
    return SP_OK;
}

static enum sp_err read_globs(struct systems_reader *reader, enum systems_by by,
                              struct sp_slice text)
{
    struct sp_systems *systems = reader->systems;
    if (!reader->named)
        return reader_fail(reader, "system: must come first");
    for (struct sp_slice word = word_next(&text); word.len > 0; word = word_next(&text)) {
        if (systems->rule_count == SYSTEMS_RULES_MAX || word.len >= SYSTEMS_NAME_MAX)
            return reader_fail(reader, "too many names, or one too long");
        char *glob = sp_copy_string(word.ptr, word.len);
        if (glob == NULL)
            return sp_fail(reader->why, SP_ERR_NOMEM, "no memory for systems");
        bool upper = false, lower = false;
        for (char *at = glob; *at != '\0'; at++) {
            upper = upper || (*at >= 'A' && *at <= 'Z');
            lower = lower || (*at >= 'a' && *at <= 'z');
            if (*at == '_')
                *at = '?';
        }
        int flags = FNM_NOESCAPE | (upper && lower ? 0 : FNM_CASEFOLD);
        systems->rules[systems->rule_count++] = (struct systems_rule){
            .by = by, .owner = systems->count - 1, .glob = glob, .flags = flags};
    }
    return SP_OK;
}

static enum sp_err read_holds(struct systems_reader *reader, struct sp_slice text)
{
    struct sp_systems *systems = reader->systems;
    struct sp_slice type = word_next(&text);
    if (!reader->named)
        return reader_fail(reader, "system: must come first");
    if (systems->holds_count == SYSTEMS_HOLDS_MAX)
        return reader_fail(reader, "too many lines that say what a column holds");
    struct systems_holds *holds = &systems->holds[systems->holds_count];
    if (!sp_type_from_name(type, &holds->told.type) || text.len == 0)
        return reader_fail(reader, "holds: is a type and the words of columns");
    systems->holds_count++;
    holds->words = sp_copy_string(text.ptr, text.len);
    holds->file = sp_copy_string(reader->file, strlen(reader->file));
    if (holds->words == NULL || holds->file == NULL)
        return sp_fail(reader->why, SP_ERR_NOMEM, "no memory for systems");
    holds->told.words = sp_slice_of(holds->words);
    holds->told.file = holds->file;
    holds->told.line = reader->line;
    return SP_OK;
}

static enum sp_err read_line(struct systems_reader *reader, struct sp_slice line)
{
    static const char *const keys[BY_COUNT] = {"table", "column", "file"};
    while (line.len > 0 && line.ptr[line.len - 1] <= ' ')
        line.len--;
    if (line.len == 0 || line.ptr[0] == '#')
        return SP_OK;
    const uint8_t *colon = memchr(line.ptr, ':', line.len);
    if (colon == NULL)
        return reader_fail(reader, "a line is `key: text`");
    struct sp_slice key = {line.ptr, (size_t)(colon - line.ptr)};
    struct sp_slice text = {colon + 1, line.len - key.len - 1};
    if (sp_slice_is(key, "system"))
        return read_name(reader, text);
    if (sp_slice_is(key, "holds"))
        return read_holds(reader, text);
    for (unsigned by = 0; by < BY_COUNT; by++) {
        if (sp_slice_is(key, keys[by]))
            return read_globs(reader, (enum systems_by)by, text);
    }
    return reader_fail(reader, "there is no such key");
}

static enum sp_err read_content(struct systems_reader *reader, struct sp_slice content)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && content.len > 0) {
        const uint8_t *newline = memchr(content.ptr, '\n', content.len);
        size_t len = newline == NULL ? content.len : (size_t)(newline - content.ptr);
        reader->line++;
        err = read_line(reader, (struct sp_slice){content.ptr, len});
        len += newline != NULL;
        content.ptr += len;
        content.len -= len;
    }
    return err == SP_OK && !reader->named ? reader_fail(reader, "system: is missing") : err;
}

static enum sp_err read_file(struct sp_systems *systems, const char *path, struct sp_why *why)
{
    struct systems_reader reader = {.systems = systems, .file = path, .why = why};
    uint8_t *bytes = sp_alloc(SYSTEMS_FILE_MAX);
    FILE *file = fopen(path, "re");
    enum sp_err err = SP_OK;
    if (file == NULL) {
        sp_free(bytes);
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", path, strerrordesc_np(errno));
    }
    size_t len = bytes == NULL ? 0 : fread(bytes, 1, SYSTEMS_FILE_MAX, file);
    if (bytes == NULL)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for systems");
    else if (ferror(file) || len == SYSTEMS_FILE_MAX)
        err = sp_fail(why, SP_ERR_CONFIG, "%s: cannot be read, or is too large", path);
    else
        err = read_content(&reader, (struct sp_slice){bytes, len});
    (void)fclose(file);
    sp_free(bytes);
    return err;
}

static int is_system_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 4, ".sys") == 0;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum sp_err load_folder(struct sp_systems *systems, const char *folder, struct sp_why *why)
{
    struct dirent **entries = NULL;
    enum sp_err err = SP_OK;
    int count = scandir(folder, &entries, is_system_file, compare_names);
    if (count < 0 && errno != ENOENT)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", folder, strerrordesc_np(errno));
    for (int i = 0; i < count; i++) {
        struct sp_buf path;
        sp_buf_init(&path, (size_t)2 * PATH_MAX);
        if (err == SP_OK)
            err = sp_buf_appendf(&path, why, "%s/%s", folder, entries[i]->d_name);
        if (err == SP_OK)
            err = sp_buf_append_byte(&path, 0, why);
        if (err == SP_OK)
            err = read_file(systems, (const char *)path.data, why);
        sp_buf_clear(&path);
        free(entries[i]); /* scandir's own memory */
    }
    free(entries);
    return err;
}

static enum sp_err load_below(struct sp_systems *systems, const char *patterns_dir,
                              struct sp_why *why)
{
    struct sp_buf folder;
    sp_buf_init(&folder, (size_t)2 * PATH_MAX);
    enum sp_err err = sp_buf_appendf(&folder, why, "%s/systems", patterns_dir);
    if (err == SP_OK)
        err = sp_buf_append_byte(&folder, 0, why);
    if (err == SP_OK)
        err = load_folder(systems, (const char *)folder.data, why);
    sp_buf_clear(&folder);
    return err;
}

enum sp_err sp_systems_load(const char *own, const char *beside, struct sp_systems **out,
                            struct sp_why *why)
{
    struct sp_systems *systems = sp_alloc_zero(sizeof *systems);
    *out = NULL;
    if (systems == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for systems");
    /* what speaks first decides: the user's */
    enum sp_err err = beside == NULL ? SP_OK : load_below(systems, beside, why);
    if (err == SP_OK)
        err = load_below(systems, own, why);
    if (err == SP_OK)
        *out = systems;
    else
        sp_systems_free(systems);
    return err;
}

void sp_systems_free(struct sp_systems *systems)
{
    if (systems == NULL)
        return;
    for (size_t i = 0; i < systems->count; i++)
        sp_free(systems->names[i]);
    for (size_t i = 0; i < systems->rule_count; i++)
        sp_free(systems->rules[i].glob);
    for (size_t i = 0; i < systems->holds_count; i++) {
        sp_free(systems->holds[i].words);
        sp_free(systems->holds[i].file);
    }
    sp_free(systems);
}

size_t sp_systems_count(const struct sp_systems *systems)
{
    return systems == NULL ? 0 : systems->count;
}

const char *sp_systems_name(const struct sp_systems *systems, size_t index)
{
    return systems->names[index];
}

size_t sp_systems_holds_count(const struct sp_systems *systems)
{
    return systems == NULL ? 0 : systems->holds_count;
}

const struct sp_system_holds *sp_systems_holds(const struct sp_systems *systems, size_t index)
{
    return &systems->holds[index].told;
}

static const char *systems_find(const struct sp_systems *systems, enum systems_by by,
                                struct sp_slice name)
{
    char text[SYSTEMS_NAME_MAX];
    if (systems == NULL || name.len == 0 || name.len >= sizeof text)
        return NULL;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    for (size_t i = 0; i < systems->rule_count; i++) {
        const struct systems_rule *rule = &systems->rules[i];
        if (rule->by == by && fnmatch(rule->glob, text, rule->flags) == 0)
            return systems->names[rule->owner];
    }
    return NULL;
}

const char *sp_systems_by_table(const struct sp_systems *systems, struct sp_slice table)
{
    return systems_find(systems, BY_TABLE, table);
}

/* Of `data.email`, what is packed in a column, the column tells too. */
const char *sp_systems_by_column(const struct sp_systems *systems, struct sp_slice column)
{
    const char *found = systems_find(systems, BY_COLUMN, column);
    const uint8_t *dot = column.len == 0 ? NULL : memchr(column.ptr, '.', column.len);
    if (found == NULL && dot != NULL)
        found = systems_find(systems, BY_COLUMN,
                             (struct sp_slice){column.ptr, (size_t)(dot - column.ptr)});
    return found;
}

const char *sp_systems_by_path(const struct sp_systems *systems, struct sp_slice path)
{
    const char *found = NULL;
    while (found == NULL && path.len > 0) {
        size_t len = 0;
        while (len < path.len && path.ptr[len] != '/' && path.ptr[len] != '!')
            len++;
        found = systems_find(systems, BY_FILE, (struct sp_slice){path.ptr, len});
        len += len < path.len;
        path.ptr += len;
        path.len -= len;
    }
    return found;
}
