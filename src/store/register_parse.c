/* Reading one line of a register, or its head: only what register_row.c writes. The MAC is checked
 * over the raw bytes before anything else of the line is believed. */
#include "store/register_in.h"

#include "base/mem.h"
#include "base/utf8.h"

/* A cursor that fails once and for all. */
struct row_cursor {
    struct sp_reader in;
    struct sp_buf text; /* the string read last, NUL-terminated */
    enum sp_err err;    /* SP_ERR_NOMEM and the like; a wrong form sets in.failed */
};

static void cursor_literal(struct row_cursor *cursor, const char *text)
{
    size_t len = strlen(text);
    struct sp_slice got = sp_reader_bytes(&cursor->in, len);

    if (!cursor->in.failed && memcmp(got.ptr, text, len) != 0)
        cursor->in.failed = true;
}

static void cursor_key(struct row_cursor *cursor, const char *key)
{
    cursor_literal(cursor, "\"");
    cursor_literal(cursor, key);
    cursor_literal(cursor, "\":");
}

static bool cursor_next_is(const struct row_cursor *cursor, char c)
{
    return !cursor->in.failed && cursor->in.left && cursor->in.ptr[0] == (uint8_t)c;
}

static uint64_t cursor_number(struct row_cursor *cursor, const char *key, uint64_t max)
{
    uint64_t value = 0;

    cursor_key(cursor, key);
    if (!cursor->in.left || sp_register_hex_digit(cursor->in.ptr[0]) < 0)
        cursor->in.failed = true;
    while (!cursor->in.failed && cursor->in.left && cursor->in.ptr[0] >= '0' &&
           cursor->in.ptr[0] <= '9') {
        unsigned digit = sp_reader_u8(&cursor->in) - '0';

        if (value > (max - digit) / 10)
            cursor->in.failed = true;
        else
            value = value * 10 + digit;
    }
    return cursor->in.failed ? 0 : value;
}

static void cursor_escape(struct row_cursor *cursor)
{
    uint8_t utf8[4];
    uint32_t point = 0;
    uint8_t kind = sp_reader_u8(&cursor->in);

    if (kind == '"' || kind == '\\') {
        cursor->err = sp_buf_append_byte(&cursor->text, kind, NULL);
        return;
    }
    if (kind != 'u')
        cursor->in.failed = true;
    for (unsigned i = 0; i < 4 && !cursor->in.failed; i++) {
        int digit = sp_register_hex_digit(sp_reader_u8(&cursor->in));

        if (digit < 0)
            cursor->in.failed = true;
        point = point << 4 | (uint32_t)(digit & 15);
    }
    if (!point) /* our strings are NUL-terminated */
        cursor->in.failed = true;
    if (!cursor->in.failed)
        cursor->err = sp_buf_append(&cursor->text, utf8, sp_utf8_encode(point, utf8), NULL);
}

/* The string at hand, borrowed until the next one; empty after a failure. */
static struct sp_slice cursor_string(struct row_cursor *cursor)
{
    sp_buf_reset(&cursor->text);
    cursor_literal(cursor, "\"");
    while (!cursor->in.failed && !cursor->err) {
        uint8_t c = sp_reader_u8(&cursor->in);

        if (cursor->in.failed || c == '"')
            break;
        if (c == '\\')
            cursor_escape(cursor);
        else
            cursor->err = sp_buf_append_byte(&cursor->text, c, NULL);
    }
    if (cursor->in.failed || cursor->err)
        sp_buf_reset(&cursor->text);
    return sp_buf_slice(&cursor->text);
}

static struct sp_slice cursor_text(struct row_cursor *cursor, const char *key)
{
    cursor_literal(cursor, ",");
    cursor_key(cursor, key);
    return cursor_string(cursor);
}

static char *cursor_copy(struct row_cursor *cursor, const char *key)
{
    struct sp_slice text = cursor_text(cursor, key);
    char *copy = sp_copy_string(text.ptr, text.len);

    if (!copy && !cursor->err)
        cursor->err = SP_ERR_NOMEM;
    return copy;
}

/* Into a fixed array; longer is a wrong form. */
static void cursor_fixed(struct row_cursor *cursor, const char *key, char *out, size_t size)
{
    struct sp_slice text = cursor_text(cursor, key);

    if (text.len >= size)
        cursor->in.failed = true;
    else if (text.len)
        memcpy(out, text.ptr, text.len);
    out[text.len < size ? text.len : 0] = '\0';
}

