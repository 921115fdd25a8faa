/* Mailboxes of Outlook (PST, OST) by libpff: each item of each folder, associated contents and
 * items that no folder holds any more; an item is a message, its attachments are parts, a message
 * in it is an object of its own. Read through a handle of ours, by pread. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/mapi.h"
#include "extract/run.h"

#include <libbfio.h>
#include <libpff.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BID_PST = 95,
    PST_DEPTH_MAX = 64,    /* folders within folders */
    PST_MESSAGES_MAX = 16, /* messages within messages */
    PST_FOLDER_MAX = 1024, /* bytes of a folder's path */
    PST_NAME_MAX = 512,
    PST_PROGRESS_BYTES = 1 << 20
};

/* The handle that libpff reads from. */
struct pst_handle {
    struct sp_extract *x;
    int fd;
    uint64_t size, at, told;
};

struct pst {
    struct sp_extract *x;
    struct sp_flow *flow;
    struct sp_buf bytes; /* of the value at hand */
    uint64_t items;
    uint64_t broken;   /* items or folders that could not be opened */
    unsigned messages; /* that are open, one in the other */
    char folder[PST_FOLDER_MAX];
};

int sp_pst_bid(const struct sp_glance *at)
{
    bool mark = at->head.len >= 10 && memcmp(at->head.ptr, "!BDN", 4) == 0;
    return mark && at->head.ptr[8] == 'S' && (at->head.ptr[9] == 'M' || at->head.ptr[9] == 'O')
               ? BID_PST
               : 0;
}

/* ---- the file, by pread ---------------------------------------------------------------------- */
static struct pst_handle *handle_of(intptr_t *io)
{
    return (struct pst_handle *)(void *)io;
}

static int handle_free(intptr_t **io, libbfio_error_t **error)
{
    (void)error;
    *io = NULL; /* it lies on our stack */
    return 1;
}

static int handle_clone(intptr_t **to, intptr_t *from, libbfio_error_t **error)
{
    (void)to, (void)from, (void)error;
    return -1;
}

static int handle_open(intptr_t *io, int flags, libbfio_error_t **error)
{
    (void)flags, (void)error;
    handle_of(io)->at = 0;
    return 1;
}

static int handle_close(intptr_t *io, libbfio_error_t **error)
{
    (void)io, (void)error;
    return 0;
}

static ssize_t handle_read(intptr_t *io, uint8_t *out, size_t size, libbfio_error_t **error)
{
    struct pst_handle *handle = handle_of(io);
    struct sp_why why;
    (void)error;
    ssize_t got = pread(handle->fd, out, size, (off_t)handle->at);
    if (got > 0)
        handle->at += (uint64_t)got;
    handle->told += got > 0 ? (uint64_t)got : 0;
    if (handle->told >= PST_PROGRESS_BYTES) {
        handle->told = 0;
        (void)sp_extract_progress(handle->x, &why); /* a parent that is gone ends the next frame */
    }
    return got;
}

static ssize_t handle_write(intptr_t *io, const uint8_t *bytes, size_t size,
                            libbfio_error_t **error)
{
    (void)io, (void)bytes, (void)size, (void)error;
    return -1;
}

static off64_t handle_seek(intptr_t *io, off64_t offset, int whence, libbfio_error_t **error)
{
    struct pst_handle *handle = handle_of(io);
    off64_t from = whence == SEEK_CUR   ? (off64_t)handle->at
                   : whence == SEEK_END ? (off64_t)handle->size
                                        : 0;
    (void)error;
    if (offset < -from)
        return -1;
    handle->at = (uint64_t)(from + offset);
    return (off64_t)handle->at;
}

static int handle_yes(intptr_t *io, libbfio_error_t **error)
{
    (void)io, (void)error;
    return 1;
}

static int handle_size(intptr_t *io, size64_t *size, libbfio_error_t **error)
{
    (void)error;
    *size = handle_of(io)->size;
    return 1;
}

