/* MT940: fields, transactions as records, full lines that go on. floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"

static const struct recorder_job mt940_job = {.name = "x.sta", .extract = sp_mt940_extract};

/* A full line: 65 characters. */
#define FULL "0123456789012345678901234567890123456789012345678901234567890abcd"
#define HEAD ":20:X\r\n:25:NL91ABNA0417164300\r\n:60F:C260201EUR1,00\r\n"

static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    recorder_init(&whole);
    assert_int_equal(recorder_bytes(&whole, in, 0, &mt940_job), SP_OK);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        struct recorder cut;
        recorder_init(&cut);
        assert_int_equal(recorder_bytes(&cut, in, block, &mt940_job), SP_OK);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...) check(sp_slice_of(in), (const char *const[]){__VA_ARGS__, NULL})

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid_of(sp_mt940_bid, sp_slice_of(HEAD), sp_slice_of("a")) > 70);
    assert_true(bid_of(sp_mt940_bid, sp_slice_of("ABNANL2A\r\n940\r\nABNANL2A\r\n" HEAD),
                       sp_slice_of("a")) > 70);
    assert_int_equal(bid_of(sp_mt940_bid, sp_slice_of(":20: uur\n:25: dan\n"), sp_slice_of("a")),
                     0);
}

static void test_records(void **state)
{
    (void)state;
    CHECK(HEAD ":61:260203D1,\n:86:een\n:61:2602040204C2,\n:86:twee\n:62F:C260204EUR1,\n-\n",
          "record node 1 line=1\n", "field \"\" part=\"/25\" line=2\n",
          "record node 2 line=4 row=1 table=\"61\" date=1770076800\n", "part=\"/86\" line=5\n",
          "record node 3 line=6 row=2 table=\"61\" date=1770163200\n", "part=\"/62F\"",
          "records=4");
}

static void test_lines(void **state)
{
    (void)state;
    CHECK(HEAD ":86:" FULL "\r\nefg\r\nhij\r\n:NS:x\r\n", "\"" FULL, "abcdefg\\x0ahij");
    CHECK(HEAD ":86:kort\n:geen tag\n" FULL "\n:28C:1\n", "kort\\x0a:geen tag\\x0a",
          "part=\"/28C\"");
    CHECK("voor\n" HEAD, "text \"voor\\x0a\"");
}

static void test_memory(void **state)
{
    enum sp_err err = SP_ERR_NOMEM;
    (void)state;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, sp_slice_of(HEAD ":61:x\n"), 0, &mt940_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bid), cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_lines), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
