/* Writing one line of a register, or its head: JSON with its keys in a fixed order, so that a
 * reader of any language can show it and ours can be small. The last key is the MAC over all bytes
 * before it. register_parse.c has the other side. */
#include "store/register_in.h"

#include <time.h>

#include "base/json.h"
#include "base/mem.h"

static const char *const request_kind_names[SP_REQUEST_KIND_COUNT] = {
    [SP_REQUEST_ERASURE] = "erasure",     [SP_REQUEST_RESTRICTION] = "restriction",
    [SP_REQUEST_OBJECTION] = "objection", [SP_REQUEST_RECTIFICATION] = "rectification",
    [SP_REQUEST_OPTOUT] = "optout",
};

const char *const sp_strength_names[SP_STRENGTH_WEAK + 1] = {"default", "strong", "weak"};

const char *sp_request_kind_name(enum sp_request_kind kind)
{
    return (unsigned)kind < SP_REQUEST_KIND_COUNT ? request_kind_names[kind] : "unknown";
}

static const char *const row_kind_names[SP_ROW_KIND_COUNT] = {
    [SP_ROW_IDENTIFIER] = "identifier", [SP_ROW_WITHDRAWN] = "withdrawn",
    [SP_ROW_EXEMPTED] = "exempted",     [SP_ROW_IDENTIFIED] = "identified",
    [SP_ROW_EXTENDED] = "extended",     [SP_ROW_ANSWERED] = "answered",
    [SP_ROW_EXPIRED] = "expired",       [SP_ROW_DESTROYED] = "destroyed",
    [SP_ROW_KEY_MADE] = "key_made",     [SP_ROW_KEY_DESTROYED] = "key_destroyed",
};

const char *sp_row_kind_name(enum sp_row_kind kind)
{
    return (unsigned)kind < SP_ROW_KIND_COUNT ? row_kind_names[kind] : "unknown";
}

bool sp_row_is_event(enum sp_row_kind kind)
{
    return kind == SP_ROW_DESTROYED || kind == SP_ROW_KEY_MADE || kind == SP_ROW_KEY_DESTROYED;
}

bool sp_row_kind_from_name(struct sp_slice name, enum sp_row_kind *out)
{
    for (unsigned i = 0; i < SP_ROW_KIND_COUNT; i++) {
        if (sp_slice_is(name, row_kind_names[i])) {
            *out = (enum sp_row_kind)i;
            return true;
        }
    }
    return false;
}

static const char *const request_origin_names[SP_ORIGIN_COUNT] = {
    [SP_ORIGIN_REQUEST] = "request",
    [SP_ORIGIN_RETENTION] = "retention",
    [SP_ORIGIN_ACCOUNT_CLOSED] = "account_closed",
    [SP_ORIGIN_OPT_OUT] = "opt_out",
};

const char *sp_request_origin_name(enum sp_request_origin origin)
{
    return (unsigned)origin < SP_ORIGIN_COUNT ? request_origin_names[origin] : "unknown";
}

bool sp_request_origin_from_name(struct sp_slice name, enum sp_request_origin *out)
{
    for (unsigned i = 0; i < SP_ORIGIN_COUNT; i++) {
        if (sp_slice_is(name, request_origin_names[i])) {
            *out = (enum sp_request_origin)i;
            return true;
        }
    }
    return false;
}

bool sp_request_kind_from_name(struct sp_slice name, enum sp_request_kind *out)
{
    for (unsigned i = 0; i < SP_REQUEST_KIND_COUNT; i++) {
        if (sp_slice_is(name, request_kind_names[i])) {
            *out = (enum sp_request_kind)i;
            return true;
        }
    }
    return false;
}

void sp_register_row_clear(struct sp_register_row *row)
{
    sp_free(row->req_id);
    sp_free(row->scope);
    sp_free(row->exempt_basis);
    sp_free(row->legal_basis);
    sp_free(row->reason);
    sp_free(row->decided_by);
    *row = (struct sp_register_row){0};
}

/* ---- hexadecimal --------------------------------------------------------------------------- */

