/* JSON (RFC 8259) and JSON Lines: see json_read.c. */
#include "base/mem.h"
#include "extract/cells.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/json_read.h"

enum {
    BID_JSON = 70,
    BID_NAMED = 60 /* only the name says more than the first byte */
};

struct json_file {
    struct sp_intern *names;
    struct sp_json_in json;
    struct sp_row row;
};

int sp_json_bid(const struct sp_glance *at)
{
    const uint8_t *sample = at->sample.ptr;
    size_t len = at->sample.len, pos = 0;
    unsigned roots;
    bool whole;
    while (pos < len && sample[pos] <= ' ')
        pos++;
    if (pos == len || (sample[pos] != '{' && sample[pos] != '['))
        return 0;
    if (sp_json_looks(sample, len, &roots, &whole))
        return BID_JSON;
    return sp_name_has_suffix(at->name, ".json\0.jsonl\0.ndjson\0.geojson\0") ? BID_NAMED : 0;
}

static void json_free(struct json_file *file)
{
    if (file == NULL)
        return;
    sp_intern_free(file->names);
    sp_cells_free(file->row.cells_open);
    sp_free(file);
}

static enum sp_err json_new(struct sp_extract *x, struct json_file **out, struct sp_why *why)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    unsigned roots = 0;
    bool whole;
    struct json_file *file = sp_alloc(sizeof *file);
    *out = NULL;
    if (file == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read JSON");
    file->names = NULL;
    sp_row_init(&file->row, x->sink);
    enum sp_err err = sp_intern_new(&file->names, why);
    if (err == SP_OK)
        err = sp_cells_new(&file->row.cells_open, why);
    if (err != SP_OK) {
        json_free(file);
        return err;
    }
    sp_json_in_init(&file->json, &file->row, file->names);
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    file->json.lines =
        sp_json_looks(sample, sp_extract_sample(head, sample), &roots, &whole) && roots > 1;
    *out = file;
    return SP_OK;
}

/* A record that several people are in is as good as another one beside it: the file is not dropped
 * for one of them. */
static enum sp_err json_others(struct json_file *file, struct sp_why *why)
{
    if (!file->json.others)
        return SP_OK;
    file->row.record.ordinal++;
    sp_row_begin(&file->row);
    return sp_row_end(&file->row, why);
}

static enum sp_err json_report_cut(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_TRUNCATED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "ends within a value");
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_json_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct json_file *file;
    bool open = false;
    enum sp_err err = json_new(x, &file, why);
    if (err != SP_OK)
        return err;
    err = sp_extract_decode(x, false, sp_json_in_text, &file->json, &stream_err, why);
    if (err == SP_OK)
        err = sp_json_in_end(&file->json, &open, why);
    if (err == SP_OK)
        err = sp_row_end(&file->row, why);
    if (err == SP_OK)
        err = json_others(file, why);
    if (err == SP_OK && open && stream_err == SP_OK)
        err = json_report_cut(x, why);
    x->done->record_count = file->row.record_count;
    json_free(file);
    return err != SP_OK ? err : stream_err;
}
