/* Compound files by libgsf: which kind it is, and its streams. Mail of Outlook (.msg) is read here;
 * what is of no kind that is known is read stream by stream, as members are. */
#include "extract/ole.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "extract/formats.h"
#include "extract/mapi.h"
#include "extract/rtf.h"
#include "extract/run.h"
#include "extract/vba.h"

#include <gsf/gsf.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    BID_OLE = 95,
    OLE_NAME_MAX = 512,
    OLE_CHILDREN_MAX = 100000,
    MSG_DEPTH_MAX = 16, /* messages within messages */
    MSG_KEY_MAX = 8
};

struct sp_ole {
    GsfInfile *file;
};

int sp_ole_bid(const struct sp_glance *at)
{
    return at->head.len >= 8 && memcmp(at->head.ptr, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0
               ? BID_OLE
               : 0;
}

unsigned sp_le16(const uint8_t *at)
{
    return (unsigned)at[0] | (unsigned)at[1] << 8;
}

uint32_t sp_le32(const uint8_t *at)
{
    return (uint32_t)sp_le16(at) | (uint32_t)sp_le16(at + 2) << 16;
}

uint64_t sp_le64(const uint8_t *at)
{
    return (uint64_t)sp_le32(at) | (uint64_t)sp_le32(at + 4) << 32;
}

enum sp_err sp_ole_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                          struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = reason != SP_REASON_ENCRYPTED;
    unread.fallback = unread.partial;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_ole_raw(struct sp_extract *x, struct sp_slice bytes, struct sp_why *why)
{
    return sp_extract_note(x, bytes, why);
}

/* ---- streams --------------------------------------------------------------------------------- */
static bool ole_read(GsfInput *input, size_t max, struct sp_buf *out)
{
    gsf_off_t size = gsf_input_size(input);
    sp_buf_reset(out);
    if (size < 0 || (uint64_t)size > max || gsf_input_seek(input, 0, G_SEEK_SET) != FALSE ||
        sp_buf_reserve(out, (size_t)size + 1, NULL) != SP_OK)
        return false;
    if (size > 0 && gsf_input_read(input, (size_t)size, out->data) == NULL)
        return false;
    out->len = (size_t)size;
    return true;
}

static bool ole_stream_of(GsfInfile *file, const char *name, size_t max, struct sp_buf *out)
{
    GsfInput *input = gsf_infile_child_by_name(file, name);
    bool good = input != NULL && ole_read(input, max, out);
    if (input != NULL)
        g_object_unref(input);
    return good;
}

bool sp_ole_stream(const struct sp_ole *ole, const char *name, size_t max, struct sp_buf *out)
{
    return ole_stream_of(ole->file, name, max, out);
}

static bool ole_has(const struct sp_ole *ole, const char *name)
{
    GsfInput *input = gsf_infile_child_by_name(ole->file, name);
    if (input != NULL)
        g_object_unref(input);
    return input != NULL;
}

struct ole_run {
    struct sp_flow *flow;
};

static enum sp_err ole_decoded(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                               struct sp_why *why)
{
    struct ole_run *run = ctx;
    (void)map;
    return sp_flow_text(run->flow, utf8, SP_SIZE_UNKNOWN, why);
}

enum sp_err sp_ole_text(struct sp_flow *flow, struct sp_slice bytes, bool wide, struct sp_why *why)
{
    struct ole_run run = {flow};
    struct sp_decoder *decoder = NULL;
    enum sp_err err =
        sp_decoder_new(wide ? SP_ENC_UTF16LE : SP_ENC_WINDOWS_1252, NULL, &decoder, why);
    if (err == SP_OK && bytes.len > 0)
        err = sp_decoder_push(decoder, bytes, 0, true, ole_decoded, &run, why);
    sp_decoder_free(decoder);
    return err;
}

/* ---- .msg ------------------------------------------------------------------------------------ */
struct msg {
    struct sp_extract *x;
    struct sp_flow *flow;
    unsigned depth;
    uint64_t *ordinal;   /* of records */
    uint64_t members;    /* of this message */
    size_t max;          /* bytes of one property */
    struct sp_buf bytes; /* of the property at hand */
    bool has_body, has_html;
};

/* "__substg1.0_0037001F": tag and type. */
static bool msg_property(const char *name, unsigned *tag, unsigned *type)
{
    static const char prefix[] = "__substg1.0_";
    char *end = NULL;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return false;
    unsigned long both = strtoul(name + sizeof prefix - 1, &end, 16);
    *tag = (unsigned)(both >> 16 & 0xFFFF);
    *type = (unsigned)(both & 0xFFFF);
    return end == name + sizeof prefix - 1 + 8; /* "-00000001" behind it: one of several values */
}

static bool msg_is_text(unsigned type)
{
    unsigned single = type & ~(unsigned)SP_MAPI_MULTIPLE;
    return single == SP_MAPI_STRING8 || single == SP_MAPI_UNICODE;
}

static enum sp_err msg_text(struct msg *msg, unsigned tag, unsigned type, struct sp_why *why)
{
    char made[MSG_KEY_MAX];
    const char *key = sp_mapi_key(tag);
    bool wide = (type & ~(unsigned)SP_MAPI_MULTIPLE) == SP_MAPI_UNICODE;
    if (key == NULL)
        (void)snprintf(made, sizeof made, "0x%04X", tag);
    bool is_body = tag == SP_MAPI_BODY;
    msg->has_body |= is_body && msg->bytes.len > 1;
    /* keys that are made here are gone when the record ends: these fields have none */
    struct sp_slice shown = is_body || key == NULL ? (struct sp_slice){NULL, 0} : sp_slice_of(key);
    enum sp_err err = sp_flow_field(msg->flow, shown, (struct sp_slice){NULL, 0}, why);
    return err == SP_OK ? sp_ole_text(msg->flow, sp_buf_slice(&msg->bytes), wide, why) : err;
}

/* The texts of one storage: the message itself, a recipient, an attachment's names. */
static enum sp_err msg_texts(struct msg *msg, GsfInfile *storage, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = gsf_infile_num_children(storage);
    for (int i = 0; i < count && i < OLE_CHILDREN_MAX && err == SP_OK; i++) {
        unsigned tag;
        unsigned type;
        const char *name = gsf_infile_name_by_index(storage, i);
        if (name == NULL || !msg_property(name, &tag, &type) || !msg_is_text(type))
            continue;
        GsfInput *input = gsf_infile_child_by_index(storage, i);
        if (input != NULL && ole_read(input, msg->max, &msg->bytes))
            err = msg_text(msg, tag, type, why);
        if (input != NULL)
            g_object_unref(input);
    }
    return err;
}

/* Storages whose names begin so, one after the other. */
typedef enum sp_err (*msg_storage)(struct msg *msg, GsfInfile *storage, struct sp_why *why);
static enum sp_err msg_each(struct msg *msg, GsfInfile *file, const char *prefix, msg_storage call,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = gsf_infile_num_children(file);
    for (int i = 0; i < count && i < OLE_CHILDREN_MAX && err == SP_OK; i++) {
        const char *name = gsf_infile_name_by_index(file, i);
        if (name == NULL || strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        GsfInput *child = gsf_infile_child_by_index(file, i);
        if (child != NULL && GSF_IS_INFILE(child))
            err = call(msg, GSF_INFILE(child), why);
        if (child != NULL)
            g_object_unref(child);
    }
    return err;
}

/* The time of sending, in the fixed properties: entries of 16 bytes behind a header. */
static int64_t msg_date(struct msg *msg, GsfInfile *file)
{
    size_t header = msg->depth == 0 ? 32 : 24;
    if (!ole_stream_of(file, "__properties_version1.0", msg->max, &msg->bytes))
        return INT64_MIN;
    for (size_t at = header; at + 16 <= msg->bytes.len; at += 16) {
        const uint8_t *entry = msg->bytes.data + at;
        if (sp_le16(entry) == SP_MAPI_TIME && sp_le16(entry + 2) == SP_MAPI_SENT)
            return sp_mapi_time(sp_le64(entry + 8));
    }
    return INT64_MIN;
}

static enum sp_err msg_record(struct msg *msg, GsfInfile *file, struct sp_why *why)
{
    struct sp_record record = {
        .kind = SP_RECORD_MESSAGE, .ordinal = ++*msg->ordinal, .line = 1, .date_s = INT64_MIN};
    record.date_s = msg_date(msg, file);
    sp_flow_begin(msg->flow, &record);
    enum sp_err err = msg_texts(msg, file, why);
    if (err == SP_OK)
        err = msg_each(msg, file, "__recip_version1.0_", msg_texts, why);
    return err == SP_OK ? sp_flow_end(msg->flow, why) : err;
}

static enum sp_err msg_member(struct msg *msg, struct sp_slice name, struct sp_slice bytes,
                              struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++msg->members,
                                        .name = name,
                                        .size_claimed = bytes.len,
                                        .mtime_s = INT64_MIN};
    enum sp_err err = sp_stream_open_memory(bytes, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(msg->x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

/* HTML as a part; RTF only where there is no other body, since it holds the same. */
static enum sp_err msg_bodies(struct msg *msg, GsfInfile *file, struct sp_why *why)
{
    struct sp_buf rtf;
    if (ole_stream_of(file, "__substg1.0_10130102", msg->max, &msg->bytes) && msg->bytes.len > 0) {
        msg->has_html = true;
        enum sp_err err = msg_member(msg, sp_slice_of("body.html"), sp_buf_slice(&msg->bytes), why);
        if (err != SP_OK)
            return err;
    }
    if (msg->has_body || msg->has_html ||
        !ole_stream_of(file, "__substg1.0_10090102", msg->max, &msg->bytes))
        return SP_OK;
    sp_buf_init(&rtf, msg->max);
    enum sp_err err = SP_OK;
    if (!sp_mapi_rtf(sp_buf_slice(&msg->bytes), &rtf))
        err = sp_ole_unread(msg->x, SP_REASON_CORRUPT, "the body in RTF is damaged", why);
    if (err == SP_OK && rtf.len > 0)
        err = msg_member(msg, sp_slice_of("body.rtf"), sp_buf_slice(&rtf), why);
    sp_buf_wipe(&rtf);
    return err;
}

static enum sp_err msg_read(struct msg *msg, GsfInfile *file, struct sp_why *why);

/* A message within a message: an object of its own. */
static enum sp_err msg_inner(struct msg *outer, GsfInfile *file, struct sp_slice name,
                             struct sp_why *why)
{
    struct sp_object_done done = {.format = "msg",
                                  .shape = SP_SHAPE_DOCUMENT,
                                  .encoding = "utf-8",
                                  .state = SP_STATE_COMPLETE};
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++outer->members,
                                        .name = name,
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    struct sp_extract x = *outer->x;
    uint64_t ordinal = 0;
    x.info = &info;
    x.done = &done;
    x.depth++;
    struct msg msg = {.x = &x,
                      .flow = outer->flow,
                      .depth = outer->depth + 1,
                      .ordinal = &ordinal,
                      .max = outer->max};
    sp_buf_init(&msg.bytes, outer->max);
    enum sp_err err = sp_sink_object_begin(x.sink, &info, why);
    if (err == SP_OK && msg.depth > MSG_DEPTH_MAX)
        err = sp_ole_unread(&x, SP_REASON_LIMIT_DEPTH, "messages nested too deep", why);
    else if (err == SP_OK)
        err = msg_read(&msg, file, why);
    done.record_count = ordinal;
    sp_buf_wipe(&msg.bytes);
    return err == SP_OK ? sp_sink_object_end(x.sink, &done, why) : err;
}

/* The name of an attachment, in UTF-8. */
static void msg_attachment_name(struct msg *msg, GsfInfile *storage, char *name, size_t size)
{
    static const char *const names[] = {"__substg1.0_3707001F", "__substg1.0_3704001F",
                                        "__substg1.0_3707001E", "__substg1.0_3704001E"};
    name[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names && name[0] == '\0'; i++) {
        if (!ole_stream_of(storage, names[i], msg->max, &msg->bytes))
            continue;
        bool wide = i < 2;
        size_t len = 0;
        for (size_t at = 0; at + (wide ? 2 : 1) <= msg->bytes.len && len + 5 < size;
             at += wide ? 2 : 1) {
            uint32_t code = wide ? sp_le16(msg->bytes.data + at) : msg->bytes.data[at];
            if (code != 0)
                len += sp_utf8_encode(code, (uint8_t *)name + len);
        }
        name[len] = '\0';
    }
}

static enum sp_err msg_attachment(struct msg *msg, GsfInfile *storage, struct sp_why *why)
{
    char name[OLE_NAME_MAX];
    msg_attachment_name(msg, storage, name, sizeof name);
    GsfInput *inner = gsf_infile_child_by_name(storage, "__substg1.0_3701000D");
    enum sp_err err = SP_OK;
    if (inner != NULL && GSF_IS_INFILE(inner))
        err = msg_inner(msg, GSF_INFILE(inner), sp_slice_of(name), why);
    else if (ole_stream_of(storage, "__substg1.0_37010102", msg->max, &msg->bytes))
        err = msg_member(msg, sp_slice_of(name), sp_buf_slice(&msg->bytes), why);
    if (inner != NULL)
        g_object_unref(inner);
    return err;
}

static enum sp_err msg_read(struct msg *msg, GsfInfile *file, struct sp_why *why)
{
    enum sp_err err = msg_record(msg, file, why);
    if (err == SP_OK)
        err = msg_bodies(msg, file, why);
    return err == SP_OK ? msg_each(msg, file, "__attach_version1.0_", msg_attachment, why) : err;
}

static enum sp_err ole_msg(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                           struct sp_why *why)
{
    uint64_t ordinal = 0;
    struct msg msg = {
        .x = x, .flow = flow, .ordinal = &ordinal, .max = (size_t)x->limits->spool_max_bytes};
    sp_buf_init(&msg.bytes, msg.max);
    enum sp_err err = msg_read(&msg, ole->file, why);
    sp_buf_wipe(&msg.bytes);
    return err;
}

/* ---- anything else --------------------------------------------------------------------------- */
/* Streams that the kinds read themselves. */
static const char *const ole_read_names[] = {"WordDocument", "0Table", "1Table",
                                             "Workbook",     "Book",   "PowerPoint Document",
                                             "Current User", NULL};

static bool ole_is_read(const char *name)
{
    for (size_t i = 0; ole_read_names[i] != NULL; i++)
        if (strcmp(name, ole_read_names[i]) == 0)
            return true;
    return false;
}

/* Names that begin with a control character are the format's own: properties, links, names of
 * classes. Only "\1Ole10Native" holds a file. */
static bool ole_is_inner(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash == NULL ? name : slash + 1;
    return (unsigned char)last[0] < 0x20 && strcmp(last + 1, "Ole10Native") != 0;
}

/* The source of a macro, as a part beside the stream that holds it. */
static enum sp_err ole_source(struct sp_extract *x, const char *name, struct sp_slice source,
                              uint64_t *ordinal, struct sp_why *why)
{
    char full[OLE_NAME_MAX + 8];
    struct sp_stream *stream = NULL;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++*ordinal,
                                        .name = {(const uint8_t *)full, strlen(name) + 4},
                                        .size_claimed = source.len,
                                        .mtime_s = INT64_MIN};
    (void)snprintf(full, sizeof full, "%s.bas", name);
    enum sp_err err = sp_stream_open_memory(source, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

/* A stream of the macros: what is compiled by the raw pass, the source as text. */
static enum sp_err ole_macro(struct sp_extract *x, struct sp_slice bytes, const char *name,
                             uint64_t *ordinal, struct sp_why *why)
{
    enum sp_vba_kind kind = sp_vba_kind(name);
    struct sp_buf source;
    size_t begin = 0;
    bool whole = false;
    sp_buf_init(&source, (size_t)x->limits->spool_max_bytes);
    enum sp_err err = sp_vba_unpack(kind, bytes, &source, &begin, &whole, why);
    if (err == SP_ERR_LIMIT)
        err = sp_ole_unread(x, SP_REASON_LIMIT_SPOOL, "a macro is too large", why);
    else if (err == SP_OK && !whole)
        err = sp_ole_unread(x, SP_REASON_CORRUPT, "a macro is damaged", why);
    if (err == SP_OK)
        err = sp_extract_note(x, (struct sp_slice){bytes.ptr, whole ? begin : bytes.len}, why);
    if (err == SP_OK && kind == SP_VBA_LIST)
        err = sp_extract_note(x, sp_buf_slice(&source), why);
    else if (err == SP_OK && source.len > 0)
        err = ole_source(x, name, sp_buf_slice(&source), ordinal, why);
    sp_buf_wipe(&source);
    return err;
}

static enum sp_err ole_member(struct sp_extract *x, GsfInput *input, const char *name,
                              uint64_t *ordinal, struct sp_why *why)
{
    struct sp_buf bytes;
    struct sp_stream *stream = NULL;
    struct sp_unread unread;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++*ordinal,
                                        .name = sp_slice_of(name),
                                        .size_claimed = (uint64_t)gsf_input_size(input),
                                        .mtime_s = INT64_MIN};
    sp_buf_init(&bytes, (size_t)x->limits->spool_max_bytes);
    enum sp_err err = SP_OK;
    if (!ole_read(input, bytes.max, &bytes)) {
        sp_unread_init(&unread, SP_REASON_CORRUPT);
        err = sp_extract_bare(x, &info, &unread, why);
    } else if (ole_is_inner(name)) {
        err = sp_extract_note(x, sp_buf_slice(&bytes), why);
    } else if (bytes.len > 0 && sp_vba_kind(name) != SP_VBA_NONE) {
        err = ole_macro(x, sp_buf_slice(&bytes), name, ordinal, why);
    } else if (bytes.len > 0) {
        err = sp_stream_open_memory(sp_buf_slice(&bytes), &stream, why);
        if (err == SP_OK)
            err = sp_extract_member(x, &info, stream, why);
    }
    sp_stream_close(stream);
    sp_buf_wipe(&bytes);
    return err;
}

/* Every stream but those of `read`, storages too. */
static enum sp_err ole_rest(struct sp_extract *x, GsfInfile *file, const char *path,
                            uint64_t *ordinal, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = gsf_infile_num_children(file);
    for (int i = 0; i < count && *ordinal < OLE_CHILDREN_MAX && err == SP_OK; i++) {
        char full[OLE_NAME_MAX];
        const char *name = gsf_infile_name_by_index(file, i);
        (void)snprintf(full, sizeof full, "%s%s", path, name == NULL ? "?" : name);
        if (path[0] == '\0' && name != NULL && ole_is_read(name))
            continue;
        GsfInput *child = gsf_infile_child_by_index(file, i);
        if (child == NULL)
            continue;
        if (GSF_IS_INFILE(child) && gsf_infile_num_children(GSF_INFILE(child)) >= 0) {
            size_t len = strlen(full);
            if (len + 2 < sizeof full)
                (void)snprintf(full + len, sizeof full - len, "/");
            if (strlen(full) < sizeof full / 2) /* deeper names are a circle */
                err = ole_rest(x, GSF_INFILE(child), full, ordinal, why);
        } else {
            err = ole_member(x, child, full, ordinal, why);
        }
        g_object_unref(child);
    }
    return err;
}

/* THE table of kinds: the stream that tells, and who reads it. */
static const struct {
    const char *stream;
    const char *format;
    enum sp_shape shape;
    bool rest; /* its other streams are members */
    enum sp_err (*read)(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                        struct sp_why *why);
} ole_kinds[] = {
    {"__properties_version1.0", "msg", SP_SHAPE_DOCUMENT, false, ole_msg},
    {"WordDocument", "doc", SP_SHAPE_DOCUMENT, true, sp_ole_word},
    {"Workbook", "xls", SP_SHAPE_RECORDS, true, sp_ole_excel},
    {"Book", "xls", SP_SHAPE_RECORDS, true, sp_ole_excel},
    {"PowerPoint Document", "ppt", SP_SHAPE_DOCUMENT, true, sp_ole_powerpoint},
};

static enum sp_err ole_kind(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                            struct sp_why *why)
{
    uint64_t ordinal = 0;
    bool rest = true;
    enum sp_err err = SP_OK;
    if (ole_has(ole, "EncryptedPackage"))
        return sp_ole_unread(x, SP_REASON_ENCRYPTED, "an office document with a password", why);
    for (size_t i = 0; i < sizeof ole_kinds / sizeof *ole_kinds; i++) {
        if (!ole_has(ole, ole_kinds[i].stream))
            continue;
        x->done->format = ole_kinds[i].format;
        x->done->shape = ole_kinds[i].shape;
        rest = ole_kinds[i].rest;
        err = ole_kinds[i].read(x, ole, flow, why);
        break;
    }
    x->package = x->done->shape == SP_SHAPE_RECORDS ? SP_PACKAGE_SHEETS : SP_PACKAGE_DOCUMENT;
    if (err == SP_OK && rest && x->done->state != SP_STATE_SKIPPED)
        err = ole_rest(x, ole->file, "", &ordinal, why);
    x->package = SP_PACKAGE_NONE;
    return err;
}

static enum sp_err ole_opened(struct sp_extract *x, const struct sp_ole *ole, struct sp_why *why)
{
    struct sp_flow *flow = NULL;
    enum sp_err err = sp_flow_new(x->sink, &flow, why);
    if (err == SP_OK)
        err = ole_kind(x, ole, flow, why);
    x->done->record_count = flow == NULL ? 0 : sp_flow_records(flow);
    sp_flow_free(flow);
    return err;
}

enum sp_err sp_ole_extract(struct sp_extract *x, struct sp_why *why)
{
    uint64_t size = sp_stream_size(x->stream);
    enum sp_err err = SP_OK;
    struct sp_ole ole = {NULL};
    void *map = size == 0 || size > INT32_MAX
                    ? MAP_FAILED
                    : mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, sp_stream_fd(x->stream), 0);
    if (map == MAP_FAILED) {
        err = sp_ole_unread(x, SP_REASON_LIMIT_MEMORY, "too large to be opened", why);
        return err == SP_OK ? sp_extract_raw_rest(x, why) : err;
    }
    gsf_init();
    GsfInput *input = gsf_input_memory_new(map, (gsf_off_t)size, FALSE);
    if (input != NULL)
        ole.file = gsf_infile_msole_new(input, NULL);
    if (ole.file != NULL) {
        err = ole_opened(x, &ole, why);
        g_object_unref(ole.file);
    } else {
        err = sp_ole_unread(x, SP_REASON_CORRUPT, "not a compound file that can be opened", why);
        if (err == SP_OK)
            err = sp_extract_raw_rest(x, why);
    }
    if (input != NULL)
        g_object_unref(input);
    (void)munmap(map, (size_t)size);
    x->done->bytes_read = size;
    return err;
}
