/* Runs text through the matcher, as one window or cut into several, and keeps what comes out. */
#ifndef TESTS_DETECT_FIXTURE_H
#define TESTS_DETECT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/charset.h"
#include "detect/matcher.h"

enum { FIXTURE_MATCH_MAX = 200000 };

struct fixture_match {
    size_t begin, len;
    enum sp_type type;
    enum sp_confidence confidence;
    unsigned attributes;
    struct sp_canonical canonical;
};

struct fixture {
    struct sp_patterns *patterns;
    struct sp_matcher *matcher;
    struct fixture_match *matches;
    size_t count;
    size_t limits;      /* calls of the limit callback */
    size_t window_base; /* where the window begins in the text */
};

static inline enum sp_err fixture_take(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct fixture *fixture = ctx;
    (void)why;
    assert_true(fixture->count < FIXTURE_MATCH_MAX);
    struct fixture_match *out = &fixture->matches[fixture->count++];
    memset(out, 0, sizeof *out);
    out->begin = fixture->window_base + match->begin;
    out->len = match->len;
    out->type = match->type;
    out->confidence = match->confidence;
    out->attributes = match->attributes;
    out->canonical.len = match->canonical->len;
    memcpy(out->canonical.bytes, match->canonical->bytes, match->canonical->len);
    return SP_OK;
}

static inline enum sp_err fixture_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    struct fixture *fixture = ctx;
    (void)begin;
    (void)why;
    fixture->limits++;
    return SP_OK;
}

static inline void fixture_open(struct fixture *fixture, const char *dir)
{
    struct sp_why why = {{0}};
    memset(fixture, 0, sizeof *fixture);
    if (sp_patterns_load(dir, &fixture->patterns, &why) != SP_OK)
        fail_msg("%s", why.text);
    assert_int_equal(sp_matcher_new(fixture->patterns, SP_REGION_NL, &fixture->matcher, &why),
                     SP_OK);
    fixture->matches = malloc(FIXTURE_MATCH_MAX * sizeof *fixture->matches);
    assert_non_null(fixture->matches);
}

static inline void fixture_close(struct fixture *fixture)
{
    sp_matcher_free(fixture->matcher);
    sp_patterns_free(fixture->patterns);
    free(fixture->matches);
}

/* Gives one window over text[from, to) with its owned part. */
static inline void fixture_window(struct fixture *fixture, struct sp_slice text,
                                  enum sp_record_kind kind, size_t own_begin, size_t own_end)
{
    size_t from = own_begin > SP_WINDOW_MARGIN_BYTES ? own_begin - SP_WINDOW_MARGIN_BYTES : 0;
    size_t to =
        text.len - own_end > SP_WINDOW_MARGIN_BYTES ? own_end + SP_WINDOW_MARGIN_BYTES : text.len;
    while (from > 0 && (text.ptr[from] & 0xC0) == 0x80)
        from--;
    while (to < text.len && (text.ptr[to] & 0xC0) == 0x80)
        to++;
    /* A copy of its own, so that a read beyond the window is seen. */
    uint8_t *copy = malloc(to - from + 1);
    assert_non_null(copy);
    memcpy(copy, text.ptr + from, to - from);
    struct sp_text_record record = {.end = (uint32_t)(to - from), .ordinal = 1, .kind = kind};
    struct sp_text window = {
        .data = copy,
        .len = to - from,
        .own_begin = own_begin - from,
        .own_end = own_end - from,
        .first = from == 0,
        .last = to == text.len,
        .kind = kind,
        .records = &record,
        .record_count = 1,
    };
    struct sp_why why = {{0}};
    fixture->window_base = from;
    assert_int_equal(
        sp_matcher_run(fixture->matcher, &window, fixture_take, fixture_limit, fixture, &why),
        SP_OK);
    free(copy);
}

/* The whole text in windows that own `own_bytes` each; 0: one window. */
static inline void fixture_run(struct fixture *fixture, struct sp_slice text,
                               enum sp_record_kind kind, size_t own_bytes)
{
    fixture->count = 0;
    if (own_bytes == 0)
        own_bytes = text.len;
    for (size_t begin = 0; begin < text.len; begin += own_bytes)
        fixture_window(fixture, text, kind, begin,
                       text.len - begin < own_bytes ? text.len : begin + own_bytes);
}

static inline bool fixture_has(const struct fixture *fixture, enum sp_type type,
                               const char *canonical)
{
    for (size_t i = 0; i < fixture->count; i++) {
        const struct fixture_match *match = &fixture->matches[i];
        struct sp_slice have = {match->canonical.bytes, match->canonical.len};
        if (match->type == type && match->confidence >= SP_CONF_MEDIUM &&
            (!canonical[0] || sp_slice_equal(have, sp_slice_of(canonical))))
            return true;
    }
    return false;
}

#endif
