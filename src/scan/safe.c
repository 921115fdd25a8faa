/* Locator parts that stem from content (a primary key, a column header, a Message-ID) may be
 * personal data themselves. They are kept only after what a detector finds in them was masked. */
#include "base/limits.h"
#include "scan/lane.h"

enum {
    SAFE_NAME_DIGITS = 2,   /* in the name of a column: icd10 */
    SAFE_NAME_WORDS = 3,    /* reden_van_verzuim */
    SAFE_KEY_DIGITS = 8,    /* an account or order number; a BSN has nine */
    SAFE_KEY_HEX = 16,      /* a random key */
    SAFE_WORD_LETTERS = 4,  /* may be a name */
    SAFE_MACHINE_DIGITS = 8 /* a time or a process */
};

struct safe_copy {
    struct sp_slice text;
    struct sp_buf *out;
    size_t copied; /* bytes of text already in out */
};

static enum sp_err safe_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct safe_copy *copy = ctx;
    size_t begin = match->begin < copy->copied ? copy->copied : match->begin;
    enum sp_err err =
        sp_buf_append(copy->out, copy->text.ptr + copy->copied, begin - copy->copied, why);
    if (err == SP_OK && match->begin + (size_t)match->len > copy->copied)
        err = sp_buf_append_string(copy->out, "***", why);
    if (match->begin + (size_t)match->len > copy->copied)
        copy->copied = match->begin + match->len;
    return err;
}

/* A part too hard to judge is kept from being shown at all. */
static enum sp_err safe_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)begin;
    (void)why;
    struct safe_copy *copy = ctx;
    copy->copied = copy->text.len;
    return SP_OK;
}

/* Nothing that a detector could find has neither an '@' nor five digits; but for names of persons,
 * of two words with a capital letter, where these are looked for. */
static bool safe_is_plain(const struct sp_safe *safe, struct sp_slice text)
{
    unsigned digits = 0;
    bool blank = false, capital = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '@')
            return false;
        digits += byte >= '0' && byte <= '9';
        blank = blank || byte == ' ';
        capital = capital || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
    }
    return digits < 5 && !(safe->names && blank && capital);
}

static enum sp_err safe_run(struct sp_matcher *matcher, struct sp_slice text, sp_match_out match,
                            sp_match_limit_out limit, void *ctx, struct sp_why *why)
{
    const struct sp_text_record record = {
        .begin = 0, .end = (uint32_t)text.len, .ordinal = 1, .kind = SP_RECORD_DOCUMENT};
    const struct sp_text window = {.data = text.ptr,
                                   .len = text.len,
                                   .own_end = text.len,
                                   .first = true,
                                   .last = true,
                                   .kind = SP_RECORD_DOCUMENT,
                                   .records = &record,
                                   .record_count = 1};
    return sp_matcher_run(matcher, &window, match, limit, ctx, why);
}

static enum sp_err safe_mask(const struct sp_safe *safe, struct sp_slice text, struct sp_buf *out,
                             struct sp_why *why)
{
    struct safe_copy copy = {.text = text, .out = out};
    if (safe_is_plain(safe, text))
        return sp_buf_append(out, text.ptr, text.len, why);
    enum sp_err err = safe_run(safe->matcher, text, safe_match, safe_limit, &copy, why);
    if (err == SP_OK && copy.copied < text.len)
        err = sp_buf_append(out, text.ptr + copy.copied, text.len - copy.copied, why);
    return err;
}

/* ---- in other spellings --------------------------------------------------------------------- */
struct safe_look {
    const struct sp_safe *safe;
    bool found;
};

static enum sp_err look_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct safe_look *look = ctx;
    (void)match, (void)why;
    look->found = true;
    return SP_OK;
}

static enum sp_err look_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)begin;
    return look_match(ctx, NULL, why);
}