static void cursor_tokens(struct row_cursor *cursor, struct sp_register_row *row)
{
    cursor_literal(cursor, ",");
    cursor_key(cursor, "tokens");
    cursor_literal(cursor, "[");
    while (!cursor->in.failed && !cursor->err && !cursor_next_is(cursor, ']')) {
        struct sp_slice text;

        if (row->token_count == SP_TOKEN_KIND_COUNT) {
            cursor->in.failed = true;
            return;
        }
        if (row->token_count)
            cursor_literal(cursor, ",");
        text = cursor_string(cursor);
        if (text.len != 2 + SP_REGISTER_HEX_TOKEN || text.ptr[0] < '0' ||
            text.ptr[0] >= '0' + SP_TOKEN_KIND_COUNT || text.ptr[1] != ':' ||
            !sp_register_unhex((struct sp_slice){text.ptr + 2, text.len - 2},
                               row->tokens[row->token_count].bytes, SP_TOKEN_LEN)) {
            cursor->in.failed = true;
            return;
        }
        row->tokens[row->token_count++].kind = (uint8_t)(text.ptr[0] - '0');
    }
    cursor_literal(cursor, "]");
}

/* False: a name of a later version. */
static bool cursor_names(struct row_cursor *cursor, struct sp_register_row *row)
{
    bool known = sp_type_from_name(cursor_text(cursor, "type"), &row->type);
    struct sp_slice strength;

    cursor_literal(cursor, ",");
    row->canonical_version = (unsigned)cursor_number(cursor, "version", UINT32_MAX);
    cursor_literal(cursor, ",");
    row->attributes = (unsigned)cursor_number(cursor, "attributes", UINT32_MAX);
    strength = cursor_text(cursor, "strength");
    for (unsigned i = 0; i < SP_STRENGTH_WEAK + 1; i++) {
        if (sp_slice_is(strength, sp_strength_names[i])) {
            row->strength = (enum sp_strength)i;
            return known;
        }
    }
    return false;
}

/* Gives the line without its MAC when that holds, else an empty slice. */
static struct sp_slice row_authentic(struct sp_slice line, const struct sp_key *key)
{
    static const struct sp_slice none = {NULL, 0};
    uint8_t told[SP_DIGEST_LEN], mac[SP_DIGEST_LEN];
    struct sp_slice body, tail;

    if (line.len <= SP_REGISTER_MAC_TAIL)
        return none;
    body = (struct sp_slice){line.ptr, line.len - SP_REGISTER_MAC_TAIL};
    tail = (struct sp_slice){line.ptr + body.len, SP_REGISTER_MAC_TAIL};
    if (memcmp(tail.ptr, SP_REGISTER_MAC_KEY, sizeof SP_REGISTER_MAC_KEY - 1) != 0 ||
        tail.ptr[tail.len - 2] != '"' || tail.ptr[tail.len - 1] != '}' ||
        !sp_register_unhex(
            (struct sp_slice){tail.ptr + sizeof SP_REGISTER_MAC_KEY - 1, SP_REGISTER_HEX_DIGEST},
            told, sizeof told))
        return none;
    sp_mac(key, body, mac);
    return sp_mac_equal(told, mac) ? body : none;
}

