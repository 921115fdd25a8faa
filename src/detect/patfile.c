/* Reads one pattern file. The format is described in pattern.h. */
#include "base/buf.h"
#include "base/mem.h"
#include "detect/bytes.h"
#include "detect/pattern.h"
#include "detect/wordlist.h"

enum {
    LINE_MAX_BYTES = 4096 /* of a pattern file */
};

/* The file being read. */
struct reader {
    struct sp_patterns *patterns;
    struct sp_word_lists *lists;
    struct sp_pattern *pattern; /* NULL until id: */
    const char *name;
    unsigned line;
    struct sp_why *why;
};

static enum sp_err reader_fail(const struct reader *reader, const char *message)
{
    return sp_fail(reader->why, SP_ERR_CONFIG, "%s:%u: %s", reader->name, reader->line, message);
}

static enum sp_err reader_nomem(const struct reader *reader)
{
    return sp_fail(reader->why, SP_ERR_NOMEM, "%s: no memory", reader->name);
}

static enum sp_err read_words(struct reader *reader, struct sp_slice text, struct sp_slice list,
                              bool against)
{
    struct sp_word_line line = {
        .text = text,
        .list = list,
        .file = reader->name,
        .line = reader->line,
        .against = against,
    };
    if (reader->pattern)
        line.owner = (unsigned)(reader->pattern - reader->patterns->list);
    return sp_word_lists_add(reader->lists, &line, reader->why);
}

static enum sp_err key_id(struct reader *reader, struct sp_slice text)
{
    struct sp_patterns *patterns = reader->patterns;
    if (reader->pattern)
        return reader_fail(reader, "a file has one id:");
    if (patterns->count == SP_PATTERNS_MAX)
        return reader_fail(reader, "too many patterns");
    if (!text.len)
        return reader_fail(reader, "an id: is lower case letters, digits, '.', '_' and '-'");
    for (size_t i = 0; i < text.len; i++) {
        if (!byte_is_lower(text.ptr[i]) && !byte_is_digit(text.ptr[i]) &&
            !memchr("._-", text.ptr[i], 3))
            return reader_fail(reader, "an id: is lower case letters, digits, '.', '_' and '-'");
    }
    for (size_t i = 0; i < patterns->count; i++) {
        if (sp_slice_equal(text, sp_slice_of(patterns->list[i].id)))
            return reader_fail(reader, "another file has this id:");
    }
    reader->pattern = &patterns->list[patterns->count++];
    reader->pattern->type = SP_TYPE_COUNT;
    reader->pattern->id = sp_copy_string(text.ptr, text.len);
    reader->pattern->file = sp_copy_string(reader->name, strlen(reader->name));
    return reader->pattern->id && reader->pattern->file ? SP_OK : reader_nomem(reader);
}

static enum sp_err key_type(struct reader *reader, struct sp_slice text)
{
    return sp_type_from_name(text, &reader->pattern->type)
               ? SP_OK
               : reader_fail(reader, "there is no such type");
}

static enum sp_err key_validator(struct reader *reader, struct sp_slice text)
{
    for (const struct sp_validator *row = sp_validators; row->name; row++) {
        if (sp_slice_equal(text, sp_slice_of(row->name))) {
            reader->pattern->validator = row;
            return SP_OK;
        }
    }
    return reader_fail(reader, "there is no such validator");
}

static enum sp_err key_context(struct reader *reader, struct sp_slice text)
{
    return read_words(reader, text, (struct sp_slice){0}, false);
}

static enum sp_err key_against(struct reader *reader, struct sp_slice text)
{
    return read_words(reader, text, (struct sp_slice){0}, true);
}

static enum sp_err key_words(struct reader *reader, struct sp_slice text)
{
    struct sp_slice list = sp_wordlist_take(&text);
    if (!list.len || !sp_wordlist_trim(text).len)
        return reader_fail(reader, "words: needs a name and words");
    return read_words(reader, text, list, false);
}

static enum sp_err key_form(struct reader *reader, struct sp_slice text)
{
    struct sp_pattern *pattern = reader->pattern;
    if (pattern->form_count == SP_PATTERN_FORMS_MAX)
        return reader_fail(reader, "a pattern has at most 8 forms");
    struct sp_form *form = &pattern->forms[pattern->form_count++];
    form->label = form->base = SP_CONF_HIGH + 1; /* not given yet */
    form->name = sp_copy_string(text.ptr, text.len);
    return form->name ? SP_OK : reader_nomem(reader);
}

/* The form that is being read; there is one (see enum key_place). */
static struct sp_form *current_form(struct reader *reader)
{
    return &reader->pattern->forms[reader->pattern->form_count - 1];
}

