/* winmail.dat (TNEF): the message's properties, and its attachments as parts. What comes before
 * damage is kept. Source: Microsoft, [MS-OXTNEF]. */
#include "base/buf.h"
#include "base/mem.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/mapi.h"
#include "extract/ole.h"
#include "extract/run.h"

enum {
    BID_TNEF = 95,
    TNEF_HEADER = 6,    /* signature and key */
    TNEF_ATTRIBUTE = 9, /* level, id and type, length */
    TNEF_CHECKSUM = 2,
    TNEF_GUID = 16,
    TNEF_NAMED = 0x8000, /* from this tag on a property has a name */
    TNEF_NAME_MAX = 512,
    /* attributes, their types left out */
    TNEF_FROM = 0x8000,
    TNEF_SUBJECT = 0x8004,
    TNEF_MESSAGE_ID = 0x8009,
    TNEF_BODY = 0x800C,
    TNEF_ATTACH_DATA = 0x800F,
    TNEF_ATTACH_TITLE = 0x8010,
    TNEF_ATTACH_BEGIN = 0x9002,
    TNEF_PROPERTIES = 0x9003,
    TNEF_RECIPIENTS = 0x9004,
    TNEF_ATTACHMENT = 0x9005
};

struct tnef {
    struct sp_extract *x;
    struct sp_flow *flow;
    bool damaged;
    bool in_attachment;
    bool has_body;
    uint64_t members;
    struct sp_slice html, rtf; /* bodies, in the file */
    struct sp_slice title, data;
    bool is_wide_title;
};

int sp_tnef_bid(const struct sp_glance *at)
{
    return at->head.len >= TNEF_HEADER && memcmp(at->head.ptr, "\x78\x9F\x3E\x22", 4) == 0
               ? BID_TNEF
               : 0;
}

/* ---- a reader that fails once and for all -----------------------------------------------------
 */
static struct sp_slice tnef_take(struct sp_slice *in, uint64_t len, bool *bad)
{
    if (*bad || len > in->len) {
        *bad = true;
        return (struct sp_slice){NULL, 0};
    }
    struct sp_slice out = {in->ptr, (size_t)len};
    in->ptr += len;
    in->len -= (size_t)len;
    return out;
}

static uint32_t tnef_u32(struct sp_slice *in, bool *bad)
{
    struct sp_slice at = tnef_take(in, 4, bad);
    return *bad ? 0 : sp_le32(at.ptr);
}

/* ---- properties ------------------------------------------------------------------------------ */
static uint64_t tnef_fixed(unsigned type)
{
    switch (type) {
    case 0x0002:
    case 0x0003:
    case 0x0004:
    case 0x000A:
    case 0x000B:
        return 4; /* with what fills it up */
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case SP_MAPI_TIME:
        return 8;
    case 0x0048:
        return TNEF_GUID;
    default:
        return 0; /* its length stands before it */
    }
}

static enum sp_err tnef_text(struct tnef *tnef, unsigned tag, bool wide, struct sp_slice value,
                             struct sp_why *why)
{
    const char *key = tag == SP_MAPI_BODY ? NULL : sp_mapi_key(tag);
    tnef->has_body |= tag == SP_MAPI_BODY && value.len > 1;
    enum sp_err err = sp_flow_field(tnef->flow, sp_slice_of(key == NULL ? "" : key),
                                    (struct sp_slice){NULL, 0}, why);
    return err == SP_OK ? sp_ole_text(tnef->flow, value, wide, why) : err;
}

static enum sp_err tnef_value(struct tnef *tnef, unsigned tag, unsigned type, struct sp_slice value,
                              struct sp_why *why)
{
    bool wide = type == SP_MAPI_UNICODE;
    if (tnef->in_attachment) {
        if (tag == SP_MAPI_ATTACH_DATA) {
            bool object = type == SP_MAPI_OBJECT && value.len > TNEF_GUID;
            tnef->data =
                object ? (struct sp_slice){value.ptr + TNEF_GUID, value.len - TNEF_GUID} : value;
        } else if (tag == SP_MAPI_ATTACH_LONG && (wide || type == SP_MAPI_STRING8)) {
            tnef->title = value;
            tnef->is_wide_title = wide;
        }
        return SP_OK;
    }
    if (wide || type == SP_MAPI_STRING8)
        return tnef_text(tnef, tag, wide, value, why);
    if (tag == SP_MAPI_HTML)
        tnef->html = value;
    else if (tag == SP_MAPI_RTF)
        tnef->rtf = value;
    return SP_OK;
}