/* ---- values ---------------------------------------------------------------------------------- */
/* A string as UTF-8 in pst->bytes. */
static bool value_text(struct pst *pst, libpff_record_entry_t *entry)
{
    size_t size = 0;
    sp_buf_reset(&pst->bytes);
    if (libpff_record_entry_get_data_as_utf8_string_size(entry, &size, NULL) != 1 || size <= 1 ||
        sp_buf_reserve(&pst->bytes, size, NULL) != SP_OK ||
        libpff_record_entry_get_data_as_utf8_string(entry, pst->bytes.data, size, NULL) != 1)
        return false;
    pst->bytes.len = size - 1; /* without its NUL */
    return true;
}

static bool value_bytes(struct pst *pst, libpff_record_entry_t *entry)
{
    size_t size = 0;
    sp_buf_reset(&pst->bytes);
    if (libpff_record_entry_get_data_size(entry, &size, NULL) != 1 || size == 0 ||
        sp_buf_reserve(&pst->bytes, size, NULL) != SP_OK ||
        libpff_record_entry_get_data(entry, pst->bytes.data, size, NULL) != 1)
        return false;
    pst->bytes.len = size;
    return true;
}

/* Calls for each entry of an item, until it returns something else than SP_OK. */
typedef enum sp_err (*pst_entry)(struct pst *pst, libpff_record_entry_t *entry, unsigned tag,
                                 unsigned type, void *ctx, struct sp_why *why);

static enum sp_err set_each(struct pst *pst, libpff_record_set_t *set, pst_entry call, void *ctx,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = 0;
    if (libpff_record_set_get_number_of_entries(set, &count, NULL) != 1)
        return SP_OK;
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_record_entry_t *entry = NULL;
        uint32_t tag = 0;
        uint32_t type = 0;
        if (libpff_record_set_get_entry_by_index(set, i, &entry, NULL) != 1)
            continue;
        (void)libpff_record_entry_get_entry_type(entry, &tag, NULL);
        (void)libpff_record_entry_get_value_type(entry, &type, NULL);
        err = call(pst, entry, tag, type, ctx, why);
        (void)libpff_record_entry_free(&entry, NULL);
    }
    return err;
}

static enum sp_err item_each(struct pst *pst, libpff_item_t *item, pst_entry call, void *ctx,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = 0;
    if (libpff_item_get_number_of_record_sets(item, &count, NULL) != 1)
        return SP_OK;
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_record_set_t *set = NULL;
        if (libpff_item_get_record_set_by_index(item, i, &set, NULL) != 1)
            continue;
        err = set_each(pst, set, call, ctx, why);
        (void)libpff_record_set_free(&set, NULL);
    }
    return err;
}

/* What is looked for before an item's text goes out. */
struct pst_head {
    struct sp_buf id;   /* Message-ID */
    struct sp_buf name; /* of an attachment */
    bool has_long_name;
    int64_t date_s;
    bool has_body, has_html;
};

static enum sp_err head_entry(struct pst *pst, libpff_record_entry_t *entry, unsigned tag,
                              unsigned type, void *ctx, struct sp_why *why)
{
    struct pst_head *head = ctx;
    uint64_t time = 0;
    bool is_text = type == SP_MAPI_UNICODE || type == SP_MAPI_STRING8;
    if (tag == SP_MAPI_SENT && type == SP_MAPI_TIME &&
        libpff_record_entry_get_data_as_filetime(entry, &time, NULL) == 1)
        head->date_s = sp_mapi_time(time);
    if (tag == SP_MAPI_HTML)
        head->has_html = true;
    if (!is_text)
        return SP_OK;
    head->has_body |= tag == SP_MAPI_BODY;
    if (tag == SP_MAPI_MESSAGE_ID && head->id.len == 0 && value_text(pst, entry))
        return sp_buf_append(&head->id, pst->bytes.data, pst->bytes.len, why);
    bool is_long = tag == SP_MAPI_ATTACH_LONG;
    if ((is_long || (tag == SP_MAPI_ATTACH_SHORT && !head->has_long_name)) &&
        value_text(pst, entry)) {
        sp_buf_reset(&head->name);
        head->has_long_name |= is_long;
        return sp_buf_append(&head->name, pst->bytes.data, pst->bytes.len, why);
    }
    return SP_OK;
}