static enum sp_err look_spelling(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                 struct sp_why *why)
{
    struct safe_look *look = ctx;
    (void)map;
    return look->found || safe_is_plain(look->safe, utf8)
               ? SP_OK
               : safe_run(look->safe->matcher, utf8, look_match, look_limit, look, why);
}

void sp_safe_clear(struct sp_safe *safe)
{
    sp_matcher_free(safe->matcher);
    sp_spellings_free(safe->spellings);
    *safe = (struct sp_safe){.matcher = NULL};
}

/* *found: a value stands in the text in another spelling. */
static enum sp_err safe_look(struct sp_safe *safe, struct sp_slice text, bool *found,
                             struct sp_why *why)
{
    struct safe_look look = {.safe = safe};
    enum sp_err err = SP_OK;
    if (!sp_spellings_may(text))
        return SP_OK;
    if (safe->spellings == NULL)
        err = sp_spellings_new(&safe->spellings, why);
    if (err == SP_OK)
        err = sp_spellings_each(safe->spellings, text, look_spelling, &look, why);
    *found = *found || look.found;
    return err;
}

/* In pointers the names between slashes are looked at one by one: a slash is a digit of base64. */
static enum sp_err safe_part(struct sp_safe *safe, struct sp_slice text, bool is_pointer,
                             struct sp_buf *out, struct sp_why *why)
{
    const size_t begin = out->len;
    bool found = false;
    if (text.len > SP_NAME_MAX_BYTES) {
        text.len = SP_NAME_MAX_BYTES;
        while (text.len > 0 && (text.ptr[text.len] & 0xC0) == 0x80) /* no half of a character */
            text.len--;
    }
    enum sp_err err = safe_mask(safe, text, out, why);
    for (size_t from = begin; err == SP_OK && !found && from < out->len;) {
        const uint8_t *name = out->data + from;
        const uint8_t *slash = is_pointer ? memchr(name, '/', out->len - from) : NULL;
        size_t len = slash == NULL ? out->len - from : (size_t)(slash - name);
        err = safe_look(safe, (struct sp_slice){name, len}, &found, why);
        from += len + 1;
    }
    if (err != SP_OK || !found)
        return err;
    out->len = begin;
    return sp_buf_append_string(out, "***", why);
}

enum sp_err sp_safe_part(struct sp_safe *safe, struct sp_slice text, struct sp_buf *out,
                         struct sp_why *why)
{
    return safe_part(safe, text, false, out, why);
}

/* A name as programs give them, or the number of an element. */
static bool name_is_plain(struct sp_slice name)
{
    size_t digits = 0, words = 0;
    bool between = true;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.ptr[i], small = byte | 0x20;
        bool letter = (small >= 'a' && small <= 'z') || byte >= 0x80;
        bool digit = byte >= '0' && byte <= '9';
        if (!letter && !digit && memchr("_-.:", byte, 4) == NULL)
            return false;
        digits += digit;
        words += letter && between;
        between = !letter;
    }
    return digits == name.len || (digits <= SAFE_NAME_DIGITS && words <= SAFE_NAME_WORDS);
}

enum sp_err sp_safe_names(struct sp_slice path, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && path.len > 0) {
        const uint8_t *slash = memchr(path.ptr, '/', path.len);
        size_t len = slash == NULL ? path.len : (size_t)(slash - path.ptr);
        struct sp_slice name = {path.ptr, len};
        err = name_is_plain(name) ? sp_buf_append(out, name.ptr, name.len, why)
                                  : sp_buf_append_string(out, "***", why);
        if (err == SP_OK && slash != NULL)
            err = sp_buf_append_byte(out, '/', why);
        len += slash != NULL;
        path.ptr += len;
        path.len -= len;
    }
    return err;
}

enum sp_err sp_safe_pointer(struct sp_safe *safe, struct sp_slice text, struct sp_buf *out,
                            struct sp_why *why)
{
    return safe_part(safe, text, true, out, why);
}