static enum sp_err tnef_property(struct tnef *tnef, struct sp_slice *in, bool *bad,
                                 struct sp_why *why)
{
    uint32_t head = tnef_u32(in, bad);
    unsigned type = head & 0xFFFF;
    unsigned single = type & ~(unsigned)SP_MAPI_MULTIPLE;
    unsigned tag = head >> 16;
    uint64_t fixed = tnef_fixed(single);
    uint32_t count = 1;
    enum sp_err err = SP_OK;
    if (tag >= TNEF_NAMED) {
        (void)tnef_take(in, TNEF_GUID, bad);
        bool is_named = tnef_u32(in, bad) == 1;
        uint32_t id = tnef_u32(in, bad);
        if (is_named)
            (void)tnef_take(in, ((uint64_t)id + 3) & ~UINT64_C(3), bad);
    }
    if (fixed == 0 || (type & SP_MAPI_MULTIPLE) != 0)
        count = tnef_u32(in, bad);
    for (uint32_t i = 0; i < count && err == SP_OK && !*bad; i++) {
        uint64_t len = fixed != 0 ? fixed : tnef_u32(in, bad);
        struct sp_slice value = tnef_take(in, len, bad);
        if (fixed == 0 && len % 4 != 0)
            (void)tnef_take(in, 4 - len % 4, bad);
        if (!*bad)
            err = tnef_value(tnef, tag, single, value, why);
    }
    return err;
}

static enum sp_err tnef_properties(struct tnef *tnef, struct sp_slice *in, struct sp_why *why)
{
    bool bad = false;
    uint32_t count = tnef_u32(in, &bad);
    enum sp_err err = SP_OK;
    for (uint32_t i = 0; i < count && err == SP_OK && !bad; i++)
        err = tnef_property(tnef, in, &bad, why);
    tnef->damaged |= bad;
    return err;
}

static enum sp_err tnef_recipients(struct tnef *tnef, struct sp_slice in, struct sp_why *why)
{
    bool bad = false;
    uint32_t rows = tnef_u32(&in, &bad);
    enum sp_err err = SP_OK;
    for (uint32_t i = 0; i < rows && err == SP_OK && !tnef->damaged && in.len > 0; i++)
        err = tnef_properties(tnef, &in, why);
    return err;
}

