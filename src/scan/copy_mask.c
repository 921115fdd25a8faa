#include "scan/copy_mask.h"

#include "base/base64.h"
#include "base/limits.h"
#include "scan/tokens.h"

enum {
    COPY_RUN_MIN = 16,     /* digits of an encoding; no address or number is in fewer */
    COPY_OPAQUE_MIN = 128, /* digits of Base64 that may be a document */
    COPY_LINE_MIN = 40,    /* digits of a line of Base64 that goes on in the next */
    COPY_PHASES = 4        /* where Base64 may have begun within what stands glued before it */
};

struct copy_span {
    size_t begin, end;
    char mask[SP_MASK_LEN];
};

/* What is looked for in one text. */
struct copy_look {
    struct sp_copy_eyes *eyes;
    enum sp_record_kind kind;
    struct sp_slice text;
    bool only_whether;                    /* something is there: no spans are wanted */
    const struct sp_origin_map *spelling; /* of matches in another spelling of it; or NULL */
    bool found;
};

void sp_copy_eyes_init(struct sp_copy_eyes *eyes, struct sp_matcher *matcher,
                       const struct sp_key *key, sp_copy_own own, void *own_ctx, bool mask_hint)
{
    *eyes = (struct sp_copy_eyes){
        .matcher = matcher, .key = key, .own = own, .own_ctx = own_ctx, .mask_hint = mask_hint};
    sp_buf_init(&eyes->spans, SIZE_MAX);
    for (size_t i = 0; i < SP_COPY_NESTED_MAX; i++)
        sp_buf_init(&eyes->decoded[i], SIZE_MAX);
}

void sp_copy_eyes_clear(struct sp_copy_eyes *eyes)
{
    sp_buf_clear(&eyes->spans);
    sp_spellings_free(eyes->spellings);
    eyes->spellings = NULL;
    for (size_t i = 0; i < SP_COPY_NESTED_MAX; i++)
        sp_buf_wipe(&eyes->decoded[i]);
}

/* ---- what detectors find -------------------------------------------------------------------- */
static enum sp_err copy_add(struct copy_look *look, size_t begin, size_t end, const char *mask,
                            struct sp_why *why)
{
    struct copy_span span = {.begin = begin, .end = end};
    if (look->spelling != NULL) {
        struct sp_slice source = sp_spelling_source(look->text, *look->spelling, begin, end);
        span.begin = (size_t)(source.ptr - look->text.ptr);
        span.end = span.begin + source.len;
    }
    look->found = true;
    if (look->only_whether)
        return SP_OK;
    (void)snprintf(span.mask, sizeof span.mask, "%s", mask);
    return sp_buf_append(&look->eyes->spans, &span, sizeof span, why);
}

static enum sp_err copy_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct copy_look *look = ctx;
    const struct sp_copy_eyes *eyes = look->eyes;
    struct sp_kept_finding finding = {.type = match->type};
    char mask[SP_MASK_LEN];
    sp_tokens_of(eyes->key, match, &finding);
    if (eyes->own(eyes->own_ctx, &finding))
        return SP_OK;
    sp_mask(match->type, match->canonical, eyes->mask_hint, mask);
    enum sp_err err = copy_add(look, match->begin, match->begin + (size_t)match->len, mask, why);
    for (unsigned i = 0; err == SP_OK && i < match->part_count; i++)
        err = copy_add(look, match->parts[i].begin, match->parts[i].end, "***", why);
    return err;
}

/* What could not be judged may be anybody's: nothing from here on is shown. */
static enum sp_err copy_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    struct copy_look *look = ctx;
    size_t from = look->spelling == NULL ? begin : 0;
    look->spelling = NULL;
    return copy_add(look, from, look->text.len, "***", why);
}

/* `text`: that of the look, or another spelling of it. */
static enum sp_err copy_detect(struct copy_look *look, struct sp_slice text, struct sp_why *why)
{
    const struct sp_text_record record = {
        .begin = 0, .end = (uint32_t)text.len, .ordinal = 1, .kind = look->kind};
    const struct sp_text window = {.data = text.ptr,
                                   .len = text.len,
                                   .own_end = text.len,
                                   .first = true,
                                   .last = true,
                                   .kind = look->kind,
                                   .records = &record,
                                   .record_count = 1};
    return text.len == 0
               ? SP_OK
               : sp_matcher_run(look->eyes->matcher, &window, copy_match, copy_limit, look, why);
}