static enum sp_err head_read(struct pst *pst, libpff_item_t *item, struct pst_head *head,
                             struct sp_why *why)
{
    *head = (struct pst_head){.date_s = INT64_MIN};
    sp_buf_init(&head->id, PST_NAME_MAX);
    sp_buf_init(&head->name, PST_NAME_MAX);
    enum sp_err err = item_each(pst, item, head_entry, head, why);
    return err == SP_ERR_LIMIT ? SP_OK : err; /* a name that is too long is none */
}

static void head_clear(struct pst_head *head)
{
    sp_buf_clear(&head->id);
    sp_buf_clear(&head->name);
}

/* Every string of an item is a field of its record. */
static enum sp_err text_entry(struct pst *pst, libpff_record_entry_t *entry, unsigned tag,
                              unsigned type, void *ctx, struct sp_why *why)
{
    (void)ctx;
    if ((type != SP_MAPI_UNICODE && type != SP_MAPI_STRING8) || !value_text(pst, entry))
        return SP_OK;
    const char *key = tag == SP_MAPI_BODY ? NULL : sp_mapi_key(tag);
    enum sp_err err = sp_flow_field(pst->flow, sp_slice_of(key == NULL ? "" : key),
                                    (struct sp_slice){NULL, 0}, why);
    return err == SP_OK ? sp_flow_text(pst->flow, sp_buf_slice(&pst->bytes), SP_SIZE_UNKNOWN, why)
                        : err;
}

/* ---- members --------------------------------------------------------------------------------- */
static enum sp_err pst_member(struct sp_extract *x, struct sp_slice name, struct sp_slice bytes,
                              uint64_t ordinal, struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .name = name,
                                        .size_claimed = bytes.len,
                                        .mtime_s = INT64_MIN};
    enum sp_err err = sp_stream_open_memory(bytes, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

struct pst_bodies {
    struct sp_extract *x; /* of the message */
    uint64_t members;
    bool wants_rtf;
};

static enum sp_err body_rtf(struct pst *pst, struct pst_bodies *bodies, struct sp_why *why)
{
    struct sp_buf rtf;
    sp_buf_init(&rtf, pst->bytes.max);
    (void)sp_mapi_rtf(sp_buf_slice(&pst->bytes), &rtf);
    enum sp_err err = rtf.len == 0 ? SP_OK
                                   : pst_member(bodies->x, sp_slice_of("body.rtf"),
                                                sp_buf_slice(&rtf), ++bodies->members, why);
    sp_buf_wipe(&rtf);
    return err;
}

static enum sp_err body_entry(struct pst *pst, libpff_record_entry_t *entry, unsigned tag,
                              unsigned type, void *ctx, struct sp_why *why)
{
    struct pst_bodies *bodies = ctx;
    if (tag == SP_MAPI_HTML && type == SP_MAPI_BINARY && value_bytes(pst, entry))
        return pst_member(bodies->x, sp_slice_of("body.html"), sp_buf_slice(&pst->bytes),
                          ++bodies->members, why);
    if (tag == SP_MAPI_RTF && type == SP_MAPI_BINARY && bodies->wants_rtf &&
        value_bytes(pst, entry))
        return body_rtf(pst, bodies, why);
    return SP_OK;
}

static enum sp_err pst_item(struct pst *pst, libpff_item_t *item, const struct sp_object_info *part,
                            struct sp_why *why);

/* The bytes of an attachment as a part. */
static enum sp_err attachment_data(struct pst *pst, libpff_item_t *attachment,
                                   const struct sp_object_info *info, struct sp_extract *x,
                                   struct sp_why *why)
{
    struct sp_unread unread;
    struct sp_buf bytes;
    size64_t size = 0;
    sp_buf_init(&bytes, (size_t)x->limits->spool_max_bytes);
    bool good = libpff_attachment_get_data_size(attachment, &size, NULL) == 1;
    bool fits = good && sp_buf_reserve(&bytes, (size_t)size, NULL) == SP_OK;
    if (fits && size > 0)
        good = libpff_attachment_data_read_buffer(attachment, bytes.data, (size_t)size, NULL) ==
               (ssize_t)size;
    enum sp_err err = SP_OK;
    (void)pst;
    if (!good || !fits) {
        sp_unread_init(&unread, !good ? SP_REASON_CORRUPT : SP_REASON_LIMIT_SPOOL);
        err = sp_extract_bare(x, info, &unread, why);
    } else {
        bytes.len = (size_t)size;
        err = pst_member(x, info->name, sp_buf_slice(&bytes), info->ordinal, why);
    }
    sp_buf_wipe(&bytes);
    return err;
}

static enum sp_err pst_attachment(struct pst *pst, libpff_item_t *attachment, uint64_t ordinal,
                                  struct sp_extract *x, struct sp_why *why)
{
    struct pst_head head;
    libpff_item_t *inner = NULL;
    int type = 0;
    enum sp_err err = head_read(pst, attachment, &head, why);
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .name = sp_buf_slice(&head.name),
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    if (err == SP_OK && libpff_attachment_get_type(attachment, &type, NULL) != 1)
        type = 0;
    if (err == SP_OK && type == LIBPFF_ATTACHMENT_TYPE_DATA)
        err = attachment_data(pst, attachment, &info, x, why);
    else if (err == SP_OK && type == LIBPFF_ATTACHMENT_TYPE_ITEM &&
             libpff_attachment_get_item(attachment, &inner, NULL) == 1) {
        struct sp_extract *outer = pst->x;
        pst->x = x;
        err = pst_item(pst, inner, &info, why);
        pst->x = outer;
        (void)libpff_item_free(&inner, NULL);
    }
    head_clear(&head);
    return err;
}

static enum sp_err pst_attachments(struct pst *pst, libpff_item_t *item, struct pst_bodies *bodies,
                                   struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = 0;
    if (libpff_message_get_number_of_attachments(item, &count, NULL) != 1)
        return SP_OK;
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_item_t *attachment = NULL;
        if (libpff_message_get_attachment(item, i, &attachment, NULL) != 1) {
            pst->broken++;
            continue;
        }
        err = pst_attachment(pst, attachment, ++bodies->members, bodies->x, why);
        (void)libpff_item_free(&attachment, NULL);
    }
    return err;
}