/* Mail programs make local parts of time, process and random numbers: many digits, no names. */
static bool safe_is_machine_made(struct sp_slice local)
{
    unsigned digits = 0;
    unsigned letters = 0; /* in a row */
    for (size_t i = 0; i < local.len; i++) {
        bool digit = local.ptr[i] >= '0' && local.ptr[i] <= '9';
        bool letter = (local.ptr[i] | 0x20) >= 'a' && (local.ptr[i] | 0x20) <= 'z';
        digits += digit;
        letters = letter || local.ptr[i] >= 0x80 ? letters + 1 : 0;
        if (letters >= SAFE_WORD_LETTERS)
            return false;
    }
    return digits >= SAFE_MACHINE_DIGITS;
}

enum sp_err sp_safe_message_id(struct sp_safe *safe, struct sp_slice id, struct sp_buf *out,
                               struct sp_why *why)
{
    const uint8_t *at = id.len == 0 ? NULL : memchr(id.ptr, '@', id.len);
    struct sp_slice local = {id.ptr, at == NULL ? id.len : (size_t)(at - id.ptr)};
    bool found = false;
    enum sp_err err;
    if (at == NULL || !safe_is_machine_made(local)) {
        err = safe_look(safe, id, &found, why); /* before what stands there is masked */
        return err == SP_OK && found ? sp_buf_append_string(out, "***", why)
               : err == SP_OK        ? sp_safe_part(safe, id, out, why)
                                     : err;
    }
    /* the host behind the '@' tells of the mail system; each is judged by itself */
    err = sp_safe_part(safe, local, out, why);
    if (err == SP_OK)
        err = sp_buf_append_byte(out, '@', why);
    const struct sp_slice host = {at + 1, id.len - local.len - 1};
    if (err == SP_OK)
        err = sp_safe_part(safe, host, out, why);
    return err;
}

/* A number too short to be anybody's, or a long random one. */
static bool safe_is_surrogate(struct sp_slice value)
{
    size_t digits = 0;
    size_t hex = 0;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        bool digit = c >= '0' && c <= '9';
        digits += digit;
        hex += digit || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        if (hex + (c == '-') == 0 || (hex < i + 1 && c != '-' && hex + 4 < i + 1))
            return false; /* four dashes of a UUID at most */
    }
    bool number = digits == value.len && digits > 0 && digits <= SAFE_KEY_DIGITS;
    return number || (hex >= SAFE_KEY_HEX && hex > digits && hex + 4 >= value.len);
}

/* Of a column: else it is the end of a value that has these signs itself. */
static bool safe_is_column(struct sp_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.ptr[i];
        bool letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '$' && c != ' ')
            return false;
    }
    return name.len > 0 && !(name.ptr[0] >= '0' && name.ptr[0] <= '9') && name.len < 64;
}

enum sp_err sp_safe_pk(struct sp_slice pk, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && pk.len > 0) { /* column=value, joined by commas */
        const uint8_t *comma = memchr(pk.ptr, ',', pk.len);
        size_t len = comma == NULL ? pk.len : (size_t)(comma - pk.ptr);
        const uint8_t *equals = memchr(pk.ptr, '=', len);
        size_t name = equals == NULL ? 0 : (size_t)(equals - pk.ptr) + 1;
        struct sp_slice value = {pk.ptr + name, len - name};
        if (name > 0 && safe_is_column((struct sp_slice){pk.ptr, name - 1}))
            err = sp_buf_append(out, pk.ptr, name, why);
        else if (name > 0)
            err = sp_buf_append_string(out, "***=", why);
        if (err == SP_OK && safe_is_surrogate(value))
            err = sp_buf_append(out, value.ptr, value.len, why);
        else if (err == SP_OK)
            err = sp_buf_append_string(out, "***", why);
        if (err == SP_OK && comma != NULL)
            err = sp_buf_append_byte(out, ',', why);
        pk.ptr += len + (comma != NULL);
        pk.len -= len + (comma != NULL);
    }
    return err;
}
