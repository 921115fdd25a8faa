/* JSON: what is JSON, which values are records, names, pointers, escapes, damage, cuts.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"

static const struct recorder_job json_job = {.name = "x.json", .extract = sp_json_extract};

static void run(struct recorder *rec, struct sp_slice in, size_t block)
{
    recorder_init(rec);
    assert_int_equal(recorder_bytes(rec, in, block, &json_job), SP_OK);
}

/* In one block and in blocks of 1 and 3 bytes: each of the pieces, ended by NULL. */
static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    run(&whole, in, 0);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        run(&cut, in, block);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...) check(sp_slice_of(in), (const char *const[]){__VA_ARGS__, NULL})

static int bid(const char *text, const char *name)
{
    return bid_of(sp_json_bid, sp_slice_of(text), sp_slice_of(name));
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid("{\"a\": 1}", "") > 50);
    assert_true(bid("\xEF\xBB\xBF \n[ ]", "") > 50);
    assert_true(bid("[{\"a\":\"x\\\"]\",\"b\":[1,-2.5e3,true,null]}]", "") > 50);
    assert_true(bid("{\"a\":1}\n{\"a\":2}\n", "") > 50);
    assert_true(bid("{\"a\":\"cut of", "") > 50);
    assert_true(bid("{\"a\":tr", "") > 50);
    assert_true(bid("{a: 1}", "x.json") > 50);
    /* Not JSON. */
    assert_int_equal(bid("", ""), 0);
    assert_int_equal(bid("[sectie]\nnaam=x\n", "x.ini"), 0);
    assert_int_equal(bid("{ body { color: red } }", ""), 0);
    assert_int_equal(bid("[12:30:01] melding", ""), 0);
    assert_int_equal(bid("12345678", "x.json"), 0);
    assert_int_equal(bid("{\"a\" 1}", ""), 0);
}

static void test_records(void **state)
{
    (void)state;
    /* what stands outside of arrays together, then each element of the outermost array */
    CHECK("{\"op\":\"v1\",\"klanten\":[{\"naam\":\"Jan\",\"tags\":[\"a\",{\"b\":\"c\"}]},\n"
          "{\"naam\":\"An\"}],\"slot\":\"v9\"}",
          "record node 1 line=1\n", "field \"op\" part=\"/op\" line=1\n",
          "record node 2 line=1 row=1 table=\"/klanten\"\n",
          "field \"naam\" part=\"/naam\" line=1\n", "field \"tags\" part=\"/tags/0\" line=1\n",
          "field \"b\" part=\"/tags/1/b\" line=1\n",
          "record node 3 line=2 row=2 table=\"/klanten\"\n", "record node 4",
          "field \"slot\" part=\"/slot\" line=2\n");
    CHECK("[{\"a\":\"x\"},[\"y\",\"z\"],\"w\",null]", "record node 1 line=1 row=1\n",
          "record node 2 line=1 row=2\n", "part=\"/0\"", "part=\"/1\"",
          "record node 3 line=1 row=3\n", "records=3");
    /* objects under numbers are counted: the record is of several people */
    CHECK("{\"k\":{\"1041\":{\"naam\":\"Jan\"},\"1042\":{\"naam\":\"An\"}},\"slot\":\"v9\"}",
          "record node 1 line=1\n", "part=\"/k/1042/naam\"", "part=\"/slot\"", "records=2");
    CHECK("{\"k\":{\"jan@example.nl\":{\"x\":\"1\"},\"an@example.nl\":{\"x\":\"1\"}}}",
          "records=2");
    CHECK("{\"adres1\":{\"a\":\"x\"},\"billing\":{\"a\":\"y\"},\"7\":{\"a\":\"z\"}}", "records=1");
    /* JSON Lines: a line each, with all that is in it */
    CHECK("{\"a\":\"x\",\"b\":[{\"c\":\"y\"}]}\n{\"a\":\"z\"}\n", "record node 1 line=1 row=1\n",
          "field \"c\" part=\"/b/0/c\" line=1\n", "record node 2 line=2 row=2\n", "records=2");
}

