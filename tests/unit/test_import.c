/* Import of requests from CSV: columns, dates, kinds, and lines that lose only themselves.
 * floors: sp_check */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "check/cells.h"
#include "check/date.h"
#include "check/enrol.h"

#include <unistd.h>

struct world {
    char folder[64], key_path[96], register_path[96], head_path[112];
    struct sp_key *key;
    struct sp_register *reg;
    struct sp_import_options options;
    struct sp_import_sum sum;
    char bad[2048]; /* "line reason\n" */
    struct sp_why why;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/speur-import-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->key_path, sizeof w->key_path, "%s/key", w->folder);
    (void)snprintf(w->register_path, sizeof w->register_path, "%s/register", w->folder);
    (void)snprintf(w->head_path, sizeof w->head_path, "%s.head", w->register_path);
    assert_int_equal(sp_seal_init(&w->why), SP_OK);
    assert_int_equal(sp_key_make(w->key_path, &w->key, &w->why), SP_OK);
    assert_int_equal(sp_register_init(w->register_path, w->key, &w->why), SP_OK);
    assert_int_equal(sp_register_open(w->register_path, w->key, &w->reg, &w->why), SP_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    sp_register_close(w->reg);
    sp_key_free(w->key);
    (void)unlink(w->key_path);
    (void)unlink(w->register_path);
    (void)unlink(w->head_path);
    (void)rmdir(w->folder);
    free(w);
    return 0;
}

static void told_bad(void *ctx, uint64_t line, const char *reason)
{
    struct world *w = ctx;
    size_t len = strlen(w->bad);
    int put = snprintf(w->bad + len, sizeof w->bad - len, "%u %s\n", (unsigned)line, reason);
    assert_true(put > 0 && (size_t)put < sizeof w->bad - len);
}

static enum sp_err import_bytes(struct world *w, const char *text, size_t len)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, len), len);
    close(ends[1]);
    w->bad[0] = '\0';
    w->options.bad = told_bad;
    w->options.ctx = w;
    enum sp_err err = sp_import_csv(w->reg, w->key, ends[0], &w->options, &w->sum, &w->why);
    close(ends[0]);
    return err;
}

static void import(struct world *w, const char *text)
{
    enum sp_err err = import_bytes(w, text, strlen(text));
    if (err != SP_OK)
        fail_msg("%s", w->why.text);
}

static void assert_sum(const struct world *w, unsigned lines, unsigned added, unsigned known,
                       unsigned refused)
{
    assert_int_equal(w->sum.lines, lines);
    assert_int_equal(w->sum.added, added);
    assert_int_equal(w->sum.known, known);
    assert_int_equal(w->sum.refused, refused);
}

static const struct sp_register_row *row_at(const struct world *w, size_t index)
{
    assert_true(index < sp_register_count(w->reg));
    return sp_register_row_at(w->reg, index);
}

static void test_all_columns(void **state)
{
    struct world *w = *state;
    w->options.allow_bsn = "art. 46 UAVG";
    import(w, "\xEF\xBB\xBFreq_id;kind;received;erased_at;type;value;strength;scope;exempt_basis;"
              "exempt_until;last_backup_expiry\r\n"
              "r1;erasure;2026-01-02;2026-01-09;email;jan@example.org;shared;shop;tax;2033-01-01;"
              "2026-07-09\r\n"
              "r1;;;;bsn;111222333;;;;;\r\n"
              "r2;optout;;;email;jan@example.org;strong;;;;");
    assert_string_equal(w->bad, "");
    assert_sum(w, 3, 3, 0, 0);
    const struct sp_register_row *row = row_at(w, 0);
    assert_string_equal(row->req_id, "r1");
    assert_int_equal(row->kind, SP_REQUEST_ERASURE);
    assert_int_equal(row->type, SP_TYPE_EMAIL);
    assert_int_equal(row->strength, SP_STRENGTH_WEAK);
    assert_string_equal(row->received, "2026-01-02");
    assert_string_equal(row->erased_at, "2026-01-09");
    assert_string_equal(row->scope, "shop");
    assert_string_equal(row->exempt_basis, "tax");
    assert_string_equal(row->exempt_until, "2033-01-01");
    assert_string_equal(row->last_backup_expiry, "2026-07-09");
    assert_string_equal(row->legal_basis, "");
    row = row_at(w, 1);
    assert_int_equal(row->kind, SP_REQUEST_ERASURE);
    assert_int_equal(row->strength, SP_STRENGTH_DEFAULT);
    assert_string_equal(row->last_backup_expiry, "");
    assert_string_equal(row->legal_basis, "art. 46 UAVG");
    assert_int_equal(row_at(w, 2)->kind, SP_REQUEST_OPTOUT);
    assert_int_equal(row_at(w, 2)->strength, SP_STRENGTH_STRONG);
    assert_memory_equal(row_at(w, 0)->tokens[0].bytes, row_at(w, 2)->tokens[0].bytes, SP_TOKEN_LEN);
}

