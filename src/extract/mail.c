/* The only user of GMime: the MIME tree of one message, flattened into ranges. GMime reads broken
 * MIME as mail programs do; it does not decode here: our decoders keep origins and lose nothing. */
#include "extract/mail.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"

#include <gmime/gmime.h>

enum {
    BOUNDARIES_MAX = 50000, /* lines that begin with "--"; GMime builds 1.3 KiB for each part */
    STACK_MAX = 256         /* boundaries of the multiparts around a part */
};

/* What walking the tree carries down. */
struct walk {
    struct sp_mail *mail;
    const struct sp_limits *limits;
    size_t base; /* bytes before what GMime got: the envelope line */
    const char *boundaries[STACK_MAX];
    size_t boundary_count;
    struct sp_why *why;
};

/* What a library says of a damaged file may name what is in it. */
static void mail_log_nothing(const gchar *domain, GLogLevelFlags level, const gchar *text,
                             gpointer ctx)
{
    (void)domain, (void)level, (void)text, (void)ctx;
}

void sp_mail_init(void)
{
    sp_charset_load();
    g_mime_init();
    (void)g_log_set_default_handler(mail_log_nothing, NULL);
}

const struct sp_mail_entity *sp_mail_entity_at(const struct sp_mail *mail, size_t index)
{
    return (const struct sp_mail_entity *)(const void *)mail->entities.data + index;
}

size_t sp_mail_entity_count(const struct sp_mail *mail)
{
    return mail->entities.len / sizeof(struct sp_mail_entity);
}

struct sp_slice sp_mail_id(const struct sp_mail *mail)
{
    struct sp_slice id = sp_slice_of(mail->message_id);
    if (id.len > SP_NAME_MAX_BYTES || !sp_utf8_valid(id))
        return (struct sp_slice){NULL, 0};
    return id;
}

/* ---- ranges ------------------------------------------------------------------------------ */
/* Where the first header of a part lies, or SIZE_MAX. */
static size_t headers_at(const struct walk *walk, GMimeObject *object)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(object);
    if (list == NULL || g_mime_header_list_get_count(list) == 0)
        return SIZE_MAX;
    gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, 0));
    size_t len = walk->mail->bytes.len;
    if (offset < 0 || (guint64)offset >= len - walk->base)
        return SIZE_MAX;
    return (size_t)offset + walk->base;
}

/* The content of a leaf, as a range; empty when GMime copied it. */
static void content_range(const struct walk *walk, GMimePart *part, struct sp_mail_entity *entity)
{
    GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
    GMimeStream *stream = wrapper == NULL ? NULL : g_mime_data_wrapper_get_stream(wrapper);
    size_t len = walk->mail->bytes.len;
    if (stream == NULL || stream->bound_start < 0)
        return;
    size_t begin = (size_t)stream->bound_start + walk->base;
    size_t end = stream->bound_end < 0 ? len : (size_t)stream->bound_end + walk->base;
    if (begin > len || end > len || begin > end)
        return;
    entity->content_begin = begin;
    entity->content_end = end;
}

/* The first line from `begin` on that is a boundary of the multiparts around; `end` if none. */
static size_t boundary_find(const struct walk *walk, size_t begin, size_t end)
{
    const uint8_t *bytes = walk->mail->bytes.ptr;
    for (size_t i = walk->boundary_count; i-- > 0;) {
        const char *boundary = walk->boundaries[i];
        size_t len = strlen(boundary);
        for (size_t pos = begin; pos < end;) {
            const uint8_t *at = memmem(bytes + pos, end - pos, boundary, len);
            if (at == NULL)
                break;
            size_t found = (size_t)(at - bytes);
            if (found >= begin + 3 && memcmp(at - 3, "\n--", 3) == 0) {
                end = found - 3; /* the line end belongs to the boundary */
                end -= end > begin && bytes[end - 1] == '\r' ? 1 : 0;
                break;
            }
            pos = found + 1;
        }
    }
    return end;
}

