/* vCard, iCalendar, LDIF: folded lines and encoded values.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "extract/formats.h"

static const struct recorder_job folded_job = {.name = "x.vcf", .extract = sp_folded_extract};

static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    recorder_init(&whole);
    assert_int_equal(recorder_bytes(&whole, in, 0, &folded_job), SP_OK);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        recorder_init(&cut);
        assert_int_equal(recorder_bytes(&cut, in, block, &folded_job), SP_OK);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...)                                                                             \
    check((struct sp_slice){(const uint8_t *)(in), sizeof(in) - 1},                                \
          (const char *const[]){__VA_ARGS__, NULL})

static void test_folds(void **state)
{
    (void)state;
    CHECK("BEGIN:VCARD\r\nEMAIL:jan@exa\r\n mple.nl\r\nTEL:1\r\n", "line=1\n",
          "EMAIL:jan@example.nl\\x0a\\x0aTEL:1\\x0a\" @0", "records=1 complete");
    CHECK("dn: x\nmail: jan@exa\n mple.nl\n", "mail: jan@example.nl\\x0a");
    CHECK("dn: x\n", "text \"dn: x\\x0a\" @0\n");
    CHECK("", "records=0 complete");
}

static void test_records(void **state)
{
    (void)state;
    CHECK("BEGIN:VCARD\nFN:A\n x\nEND:VCARD\n\nbegin:vcard\nFN:B\nEND:VCARD\n",
          "record document 1 line=1\n", "FN:Ax\\x0a\\x0aEND:VCARD\\x0a\\x0a",
          "record document 2 line=6\n", "begin:vcard\\x0aFN:B", "records=2 complete");
    CHECK("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nA:1\nEND:VEVENT\nBEGIN:VEVENT\nA:2\n"
          "END:VEVENT\nEND:VCALENDAR\n",
          "record document 2 line=3\n", "record document 3 line=6\n", "records=3 complete");
    CHECK("version: 1\ndn: x\nmail: a\n\ndn:: eA==\nmail: b\n", "record document 2 line=2\n",
          "record document 3 line=5\n");
}

static void test_codes(void **state)
{
    (void)state;
    CHECK("NOTE;ENCODING=QUOTED-PRINTABLE:Ren=C3=A9 =E9 jan=\n=40b.nl=3\nx:y",
          "NOTE;ENCODING=QUOTED-PRINTABLE:Ren\xC3\xA9 \xC3\xA9 jan@b.nl=3\\x0a\\x0ax:y");
    CHECK("dn: x\nmail:: amFuQGIu\n bmw=\nx: y\n", "mail::jan@b.nl\\x0a\\x0ax: y");
    CHECK("dn: x\njpegPhoto:: AAECAw==\n",
          "jpegPhoto:: AAECAw==", "unread unsupported \"1 values in base64 are no text\" partial");
}

/* A value that is longer than what is kept is read as it stands. */
static void test_long(void **state)
{
    (void)state;
    size_t cap = 200000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap, "PHOTO;ENCODING=b:");
    memset(text + len, 'A', 150000);
    len += 150000;
    len += (size_t)snprintf(text + len, cap - len, "\nEMAIL:jan@\n b.nl\n");
    check((struct sp_slice){(uint8_t *)text, len},
          (const char *const[]){"EMAIL:jan@b.nl", "unread unsupported \"1 values", NULL});
    free(text);
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid_of(sp_folded_bid, sp_slice_of("begin:vcard\n"), sp_slice_of("a")) > 50);
    assert_true(bid_of(sp_folded_bid, sp_slice_of("version: 1\n\ndn: x\n"), sp_slice_of("a.ldif")) >
                50);
    assert_int_equal(bid_of(sp_folded_bid, sp_slice_of("dnx\n"), sp_slice_of("a.txt")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folds), cmocka_unit_test(test_records), cmocka_unit_test(test_codes),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_bid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
