/* A record of the person as JSON: {"masked":N, "fields":{…}}, or "text" where there are none. A
 * name that comes more than once has an array. */
#include "base/json.h"
#include "scan/copier.h"

/* One value that is to be written. */
struct copier_value {
    struct sp_slice name; /* into `made` once all is there */
    size_t name_at;
    size_t at, len; /* in `made` */
    size_t order;   /* among all values */
    size_t next;    /* order of the next one of this name; 0: none */
    bool follows;   /* it is the next one of another */
};

struct copier_job {
    struct sp_copier *copier;
    const struct sp_copy_record *record;
    const struct sp_copy_match *matches; /* ascending; those of the record */
    size_t match_count;
    uint64_t masked;
    struct sp_why *why;
};

static const struct sp_copy_field *job_fields(const struct copier_job *job, size_t *count)
{
    const struct sp_buf *fields = &job->copier->fields;
    const struct sp_copy_record *next = job->record + 1;
    const struct sp_buf *records = &job->copier->records;
    const struct sp_copy_record *end =
        (const struct sp_copy_record *)(const void *)(records->data + records->len);
    size_t all = next < end ? next->fields : fields->len / sizeof(struct sp_copy_field);
    *count = all - job->record->fields;
    return *count == 0
               ? NULL
               : (const struct sp_copy_field *)(const void *)fields->data + job->record->fields;
}

static struct sp_slice job_string(const struct copier_job *job, size_t at, size_t len)
{
    return (struct sp_slice){len == 0 ? NULL : job->copier->strings.data + at, len};
}

/* ---- values ---------------------------------------------------------------------------------- */
/* Text between matches of the window, looked at once more. */
static enum sp_err job_rest(struct copier_job *job, uint64_t begin, uint64_t end)
{
    struct sp_copier *copier = job->copier;
    if (begin >= end)
        return SP_OK;
    struct sp_slice text = {copier->text.data + job->record->text + (begin - job->record->begin),
                            (size_t)(end - begin)};
    return sp_copy_mask(&copier->eyes, job->record->id.kind, text, &copier->made, &job->masked,
                        job->why);
}

static enum sp_err job_own(struct copier_job *job, uint64_t begin, uint64_t end)
{
    const struct sp_copier *copier = job->copier;
    return sp_buf_append(&job->copier->made,
                         copier->text.data + job->record->text + (begin - job->record->begin),
                         (size_t)(end - begin), job->why);
}

/* The first byte of somebody else's match that begins before `end`; `end`: there is none. */
static uint64_t job_other(const struct copier_job *job, size_t from, uint64_t end)
{
    for (size_t i = from; i < job->match_count && job->matches[i].begin < end; i++)
        if (!job->matches[i].own)
            return job->matches[i].begin;
    return end;
}

/* [begin, end) of the record's text: the person's values as they are, those of others masked. Where
 * the two overlap the mask wins. */
static enum sp_err job_value(struct copier_job *job, uint64_t begin, uint64_t end)
{
    enum sp_err err = SP_OK;
    uint64_t done = begin;
    for (size_t i = 0; err == SP_OK && i < job->match_count; i++) {
        const struct sp_copy_match *match = &job->matches[i];
        uint64_t from = match->begin > done ? match->begin : done;
        uint64_t to = match->end < end ? match->end : end;
        if (match->end <= done || match->begin >= end)
            continue;
        if (match->own)
            to = job_other(job, i + 1, to);
        err = job_rest(job, done, from);
        if (err == SP_OK && from < to && match->own)
            err = job_own(job, from, to);
        else if (err == SP_OK && from < to) {
            err = sp_buf_append_string(&job->copier->made,
                                       match->begin < begin ? "***" : match->mask, job->why);
            job->masked++;
        }
        done = to > from ? to : from;
    }
    return err == SP_OK ? job_rest(job, done, end) : err;
}

/* ---- names ----------------------------------------------------------------------------------- */
/* Appends what a field is called: its key, its path in JSON or XML, the number of its column, or
 * what part of a mail it is. A header may hold anything. */
static enum sp_err job_name(struct copier_job *job, const struct sp_copy_field *field)
{
    struct sp_buf *made = &job->copier->made;
    struct sp_slice key = job_string(job, field->key, field->key_len);
    struct sp_slice part = job_string(job, field->part, field->part_len);
    bool is_node = job->record->id.kind == SP_RECORD_NODE && part.len > 1;
    if (is_node)
        key = (struct sp_slice){part.ptr + 1, part.len - 1};
    else if (key.len == 0 && field->column > 0)
        return sp_buf_appendf(made, job->why, "%u", field->column);
    else if (key.len == 0)
        return part.len == 0 ? sp_buf_append_string(made, "text", job->why)
                             : sp_buf_appendf(made, job->why, "text@%.*s", (int)part.len,
                                              (const char *)part.ptr);
    enum sp_err err =
        sp_copy_mask(&job->copier->eyes, SP_RECORD_DOCUMENT, key, made, &job->masked, job->why);
    if (err == SP_OK && !is_node && part.len > 0 && part.ptr[0] != '/')
        err = sp_buf_appendf(made, job->why, "@%.*s", (int)part.len, (const char *)part.ptr);
    return err;
}