/* ---- items ----------------------------------------------------------------------------------- */
static enum sp_err item_record(struct pst *pst, libpff_item_t *item, const struct pst_head *head,
                               struct sp_why *why)
{
    const struct sp_record record = {.kind = SP_RECORD_MESSAGE,
                                     .ordinal = 1,
                                     .line = 1,
                                     .message_id = sp_buf_slice(&head->id),
                                     .date_s = head->date_s};
    libpff_item_t *recipients = NULL;
    sp_flow_begin(pst->flow, &record);
    enum sp_err err =
        sp_flow_field(pst->flow, sp_slice_of("folder"), (struct sp_slice){NULL, 0}, why);
    if (err == SP_OK)
        err = sp_flow_text(pst->flow, sp_slice_of(pst->folder), SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = item_each(pst, item, text_entry, NULL, why);
    if (err == SP_OK && libpff_message_get_recipients(item, &recipients, NULL) == 1) {
        err = item_each(pst, recipients, text_entry, NULL, why);
        (void)libpff_item_free(&recipients, NULL);
    }
    return err == SP_OK ? sp_flow_end(pst->flow, why) : err;
}

/* Without the angle brackets. */
static struct sp_slice item_id(const struct pst_head *head)
{
    struct sp_slice id = sp_buf_slice(&head->id);
    if (id.len >= 2 && id.ptr[0] == '<' && id.ptr[id.len - 1] == '>') {
        id.ptr++;
        id.len -= 2;
    }
    return id;
}

/* An item as an object of its own; `part`: it is attached to another one. */
static enum sp_err pst_item(struct pst *pst, libpff_item_t *item, const struct sp_object_info *part,
                            struct sp_why *why)
{
    struct pst_head head;
    struct sp_object_done done = {.format = "outlook item",
                                  .shape = SP_SHAPE_DOCUMENT,
                                  .encoding = "utf-8",
                                  .record_count = 1,
                                  .state = SP_STATE_COMPLETE};
    enum sp_err err = head_read(pst, item, &head, why);
    struct sp_object_info info = {.step = SP_STEP_MESSAGE,
                                  .ordinal = ++pst->items,
                                  .name = item_id(&head),
                                  .size_claimed = SP_SIZE_UNKNOWN,
                                  .mtime_s = head.date_s};
    if (part != NULL)
        info = *part;
    struct sp_extract x = *pst->x;
    struct pst_bodies bodies = {&x, 0, !head.has_body && !head.has_html};
    x.info = &info;
    x.done = &done;
    x.depth++;
    if (err == SP_OK && sp_plan_is_done(pst->x->plan, info.ordinal) && part == NULL)
        goto done;
    x.plan = NULL;
    if (err == SP_OK)
        err = sp_sink_object_begin(x.sink, &info, why);
    if (err == SP_OK)
        err = item_record(pst, item, &head, why);
    if (err == SP_OK)
        err = item_each(pst, item, body_entry, &bodies, why);
    if (err == SP_OK && pst->messages < PST_MESSAGES_MAX) {
        pst->messages++;
        err = pst_attachments(pst, item, &bodies, why);
        pst->messages--;
    }
    if (err == SP_OK)
        err = sp_sink_object_end(x.sink, &done, why);
done:
    head_clear(&head);
    return err;
}

/* ---- folders --------------------------------------------------------------------------------- */
typedef int (*pst_count)(libpff_item_t *folder, int *count, libpff_error_t **error);
typedef int (*pst_child)(libpff_item_t *folder, int index, libpff_item_t **out,
                         libpff_error_t **error);
static enum sp_err pst_folder(struct pst *pst, libpff_item_t *folder, unsigned depth,
                              struct sp_why *why);

/* The items, or the folders, of a folder. */
static enum sp_err folder_each(struct pst *pst, libpff_item_t *folder, pst_count count_of,
                               pst_child child_of, unsigned depth, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = 0;
    if (count_of(folder, &count, NULL) != 1) {
        pst->broken++;
        return SP_OK;
    }
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_item_t *child = NULL;
        if (child_of(folder, i, &child, NULL) != 1) {
            pst->broken++;
            continue;
        }
        err = depth > 0 ? pst_folder(pst, child, depth, why) : pst_item(pst, child, NULL, why);
        (void)libpff_item_free(&child, NULL);
        if (err == SP_OK && i % 64 == 0)
            err = sp_extract_progress(pst->x, why);
    }
    return err;
}