static enum sp_err copy_spelling(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                 struct sp_why *why)
{
    struct copy_look *look = ctx;
    look->spelling = &map;
    enum sp_err err = copy_detect(look, utf8, why);
    look->spelling = NULL;
    return err;
}

static enum sp_err copy_spellings(struct copy_look *look, struct sp_why *why)
{
    struct sp_copy_eyes *eyes = look->eyes;
    enum sp_err err = SP_OK;
    if (!sp_spellings_may(look->text))
        return SP_OK;
    if (eyes->spellings == NULL)
        err = sp_spellings_new(&eyes->spellings, why);
    return err == SP_OK ? sp_spellings_each(eyes->spellings, look->text, copy_spelling, look, why)
                        : err;
}

/* ---- encodings ------------------------------------------------------------------------------- */
static int copy_nibble(uint8_t byte)
{
    int sextet = sp_base64_digit(byte);
    if (sextet >= 52 && sextet < 62)
        return sextet - 52;
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10 : -1;
}

/* The end of the digits that begin at `at`; a line of them may go on in the next. */
static size_t copy_run_end(struct sp_slice text, size_t at)
{
    for (size_t line = at;; line = at) {
        while (at < text.len && sp_base64_digit(text.ptr[at]) >= 0)
            at++;
        size_t next =
            at - line < COPY_LINE_MIN ? text.len : sp_base64_next_line(text.ptr, text.len, at);
        if (next == text.len)
            return at;
        at = next;
    }
}

/* One decoded byte as text: NUL goes (UTF-16), what is no ASCII ends a word. */
static enum sp_err copy_put(struct sp_buf *out, uint32_t byte, struct sp_why *why)
{
    byte &= 0xFF;
    if (byte == 0)
        return SP_OK;
    return sp_buf_append_byte(out, byte < 0x20 || byte >= 0x7F ? '\n' : (uint8_t)byte, why);
}

static enum sp_err copy_base64(struct sp_slice run, unsigned phase, struct sp_buf *out,
                               struct sp_why *why)
{
    uint32_t bits = 0;
    unsigned digits = 0;
    unsigned passed = 0;
    enum sp_err err = SP_OK;
    sp_buf_reset(out);
    for (size_t i = 0; err == SP_OK && i < run.len; i++) {
        int sextet = sp_base64_digit(run.ptr[i]);
        bool line_end = run.ptr[i] == '\\' && i + 1 < run.len && run.ptr[i + 1] != '/';
        i += line_end; /* "\n", of which the letter is no digit */
        if (run.ptr[i] == '+' && i + 1 < run.len && sp_base64_digit(run.ptr[i + 1]) < 0)
            continue; /* joins two strings of a program */
        if (sextet < 0 || passed < phase) {
            passed += sextet >= 0;
            continue;
        }
        bits = (bits << 6 | (uint32_t)sextet) & 0xFFFFFF;
        if (++digits % 4 != 1)
            err = copy_put(out, bits >> (6 - 2 * ((digits - 1) % 4)), why);
    }
    return err;
}

static enum sp_err copy_hex(struct sp_slice run, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int high = -1;
    sp_buf_reset(out);
    for (size_t i = 0; err == SP_OK && i < run.len; i++) {
        int nibble = copy_nibble(run.ptr[i]);
        if (nibble < 0 && sp_base64_digit(run.ptr[i]) >= 0)
            return SP_OK;
        if (nibble < 0) /* between lines */
            continue;
        if (high >= 0)
            err = copy_put(out, (uint32_t)(high << 4 | nibble), why);
        high = high < 0 ? nibble : -1;
    }
    return err;
}