void sp_register_hex(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

int sp_register_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sp_register_unhex(struct sp_slice text, uint8_t *out, size_t len)
{
    if (text.len != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = sp_register_hex_digit(text.ptr[2 * i]);
        int low = sp_register_hex_digit(text.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void row_text(struct sp_json *json, const char *key, const char *text)
{
    sp_json_text(json, key, text ? text : "");
}

static void row_tokens(struct sp_json *json, const struct sp_register_row *row)
{
    sp_json_key(json, "tokens");
    sp_json_array(json);
    for (unsigned i = 0; i < row->token_count; i++) {
        char text[2 + SP_REGISTER_HEX_TOKEN + 1];

        text[0] = (char)('0' + row->tokens[i].kind);
        text[1] = ':';
        sp_register_hex(text + 2, row->tokens[i].bytes, SP_TOKEN_LEN);
        sp_json_item(json, text);
    }
    sp_json_array_end(json);
}

/* Replaces the closing brace of the object that begins at `begin` by its MAC. */
static enum sp_err row_close(struct sp_buf *out, size_t begin, const struct sp_key *key,
                             struct sp_why *why)
{
    uint8_t mac[SP_DIGEST_LEN];
    char hex[SP_REGISTER_HEX_DIGEST + 1];

    out->len--;
    sp_mac(key, (struct sp_slice){out->data + begin, out->len - begin}, mac);
    sp_register_hex(hex, mac, sizeof mac);
    return sp_buf_appendf(out, why, "%s%s\"}", SP_REGISTER_MAC_KEY, hex);
}

enum sp_err sp_register_row_write(const struct sp_register_row *row, const struct sp_key *key,
                                  const uint8_t prev[SP_DIGEST_LEN], struct sp_buf *out,
                                  struct sp_why *why)
{
    char hex[SP_REGISTER_HEX_DIGEST + 1];
    size_t begin = out->len;
    struct sp_json json;

    sp_register_hex(hex, prev, SP_DIGEST_LEN);
    sp_json_init(&json, out, why);
    sp_json_object(&json);
    sp_json_number(&json, "seq", row->seq);
    row_text(&json, "row", sp_row_kind_name(row->row_kind));
    sp_json_number(&json, "of_seq", row->of_seq);
    row_text(&json, "req_id", row->req_id);
    row_text(&json, "kind", sp_request_kind_name(row->kind));
    row_text(&json, "key_id", row->key_id);
    row_text(&json, "type", sp_type_name(row->type));
    sp_json_number(&json, "version", row->canonical_version);
    sp_json_number(&json, "attributes", row->attributes);
    row_text(&json, "strength", sp_strength_names[row->strength]);
    row_tokens(&json, row);
    row_text(&json, "received", row->received);
    row_text(&json, "identified", row->identified);
    row_text(&json, "due", row->due);
    row_text(&json, "erased_at", row->erased_at);
    row_text(&json, "last_backup_expiry", row->last_backup_expiry);
    row_text(&json, "origin", sp_request_origin_name(row->origin));
    row_text(&json, "day", row->day);
    row_text(&json, "until", row->until);
    row_text(&json, "reason", row->reason);
    row_text(&json, "decided_by", row->decided_by);
    row_text(&json, "scope", row->scope);
    row_text(&json, "exempt_basis", row->exempt_basis);
    row_text(&json, "exempt_until", row->exempt_until);
    row_text(&json, "legal_basis", row->legal_basis);
    row_text(&json, "prev", hex);
    if (row->rewritten) {
        sp_register_hex(hex, row->first_digest, SP_DIGEST_LEN);
        row_text(&json, "was", hex);
    }
    sp_json_object_end(&json);
    if (!json.err)
        json.err = row_close(out, begin, key, why);
    if (json.err)
        out->len = begin;
    return json.err;
}

static void row_now(char *out, size_t size)
{
    time_t now = time(NULL);
    struct tm parts;

    if (!gmtime_r(&now, &parts) || !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts))
        out[0] = '\0';
}

enum sp_err sp_register_head_write(const struct sp_register_head *head, const struct sp_key *key,
                                   struct sp_buf *out, struct sp_why *why)
{
    char hex[SP_REGISTER_HEX_DIGEST + 1];
    char now[32];
    size_t begin = out->len;
    struct sp_json json;

    sp_register_hex(hex, head->digest, SP_DIGEST_LEN);
    row_now(now, sizeof now);
    sp_json_init(&json, out, why);
    sp_json_object(&json);
    row_text(&json, "key_id", sp_key_first_id(key));
    sp_json_number(&json, "head", head->seq);
    row_text(&json, "digest", hex);
    row_text(&json, "time", now);
    sp_json_object_end(&json);
    if (!json.err)
        json.err = row_close(out, begin, key, why);
    if (json.err)
        out->len = begin;
    return json.err;
}