/* Adds the folder's name to the path. */
static void folder_enter(struct pst *pst, libpff_item_t *folder)
{
    char name[PST_NAME_MAX];
    size_t size = 0;
    size_t len = strlen(pst->folder);
    if (libpff_folder_get_utf8_name_size(folder, &size, NULL) != 1 || size == 0 ||
        size > sizeof name || libpff_folder_get_utf8_name(folder, (uint8_t *)name, size, NULL) != 1)
        return;
    (void)snprintf(pst->folder + len, sizeof pst->folder - len, "/%s", name);
}

static enum sp_err pst_folder(struct pst *pst, libpff_item_t *folder, unsigned depth,
                              struct sp_why *why)
{
    size_t len = strlen(pst->folder);
    if (depth > PST_DEPTH_MAX) {
        pst->broken++;
        return SP_OK;
    }
    folder_enter(pst, folder);
    enum sp_err err = folder_each(pst, folder, libpff_folder_get_number_of_sub_messages,
                                  libpff_folder_get_sub_message, 0, why);
    if (err == SP_OK)
        err = folder_each(pst, folder, libpff_folder_get_number_of_sub_associated_contents,
                          libpff_folder_get_sub_associated_content, 0, why);
    if (err == SP_OK)
        err = folder_each(pst, folder, libpff_folder_get_number_of_sub_folders,
                          libpff_folder_get_sub_folder, depth + 1, why);
    pst->folder[len] = '\0';
    return err;
}