static enum sp_err compile(struct reader *reader, struct sp_slice text, uint32_t options,
                           pcre2_code **out)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    *out = pcre2_compile(text.ptr, text.len, options, &code, &at, NULL);
    if (!*out) {
        unsigned char message[128];
        pcre2_get_error_message(code, message, sizeof message);
        return sp_fail(reader->why, SP_ERR_CONFIG, "%s:%u: at character %zu: %s", reader->name,
                       reader->line, (size_t)at, (const char *)message);
    }
    int jit = pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE);
    if (jit == PCRE2_ERROR_NOMEMORY)
        return reader_nomem(reader);
    return SP_OK; /* without JIT support the interpreter matches the same */
}

static enum sp_err key_regex(struct reader *reader, struct sp_slice text)
{
    struct sp_form *form = current_form(reader);
    if (form->code)
        return reader_fail(reader, "a form has one regex:");
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    enum sp_err err = compile(reader, text, options | PCRE2_USE_OFFSET_LIMIT, &form->code);
    /* without start optimisation: at each place it would look for a byte that comes last, which
     * costs as much as the text is long */
    if (!err)
        err = compile(reader, text, options | PCRE2_ANCHORED | PCRE2_NO_START_OPTIMIZE,
                      &form->anchored);
    if (err)
        return err;
    size_t machine_code = 0;
    form->fast = pcre2_pattern_info(form->anchored, PCRE2_INFO_JITSIZE, &machine_code) == 0 &&
                 machine_code > 0;
    size_t number = (size_t)(reader->pattern - reader->patterns->list) * SP_PATTERN_FORMS_MAX +
                    reader->pattern->form_count - 1;
    err = sp_filter_add(&reader->patterns->filter, text, (uint16_t)number, reader->why);
    if (err)
        return err;
    int group = pcre2_substring_number_from_name(form->code, (PCRE2_SPTR) "value");
    form->value_group = group > 0 ? (uint32_t)group : 0;
    return SP_OK;
}

static enum sp_err read_level(struct reader *reader, struct sp_slice text, enum sp_confidence *out)
{
    char name[16] = {0};
    if (text.len < sizeof name)
        memcpy(name, text.ptr, text.len);
    return sp_confidence_from_name(name, out)
               ? SP_OK
               : reader_fail(reader, "a level is none, low, medium or high");
}

static enum sp_err key_base(struct reader *reader, struct sp_slice text)
{
    return read_level(reader, text, &current_form(reader)->base);
}

static enum sp_err key_label(struct reader *reader, struct sp_slice text)
{
    return read_level(reader, text, &current_form(reader)->label);
}

static enum sp_err key_records(struct reader *reader, struct sp_slice text)
{
    if (!sp_slice_equal(text, sp_slice_of("name")))
        return reader_fail(reader, "records: knows only name");
    current_form(reader)->names_only = true;
    return SP_OK;
}

/* The text with \n, \t, \\ made what they stand for; NULL: no memory. */
static char *unescape(struct sp_slice text)
{
    char *out = sp_copy_string(text.ptr, text.len);
    size_t len = 0;
    if (!out)
        return NULL;
    for (size_t pos = 0; pos < text.len; pos++) {
        char byte = (char)text.ptr[pos];
        if (byte == '\\' && pos + 1 < text.len && strchr("nt\\", text.ptr[pos + 1])) {
            uint8_t next = text.ptr[++pos];
            byte = '\\';
            if (next != '\\')
                byte = next == 'n' ? '\n' : '\t';
        }
        out[len++] = byte;
    }
    out[len] = '\0';
    return out;
}

static enum sp_err read_example(struct reader *reader, struct sp_slice text,
                                struct sp_slice canonical, bool refuse)
{
    struct sp_pattern *pattern = reader->pattern;
    struct sp_example *grown =
        sp_realloc(pattern->examples, (pattern->example_count + 1) * sizeof *grown);
    if (!grown)
        return reader_nomem(reader);
    pattern->examples = grown;
    struct sp_example *example = &grown[pattern->example_count];
    *example = (struct sp_example){.line = reader->line, .refuse = refuse};
    pattern->example_count++;
    example->text = unescape(text);
    if (canonical.len)
        example->canonical = sp_copy_string(canonical.ptr, canonical.len);
    if (!example->text || (canonical.len && !example->canonical))
        return reader_nomem(reader);
    return SP_OK;
}

