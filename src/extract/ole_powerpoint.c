#include "extract/ole.h"

#include <string.h>

enum {
    PPT_TEXT_CHARS = 0x0FA0,
    PPT_TEXT_BYTES = 0x0FA8,
    PPT_STRING = 0x0FBA,
    PPT_CRYPT_SESSION = 0x2F14,
    PPT_OBJECT = 0x1011, /* an embedded document, or the macros */
    PPT_HEADER = 8,
    PPT_DEPTH_MAX = 64,
    PPT_OBJECTS_MAX = 4096,
    PPT_OBJECTS_FIRST = 1 << 20 /* their ordinals lie above those of streams */
};

struct ppt {
    struct sp_flow *flow;
    struct sp_buf objects; /* struct sp_slice[], of the stream */
    bool encrypted, damaged, too_many;
};

static enum sp_err ppt_text(struct ppt *ppt, struct sp_slice bytes, bool wide, struct sp_why *why)
{
    size_t width = wide ? 2 : 1;
    size_t begin = 0;
    enum sp_err err = SP_OK;
    for (size_t at = 0; at + width <= bytes.len && err == SP_OK; at += width) {
        unsigned code = wide ? sp_le16(bytes.ptr + at) : bytes.ptr[at];
        if (code >= 0x20 || code == '\t')
            continue;
        err = sp_ole_text(ppt->flow, (struct sp_slice){bytes.ptr + begin, at - begin}, wide, why);
        if (err == SP_OK)
            err = sp_flow_break(ppt->flow, '\n', SP_SIZE_UNKNOWN, why);
        begin = at + width;
    }
    if (err == SP_OK)
        err = sp_ole_text(ppt->flow, (struct sp_slice){bytes.ptr + begin, bytes.len - begin}, wide,
                          why);
    return err == SP_OK ? sp_flow_break(ppt->flow, '\n', SP_SIZE_UNKNOWN, why) : err;
}

/* What is compressed (instance 1) stands behind its length. */
static enum sp_err ppt_object(struct ppt *ppt, struct sp_slice body, unsigned instance,
                              struct sp_why *why)
{
    if (instance == 1 && body.len > 4) {
        body.ptr += 4;
        body.len -= 4;
    }
    ppt->too_many = ppt->objects.len / sizeof body == PPT_OBJECTS_MAX;
    return ppt->too_many || body.len == 0 ? SP_OK
                                          : sp_buf_append(&ppt->objects, &body, sizeof body, why);
}

/* Embedded documents as parts of the presentation. */
static enum sp_err ppt_parts(struct sp_extract *x, const struct ppt *ppt, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t at = 0; at < ppt->objects.len && err == SP_OK; at += sizeof(struct sp_slice)) {
        char name[32];
        struct sp_slice body;
        struct sp_stream *stream = NULL;
        unsigned number = (unsigned)(at / sizeof body) + 1;
        memcpy(&body, ppt->objects.data + at, sizeof body);
        (void)snprintf(name, sizeof name, "object%u", number);
        const struct sp_object_info info = {.step = SP_STEP_PART,
                                            .ordinal = PPT_OBJECTS_FIRST + number,
                                            .name = sp_slice_of(name),
                                            .size_claimed = SP_SIZE_UNKNOWN,
                                            .mtime_s = INT64_MIN};
        err = sp_stream_open_memory(body, &stream, why);
        if (err == SP_OK)
            err = sp_extract_member(x, &info, stream, why);
        sp_stream_close(stream);
    }
    return err;
}

/* Records within records: version 0xF is a container. */
static enum sp_err ppt_records(struct ppt *ppt, struct sp_slice bytes, unsigned depth,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t at = 0;
    while (at + PPT_HEADER <= bytes.len && err == SP_OK) {
        unsigned version = sp_le16(bytes.ptr + at) & 0xF;
        unsigned type = sp_le16(bytes.ptr + at + 2);
        size_t len = sp_le32(bytes.ptr + at + 4);
        struct sp_slice body = {bytes.ptr + at + PPT_HEADER, bytes.len - at - PPT_HEADER};
        if (len > body.len)
            ppt->damaged = true;
        else
            body.len = len;
        if (type == PPT_CRYPT_SESSION)
            ppt->encrypted = true;
        if (version == 0xF && depth < PPT_DEPTH_MAX)
            err = ppt_records(ppt, body, depth + 1, why);
        else if (type == PPT_TEXT_CHARS || type == PPT_STRING)
            err = ppt_text(ppt, body, true, why);
        else if (type == PPT_TEXT_BYTES)
            err = ppt_text(ppt, body, false, why);
        else if (type == PPT_OBJECT)
            err = ppt_object(ppt, body, sp_le16(bytes.ptr + at) >> 4, why);
        at += PPT_HEADER + body.len;
    }
    return err;
}

enum sp_err sp_ole_powerpoint(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                              struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    struct ppt ppt = {.flow = flow};
    struct sp_buf bytes;
    size_t max = (size_t)x->limits->spool_max_bytes;
    sp_buf_init(&bytes, max + 1);
    sp_buf_init(&ppt.objects, PPT_OBJECTS_MAX * sizeof(struct sp_slice));
    bool good = sp_ole_stream(ole, "PowerPoint Document", max, &bytes);
    enum sp_err err = SP_OK;
    if (good) {
        sp_flow_begin(flow, &record);
        err = ppt_records(&ppt, sp_buf_slice(&bytes), 0, why);
        if (err == SP_OK)
            err = sp_flow_end(flow, why);
    }
    if (err == SP_OK && !ppt.encrypted)
        err = ppt_parts(x, &ppt, why);
    if (err == SP_OK && ppt.too_many)
        err = sp_ole_unread(x, SP_REASON_LIMIT_ENTRIES, "too many embedded documents", why);
    if (err == SP_OK && ppt.encrypted)
        err = sp_ole_unread(x, SP_REASON_ENCRYPTED, "a presentation with a password", why);
    else if (err == SP_OK && (!good || ppt.damaged)) {
        err = sp_ole_unread(x, SP_REASON_CORRUPT, "the text of a presentation is damaged", why);
        if (err == SP_OK)
            err = sp_ole_raw(x, sp_buf_slice(&bytes), why);
    }
    sp_buf_clear(&ppt.objects);
    sp_buf_wipe(&bytes);
    return err;
}