/* message/rfc822: from behind its own headers to the next boundary. */
static void message_range(const struct walk *walk, GMimeMessagePart *part,
                          struct sp_mail_entity *entity)
{
    GMimeMessage *message = g_mime_message_part_get_message(part);
    size_t begin = entity->headers_end;
    if (entity->headers_begin == entity->headers_end)
        begin = message == NULL ? SIZE_MAX : headers_at(walk, GMIME_OBJECT(message));
    if (begin > walk->mail->bytes.len)
        return;
    entity->content_begin = begin;
    entity->content_end = boundary_find(walk, begin, walk->mail->bytes.len);
}

/* ---- entities ---------------------------------------------------------------------------- */
/* The encoding that a part declares. GMime knows the exact names only. */
static enum sp_transfer transfer_of(GMimeObject *part, enum sp_mail_fault *fault)
{
    const char *value = g_mime_object_get_header(part, "Content-Transfer-Encoding");
    enum sp_transfer transfer;
    switch (sp_transfer_from_mime(value, &transfer)) {
    case SP_TRANSFER_KNOWN:
        break;
    case SP_TRANSFER_UU:
        *fault = SP_MAIL_FAULT_UU;
        break;
    case SP_TRANSFER_UNKNOWN:
        *fault = SP_MAIL_FAULT_TRANSFER;
        break;
    }
    return transfer;
}

/* What another header of that name declares; `first` when there is none. Which one a program
 * believes differs from one to the other. */
static enum sp_transfer transfer_other(GMimeObject *part, enum sp_transfer first)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(part);
    int count = list == NULL ? 0 : g_mime_header_list_get_count(list);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        enum sp_transfer other;
        if (strcasecmp(g_mime_header_get_name(header), "Content-Transfer-Encoding") != 0)
            continue;
        if (sp_transfer_from_mime(g_mime_header_get_raw_value(header), &other) ==
                SP_TRANSFER_KNOWN &&
            other != first)
            return other;
    }
    return first;
}

static bool parameter_is(GMimeContentType *type, const char *name, const char *value)
{
    const char *given = g_mime_content_type_get_parameter(type, name);
    return given != NULL && strcasecmp(given, value) == 0;
}

static bool is_smime(GMimeContentType *type)
{
    return g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
           g_mime_content_type_is_type(type, "application", "x-pkcs7-mime");
}

static bool is_enveloped(GMimeContentType *type)
{
    if (!is_smime(type))
        return false;
    const char *smime = g_mime_content_type_get_parameter(type, "smime-type");
    return smime == NULL || strcasecmp(smime, "enveloped-data") == 0 ||
           strcasecmp(smime, "authEnveloped-data") == 0;
}

/* Texts that are no running text: their own format reads them. */
static bool is_data(GMimeContentType *type)
{
    static const char *const data[] = {"calendar", "vcard", "x-vcard", "directory", "csv",
                                       "rtf",      "xml",   "json",    NULL};
    for (size_t i = 0; data[i] != NULL; i++)
        if (g_mime_content_type_is_type(type, "text", data[i]))
            return true;
    return false;
}

static enum sp_mail_kind leaf_kind(GMimePart *part, GMimeContentType *type, bool in_encrypted)
{
    GMimeContentDisposition *disposition =
        g_mime_object_get_content_disposition(GMIME_OBJECT(part));
    bool attached =
        (disposition != NULL && g_mime_content_disposition_is_attachment(disposition)) ||
        g_mime_part_get_filename(part) != NULL;
    if (in_encrypted && !g_mime_content_type_is_type(type, "application", "pgp-encrypted"))
        return SP_MAIL_ENCRYPTED;
    if (is_enveloped(type))
        return SP_MAIL_ENCRYPTED;
    bool text = g_mime_content_type_is_type(type, "text", "*") ||
                g_mime_content_type_is_type(type, "message", "delivery-status") ||
                g_mime_content_type_is_type(type, "application", "pgp-encrypted");
    return text && !attached && !is_data(type) ? SP_MAIL_TEXT : SP_MAIL_PART;
}