/* Long, and with all sorts of digits well mixed, as a document in Base64 is and no path. */
static bool copy_is_opaque(struct sp_slice run)
{
    size_t upper = 0, lower = 0, digits = 0;
    for (size_t i = 0; i < run.len; i++) {
        uint8_t byte = run.ptr[i];
        upper += byte >= 'A' && byte <= 'Z';
        lower += byte >= 'a' && byte <= 'z';
        digits += byte >= '0' && byte <= '9';
    }
    size_t least = run.len / 32;
    return run.len >= COPY_OPAQUE_MIN && upper > least && lower > least && digits > least;
}

static enum sp_err copy_whether(struct sp_copy_eyes *eyes, struct sp_slice text, unsigned nested,
                                bool *other, struct sp_why *why);

/* Whether somebody else's value stands in the digits. */
static enum sp_err copy_decode(struct sp_copy_eyes *eyes, struct sp_slice run, unsigned nested,
                               bool *other, struct sp_why *why)
{
    struct sp_buf *out = &eyes->decoded[nested];
    enum sp_err err = SP_OK;
    for (unsigned phase = 0; err == SP_OK && !*other && phase < COPY_PHASES; phase++) {
        err = copy_base64(run, phase, out, why);
        if (err == SP_OK)
            err = copy_whether(eyes, sp_buf_slice(out), nested + 1, other, why);
    }
    for (size_t skip = 0; err == SP_OK && !*other && skip < 2; skip++) {
        err = copy_hex((struct sp_slice){run.ptr + skip, run.len - skip}, out, why);
        if (err == SP_OK)
            err = copy_whether(eyes, sp_buf_slice(out), nested + 1, other, why);
    }
    return err;
}

static enum sp_err copy_runs(struct copy_look *look, unsigned nested, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t at = 0;
    while (err == SP_OK && nested < SP_COPY_NESTED_MAX && at < look->text.len) {
        if (sp_base64_digit(look->text.ptr[at]) < 0) {
            at++;
            continue;
        }
        size_t end = copy_run_end(look->text, at);
        struct sp_slice run = {look->text.ptr + at, end - at};
        bool other = false;
        if (run.len >= COPY_RUN_MIN)
            err = copy_decode(look->eyes, run, nested, &other, why);
        if (err == SP_OK && (other || (nested == 0 && copy_is_opaque(run))))
            err = copy_add(look, at, end, "***", why);
        at = end;
    }
    return err;
}

static enum sp_err copy_whether(struct sp_copy_eyes *eyes, struct sp_slice text, unsigned nested,
                                bool *other, struct sp_why *why)
{
    struct copy_look look = {
        .eyes = eyes, .kind = SP_RECORD_DOCUMENT, .text = text, .only_whether = true};
    enum sp_err err = copy_detect(&look, text, why);
    if (err == SP_OK && !look.found)
        err = copy_runs(&look, nested, why);
    *other = *other || look.found;
    return err;
}

/* ---- writing --------------------------------------------------------------------------------- */
static int copy_compare(const void *left, const void *right)
{
    const struct copy_span *a = left;
    const struct copy_span *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end < b->end) - (a->end > b->end);
}

enum sp_err sp_copy_mask(struct sp_copy_eyes *eyes, enum sp_record_kind kind, struct sp_slice text,
                         struct sp_buf *out, uint64_t *masked, struct sp_why *why)
{
    struct copy_look look = {.eyes = eyes, .kind = kind, .text = text};
    size_t done = 0;
    sp_buf_reset(&eyes->spans);
    enum sp_err err = copy_detect(&look, text, why);
    if (err == SP_OK)
        err = copy_spellings(&look, why);
    if (err == SP_OK)
        err = copy_runs(&look, 0, why);
    struct copy_span *spans = (struct copy_span *)(void *)eyes->spans.data;
    size_t count = eyes->spans.len / sizeof *spans;
    if (err == SP_OK && count > 1)
        qsort(spans, count, sizeof *spans, copy_compare);
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        if (spans[i].begin >= done) {
            err = sp_buf_append(out, text.ptr + done, spans[i].begin - done, why);
            if (err == SP_OK)
                err = sp_buf_append_string(out, spans[i].mask, why);
            ++*masked;
        }
        done = spans[i].end > done ? spans[i].end : done;
    }
    return err == SP_OK && done < text.len
               ? sp_buf_append(out, text.ptr + done, text.len - done, why)
               : err;
}