static enum sp_err key_match(struct reader *reader, struct sp_slice text)
{
    struct sp_slice canonical = {0};
    for (size_t pos = 0; text.len >= 4 && pos + 4 <= text.len; pos++) {
        if (memcmp(text.ptr + pos, " => ", 4) != 0)
            continue;
        canonical = sp_wordlist_trim((struct sp_slice){text.ptr + pos + 4, text.len - pos - 4});
        text.len = pos;
    }
    return read_example(reader, text, canonical, false);
}

static enum sp_err key_refuse(struct reader *reader, struct sp_slice text)
{
    return read_example(reader, text, (struct sp_slice){0}, true);
}

static enum sp_err key_never(struct reader *reader, struct sp_slice text)
{
    struct sp_pattern *pattern = reader->pattern;
    if (!text.len || pattern->never_count == SP_PATTERN_NEVER_MAX)
        return reader_fail(reader, "never: has a value, at most 32 times");
    char *value = sp_copy_string(text.ptr, text.len);
    if (!value)
        return reader_nomem(reader);
    pattern->never[pattern->never_count++] = value;
    return SP_OK;
}

enum key_place { PLACE_ANY, PLACE_PATTERN, PLACE_FORM };

static const struct key {
    const char *name;
    enum key_place place; /* what must have come before */
    enum sp_err (*read)(struct reader *reader, struct sp_slice text);
} keys[] = {
    {"id", PLACE_ANY, key_id},
    {"words", PLACE_ANY, key_words},
    {"type", PLACE_PATTERN, key_type},
    {"validator", PLACE_PATTERN, key_validator},
    {"context", PLACE_PATTERN, key_context},
    {"against", PLACE_PATTERN, key_against},
    {"never", PLACE_PATTERN, key_never},
    {"form", PLACE_PATTERN, key_form},
    {"regex", PLACE_FORM, key_regex},
    {"base", PLACE_FORM, key_base},
    {"label", PLACE_FORM, key_label},
    {"records", PLACE_FORM, key_records},
    {"match", PLACE_PATTERN, key_match},
    {"refuse", PLACE_PATTERN, key_refuse},
};

static enum sp_err read_line(struct reader *reader, struct sp_slice line)
{
    line = sp_wordlist_trim(line);
    if (!line.len || line.ptr[0] == '#')
        return SP_OK;
    const uint8_t *colon = memchr(line.ptr, ':', line.len);
    if (!colon || line.len > LINE_MAX_BYTES)
        return reader_fail(reader, "a line is `key: text`, at most 4096 bytes");
    struct sp_slice name = {line.ptr, (size_t)(colon - line.ptr)};
    struct sp_slice text = sp_wordlist_trim((struct sp_slice){colon + 1, line.len - name.len - 1});
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!sp_slice_equal(name, sp_slice_of(keys[i].name)))
            continue;
        if (keys[i].place != PLACE_ANY && !reader->pattern)
            return reader_fail(reader, "id: must come first");
        if (keys[i].place == PLACE_FORM && reader->pattern->form_count == 0)
            return reader_fail(reader, "form: must come first");
        return keys[i].read(reader, text);
    }
    return reader_fail(reader, "there is no such key");
}

/* What a file must have said when it ends. */
static enum sp_err read_end(struct reader *reader)
{
    const struct sp_pattern *pattern = reader->pattern;
    if (!pattern)
        return SP_OK; /* only lists of words */
    if (pattern->type == SP_TYPE_COUNT)
        return reader_fail(reader, "type: is missing");
    if (sp_type_is_category(pattern->type))
        return pattern->validator || pattern->form_count
                   ? reader_fail(reader, "a category has no validator: and no form:")
                   : SP_OK;
    if (!pattern->validator)
        return reader_fail(reader, "validator: is missing");
    if (!pattern->form_count)
        return reader_fail(reader, "form: is missing");
    for (size_t i = 0; i < pattern->form_count; i++) {
        const struct sp_form *form = &pattern->forms[i];
        if (!form->code || form->base > SP_CONF_HIGH || form->label > SP_CONF_HIGH)
            return reader_fail(reader, "a form needs regex:, base: and label:");
    }
    return SP_OK;
}

enum sp_err sp_patfile_read(struct sp_patterns *patterns, struct sp_word_lists *lists,
                            const char *name, struct sp_slice content, struct sp_why *why)
{
    struct reader reader = {patterns, lists, NULL, name, 0, why};
    while (content.len) {
        const uint8_t *newline = memchr(content.ptr, '\n', content.len);
        struct sp_slice line = {content.ptr,
                                newline ? (size_t)(newline - content.ptr) : content.len};
        reader.line++;
        enum sp_err err = read_line(&reader, line);
        if (err)
            return err;
        size_t used = line.len + (newline ? 1 : 0);
        content.ptr += used;
        content.len -= used;
    }
    return read_end(&reader);
}