static void test_names(void **state)
{
    (void)state;
    CHECK("{\"telefoon\":{\"nummer\":\"1\",\"number\":\"2\"},\"id\":\"3\",\"a/b~c\":\"4\"}",
          "field \"nummer\" part=\"/telefoon/nummer\"", "field \"telefoon.number\"",
          "field \"id\" part=\"/id\"", "field \"a~1b~0c\" part=\"/a~1b~0c\"");
    /* a name that may be a value is text, and no part of a path */
    CHECK("{\"jan@example.nl\":{\"x\":\"1\"},\"111222333\":\"2\",\"Jan Bakker\":\"3\"}",
          "text \"jan@example.nl\"", "part=\"/***/x\"", "text \"111222333\"", "part=\"/***\"",
          "text \"Jan Bakker\"");
}

static void test_values(void **state)
{
    (void)state;
    CHECK("[\"a\\u0040b\\\"\\/\\n\\\\\\u00e9\\ud83d\\ude00x\\ud83dy\\uZZ\"]",
          "text \"a@b\\x22/\\x0a\\x5c\xC3\xA9\xF0\x9F\x98\x80xyZZ\" @2 @2:9 @4:12 @5:14 @6:16 "
          "@7:18 @9:30");
    CHECK("{\"bsn\": 111222333, \"f\": false, \"n\":null ,\"m\":-1.5e3, \"q\": truer}",
          "text \"111222333\"", "text \"-1.5e3\"", "text \"truer\"");
    CHECK("{\"lang\":\"123456789012 en nog wat\"}", "text \"123456789012 en nog wat\"");
}

static void test_damage(void **state)
{
    (void)state;
    CHECK("{\"a\":\"x\",\"b\":\"jan@exa", "text \"jan@exa\"", "unread truncated");
    CHECK("{\"a\":\"x\"", "unread truncated");
    CHECK("{\"jan@example.nl", "text \"jan@example.nl\"", "unread truncated");
    CHECK("{\"a\":1}}]] buiten jan@example.nl, 06 12345678", "text \"buiten jan@example.nl\"",
          "text \"06 12345678\"");
    CHECK("{naam: \"x\", // piet@example.nl\n 'b':'c'}", "text \"// piet@example.nl\"");
}

/* Any depth, any length of names, pointers and values: nothing is lost. */
static void test_extremes(void **state)
{
    enum { DEPTH = 100000, LONG = 300000 };
    struct recorder rec;
    struct sp_buf in;
    struct sp_why why;
    (void)state;
    sp_buf_init(&in, 8 << 20);
    for (size_t i = 0; i < DEPTH; i++)
        assert_int_equal(sp_buf_append_string(&in, i % 2 ? "[" : "{\"n\":", &why), SP_OK);
    assert_int_equal(sp_buf_append_string(&in, "\"jan@example.nl\"", &why), SP_OK);
    for (size_t i = DEPTH; i-- > 0;)
        assert_int_equal(sp_buf_append_string(&in, i % 2 ? "]" : "}", &why), SP_OK);
    run(&rec, sp_buf_slice(&in), 4096);
    recorder_expect(&rec, "text \"jan@example.nl\"");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);

    sp_buf_reset(&in);
    assert_int_equal(sp_buf_append_string(&in, "{\"", &why), SP_OK);
    for (size_t i = 0; i < LONG; i++)
        assert_int_equal(sp_buf_append_byte(&in, 'k', &why), SP_OK);
    assert_int_equal(sp_buf_append_string(&in, " jan@example.nl\":\"", &why), SP_OK);
    for (size_t i = 0; i < LONG; i++)
        assert_int_equal(sp_buf_append_byte(&in, 'v', &why), SP_OK);
    assert_int_equal(sp_buf_append_string(&in, " piet@example.nl\"}", &why), SP_OK);
    run(&rec, sp_buf_slice(&in), 4096);
    assert_non_null(strstr(rec.out, " jan@example.nl"));
    assert_non_null(strstr(rec.out, " piet@example.nl"));
    recorder_clear(&rec);
    sp_buf_clear(&in);
}

static void test_memory(void **state)
{
    const struct sp_slice in = sp_slice_of("{\"a\":[{\"b\":\"c\"},{\"jan@example.nl\":\"d\"}]}");
    enum sp_err err = SP_ERR_NOMEM;
    (void)state;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, in, 0, &json_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bid),    cmocka_unit_test(test_records),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_values),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