static void test_few_columns_in_any_order(void **state)
{
    struct world *w = *state;
    import(w, "Value,TYPE,notes,req_id\n"
              "\"jan@example.org\" , email,\"a, \"\"b\"\"\",r1\n"
              "\n"
              ",,,\n"
              "06 5555 5555,phone,,r1\n");
    assert_string_equal(w->bad, "1 column 3 is not known: left out\n");
    assert_sum(w, 2, 2, 0, 0);
    assert_int_equal(row_at(w, 1)->type, SP_TYPE_PHONE);
}

static void test_bad_lines_lose_only_themselves(void **state)
{
    struct world *w = *state;
    import(w, "req_id;type;value;kind;erased_at;strength;exempt_basis;exempt_until\n"
              "a;email;a@example.org;;;;;\n"
              "b;email;b.example.org;;;;;\n"           /* 3 */
              "c;emial;c@example.org;;;;;\n"           /* 4 */
              ";email;d@example.org;;;;;\n"            /* 5 */
              "e;email;;;;;;\n"                        /* 6 */
              "f;email;f@example.org;erase;;;;\n"      /* 7 */
              "g;email;g@example.org;;2026-02-30;;;\n" /* 8 */
              "h;email;h@example.org;;;maybe;;\n"      /* 9 */
              "i;email;i@example.org;;;;;2026-01-01\n" /* 10 */
              "j;bsn;111222333;;;;;\n"                 /* 11 */
              "k;email;k@example.org;;;;;;more\n"      /* 12 */
              "l;email;\"l@example.org;;;;;\n"         /* 13: swallows to the next quote */
              "m;email;m@example.org;;;;;\n"           /* 14 */
              "n;email;\"n@example.org\";;;;;\n"       /* 15 */
              "o;email;\"o@example.org;;;;;\n"         /* 16: never closed */
              "p;email;p@example.org;;;;;\n");
    assert_string_equal(w->bad, "3 not a valid value of type email\n"
                                "4 no such type of identifier\n"
                                "5 req_id is empty\n"
                                "6 value is empty\n"
                                "7 no such kind of request\n"
                                "8 erased_at is no date\n"
                                "9 strength must be strong, weak or shared\n"
                                "10 exempt_until without exempt_basis\n"
                                "11 a BSN needs a legal basis (--allow-bsn)\n"
                                "12 more columns than the header\n"
                                "13 text follows a closing quote\n"
                                "16 a quote is not closed\n");
    assert_sum(w, 16, 4, 0, 12);
    static const char *const kept[] = {"a", "m", "n", "p"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(row_at(w, i)->req_id, kept[i]);
}

static void test_a_refused_record_of_two_lines(void **state)
{
    struct world *w = *state;
    /* the quote that opens in line 2 closes at the end of line 3: one record, refused */
    import(w, "req_id;type;value\n"
              "a;email;\"a@example.org\n"
              "b;email;b@example.org\"\n"
              "c;email;c@example.org\n");
    assert_string_equal(w->bad, "2 not a valid value of type email\n"
                                "3 a quote stands inside a field\n");
    assert_sum(w, 3, 1, 0, 2);
    assert_string_equal(row_at(w, 0)->req_id, "c");
}

static void test_known_rows_and_dry_run(void **state)
{
    struct world *w = *state;
    static const char text[] = "req_id;type;value\n"
                               "a;email;a@example.org\n"
                               "a;email;A@Example.org\n"
                               "b;email;a@example.org\n";
    w->options.dry_run = true;
    import(w, text);
    assert_sum(w, 3, 2, 1, 0);
    assert_int_equal(sp_register_count(w->reg), 0);
    w->options.dry_run = false;
    import(w, text);
    assert_sum(w, 3, 2, 1, 0);
    assert_int_equal(sp_register_count(w->reg), 2);
    import(w, text);
    assert_sum(w, 3, 0, 3, 0);
    w->options.dry_run = true;
    import(w, text);
    assert_sum(w, 3, 0, 3, 0);
}

static void test_backup_retention(void **state)
{
    struct world *w = *state;
    w->options.backup_retention_days = 90;
    import(w, "req_id;type;value;erased_at;last_backup_expiry\n"
              "a;email;a@example.org;2023-12-31;\n"
              "b;email;b@example.org;2023-12-31;2024-01-01\n"
              "c;email;c@example.org;;\n");
    assert_string_equal(row_at(w, 0)->last_backup_expiry, "2024-03-30"); /* a leap year */
    assert_string_equal(row_at(w, 1)->last_backup_expiry, "2024-01-01");
    assert_string_equal(row_at(w, 2)->last_backup_expiry, "");
}

static void test_bsn_in_a_vat_number(void **state)
{
    struct world *w = *state;
    static const char text[] = "req_id;type;value\na;vat_nl;NL111222333B01\n";
    import(w, text);
    const struct sp_register_row *row = row_at(w, 0);
    for (unsigned i = 0; i < row->token_count; i++)
        assert_int_not_equal(row->tokens[i].kind, SP_TOKEN_EMBEDDED);
    assert_string_equal(row->legal_basis, "");
    w->options.allow_bsn = "basis";
    import(w, text); /* other tokens: another row */
    assert_sum(w, 1, 1, 0, 0);
    row = row_at(w, 1);
    assert_int_equal(row->tokens[row->token_count - 1].kind, SP_TOKEN_EMBEDDED);
    assert_string_equal(row->legal_basis, "basis");
}

static void test_no_header_of_ours(void **state)
{
    struct world *w = *state;
    static const char *const bad[] = {
        "",
        "\n\n",
        "jan@example.org;email;r1\n",
        "req_id;type\nr1;email\n",
        "req_id;type;value;Type\nr1;email;a@example.org;email\n",
        "req_id;\"type\nvalue;",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(import_bytes(w, bad[i], strlen(bad[i])), SP_ERR_FORMAT);
        assert_null(strstr(w->why.text, "jan@"));
        assert_null(strstr(w->bad, "jan@"));
    }
    assert_int_equal(sp_register_count(w->reg), 0);
}

static void test_control_characters(void **state)
{
    struct world *w = *state;
    import(w, "req_id;type;value\n"
              "\"a\nb\";email;a@example.org\n"
              "c\x1b[31m;email;a@example.org\n"
              "d\xFF;email;a@example.org\n");
    assert_int_equal(sp_register_count(w->reg), 0);
    assert_int_equal(w->sum.added, 0);
    assert_true(w->sum.refused >= 3);
}

static void test_out_of_memory(void **state)
{
    struct world *w = *state;
    static const char text[] = "req_id;type;value\na;email;a@example.org\nb;bsn;1\n";
    enum sp_err err = SP_ERR_NOMEM;
    long nth = 1;
    for (; err == SP_ERR_NOMEM; nth++) {
        sp_mem_fail_at(nth);
        err = import_bytes(w, text, sizeof text - 1);
        sp_mem_fail_at(0);
        /* when only the head could not be written, the row is there and is known next time */
        assert_true(sp_register_count(w->reg) <= 1);
    }
    assert_int_equal(err, SP_OK);
    assert_true(nth > 5);
    assert_int_equal(sp_register_count(w->reg), 1);
    assert_int_equal(w->sum.added + w->sum.known, 1);
    assert_int_equal(w->sum.refused, 1);
}

static void test_cells(void **state)
{
    (void)state;
    static const char text[] = "a,b\r\"x\"\"y\",\"1\n2\"\r\n\r\n z , \t\n";
    struct sp_cells *cells = calloc(1, sizeof *cells);
    struct sp_slice fields[SP_CELLS_FIELDS_MAX];
    size_t count;
    const char *error;
    assert_non_null(cells);
    sp_cells_init(cells, (const uint8_t *)text, sizeof text - 1);
    assert_true(sp_cells_next(cells, fields, &count, &error));
    assert_int_equal(count, 2);
    assert_true(sp_cells_next(cells, fields, &count, &error));
    assert_int_equal(cells->line, 2);
    assert_true(sp_slice_is(fields[0], "x\"y"));
    assert_true(sp_slice_is(fields[1], "1\n2"));
    assert_true(sp_cells_next(cells, fields, &count, &error));
    assert_int_equal(cells->line, 5);
    assert_true(sp_slice_is(fields[0], "z"));
    assert_int_equal(fields[1].len, 0);
    assert_int_equal(count, 2);
    assert_false(sp_cells_next(cells, fields, &count, &error));
    free(cells);
}

static void test_quote_open_too_long(void **state)
{
    (void)state;
    size_t len = SP_CELLS_RECORD_MAX + 100;
    char *text = malloc(len);
    struct sp_cells *cells = calloc(1, sizeof *cells);
    struct sp_slice fields[SP_CELLS_FIELDS_MAX];
    size_t count;
    const char *error;
    assert_non_null(text);
    assert_non_null(cells);
    memset(text, 'x', len);
    memcpy(text, "a,\"b\nc", 6);
    text[len - 1] = '"';
    sp_cells_init(cells, (const uint8_t *)text, len);
    assert_true(sp_cells_next(cells, fields, &count, &error));
    assert_string_equal(error, "a quote is not closed soon enough");
    assert_true(sp_cells_next(cells, fields, &count, &error)); /* the second line by itself */
    assert_string_equal(error, "a quote stands inside a field");
    assert_int_equal(cells->line, 2);
    assert_false(sp_cells_next(cells, fields, &count, &error));
    free(text);
    free(cells);
}

static void test_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026-1-01",  "2026-01-1",   "2026-13-01",
                                      "2026-00-01", "2026-01-00", "2025-02-29",  "1900-02-29",
                                      "0999-01-01", "2026/01/01", "2026-01-01 ", "2O26-01-01"};
    int64_t days = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(sp_date_parse(sp_slice_of(bad[i]), &days));
    assert_int_equal(days, 7);
    static const struct {
        const char *text;
        int64_t days;
    } good[] = {{"1970-01-01", 0},     {"1969-12-31", -1},      {"2000-02-29", 11016},
                {"2026-02-11", 20495}, {"1000-01-01", -354285}, {"9999-12-31", 2932896}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[SP_DATE_LEN + 1];
        assert_true(sp_date_parse(sp_slice_of(good[i].text), &days));
        assert_int_equal(days, good[i].days);
        sp_date_format(days, text);
        assert_string_equal(text, good[i].text);
    }
    for (int64_t day = -400000; day < 3000000; day += 17) { /* there and back, with the clamp */
        char text[SP_DATE_LEN + 1];
        sp_date_format(day, text);
        assert_true(sp_date_parse(sp_slice_of(text), &days));
        assert_int_equal(days, day < -354285 ? -354285 : day > 2932896 ? 2932896 : day);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_columns),
        TEST(test_few_columns_in_any_order),
        TEST(test_bad_lines_lose_only_themselves),
        TEST(test_a_refused_record_of_two_lines),
        TEST(test_known_rows_and_dry_run),
        TEST(test_backup_retention),
        TEST(test_bsn_in_a_vat_number),
        TEST(test_no_header_of_ours),
        TEST(test_control_characters),
        TEST(test_out_of_memory),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_quote_open_too_long),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