static enum sp_err row_read_fields(struct row_cursor *cursor, struct sp_register_row *row,
                                   uint8_t prev[SP_DIGEST_LEN], struct sp_why *why)
{
    bool known;

    cursor_literal(cursor, "{");
    row->seq = cursor_number(cursor, "seq", UINT64_MAX);
    known = sp_row_kind_from_name(cursor_text(cursor, "row"), &row->row_kind);
    cursor_literal(cursor, ",");
    row->of_seq = cursor_number(cursor, "of_seq", UINT64_MAX);
    row->req_id = cursor_copy(cursor, "req_id");
    known &= sp_request_kind_from_name(cursor_text(cursor, "kind"), &row->kind);
    cursor_fixed(cursor, "key_id", row->key_id, sizeof row->key_id);
    known &= cursor_names(cursor, row);
    cursor_tokens(cursor, row);
    cursor_fixed(cursor, "received", row->received, sizeof row->received);
    cursor_fixed(cursor, "identified", row->identified, sizeof row->identified);
    cursor_fixed(cursor, "due", row->due, sizeof row->due);
    cursor_fixed(cursor, "erased_at", row->erased_at, sizeof row->erased_at);
    cursor_fixed(cursor, "last_backup_expiry", row->last_backup_expiry,
                 sizeof row->last_backup_expiry);
    known &= sp_request_origin_from_name(cursor_text(cursor, "origin"), &row->origin);
    cursor_fixed(cursor, "day", row->day, sizeof row->day);
    cursor_fixed(cursor, "until", row->until, sizeof row->until);
    row->reason = cursor_copy(cursor, "reason");
    row->decided_by = cursor_copy(cursor, "decided_by");
    row->scope = cursor_copy(cursor, "scope");
    row->exempt_basis = cursor_copy(cursor, "exempt_basis");
    cursor_fixed(cursor, "exempt_until", row->exempt_until, sizeof row->exempt_until);
    row->legal_basis = cursor_copy(cursor, "legal_basis");
    if (!sp_register_unhex(cursor_text(cursor, "prev"), prev, SP_DIGEST_LEN))
        cursor->in.failed = true;
    if (cursor_next_is(cursor, ',')) {
        row->rewritten = true;
        if (!sp_register_unhex(cursor_text(cursor, "was"), row->first_digest, SP_DIGEST_LEN))
            cursor->in.failed = true;
    }
    if (cursor->err)
        return sp_fail(why, cursor->err, "no memory for a row of the register");
    /* Its MAC held, so a speur wrote it; one that knows more than this one. */
    if (cursor->in.failed || cursor->in.left || !known)
        return sp_fail(why, SP_ERR_CONFIG, "a row of the register was written by a newer speur");
    return SP_OK;
}

enum sp_err sp_register_row_read(struct sp_slice line, const struct sp_key *key,
                                 const uint8_t prev[SP_DIGEST_LEN], struct sp_register_row *row,
                                 struct sp_why *why)
{
    struct row_cursor cursor = {.err = SP_OK};
    struct sp_slice body = row_authentic(line, key);
    uint8_t told[SP_DIGEST_LEN];
    enum sp_err err;

    *row = (struct sp_register_row){0};
    if (!body.len)
        return sp_fail(why, SP_ERR_ALTERED, "a row of the register was altered");
    sp_reader_init(&cursor.in, body);
    sp_buf_init(&cursor.text, SP_REGISTER_BYTES_MAX);
    err = row_read_fields(&cursor, row, told, why);
    sp_buf_clear(&cursor.text);
    if (!err && !sp_mac_equal(told, prev))
        err = sp_fail(why, SP_ERR_ALTERED, "rows of the register were removed or moved");
    return err;
}

enum sp_err sp_register_head_read(struct sp_slice line, const struct sp_key *key,
                                  struct sp_register_head *head, struct sp_why *why)
{
    struct row_cursor cursor = {.err = SP_OK};
    struct sp_slice body;

    *head = (struct sp_register_head){0};
    sp_buf_init(&cursor.text, SP_REGISTER_BYTES_MAX);
    /* The key's name comes first and is looked at first: another key is no alteration. */
    sp_reader_init(&cursor.in, line);
    cursor_literal(&cursor, "{\"key_id\":");
    if (cursor_string(&cursor).len == sizeof head->key_id - 1)
        memcpy(head->key_id, cursor.text.data, sizeof head->key_id - 1);
    if (cursor.err)
        goto done;
    if (head->key_id[0] && strcmp(head->key_id, sp_key_first_id(key)) != 0) {
        sp_buf_clear(&cursor.text);
        return sp_fail(why, SP_ERR_KEY, "the register was made with another key");
    }
    body = row_authentic(line, key);
    sp_reader_init(&cursor.in, body);
    cursor_literal(&cursor, "{\"key_id\":");
    cursor_string(&cursor);
    cursor_literal(&cursor, ",");
    head->seq = cursor_number(&cursor, "head", UINT64_MAX);
    if (!sp_register_unhex(cursor_text(&cursor, "digest"), head->digest, SP_DIGEST_LEN))
        cursor.in.failed = true;
    cursor_text(&cursor, "time");
done:
    sp_buf_clear(&cursor.text);
    if (cursor.err)
        return sp_fail(why, cursor.err, "no memory for the head of the register");
    if (cursor.in.failed || cursor.in.left)
        return sp_fail(why, SP_ERR_ALTERED, "the head of the register was altered");
    return SP_OK;
}