/* What the field is part of, when it is one element: /data of /data/17; else nothing. */
static struct sp_slice job_array(const struct copier_job *job, const struct sp_copy_field *field)
{
    struct sp_slice part = job_string(job, field->part, field->part_len);
    size_t len = part.len;
    while (len > 0 && part.ptr[len - 1] >= '0' && part.ptr[len - 1] <= '9')
        len--;
    bool is_element = len > 0 && len < part.len && part.ptr[len - 1] == '/';
    return (struct sp_slice){part.ptr, is_element ? len - 1 : 0};
}

/* One byte, as a number. */
static bool job_is_byte(const struct copier_job *job, const struct sp_copy_field *field)
{
    const struct sp_copier *copier = job->copier;
    uint64_t from = field->begin, to = field->end;
    unsigned value = 0;
    while (to > from && copier->text.data[job->record->text + (to - 1 - job->record->begin)] < ' ')
        to--; /* what stands between fields */
    if (to <= from || to - from > 3)
        return false;
    for (; from < to; from++) {
        uint8_t digit = copier->text.data[job->record->text + (from - job->record->begin)];
        if (digit < '0' || digit > '9')
            return false;
        value = 10 * value + (digit - '0');
    }
    return value <= UINT8_MAX;
}

static bool job_same(const struct copier_job *job, const struct sp_copy_field *a,
                     const struct sp_copy_field *b)
{
    return a->column == b->column &&
           sp_slice_equal(job_string(job, a->key, a->key_len), job_string(job, b->key, b->key_len));
}

/* Whether the text of an array follows its bytes: a field of the path of the array itself. */
static bool job_is_text(const struct copier_job *job, const struct sp_copy_field *field,
                        const struct sp_copy_field *element)
{
    struct sp_slice array = job_array(job, element);
    return array.len > 0 && job_same(job, field, element) &&
           sp_slice_equal(job_string(job, field->part, field->part_len), array);
}

static bool job_is_same_text(const struct copier_job *job, const struct sp_copy_field *a,
                             const struct sp_copy_field *b)
{
    return job_same(job, a, b) && sp_slice_equal(job_string(job, a->part, a->part_len),
                                                 job_string(job, b->part, b->part_len));
}

/* How many fields from here on are bytes of one array, at least 1. *text: that is a text, which is
 * the field behind them (json_bytes.h). */
static size_t job_elements(const struct copier_job *job, const struct sp_copy_field *fields,
                           size_t count, bool *text)
{
    const struct sp_slice array = job_array(job, &fields[0]);
    size_t run = 1;
    bool bytes = array.len > 0 && job_is_byte(job, &fields[0]);
    while (bytes && run < count && job_is_byte(job, &fields[run]) &&
           sp_slice_equal(job_array(job, &fields[run]), array) &&
           job_same(job, &fields[run], &fields[0]))
        run++;
    *text = bytes && run < count && job_is_text(job, &fields[run], &fields[0]);
    return run;
}

static enum sp_err job_field(struct copier_job *job, const struct sp_copy_field *field, bool hides)
{
    struct sp_buf *made = &job->copier->made;
    struct copier_value value = {.name_at = made->len,
                                 .order = job->copier->values.len / sizeof value};
    enum sp_err err = job_name(job, field);
    value.at = made->len;
    if (err == SP_OK && hides)
        err = sp_buf_append_string(made, "***", job->why);
    else if (err == SP_OK)
        err = job_value(job, field->begin, field->end);
    job->masked += hides;
    value.len = made->len - value.at;
    return err == SP_OK ? sp_buf_append(&job->copier->values, &value, sizeof value, job->why) : err;
}

/* What stands before the first field, if anything does. */
static enum sp_err job_before(struct copier_job *job, const struct sp_copy_field *first)
{
    struct sp_buf *made = &job->copier->made;
    struct copier_value value = {.name_at = made->len, .order = 0};
    if (first->begin <= job->record->begin + 1) /* a separator */
        return SP_OK;
    enum sp_err err = sp_buf_append_string(made, "text", job->why);
    value.at = made->len;
    if (err == SP_OK)
        err = job_value(job, job->record->begin, first->begin - 1);
    value.len = made->len - value.at;
    return err == SP_OK ? sp_buf_append(&job->copier->values, &value, sizeof value, job->why) : err;
}