/* ---- parts ----------------------------------------------------------------------------------- */
static enum sp_err tnef_member(struct tnef *tnef, struct sp_slice name, struct sp_slice bytes,
                               struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++tnef->members,
                                        .name = name,
                                        .size_claimed = bytes.len,
                                        .mtime_s = INT64_MIN};
    enum sp_err err = sp_stream_open_memory(bytes, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(tnef->x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

/* The attachment that was put together so far. Its name as it stands, but for UTF-16. */
static enum sp_err tnef_attachment(struct tnef *tnef, struct sp_why *why)
{
    uint8_t name[TNEF_NAME_MAX];
    size_t len = 0;
    size_t width = tnef->is_wide_title ? 2 : 1;
    struct sp_slice data = tnef->data;
    for (size_t at = 0; at + width <= tnef->title.len && len < sizeof name; at += width)
        if (tnef->title.ptr[at] != 0)
            name[len++] = tnef->title.ptr[at];
    tnef->title = tnef->data = (struct sp_slice){NULL, 0};
    tnef->is_wide_title = false;
    return data.ptr == NULL ? SP_OK : tnef_member(tnef, (struct sp_slice){name, len}, data, why);
}

static enum sp_err tnef_bodies(struct tnef *tnef, struct sp_why *why)
{
    struct sp_buf rtf;
    enum sp_err err = SP_OK;
    if (tnef->html.len > 0)
        err = tnef_member(tnef, sp_slice_of("body.html"), tnef->html, why);
    if (err != SP_OK || tnef->rtf.len == 0 || tnef->has_body || tnef->html.len > 0)
        return err;
    sp_buf_init(&rtf, (size_t)tnef->x->limits->spool_max_bytes);
    tnef->damaged |= !sp_mapi_rtf(tnef->rtf, &rtf);
    if (rtf.len > 0)
        err = tnef_member(tnef, sp_slice_of("body.rtf"), sp_buf_slice(&rtf), why);
    sp_buf_wipe(&rtf);
    return err;
}

/* ---- attributes ------------------------------------------------------------------------------ */
static enum sp_err tnef_attribute(struct tnef *tnef, unsigned id, struct sp_slice body,
                                  struct sp_why *why)
{
    switch (id) {
    case TNEF_ATTACH_BEGIN:
        return SP_OK;
    case TNEF_ATTACH_TITLE:
        if (tnef->title.len == 0)
            tnef->title = body;
        return SP_OK;
    case TNEF_ATTACH_DATA:
        tnef->data = body;
        return SP_OK;
    case TNEF_ATTACHMENT:
    case TNEF_PROPERTIES:
        return tnef_properties(tnef, &body, why);
    case TNEF_RECIPIENTS:
        return tnef_recipients(tnef, body, why);
    case TNEF_SUBJECT:
        return tnef_text(tnef, SP_MAPI_SUBJECT, false, body, why);
    case TNEF_MESSAGE_ID:
        return tnef_text(tnef, SP_MAPI_MESSAGE_ID, false, body, why);
    case TNEF_BODY:
        return tnef_text(tnef, SP_MAPI_BODY, false, body, why);
    case TNEF_FROM: /* numbers, then name and address: the raw pass takes them out */
    default:
        return tnef->in_attachment ? SP_OK : tnef_text(tnef, id, false, body, why);
    }
}

/* Of the message itself, whatever part the file says that it belongs to. */
static bool is_of_message(unsigned id)
{
    return id == TNEF_RECIPIENTS || id == TNEF_SUBJECT || id == TNEF_MESSAGE_ID ||
           id == TNEF_BODY || id == TNEF_PROPERTIES;
}

/* Attributes from `in` on. With `parts` those of attachments, else those of the message. */
static enum sp_err tnef_walk(struct tnef *tnef, struct sp_slice in, bool parts, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    tnef->in_attachment = parts;
    while (err == SP_OK && in.len > 0) {
        bool bad = false;
        struct sp_slice head = tnef_take(&in, TNEF_ATTRIBUTE, &bad);
        struct sp_slice body = tnef_take(&in, bad ? 0 : sp_le32(head.ptr + 5), &bad);
        (void)tnef_take(&in, TNEF_CHECKSUM, &bad);
        if (bad) {
            tnef->damaged = true;
            break;
        }
        unsigned id = sp_le32(head.ptr + 1) & 0xFFFF;
        bool is_part = head.ptr[0] == 2 && !is_of_message(id);
        if (is_part != parts)
            continue;
        if (parts && id == TNEF_ATTACH_BEGIN)
            err = tnef_attachment(tnef, why);
        if (err == SP_OK)
            err = tnef_attribute(tnef, id, body, why);
    }
    return err == SP_OK && parts ? tnef_attachment(tnef, why) : err;
}

static enum sp_err tnef_read(struct tnef *tnef, struct sp_slice all, struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_MESSAGE, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    const struct sp_slice attributes = {all.ptr + TNEF_HEADER, all.len - TNEF_HEADER};
    struct sp_unread unread;
    enum sp_err err = sp_flow_new(tnef->x->sink, &tnef->flow, why);
    if (err == SP_OK) {
        sp_flow_begin(tnef->flow, &record);
        err = tnef_walk(tnef, attributes, false, why);
    }
    if (err == SP_OK)
        err = sp_flow_end(tnef->flow, why);
    tnef->x->done->record_count = tnef->flow == NULL ? 0 : sp_flow_records(tnef->flow);
    sp_flow_free(tnef->flow);
    tnef->flow = NULL;
    if (err == SP_OK)
        err = tnef_bodies(tnef, why);
    if (err == SP_OK)
        err = tnef_walk(tnef, attributes, true, why);
    if (err != SP_OK || !tnef->damaged)
        return err;
    sp_unread_init(&unread, SP_REASON_CORRUPT);
    unread.partial = unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "damaged, or cut off");
    err = sp_extract_unread(tnef->x, &unread, why);
    return err == SP_OK ? sp_extract_note(tnef->x, all, why) : err;
}

enum sp_err sp_tnef_extract(struct sp_extract *x, struct sp_why *why)
{
    struct tnef tnef = {.x = x};
    struct sp_buf all;
    struct sp_unread unread;
    sp_buf_init(&all, (size_t)x->limits->spool_max_bytes);
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(x->stream, &block, why);
        if (err == SP_OK && block.len > 0)
            err = sp_buf_append(&all, block.ptr, block.len, why);
        if (err == SP_ERR_LIMIT) {
            sp_unread_init(&unread, SP_REASON_LIMIT_SPOOL);
            unread.partial = unread.fallback = true;
            sp_stream_unget(x->stream, block.len);
            err = sp_extract_unread(x, &unread, why);
            if (err == SP_OK)
                err = sp_extract_raw_rest(x, why);
            if (err == SP_OK)
                break;
        }
        if (err != SP_OK) {
            sp_buf_wipe(&all);
            return err;
        }
        if (block.len == 0)
            break;
    }
    enum sp_err err = all.len < TNEF_HEADER ? SP_OK : tnef_read(&tnef, sp_buf_slice(&all), why);
    sp_buf_wipe(&all);
    return err;
}
