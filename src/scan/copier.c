#include "scan/copier.h"

#include "base/mem.h"

enum {
    COPIER_FIELDS_MAX = 64 << 20,  /* bytes of what waits about fields, and their names */
    COPIER_MEMBERS_MAX = 128 << 20 /* JSON of one record: six bytes for one at most, rarely */
};

static struct sp_copy_record *copier_records(const struct sp_copier *copier)
{
    return (struct sp_copy_record *)(void *)copier->records.data;
}

static size_t copier_count(const struct sp_copier *copier)
{
    return copier->records.len / sizeof(struct sp_copy_record);
}

static struct sp_copy_match *copier_matches(const struct sp_copier *copier)
{
    return (struct sp_copy_match *)(void *)copier->matches.data;
}

static size_t copier_match_count(const struct sp_copier *copier)
{
    return copier->matches.len / sizeof(struct sp_copy_match);
}

enum sp_err sp_copier_new(const struct sp_copy_options *options, struct sp_matcher *matcher,
                          const struct sp_key *key, bool mask_hint, struct sp_copier **out,
                          struct sp_why *why)
{
    struct sp_copier *copier = sp_alloc_zero(sizeof *copier);
    if (copier == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a copier");
    copier->options = options;
    sp_copy_eyes_init(&copier->eyes, matcher, key, options->own, options->own_ctx, mask_hint);
    sp_buf_init(&copier->text, SIZE_MAX);
    sp_buf_init(&copier->records, SIZE_MAX);
    sp_buf_init(&copier->fields, COPIER_FIELDS_MAX);
    sp_buf_init(&copier->strings, COPIER_FIELDS_MAX);
    sp_buf_init(&copier->matches, SIZE_MAX);
    sp_buf_init(&copier->made, SIZE_MAX);
    sp_buf_init(&copier->values, SIZE_MAX);
    sp_buf_init(&copier->members, COPIER_MEMBERS_MAX);
    *out = copier;
    return SP_OK;
}

void sp_copier_free(struct sp_copier *copier)
{
    if (copier == NULL)
        return;
    sp_copy_eyes_clear(&copier->eyes);
    sp_buf_wipe(&copier->text);
    sp_buf_clear(&copier->records);
    sp_buf_clear(&copier->fields);
    sp_buf_wipe(&copier->strings);
    sp_buf_clear(&copier->matches);
    sp_buf_wipe(&copier->made);
    sp_buf_clear(&copier->values);
    sp_buf_wipe(&copier->members);
    sp_free(copier);
}

void sp_copier_discard(struct sp_copier *copier)
{
    sp_buf_reset(&copier->text);
    sp_buf_reset(&copier->records);
    sp_buf_reset(&copier->fields);
    sp_buf_reset(&copier->strings);
    sp_buf_reset(&copier->matches);
}

/* ---- what the sink tells --------------------------------------------------------------------- */
/* The record that is open, or NULL. */
static struct sp_copy_record *copier_open(const struct sp_copier *copier)
{
    size_t count = copier_count(copier);
    struct sp_copy_record *last = count == 0 ? NULL : &copier_records(copier)[count - 1];
    return last != NULL && last->open ? last : NULL;
}

/* Text that is dropped. A log goes on with its next line, whose beginning is not here either. */
static void copier_give_up(struct sp_copier *copier, struct sp_copy_record *record)
{
    record->too_large = true;
    copier->text.len = record->text;
    copier->fields.len = record->fields * sizeof(struct sp_copy_field);
    copier->strings.len = record->strings;
    if (record->id.kind == SP_RECORD_LINE)
        record->begin = record->end;
}

enum sp_err sp_copier_begin(struct sp_copier *copier, int64_t object,
                            const struct sp_record *record, uint64_t at, struct sp_why *why)
{
    sp_copier_end(copier); /* one that its sender left open */
    const struct sp_copy_record begun = {
        .id = {object, record->ordinal, record->kind},
        .begin = at,
        .end = at,
        .text = copier->text.len,
        .fields = copier->fields.len / sizeof(struct sp_copy_field),
        .strings = copier->strings.len,
        .open = true,
    };
    return sp_buf_append(&copier->records, &begun, sizeof begun, why);
}

static void copier_close_field(struct sp_copier *copier, const struct sp_copy_record *record)
{
    size_t count = copier->fields.len / sizeof(struct sp_copy_field);
    struct sp_copy_field *fields = (struct sp_copy_field *)(void *)copier->fields.data;
    if (count > record->fields)
        fields[count - 1].end = record->end;
}

enum sp_err sp_copier_field(struct sp_copier *copier, const struct sp_field *field, uint64_t at,
                            struct sp_why *why)
{
    struct sp_copy_record *record = copier_open(copier);
    if (record == NULL || record->too_large)
        return SP_OK;
    copier_close_field(copier, record);
    const struct sp_copy_field added = {
        .begin = at,
        .end = at,
        .key = copier->strings.len,
        .key_len = field->key.len,
        .part = copier->strings.len + field->key.len,
        .part_len = field->part.len,
        .column = field->column,
    };
    enum sp_err err = sp_buf_append(&copier->strings, field->key.ptr, field->key.len, why);
    if (err == SP_OK)
        err = sp_buf_append(&copier->strings, field->part.ptr, field->part.len, why);
    if (err == SP_OK)
        err = sp_buf_append(&copier->fields, &added, sizeof added, why);
    if (err != SP_ERR_LIMIT)
        return err;
    copier_give_up(copier, record);
    return SP_OK;
}

enum sp_err sp_copier_text(struct sp_copier *copier, struct sp_slice utf8, uint64_t at,
                           struct sp_why *why)
{
    static const uint8_t separator = SP_TEXT_FIELD_SEPARATOR;
    struct sp_copy_record *record = copier_open(copier);
    enum sp_err err = SP_OK;
    if (record == NULL)
        return SP_OK;
    bool is_gone = record->too_large && record->id.kind != SP_RECORD_LINE;
    for (uint64_t gap = record->end; err == SP_OK && !is_gone && gap < at; gap++)
        err = sp_buf_append(&copier->text, &separator, 1, why);
    if (err == SP_OK && !is_gone)
        err = sp_buf_append(&copier->text, utf8.ptr, utf8.len, why);
    record->end = at + utf8.len;
    if (err == SP_OK && !is_gone && record->end - record->begin > SP_COPY_RECORD_MAX)
        copier_give_up(copier, record);
    return err;
}

void sp_copier_end(struct sp_copier *copier)
{
    struct sp_copy_record *record = copier_open(copier);
    if (record == NULL)
        return;
    if (!record->too_large)
        copier_close_field(copier, record);
    record->open = false;
}

enum sp_err sp_copier_match(struct sp_copier *copier, const struct sp_copy_match *match,
                            struct sp_why *why)
{
    return sp_buf_append(&copier->matches, match, sizeof *match, why);
}

/* ---- what becomes of it ---------------------------------------------------------------------- */
static enum sp_err copier_write(struct sp_copier *copier, const struct sp_copy_record *record,
                                uint64_t ordinal, enum sp_copy_state state, uint64_t begin,
                                uint64_t end, struct sp_why *why)
{
    const struct sp_copy_id id = {record->id.object, ordinal, record->id.kind};
    enum sp_err err = SP_OK;
    sp_buf_reset(&copier->members);
    if (state == SP_COPY_WHOLE)
        err = sp_copier_json(copier, record, begin, end, why);
    if (err == SP_ERR_LIMIT) {
        state = SP_COPY_TOO_LARGE;
        sp_buf_reset(&copier->members);
        err = SP_OK;
    }
    return err == SP_OK ? sp_copies_add(copier->options->copies, &id, state,
                                        sp_buf_slice(&copier->members), why)
                        : err;
}

static enum sp_copy_state copier_state(const struct sp_copier *copier, uint64_t begin, uint64_t end)
{
    const struct sp_copy_match *matches = copier_matches(copier);
    for (size_t i = 0; i < copier_match_count(copier); i++)
        if (matches[i].unjudged && matches[i].begin >= begin && matches[i].begin < end)
            return SP_COPY_UNJUDGED;
    return SP_COPY_WHOLE;
}

static bool copier_has_own(const struct sp_copier *copier, uint64_t begin, uint64_t end)
{
    const struct sp_copy_match *matches = copier_matches(copier);
    for (size_t i = 0; i < copier_match_count(copier); i++)
        if (matches[i].own && !matches[i].part && matches[i].begin >= begin &&
            matches[i].begin < end)
            return true;
    return false;
}

/* A record that is whole, or as much as was matched of one that is too large. */
static enum sp_err copier_record(struct sp_copier *copier, struct sp_copy_record *record,
                                 uint64_t matched, bool is_whole, struct sp_why *why)
{
    if (record->too_large) {
        uint64_t to = matched < record->end ? matched : record->end;
        record->has_own = record->has_own || copier_has_own(copier, record->begin, to);
        record->begin = to > record->begin ? to : record->begin;
        return is_whole && record->has_own
                   ? copier_write(copier, record, record->id.ordinal, SP_COPY_TOO_LARGE, 0, 0, why)
                   : SP_OK;
    }
    return is_whole && copier_has_own(copier, record->begin, record->end)
               ? copier_write(copier, record, record->id.ordinal,
                              copier_state(copier, record->begin, record->end), record->begin,
                              record->end, why)
               : SP_OK;
}

/* The line of a log around a byte that is here; its end may be `limit`. */
static void copier_line(const struct sp_copier *copier, const struct sp_copy_record *record,
                        uint64_t at, uint64_t limit, uint64_t *begin, uint64_t *end)
{
    const uint8_t *text = copier->text.data + record->text;
    size_t pos = (size_t)(at - record->begin);
    const uint8_t *before = memrchr(text, '\n', pos);
    const uint8_t *after = memchr(text + pos, '\n', (size_t)(limit - at));
    *begin = record->begin + (before == NULL ? 0 : (uint64_t)(before + 1 - text));
    *end = after == NULL ? limit : record->begin + (uint64_t)(after - text);
}

/* A line that is too large is told once. */
static enum sp_err copier_tell_line(struct sp_copier *copier, struct sp_copy_record *record,
                                    uint64_t line, struct sp_why *why)
{
    if (record->told == line)
        return SP_OK;
    record->told = line;
    return copier_write(copier, record, line, SP_COPY_TOO_LARGE, 0, 0, why);
}

/* Lines that end before `limit`, and what was dropped before them. */
static enum sp_err copier_lines(struct sp_copier *copier, struct sp_copy_record *record,
                                uint64_t limit, struct sp_why *why)
{
    const struct sp_copy_match *matches = copier_matches(copier);
    enum sp_err err = SP_OK;
    uint64_t done = 0; /* end of the line that was copied last */
    for (size_t i = 0; err == SP_OK && i < copier_match_count(copier); i++) {
        uint64_t begin, end;
        uint64_t at = matches[i].begin;
        if (!matches[i].own || matches[i].part || at < done || (at >= limit && at >= record->begin))
            continue;
        if (at < record->begin) {
            err = copier_tell_line(copier, record, matches[i].line, why);
            continue;
        }
        copier_line(copier, record, at, limit, &begin, &end);
        done = end;
        err = record->too_large && begin == record->begin
                  ? copier_tell_line(copier, record, matches[i].line, why)
                  : copier_write(copier, record, matches[i].line, copier_state(copier, begin, end),
                                 begin, end, why);
    }
    return err;
}

/* The end of the last whole line that was matched. */
static uint64_t copier_limit(const struct sp_copier *copier, const struct sp_copy_record *record,
                             uint64_t matched)
{
    uint64_t end = matched < record->end ? matched : record->end;
    if (!record->open && end == record->end)
        return end;
    const uint8_t *text = copier->text.data + record->text;
    const uint8_t *newline = end <= record->begin || copier->text.len == record->text
                                 ? NULL
                                 : memrchr(text, '\n', (size_t)(end - record->begin));
    return newline == NULL ? record->begin : record->begin + (uint64_t)(newline - text) + 1;
}

static enum sp_err copier_log(struct sp_copier *copier, struct sp_copy_record *record,
                              uint64_t matched, struct sp_why *why)
{
    uint64_t limit = copier_limit(copier, record, matched);
    enum sp_err err = copier_lines(copier, record, limit, why);
    record->text += (size_t)(limit - record->begin);
    record->too_large = record->too_large && limit == record->begin;
    record->begin = limit;
    return err;
}

static int copier_compare(const void *left, const void *right)
{
    const struct sp_copy_match *a = left;
    const struct sp_copy_match *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* Forgets the first `gone` records, and what lies before the one behind them. */
static void copier_drop(struct sp_copier *copier, size_t gone)
{
    const struct sp_copy_record end = {
        .begin = copier->matched,
        .text = copier->text.len,
        .fields = copier->fields.len / sizeof(struct sp_copy_field),
        .strings = copier->strings.len,
    };
    struct sp_copy_record *records = copier_records(copier);
    size_t count = copier_count(copier);
    const struct sp_copy_record first = gone < count ? records[gone] : end;
    struct sp_copy_match *matches = copier_matches(copier);
    size_t kept = 0;
    for (size_t i = 0; i < copier_match_count(copier); i++)
        if (matches[i].end > first.begin)
            matches[kept++] = matches[i];
    copier->matches.len = kept * sizeof *matches;
    struct sp_copy_field *fields = (struct sp_copy_field *)(void *)copier->fields.data;
    for (size_t i = first.fields; i < end.fields; i++) {
        fields[i].key -= first.strings;
        fields[i].part -= first.strings;
    }
    for (size_t i = gone; i < count; i++) {
        records[i].text -= first.text;
        records[i].fields -= first.fields;
        records[i].strings -= first.strings;
    }
    sp_buf_drop_front(&copier->text, first.text);
    sp_buf_drop_front(&copier->fields, first.fields * sizeof *fields);
    sp_buf_drop_front(&copier->strings, first.strings);
    sp_buf_drop_front(&copier->records, gone * sizeof *records);
}

enum sp_err sp_copier_settle(struct sp_copier *copier, uint64_t matched, struct sp_why *why)
{
    size_t count = copier_count(copier);
    size_t gone = 0;
    enum sp_err err = SP_OK;
    if (matched == copier->matched)
        return SP_OK;
    copier->matched = matched;
    if (copier->matches.len > 0)
        qsort(copier_matches(copier), copier_match_count(copier), sizeof(struct sp_copy_match),
              copier_compare);
    for (; err == SP_OK && gone < count; gone++) {
        struct sp_copy_record *record = &copier_records(copier)[gone];
        bool is_whole = !record->open && record->end <= matched;
        if (record->id.kind == SP_RECORD_LINE)
            err = copier_log(copier, record, matched, why);
        else
            err = copier_record(copier, record, matched, is_whole, why);
        if (!is_whole)
            break;
    }
    if (err == SP_OK)
        copier_drop(copier, gone);
    return err;
}