static int value_compare(const void *left, const void *right)
{
    const struct copier_value *a = left;
    const struct copier_value *b = right;
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = len == 0 ? 0 : memcmp(a->name.ptr, b->name.ptr, len);
    if (order != 0)
        return order;
    if (a->name.len != b->name.len)
        return a->name.len < b->name.len ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int value_compare_order(const void *left, const void *right)
{
    const struct copier_value *a = left;
    const struct copier_value *b = right;
    return a->order < b->order ? -1 : 1;
}

/* Values of one name know each other. */
static void values_join(struct copier_value *values, size_t count, const uint8_t *made)
{
    for (size_t i = 0; i < count; i++)
        values[i].name =
            (struct sp_slice){made + values[i].name_at, values[i].at - values[i].name_at};
    qsort(values, count, sizeof *values, value_compare);
    for (size_t i = 1; i < count; i++) {
        bool same = values[i].name.len == values[i - 1].name.len &&
                    (values[i].name.len == 0 ||
                     memcmp(values[i].name.ptr, values[i - 1].name.ptr, values[i].name.len) == 0);
        values[i].follows = same;
        values[i - 1].next = same ? values[i].order : 0;
    }
    qsort(values, count, sizeof *values, value_compare_order);
}

static void values_write(struct sp_json *json, const struct copier_value *values, size_t count,
                         const uint8_t *made)
{
    sp_json_key(json, "fields");
    sp_json_object(json);
    for (size_t i = 0; i < count; i++) {
        if (values[i].follows)
            continue;
        sp_json_key_slice(json, values[i].name);
        if (values[i].next == 0) {
            sp_json_string(json, (struct sp_slice){made + values[i].at, values[i].len});
            continue;
        }
        sp_json_array(json);
        for (size_t k = i;; k = values[k].next) {
            sp_json_string_item(json, (struct sp_slice){made + values[k].at, values[k].len});
            if (values[k].next == 0)
                break;
        }
        sp_json_array_end(json);
    }
    sp_json_object_end(json);
}

/* ---- the record ------------------------------------------------------------------------------ */
static enum sp_err job_fields_write(struct copier_job *job, struct sp_json *json,
                                    const struct sp_copy_field *fields, size_t count)
{
    struct sp_copier *copier = job->copier;
    enum sp_err err = job_before(job, &fields[0]);
    const struct sp_copy_field *piece = NULL; /* of the text of a long array */
    bool text = false;
    for (size_t i = 0, run; err == SP_OK && i < count; i += run) {
        /* a value may lie over the border of two pieces: nothing of them is shown */
        bool goes_on = text && i + 1 < count && job_is_text(job, &fields[i], &fields[i + 1]);
        bool hides = goes_on || (text && piece != NULL && job_is_same_text(job, piece, &fields[i]));
        if (goes_on)
            piece = &fields[i];
        run = job_elements(job, fields + i, count - i, &text);
        for (size_t k = 0; err == SP_OK && !text && k < run; k++)
            err = job_field(job, &fields[i + k], hides);
    }
    if (err != SP_OK)
        return err;
    struct copier_value *values = (struct copier_value *)(void *)copier->values.data;
    count = copier->values.len / sizeof *values;
    values_join(values, count, copier->made.data);
    sp_json_number(json, "masked", job->masked);
    values_write(json, values, count, copier->made.data);
    return json->err;
}

enum sp_err sp_copier_json(struct sp_copier *copier, const struct sp_copy_record *record,
                           uint64_t begin, uint64_t end, struct sp_why *why)
{
    struct copier_job job = {.copier = copier,
                             .record = record,
                             .matches =
                                 (const struct sp_copy_match *)(const void *)copier->matches.data,
                             .match_count = copier->matches.len / sizeof(struct sp_copy_match),
                             .why = why};
    struct sp_json json;
    size_t count;
    const struct sp_copy_field *fields = job_fields(&job, &count);
    sp_buf_reset(&copier->made);
    sp_buf_reset(&copier->values);
    while (job.match_count > 0 && job.matches->end <= begin) {
        job.matches++;
        job.match_count--;
    }
    while (job.match_count > 0 && job.matches[job.match_count - 1].begin >= end)
        job.match_count--;
    sp_json_init(&json, &copier->members, why);
    json.depth = 1; /* members of the object of whoever asked */
    if (count > 0)
        return job_fields_write(&job, &json, fields, count);
    enum sp_err err = job_value(&job, begin, end);
    if (err != SP_OK)
        return err;
    sp_json_number(&json, "masked", job.masked);
    sp_json_slice(
        &json, "text",
        (struct sp_slice){copier->made.data == NULL ? (const uint8_t *)"" : copier->made.data,
                          copier->made.len});
    return json.err;
}
