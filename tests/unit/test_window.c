/* Windows of any size give the same findings at the same places. floors: sp_scan */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "scan/window.h"
#include "speur/reason.h"

#include <inttypes.h>
#include <stdio.h>

struct run {
    struct sp_buf found; /* a line a match */
};

static enum sp_err run_located(void *ctx, const struct sp_located *at, struct sp_why *why)
{
    struct run *run = ctx;
    return sp_buf_appendf(
        &run->found, why,
        "%s %d rec=%" PRIu64 " key=%.*s col=%u @%" PRIu64 "+%u %" PRIu64 ":%u %.*s\n",
        sp_type_name(at->match->type), (int)at->match->confidence, at->record->ordinal,
        (int)at->key.len, at->key.ptr == NULL ? "" : (const char *)at->key.ptr, at->column,
        at->offset, at->length, at->line, at->line_column,
        at->holder == NULL ? 0 : (int)at->holder->len,
        at->holder == NULL ? "" : (const char *)at->holder->bytes);
}

static enum sp_err run_unjudged(void *ctx, uint64_t offset, uint64_t at, struct sp_why *why)
{
    (void)at;
    struct run *run = ctx;
    return sp_buf_appendf(&run->found, why, "unjudged @%" PRIu64 "\n", offset);
}

/* Gives text in pieces of `step` bytes, with the source at twice the offset (as in UTF-16). */
static void say(struct sp_window *window, const char *text, size_t step, uint64_t *source)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        struct sp_origin points[64];
        size_t take = len - at < step ? len - at : step;
        if (take > 64)
            take = 64;
        for (size_t i = 0; i < take; i++)
            points[i] = (struct sp_origin){(uint32_t)i, *source + 2 * i};
        assert_int_equal(sp_window_text(window, (struct sp_slice){(const uint8_t *)text + at, take},
                                        (struct sp_origin_map){points, take}, NULL),
                         SP_OK);
        *source += 2 * take;
        at += take;
    }
}

static void say_letters(struct sp_window *window, size_t step)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    uint64_t source = 0;
    char line[256];
    assert_int_equal(sp_window_record_begin(window, &record, NULL), SP_OK);
    for (int i = 0; i < 120; i++) {
        (void)snprintf(line, sizeof line,
                       "Beste klant %d,\n\nuw gegevens: klant%d@voorbeeld.example,\n"
                       "Contactpersoon: Jan de Proef\nBSN: 999001231 en IBAN NL02 ABNA 0123 4567 "
                       "89\nDorpsstraat %d\n"
                       "1234 AB Voorbeeld\ntel. 06-123456%02d\n\n",
                       i, i, i + 1, i % 100);
        say(window, line, step, &source);
    }
    assert_int_equal(sp_window_record_end(window, NULL), SP_OK);
}

static void say_rows(struct sp_window *window, size_t step)
{
    static const char *const keys[] = {"naam", "email", "bsn", "telefoon"};
    uint64_t source = 1000000;
    char cell[64];
    for (unsigned row = 1; row <= 300; row++) {
        const struct sp_record record = {
            .kind = SP_RECORD_ROW, .ordinal = row, .line = row + 1, .date_s = INT64_MIN};
        assert_int_equal(sp_window_record_begin(window, &record, NULL), SP_OK);
        for (unsigned column = 0; column < 4; column++) {
            const struct sp_field field = {.key = sp_slice_of(keys[column]), .column = column + 1};
            assert_int_equal(sp_window_field(window, &field, NULL), SP_OK);
            (void)snprintf(cell, sizeof cell,
                           column == 0   ? "Klant %u"
                           : column == 1 ? "k%u@voorbeeld.example"
                           : column == 2 ? "999001231"
                                         : "06123456%02u",
                           row % 100);
            say(window, cell, step, &source);
        }
        assert_int_equal(sp_window_record_end(window, NULL), SP_OK);
    }
}

static void run_all(struct sp_patterns *patterns, size_t own_bytes, size_t step, struct run *run)
{
    struct sp_matcher *matcher = NULL;
    struct sp_window *window = NULL;
    sp_buf_init(&run->found, 64 << 20);
    assert_int_equal(sp_matcher_new(patterns, SP_REGION_NL, &matcher, NULL), SP_OK);
    assert_int_equal(
        sp_window_new(matcher, own_bytes, run_located, run_unjudged, run, &window, NULL), SP_OK);
    say_letters(window, step);
    assert_int_equal(sp_window_finish(window, NULL), SP_OK);
    say_rows(window, step);
    assert_int_equal(sp_window_finish(window, NULL), SP_OK);
    sp_window_free(window);
    sp_matcher_free(matcher);
    assert_int_equal(sp_buf_append_byte(&run->found, 0, NULL), SP_OK);
}

static void windows_of_any_size_find_the_same(void **state)
{
    (void)state;
    static const struct {
        size_t own, step;
    } ways[] = {{64, 64}, {1000, 7}, {4096, 64}, {4097, 13}, {8192, 64}, {20000, 31}};
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {""};
    struct run whole;
    if (sp_patterns_load(SPEUR_SOURCE_DIR "/patterns", &patterns, &why) != SP_OK)
        fail_msg("%s", why.text);
    run_all(patterns, 1 << 20, 64, &whole);
    const char *found = (const char *)whole.found.data;
    assert_non_null(strstr(found, "email 3 rec=1 key= col=0 @"));
    assert_non_null(strstr(found, "bsn 3 rec=300 key=bsn col=3 @"));
    assert_non_null(strstr(found, " 301:")); /* the line of the last row */
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct run cut;
        run_all(patterns, ways[i].own, ways[i].step, &cut);
        assert_string_equal((const char *)cut.found.data, found);
        sp_buf_clear(&cut.found);
    }
    sp_buf_clear(&whole.found);
    sp_patterns_free(patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_of_any_size_find_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
