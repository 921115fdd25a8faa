/* floors: sp_ocr
 * Other readings of recognised text: numbers, account numbers, addresses, machine-readable zones;
 * and how a camera was held. */
#include "ocr/exif.h"
#include "ocr/mrz.h"
#include "ocr/readings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

struct reading {
    const char *text, *wanted; /* all that is appended */
};

static void expect(const struct reading *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sp_buf out;
        struct sp_why why;
        sp_buf_init(&out, 1 << 20);
        assert_int_equal(sp_ocr_readings(sp_slice_of(rows[i].text), &out, &why), SP_OK);
        assert_int_equal(sp_buf_append_byte(&out, 0, &why), SP_OK);
        assert_string_equal((const char *)out.data, rows[i].wanted);
        sp_buf_clear(&out);
    }
}

#define EXPECT(rows) expect(rows, sizeof(rows) / sizeof *(rows))

static void test_numbers(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"BSN: 111222333", ""},
        {"BSN: 1l1222333", "BSN: 111222333\n"},
        {"BSN:I1122Z333", "BSN: 111222333\n"},
        {"uw BSN is 111 222 3S3.", "uw BSN is 111 222 353.\n"},
        {"Tel O6-1234567B", "Tel 06-12345678\n"},
        {"Tel 06 1234 S678 thuis", "Tel 06 1234 5678\n"},
        {"Telefoon: 96-12345678", "Telefoon: 06-12345678\n"},
        {"Telefoon: 86 1234 5678", "Telefoon: 06 1234 5678\n"},
        {"Telefoon: 96-1234567", ""},
        {"Is dit Bill?", ""},
        {"B8 SO I5", ""}, /* fewer digits than letters */
    };
    EXPECT(rows);
}

static void test_ibans(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"IBAN: NL91 ABNA 0417 1643 00", ""},
        {"IBAN: NL91ABNA0417164300", ""},
        {"IBAN: NL91 ABNA 04 17 1643 00", "IBAN: NL91ABNA0417164300\n"},
        {"NL9I A8NA O417 1643 00", "NL9I A8NA 0417 1643 00\nNL91ABNA0417164300\n"},
        {"rek. NL91ABNAO4I7164300.", "rek. NL91ABNA0417164300\n"},
        {"BE68 539O 0754 7034", "BE68 5390 0754 7034\nBE68539007547034\n"},
        {"NL is het land van DE BOER", ""},
    };
    EXPECT(rows);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"Mail: piet@example.org", ""},
        {"Mail: piet @ example.org", "piet@example.org\n"},
        {"Mail: pietje. puk@example.org nu", "pietje.puk@example.org\n"},
        {"Mail: piet@example. org", "piet@example.org\n"},
        {"Mail: piet@example .org", "piet@example.org\n"},
        {"Mail: piet@example org", "piet@example.org\n"},
        {"Mail: piet@example.org nu", ""},
        {"Mail: piet@example,org", "piet@example.org\n"},
        {"Mail: piet\xC2\xA9"
         "example.org",
         "piet@example.org\n"},
        {"Mail: piet(a)example.org", "piet@example.org\n"},
        {"Mail: pietQexample.org", "piet@example.org\n"},
        {"Copyright \xC2\xA9 2026", "Copyright@2026\n"},
        {"@home", ""},
    };
    EXPECT(rows);
}

/* ICAO 9303 has no example with a Dutch BSN; these are the ones of patterns/mrz.pat. */
#define TD1_FIRST "I<NLDSPECI20142999999990<<<<<<"
#define TD1_SECOND "6503101F2403096NLD<<<<<<<<<<<2"
#define TD3 "SPECI20142NLD6503101F2403096999999990<<<<<84"

static void test_zones(void **state)
{
    (void)state;
    static const char card[] = TD1_FIRST "\n" TD1_SECOND "\n";
    static const struct reading rows[] = {
        {TD1_FIRST "\n" TD1_SECOND, card},
        {TD1_FIRST "\n\n" TD1_SECOND, card},
        {"I<NLDSPECI20142999999990<<<<\n6503101F2403096NLD<<<<<<<KKK<<2", card},
        {"I < NLDSPECI2O142999999990\xC2\xAB\xC2\xAB\xC2\xAB\n65O31O1F24O3O96NLD<<<<<c<<<<<2",
         card},
        {"i<NLDSPEC120142999999990<<<<<<\n6503101F2403096N1D<<<<<<<<<<<2", card},
        {"P<NLDVAN<VOORBEELD<<TESSA<<<<<<<<<<<<<<<<<<<\n" TD3, TD3 "\n"},
        {"SPECI2O142NLD65O31O1F24O3O96999999990<<<84", TD3 "\n"},
        {"een << regel <<", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sp_buf out;
        struct sp_why why;
        sp_buf_init(&out, 1 << 20);
        assert_int_equal(sp_mrz_readings(sp_slice_of(rows[i].text), &out, &why), SP_OK);
        assert_int_equal(sp_buf_append_byte(&out, 0, &why), SP_OK);
        assert_string_equal((const char *)out.data, rows[i].wanted);
        sp_buf_clear(&out);
    }
}

/* Each end of each text, and each of its bytes another: nothing is read that is not there. */
static void test_any_text(void **state)
{
    (void)state;
    static const char text[] =
        "BSN: 1l1 S @ ex. org NL9I A8NA O417 16\n" TD1_FIRST "\n" TD1_SECOND "\xC2\xAB";
    struct sp_buf out;
    struct sp_why why;
    sp_buf_init(&out, 1 << 20);
    for (size_t len = 0; len < sizeof text; len++) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, text, len);
        assert_int_equal(sp_ocr_readings((struct sp_slice){copy, len}, &out, &why), SP_OK);
        for (size_t at = 0; at < len; at++) {
            copy[at] = (uint8_t) "<@ \n0K\xC2\xFF"[(at + len) % 8];
            assert_int_equal(sp_ocr_readings((struct sp_slice){copy, len}, &out, &why), SP_OK);
        }
        sp_buf_reset(&out);
        free(copy);
    }
    sp_buf_clear(&out);
}

static void test_exif(void **state)
{
    (void)state;
    static const uint8_t little[] = {
        0xFF, 0xD8, 0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0,    0,
        1,    0,    0x12, 1,    3, 0,  1,   0,   0,   0,   6, 0, 0,   0,   0,  0, 0, 0, 0xFF, 0xDA};
    static const uint8_t big[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 2,    0xFF, 0xE1, 0,  34,   'E',
                                  'x',  'i',  'f',  0,    0, 'M',  'M',  0,    42, 0,    0,
                                  0,    8,    0,    1,    1, 0x12, 0,    3,    0,  0,    0,
                                  1,    0,    8,    0,    0, 0,    0,    0,    0,  0xFF, 0xDA};
    assert_int_equal(sp_exif_orientation((struct sp_slice){little, sizeof little}), 6);
    assert_int_equal(sp_exif_orientation((struct sp_slice){big, sizeof big}), 8);
    for (size_t len = 0; len < 38; len++) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, little, len);
        assert_int_equal(sp_exif_orientation((struct sp_slice){copy, len}), 1);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_ibans),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_zones),
        cmocka_unit_test(test_any_text),  cmocka_unit_test(test_exif),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