/* ---- the file -------------------------------------------------------------------------------- */
static enum sp_err pst_orphans(struct pst *pst, libpff_file_t *file, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = 0;
    (void)snprintf(pst->folder, sizeof pst->folder, "/(orphans)");
    (void)libpff_file_recover_items(file, 0, NULL);
    if (libpff_file_get_number_of_orphan_items(file, &count, NULL) != 1)
        count = 0;
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_item_t *item = NULL;
        if (libpff_file_get_orphan_item_by_index(file, i, &item, NULL) != 1)
            continue;
        err = pst_item(pst, item, NULL, why);
        (void)libpff_item_free(&item, NULL);
    }
    if (err == SP_OK && libpff_file_get_number_of_recovered_items(file, &count, NULL) != 1)
        count = 0;
    for (int i = 0; i < count && err == SP_OK; i++) {
        libpff_item_t *item = NULL;
        if (libpff_file_get_recovered_item_by_index(file, i, &item, NULL) != 1)
            continue;
        err = pst_item(pst, item, NULL, why);
        (void)libpff_item_free(&item, NULL);
    }
    return err;
}

static enum sp_err pst_report(struct pst *pst, bool opened, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_CORRUPT);
    unread.partial = true;
    unread.fallback = !opened;
    if (opened && pst->broken == 0)
        return SP_OK;
    if (opened)
        (void)snprintf(unread.detail, sizeof unread.detail,
                       "%llu items or folders cannot be opened", (unsigned long long)pst->broken);
    else
        (void)snprintf(unread.detail, sizeof unread.detail, "not a mailbox that can be opened");
    enum sp_err err = sp_extract_unread(pst->x, &unread, why);
    return err == SP_OK && !opened ? sp_extract_raw_rest(pst->x, why) : err;
}

static enum sp_err pst_read(struct pst *pst, libpff_file_t *file, struct sp_why *why)
{
    libpff_item_t *root = NULL;
    enum sp_err err = SP_OK;
    (void)libpff_file_set_ascii_codepage(file, LIBPFF_CODEPAGE_WINDOWS_1252, NULL);
    if (libpff_file_get_root_folder(file, &root, NULL) != 1) {
        pst->broken++;
    } else {
        err = pst_folder(pst, root, 1, why);
        (void)libpff_item_free(&root, NULL);
    }
    return err == SP_OK ? pst_orphans(pst, file, why) : err;
}

static enum sp_err pst_opened(struct pst *pst, libbfio_handle_t *handle, struct sp_why *why)
{
    libpff_file_t *file = NULL;
    enum sp_err err = SP_OK;
    bool opened = libpff_file_initialize(&file, NULL) == 1 &&
                  libpff_file_open_file_io_handle(file, handle, LIBPFF_OPEN_READ, NULL) == 1;
    if (opened)
        err = pst_read(pst, file, why);
    if (err == SP_OK)
        err = pst_report(pst, opened, why);
    if (opened)
        (void)libpff_file_close(file, NULL);
    if (file != NULL)
        (void)libpff_file_free(&file, NULL);
    return err;
}

enum sp_err sp_pst_extract(struct sp_extract *x, struct sp_why *why)
{
    struct pst_handle io = {
        .x = x, .fd = sp_stream_fd(x->stream), .size = sp_stream_size(x->stream)};
    struct pst *pst = sp_alloc_zero(sizeof *pst);
    libbfio_handle_t *handle = NULL;
    if (pst == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a mailbox");
    pst->x = x;
    sp_buf_init(&pst->bytes, (size_t)x->limits->spool_max_bytes);
    enum sp_err err = sp_flow_new(x->sink, &pst->flow, why);
    if (err == SP_OK &&
        libbfio_handle_initialize(&handle, (intptr_t *)(void *)&io, handle_free, handle_clone,
                                  handle_open, handle_close, handle_read, handle_write, handle_seek,
                                  handle_yes, handle_yes, handle_size, 0, NULL) != 1)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory to read a mailbox");
    if (err == SP_OK)
        err = pst_opened(pst, handle, why);
    if (handle != NULL)
        (void)libbfio_handle_free(&handle, NULL);
    x->done->record_count = pst->items;
    x->done->bytes_read = io.size;
    sp_flow_free(pst->flow);
    sp_buf_wipe(&pst->bytes);
    sp_free(pst);
    return err;
}