/* A part that says it is text, or nothing at all, and is a file in base64: gzip, zip, PDF, OLE. */
static bool is_file(const struct walk *walk, const struct sp_mail_entity *entity)
{
    static const char *const begins[] = {"H4sI", "UEsDB", "JVBERi", "0M8R4K", NULL};
    struct sp_slice content = {walk->mail->bytes.ptr + entity->content_begin,
                               entity->content_end - entity->content_begin};
    while (content.len > 0 && content.ptr[0] <= ' ') {
        content.ptr++;
        content.len--;
    }
    for (size_t i = 0; entity->transfer == SP_TRANSFER_BASE64 && begins[i] != NULL; i++)
        if (content.len > strlen(begins[i]) &&
            memcmp(content.ptr, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static void leaf_fill(const struct walk *walk, GMimePart *part, bool in_encrypted,
                      struct sp_mail_entity *entity)
{
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    entity->kind = leaf_kind(part, type, in_encrypted);
    entity->transfer = transfer_of(GMIME_OBJECT(part), &entity->fault);
    if (is_smime(type) && entity->kind == SP_MAIL_PART)
        entity->fault = SP_MAIL_FAULT_SIGNED;
    if (g_mime_content_type_is_type(type, "message", "partial"))
        entity->fault = SP_MAIL_FAULT_PARTIAL;
    entity->charset = g_mime_content_type_get_parameter(type, "charset");
    entity->filename = g_mime_part_get_filename(part);
    content_range(walk, part, entity);
    if (entity->kind == SP_MAIL_TEXT && is_file(walk, entity))
        entity->kind = SP_MAIL_PART;
    entity->transfer_other = transfer_other(GMIME_OBJECT(part), entity->transfer);
    if (entity->kind != SP_MAIL_TEXT && entity->transfer_other != entity->transfer) {
        entity->fault = SP_MAIL_FAULT_TRANSFER; /* an object is read one way only */
        if (entity->transfer == SP_TRANSFER_IDENTITY)
            entity->transfer = entity->transfer_other;
    }
    entity->flowed = parameter_is(type, "format", "flowed");
    entity->delete_space = parameter_is(type, "delsp", "yes");
}

static void common_fill(const struct walk *walk, GMimeObject *object, const char *path, bool top,
                        struct sp_mail_entity *entity)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    size_t len = walk->mail->bytes.len;
    memset(entity, 0, sizeof *entity);
    (void)snprintf(entity->part, sizeof entity->part, "%s", path);
    if (type != NULL)
        (void)snprintf(entity->type, sizeof entity->type, "%.40s/%.50s",
                       g_mime_content_type_get_media_type(type),
                       g_mime_content_type_get_media_subtype(type));
    size_t begin = top ? walk->base : headers_at(walk, object);
    if (begin != SIZE_MAX) {
        entity->headers_begin = begin;
        entity->headers_end = sp_mail_headers_end(walk->mail->bytes, begin, len);
    }
}

static enum sp_err object_walk(struct walk *walk, GMimeObject *object, const char *path,
                               uint32_t depth, bool in_encrypted);

static enum sp_err children_walk(struct walk *walk, GMimeMultipart *multipart, const char *path,
                                 uint32_t depth)
{
    const char *boundary = g_mime_multipart_get_boundary(multipart);
    bool pushed = boundary != NULL && boundary[0] != '\0' && walk->boundary_count < STACK_MAX;
    bool encrypted = GMIME_IS_MULTIPART_ENCRYPTED(multipart);
    enum sp_err err = SP_OK;
    if (pushed)
        walk->boundaries[walk->boundary_count++] = boundary;
    int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; err == SP_OK && i < count; i++) {
        char child[SP_MAIL_PATH_MAX];
        int len = snprintf(child, sizeof child, "%s%s%d", path, path[0] == '\0' ? "" : ".", i + 1);
        if (len < 0 || (size_t)len >= sizeof child)
            break; /* deeper than paths are long: a gap */
        err =
            object_walk(walk, g_mime_multipart_get_part(multipart, i), child, depth + 1, encrypted);
    }
    walk->boundary_count -= pushed ? 1 : 0;
    return err;
}

/* Adds the entity and those below it. Recursion ends at limits->mime_depth_max. */
static enum sp_err object_walk(struct walk *walk, GMimeObject *object, const char *path,
                               uint32_t depth, bool in_encrypted)
{
    struct sp_mail_entity entity;
    enum sp_mail_fault fault;
    bool top = depth == 0;
    bool multipart = GMIME_IS_MULTIPART(object);
    common_fill(walk, object, top && !multipart ? "1" : path, top, &entity);
    entity.kind = SP_MAIL_TOO_DEEP;
    if (depth <= walk->limits->mime_depth_max) {
        if (multipart) {
            entity.kind = SP_MAIL_MULTIPART;
            entity.encoded_whole = transfer_of(object, &fault) != SP_TRANSFER_IDENTITY &&
                                   g_mime_multipart_get_count(GMIME_MULTIPART(object)) == 0;
            entity.boundary = g_mime_multipart_get_boundary(GMIME_MULTIPART(object));
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            entity.kind = SP_MAIL_MESSAGE;
            entity.transfer = transfer_of(object, &entity.fault);
            message_range(walk, GMIME_MESSAGE_PART(object), &entity);
        } else if (GMIME_IS_PART(object)) {
            leaf_fill(walk, GMIME_PART(object), in_encrypted, &entity);
        }
        if (entity.content_begin < entity.content_end && entity.headers_end > entity.content_begin)
            entity.headers_end = entity.content_begin; /* no empty line between them */
    }
    enum sp_err err = sp_buf_append(&walk->mail->entities, &entity, sizeof entity, walk->why);
    if (err == SP_OK && entity.kind == SP_MAIL_MULTIPART)
        err = children_walk(walk, GMIME_MULTIPART(object), path, depth);
    return err;
}

/* ---- the message ------------------------------------------------------------------------- */
/* More lines that look like boundaries than a message can honestly have. */
static bool has_too_many(struct sp_slice bytes)
{
    size_t count = 0;
    if (bytes.len == 0)
        return false;
    const uint8_t *end = bytes.ptr + bytes.len;
    for (const uint8_t *at = bytes.ptr; at < end && count <= BOUNDARIES_MAX; count++) {
        at = memmem(at, (size_t)(end - at), "\n--", 3);
        if (at == NULL)
            break;
        at += 3;
    }
    return count > BOUNDARIES_MAX;
}

/* The tree refers to the array and to our bytes: GMime only reads from them. */
static GMimeMessage *tree_build(struct sp_slice bytes, GByteArray *array)
{
    union {
        const uint8_t *from;
        guint8 *to;
    } data = {.from = bytes.ptr};
    *array = (GByteArray){.data = data.to, .len = (guint)bytes.len};
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), array);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    g_mime_parser_set_persist_stream(parser, TRUE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static void facts_fill(struct sp_mail *mail, GMimeMessage *message)
{
    GDateTime *date = g_mime_message_get_date(message);
    mail->message_id = g_mime_message_get_message_id(message);
    if (date != NULL)
        mail->date_s = g_date_time_to_unix(date);
}

enum sp_err sp_mail_parse(struct sp_mail *mail, struct sp_slice bytes,
                          const struct sp_limits *limits, struct sp_why *why)
{
    *mail = (struct sp_mail){.bytes = bytes, .date_s = INT64_MIN};
    sp_buf_init(&mail->entities, 2 * (size_t)BOUNDARIES_MAX * sizeof(struct sp_mail_entity));
    mail->too_many = has_too_many(bytes);
    size_t base = bytes.len == 0 ? 0 : sp_mail_start(bytes);
    if (mail->too_many || bytes.len - base == 0 || bytes.len - base > UINT32_MAX)
        return SP_OK;
    mail->array = sp_alloc(sizeof(GByteArray));
    if (mail->array == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a message");
    GMimeMessage *message =
        tree_build((struct sp_slice){bytes.ptr + base, bytes.len - base}, mail->array);
    mail->tree = message;
    if (message == NULL)
        return SP_OK;
    facts_fill(mail, message);
    struct walk walk = {.mail = mail, .limits = limits, .base = base, .why = why};
    GMimeObject *top = g_mime_message_get_mime_part(message);
    return top == NULL ? SP_OK : object_walk(&walk, top, "", 0, false);
}

void sp_mail_clear(struct sp_mail *mail)
{
    if (mail->tree != NULL)
        g_object_unref(mail->tree);
    sp_free(mail->array);
    mail->tree = NULL;
    mail->array = NULL;
    mail->message_id = NULL;
    sp_buf_clear(&mail->entities);
}
