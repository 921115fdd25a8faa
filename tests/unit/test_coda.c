/* CODA: movements as records, communications over lines, damage. floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"

static const struct recorder_job coda_job = {.name = "x.cod", .extract = sp_coda_extract};

/* A statement, written field by field as the standard counts characters, from 1. */
struct statement {
    char text[4096];
    size_t len;
};

static void line_begin(struct statement *to)
{
    memset(to->text + to->len, ' ', 128);
    memcpy(to->text + to->len + 128, "\r\n", 3);
}

static void put(struct statement *to, size_t first, const char *text)
{
    assert_true(first - 1 + strlen(text) <= 128);
    memcpy(to->text + to->len + first - 1, text, strlen(text));
}

static void line_end(struct statement *to)
{
    to->len += 130;
}

static void append(struct statement *to, const char *text)
{
    memcpy(to->text + to->len, text, strlen(text) + 1);
    to->len += strlen(text);
}

static void head(struct statement *to)
{
    line_begin(to);
    put(to, 1, "0000003022672505");
    put(to, 35, "VOORBEELD BV");
    put(to, 128, "2");
    line_end(to);
    line_begin(to);
    put(to, 1, "12001BE68539007547034");
    put(to, 40, "EUR");
    line_end(to);
}

static void movement(struct statement *to, const char *said, const char *more)
{
    line_begin(to);
    put(to, 1, "2100010000REF");
    put(to, 48, "030226");
    put(to, 63, said);
    line_end(to);
    line_begin(to);
    put(to, 1, "2200010000");
    put(to, 11, more);
    line_end(to);
    line_begin(to);
    put(to, 1, "2300010000NL91ABNA0417164300");
    put(to, 45, "EUR");
    put(to, 48, "Jan Voorbeeld");
    line_end(to);
}

static void check(const struct statement *in, const char *const *pieces)
{
    const struct sp_slice text = {(const uint8_t *)in->text, in->len};
    struct recorder whole;
    recorder_init(&whole);
    assert_int_equal(recorder_bytes(&whole, text, 0, &coda_job), SP_OK);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        struct recorder cut;
        recorder_init(&cut);
        assert_int_equal(recorder_bytes(&cut, text, block, &coda_job), SP_OK);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...) check(in, (const char *const[]){__VA_ARGS__, NULL})

static int bid(const struct statement *in, size_t len)
{
    return bid_of(sp_coda_bid, (struct sp_slice){(const uint8_t *)in->text, len}, sp_slice_of("x"));
}

static void test_bid(void **state)
{
    struct statement in = {.len = 0};
    (void)state;
    head(&in);
    assert_true(bid(&in, in.len) > 80);
    assert_int_equal(bid(&in, 130), 0);
    in.text[130] = '2';
    assert_int_equal(bid(&in, in.len), 0);
    in.text[130] = '1';
    in.text[14] = 'x';
    assert_int_equal(bid(&in, in.len), 0);
}

static void test_movement(void **state)
{
    struct statement in = {.len = 0};
    (void)state;
    head(&in);
    movement(&in, "0123456789012345678901234567890123456789012345 jan.vo",
             "orbeeld@example.nl dank");
    CHECK(&in, "record node 1 line=1\n", "field \"naam\"", "text \"VOORBEELD BV\"",
          "field \"rekeningnummer\" line=2\n", "text \"BE68539007547034\"",
          "record node 2 line=3 row=1 table=\"21\" date=1770076800\n",
          "text \"NL91ABNA0417164300\"", "text \"Jan Voorbeeld\"", "field \"mededeling\" line=3\n",
          "012345 jan.voorbeeld@example.nl dank\"", "records=2");
}

/* Information 001 is the address of the other party; any other goes on from line to line. */
static void test_information(void **state)
{
    struct statement in = {.len = 0};
    (void)state;
    head(&in);
    movement(&in, "een", "");
    line_begin(&in);
    put(&in, 1, "3100010001");
    put(&in, 40, "1001Jan Voorbeeld");
    line_end(&in);
    line_begin(&in);
    put(&in, 1, "3200010001Dorpsstraat 12");
    put(&in, 46, "9000 Gent");
    line_end(&in);
    movement(&in, "twee", "");
    line_begin(&in);
    put(&in, 1, "3100010001");
    put(&in, 40, "0oorden die 73 tekens lang zijn en dan nog verder gaan in de volgende rege");
    line_end(&in);
    line_begin(&in);
    put(&in, 1, "3200010001l van het bestand");
    line_end(&in);
    CHECK(&in, "field \"adres\"", "text \"Dorpsstraat 12\"", "field \"plaats\"",
          "text \"9000 Gent\"", "record node 3", "volgende regel van het bestand\"", "records=3");
}

static void test_damage(void **state)
{
    struct statement in = {.len = 0};
    (void)state;
    head(&in);
    line_begin(&in);
    put(&in, 1, "7000 anna@example.nl");
    line_end(&in);
    append(&in, "21 kort bram@example.nl\n");
    memset(in.text + in.len, 'x', 300);
    in.len += 300;
    append(&in, " cato@example.nl\n2");
    CHECK(&in, "7000 anna@example.nl", "21 kort bram@example.nl\\x0axxx", "cato@example.nl",
          "cato@example.nl\\x0a2\"");
}

static void test_memory(void **state)
{
    struct statement in = {.len = 0};
    enum sp_err err = SP_ERR_NOMEM;
    (void)state;
    head(&in);
    movement(&in, "een", "twee");
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, (struct sp_slice){(uint8_t *)in.text, in.len}, 0, &coda_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bid), cmocka_unit_test(test_movement),
                                       cmocka_unit_test(test_information),
                                       cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
