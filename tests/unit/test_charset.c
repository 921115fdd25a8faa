/* Encodings: detection, decoding, normalisation, origin maps, cuts at every byte.
 * floors: sp_core */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"

#define BYTES(literal) ((struct sp_slice){(const uint8_t *)(literal), sizeof(literal) - 1})

/* What came out: the text, and for each text byte its source byte. */
struct got {
    uint8_t text[1 << 20];
    uint64_t from[1 << 20];
    size_t len;
    size_t calls;
    size_t points;
};
static struct got got_a;
static struct got got_b;

static enum sp_err got_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why)
{
    struct got *got = ctx;
    (void)why;
    assert_in_range(utf8.len, 1, SP_FRAME_TEXT_MAX);
    assert_true(sp_utf8_valid(utf8));
    assert_true(map.count >= 1 && map.points[0].text_pos == 0);
    size_t point = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        while (point + 1 < map.count && map.points[point + 1].text_pos <= i) {
            assert_true(map.points[point + 1].text_pos > map.points[point].text_pos);
            point++;
        }
        assert_true(got->len < sizeof got->text);
        got->text[got->len] = utf8.ptr[i];
        got->from[got->len++] = map.points[point].source_off + (i - map.points[point].text_pos);
    }
    got->calls++;
    got->points += map.count;
    return SP_OK;
}

static uint64_t decode(struct got *got, enum sp_encoding encoding, const char *name,
                       struct sp_slice in, size_t block)
{
    struct sp_decoder *decoder = NULL;
    got->len = got->calls = got->points = 0;
    assert_int_equal(sp_decoder_new(encoding, name, &decoder, NULL), SP_OK);
    for (size_t pos = 0; pos < in.len; pos += block) {
        size_t count = in.len - pos < block ? in.len - pos : block;
        uint8_t *copy = malloc(count); /* so that ASan sees a read beyond the block */
        assert_non_null(copy);
        memcpy(copy, in.ptr + pos, count);
        assert_int_equal(sp_decoder_push(decoder, (struct sp_slice){copy, count}, 1000 + pos,
                                         pos + count == in.len, got_out, got, NULL),
                         SP_OK);
        free(copy);
    }
    uint64_t invalid = sp_decoder_invalid_count(decoder);
    sp_decoder_free(decoder);
    return invalid;
}

static void check_text(enum sp_encoding encoding, const char *name, struct sp_slice in,
                       const char *want)
{
    uint64_t invalid = decode(&got_a, encoding, name, in, in.len);
    assert_int_equal(got_a.len, strlen(want));
    assert_memory_equal(got_a.text, want, got_a.len);
    for (size_t block = 1; block < in.len; block++) {
        assert_int_equal(decode(&got_b, encoding, name, in, block), invalid);
        assert_int_equal(got_b.len, got_a.len);
        assert_memory_equal(got_b.text, got_a.text, got_a.len);
        assert_memory_equal(got_b.from, got_a.from, got_a.len * sizeof got_a.from[0]);
    }
}

static void check_from(const char *needle, uint64_t source)
{
    const uint8_t *at = memmem(got_a.text, got_a.len, needle, strlen(needle));
    assert_non_null(at);
    assert_int_equal(got_a.from[at - got_a.text], 1000 + source);
}

static void test_utf8(void **state)
{
    (void)state;
    check_text(SP_ENC_UTF8, NULL, BYTES("caf\xC3\xA9 \xE2\x82\xAC 1 \xF0\x9F\x98\x80"),
               "caf\xC3\xA9 \xE2\x82\xAC 1 \xF0\x9F\x98\x80");
    check_text(SP_ENC_ASCII, NULL, BYTES("plain"), "plain");
    /* Invalid bytes are windows-1252; a cut character at the end too. */
    check_text(SP_ENC_UTF8, NULL,
               BYTES("Ren\xE9"
                     "e \x80 \xC3\xA9 \xE2\x82"),
               "Ren\xC3\xA9"
               "e \xE2\x82\xAC \xC3\xA9 \xC3\xA2\xE2\x80\x9A");
    check_from("e \xE2\x82\xAC", 4);
    assert_int_equal(decode(&got_a, SP_ENC_UTF8, NULL, BYTES("\xFF\xC0\x80\xED\xA0\x80"), 6), 6);
}

static void test_normalise(void **state)
{
    (void)state;
    check_text(SP_ENC_UTF8, NULL,
               BYTES("\xEF\xBB\xBF"
                     "a\xC2\xA0"
                     "b\xE2\x80\x91"
                     "c\xE2\x80\x99"
                     "d\xC2\xAD"
                     "e\xEF\xBC\x91"
                     "f\r\ng\rh\n\0"
                     "i\xE2\x80\x8B"
                     "j\xE2\x88\x92\xE2\x80\xAF\xE2\x80\x89\xE2\x80\x87."),
               "a b-c'de1f\ng\rh\n ij-   .");
    check_from("a b", 3);
    check_from("b-c", 6);
    check_from("de1", 14);
    check_from("e1f", 17);
    check_from("f\n", 21);
    check_from("\ng", 23);
    check_from("g\r", 24);
    check_from("ij", 29);
    check_from("j-", 33);
    check_text(SP_ENC_UTF8, NULL, BYTES("a\r\r\nb\r"), "a\r\nb\r");
}

static void test_wide(void **state)
{
    (void)state;
    check_text(SP_ENC_UTF16LE, NULL,
               BYTES("\xFF\xFE"
                     "B\0S\0N\0\r\0\n\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE!\0"),
               "BSN\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!");
    check_from("SN", 4);
    check_from("!", 20);
    check_text(SP_ENC_UTF16BE, NULL, BYTES("\0B\0S\xD8\x3D\xDE\x00"), "BS\xF0\x9F\x98\x80");
    check_text(SP_ENC_UTF16LE, NULL, BYTES("\xFE\xFF\0B\0S"), "BS"); /* BOM turns it round */
    check_text(SP_ENC_UTF16LE, NULL,
               BYTES("a\0\x3D\xD8"
                     "b\0\x00\xDE"
                     "cd\xE9"),
               "a\xEF\xBF\xBD"
               "b\xEF\xBF\xBD\xE6\x91\xA3\xC3\xA9");
    check_text(SP_ENC_UTF32LE, NULL, BYTES("a\0\0\0\x00\xF6\x01\0b\0\0\0\xFF\xFF\xFF\xFFx"),
               "a\xF0\x9F\x98\x80"
               "b\xEF\xBF\xBDx");
    check_text(SP_ENC_UTF32BE, NULL, BYTES("\0\0\0a\0\0\x20\xAC"), "a\xE2\x82\xAC");
}

static void test_named(void **state)
{
    (void)state;
    check_text(SP_ENC_WINDOWS_1252, NULL, BYTES("\x80 \xE9\x92\xA0\x96\x81"),
               "\xE2\x82\xAC \xC3\xA9' -\xC2\x81");
    check_text(SP_ENC_NAMED, "ISO-8859-15", BYTES("\xA4 10 \xE9"), "\xE2\x82\xAC 10 \xC3\xA9");
    check_text(SP_ENC_NAMED, "IBM850", BYTES("Ren\x82"), "Ren\xC3\xA9");
    check_text(SP_ENC_NAMED, "SHIFT_JIS", BYTES("a\x93\xFA\x96\x7B.\xFF!"),
               "a\xE6\x97\xA5\xE6\x9C\xAC.\xC3\xBF!");
    check_from(".", 5);
    check_text(SP_ENC_NAMED, "ISO-2022-JP", BYTES("a\x1B$B\x46\x7C\x1B(Bb"),
               "a\xE6\x97\xA5"
               "b");
    check_text(SP_ENC_NAMED, "UTF-7", BYTES("a+AOk-b"),
               "a\xC3\xA9"
               "b");
    struct sp_decoder *decoder = NULL;
    assert_int_equal(sp_decoder_new(SP_ENC_NAMED, "no-such-charset", &decoder, NULL),
                     SP_ERR_FORMAT);
    assert_int_equal(sp_decoder_new(SP_ENC_NAMED, "../../x", &decoder, NULL), SP_ERR_FORMAT);
    assert_int_equal(sp_decoder_new(SP_ENC_NAMED, NULL, &decoder, NULL), SP_ERR_FORMAT);
    assert_int_equal(sp_encoding_from_mime("ISO-8859-1"), SP_ENC_WINDOWS_1252);
    assert_int_equal(sp_encoding_from_mime("US-ASCII"), SP_ENC_UTF8);
    assert_int_equal(sp_encoding_from_mime("iso-8859-15"), SP_ENC_NAMED);
}

/* A plain block is one text with one point; no more than the frame's size each. */
static void test_plain_block(void **state)
{
    (void)state;
    static uint8_t block[3 * SP_FRAME_TEXT_MAX];
    memset(block, 'x', sizeof block);
    struct sp_slice all = {block, sizeof block};
    decode(&got_a, SP_ENC_UTF8, NULL, (struct sp_slice){block, SP_FRAME_TEXT_MAX},
           SP_FRAME_TEXT_MAX);
    assert_int_equal(got_a.calls, 1);
    assert_int_equal(got_a.points, 1);
    decode(&got_a, SP_ENC_UTF8, NULL, all, all.len);
    assert_int_equal(got_a.calls, 3);
    for (size_t i = 0; i < sizeof block; i += 7) /* and stops are found wherever they lie */
        block[i] = i % 2 == 0 ? '\r' : (uint8_t)(i % 3 == 0 ? 0 : 0xE9);
    decode(&got_a, SP_ENC_WINDOWS_1252, NULL, all, all.len);
    decode(&got_b, SP_ENC_WINDOWS_1252, NULL, all, 4099);
    assert_int_equal(got_a.len, got_b.len);
    assert_memory_equal(got_a.text, got_b.text, got_a.len);
    assert_memory_equal(got_a.from, got_b.from, got_a.len * sizeof got_a.from[0]);
}

static void test_random(void **state)
{
    (void)state;
    static const struct {
        enum sp_encoding encoding;
        const char *name;
    } all[] = {{SP_ENC_UTF8, NULL},       {SP_ENC_UTF16LE, NULL},   {SP_ENC_UTF16BE, NULL},
               {SP_ENC_UTF32LE, NULL},    {SP_ENC_UTF32BE, NULL},   {SP_ENC_NAMED, "ISO-2022-JP"},
               {SP_ENC_NAMED, "GB18030"}, {SP_ENC_NAMED, "UTF-7"},  {SP_ENC_NAMED, "BIG5-HKSCS"},
               {SP_ENC_NAMED, "IBM037"},  {SP_ENC_NAMED, "EUC-JP"}, {SP_ENC_NAMED, "CP1255"}};
    static const uint8_t mixed[] = "\xC3\xE9\xE2\x82\0a\r\n\x1B$(B+-";
    uint32_t seed = 12345;
    for (size_t which = 0; which < sizeof all / sizeof all[0]; which++) {
        for (int round = 0; round < 60; round++) {
            uint8_t bytes[200];
            for (size_t i = 0; i < sizeof bytes; i++) {
                seed = seed * 1664525 + 1013904223;
                bytes[i] = (uint8_t)(round % 2 ? seed >> 24 : mixed[(seed >> 24) % 14]);
            }
            struct sp_slice in = {bytes, sizeof bytes - (size_t)(round % 5)};
            decode(&got_a, all[which].encoding, all[which].name, in, in.len);
            decode(&got_b, all[which].encoding, all[which].name, in, 1 + (size_t)round % 9);
            assert_int_equal(got_a.len, got_b.len);
            assert_memory_equal(got_a.text, got_b.text, got_a.len);
        }
    }
}

static void check_detect(struct sp_slice head, enum sp_encoding want, size_t bom, bool text)
{
    size_t bom_len = 99;
    bool looks_text = !text;
    assert_int_equal(sp_encoding_detect(head, &bom_len, &looks_text), want);
    assert_int_equal(bom_len, bom);
    assert_int_equal(looks_text, text);
}

static void test_detect(void **state)
{
    (void)state;
    check_detect(BYTES(""), SP_ENC_ASCII, 0, true);
    check_detect(BYTES("bsn;naam\n"), SP_ENC_ASCII, 0, true);
    check_detect(BYTES("\xEF\xBB\xBF"
                       "bsn"),
                 SP_ENC_UTF8, 3, true);
    check_detect(BYTES("caf\xC3\xA9 \xE2\x82"), SP_ENC_UTF8, 0, true);
    check_detect(BYTES("caf\xE9 au lait"), SP_ENC_WINDOWS_1252, 0, true);
    check_detect(BYTES("caf\xC3\xA9 in UTF-8, \xFF\xFE in a blob"), SP_ENC_UTF8, 0, true);
    check_detect(BYTES("caf\xE9"), SP_ENC_UTF8, 0, true); /* perhaps cut: decodes the same */
    check_detect(BYTES("\xFF\xFE"
                       "b\0s\0"),
                 SP_ENC_UTF16LE, 2, true);
    check_detect(BYTES("\xFE\xFF\0b\0s"), SP_ENC_UTF16BE, 2, true);
    check_detect(BYTES("\xFF\xFE\0\0b\0\0\0"), SP_ENC_UTF32LE, 4, true);
    check_detect(BYTES("\0\0\xFE\xFF\0\0\0b"), SP_ENC_UTF32BE, 4, true);
    check_detect(BYTES("b\0s\0n\0;\0n\0a\0a\0m\0\r\0\n\0\xAC\x20"), SP_ENC_UTF16LE, 0, true);
    check_detect(BYTES("\0b\0s\0n\0;\0n\0a\0a\0m\0\r\0\n\x20\xAC"), SP_ENC_UTF16BE, 0, true);
    check_detect(BYTES("b\0\0\0s\0\0\0n\0\0\0\xE9\0\0\0\xAC\x20\0\0"), SP_ENC_UTF32LE, 0, true);
    check_detect(BYTES("\0\0\0b\0\0\0s\0\0\0n\0\0\0\xE9\0\0\x20\xAC"), SP_ENC_UTF32BE, 0, true);
    /* Cyrillic in UTF-16LE: only the spaces and digits have a NUL. */
    check_detect(BYTES("\x1F\x04\x40\x04 \0"
                       "1\0\x32\x04\x35\x04 \0"
                       "2\0"
                       "\x42\x04\n\0"),
                 SP_ENC_UTF16LE, 0, true);
    check_detect(BYTES("\x1B[31merror\x1B[0m in module\n"), SP_ENC_ASCII, 0, true);
    check_detect(BYTES("a line with one \0 NUL in the middle of it\n"), SP_ENC_ASCII, 0, true);
    size_t bom_len;
    bool looks_text;
    sp_encoding_detect(BYTES("\x7F"
                             "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\x60\x11\0\0"),
                       &bom_len, &looks_text);
    assert_false(looks_text);
    sp_encoding_detect(BYTES("\x01\x02\x03\x04\x05\x06 abc"), &bom_len, &looks_text);
    assert_false(looks_text);
    uint8_t random[4096];
    uint32_t seed = 99;
    for (size_t i = 0; i < sizeof random; i++) {
        seed = seed * 1664525 + 1013904223;
        random[i] = (uint8_t)(seed >> 24);
    }
    sp_encoding_detect((struct sp_slice){random, sizeof random}, &bom_len, &looks_text);
    assert_false(looks_text);
    random[0] = 0xFF;
    random[1] = 0xFE;
    sp_encoding_detect((struct sp_slice){random, sizeof random}, &bom_len, &looks_text);
    assert_false(looks_text);
    assert_int_equal(bom_len, 0);
}

static enum sp_err fail_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    (void)ctx;
    (void)utf8;
    (void)map;
    return sp_fail(why, SP_ERR_STOP, "stop");
}

static void test_failures(void **state)
{
    (void)state;
    struct sp_decoder *decoder = NULL;
    sp_mem_fail_at(1);
    assert_int_equal(sp_decoder_new(SP_ENC_UTF8, NULL, &decoder, NULL), SP_ERR_NOMEM);
    sp_mem_fail_at(0);
    assert_int_equal(sp_decoder_new(SP_ENC_UTF8, NULL, &decoder, NULL), SP_OK);
    assert_int_equal(sp_decoder_push(decoder,
                                     BYTES("a\xE9"
                                           "b"),
                                     0, false, fail_out, NULL, NULL),
                     SP_ERR_STOP);
    sp_decoder_free(decoder);
    sp_decoder_free(NULL);
}

/* UTF-16 in a text of bytes, and the other way round. */
static void test_mixed(void **state)
{
    (void)state;
    check_text(SP_ENC_UTF8, NULL, BYTES("first line\nb\0s\0n\0 \0001\0002\0003\0\r\0\n\0last"),
               "first line\nbsn 123\nlast");
    check_from("sn 123", 13);
    check_text(SP_ENC_UTF8, NULL, BYTES("x\n\0b\0s\0n\0 \0001\0002\n"), "x\nbsn 12\n");
    check_text(SP_ENC_ASCII, NULL, BYTES("bsn\n\0001\0002\0003\0004\0005"), "bsn\n12345");
    /* No row of four: separators stay. A word before the row: told apart. */
    check_text(SP_ENC_UTF8, NULL, BYTES("123\0X\0Y\0abc\0d"), "123 X Y abc d");
    check_text(SP_ENC_UTF8, NULL, BYTES("12345\0J\0a\0n\0s\0"), "12345 Jans");
    check_text(SP_ENC_UTF16LE, NULL, BYTES("a\0\n\0bsn 999990019 is wat\n\0c\0d\0e\0"),
               "a\nbsn 999990019 is wat\ncde");
    check_text(SP_ENC_UTF16LE, NULL, BYTES("a\0b\0c\0\n\0bsn 999990019"), "abc\nbsn 999990019");
    check_text(SP_ENC_UTF16BE, NULL, BYTES("\0a\0\nbsn 999990019 was\n\0c\0d"),
               "a\nbsn 999990019 was\ncd");
    /* A byte lost: the high one, the low one, in both orders. */
    check_text(SP_ENC_UTF16LE, NULL,
               BYTES("a\0b\0c"
                     "d\0e\0f\0g\0h\0i\0j\0k\0l\0"),
               "abcdefghijkl");
    check_text(SP_ENC_UTF16LE, NULL,
               BYTES("a\0b\0\0"
                     "d\0e\0f\0g\0h\0i\0j\0k\0l\0"),
               "abdefghijkl");
    check_text(SP_ENC_UTF16BE, NULL,
               BYTES("\0a\0b"
                     "d\0e\0f\0g\0h\0i\0j\0k\0l\0m"),
               "abdefghijklm");
}

/* Any length of the one text behind any length of the other: each value is in the text, or the
 * whole is left to the raw pass. */
static void test_mixed_lengths(void **state)
{
    (void)state;
    static uint8_t bytes[4000];
    size_t bom_len;
    size_t read = 0;
    bool looks_text;
    for (size_t round = 0; round < 2 * 60 * 60; round++) {
        size_t count[2] = {round / 2 % 60 * 3, round / 120 * 3};
        size_t len = 0;
        for (size_t part = 0; part < 2; part++) {
            char text[300];
            int text_len = snprintf(text, sizeof text, "%.*s bsn 99999001%zu.\n", (int)count[part],
                                    "Geachte heer, hierbij sturen wij u de gegevens van Jan. "
                                    "Geachte heer, hierbij sturen wij u de gegevens van Jan. "
                                    "Geachte heer, hierbij sturen wij u de gegevens van Jan. "
                                    "Geachte heer, hierbij sturen wij u de gegevens van Jan. ",
                                    part);
            for (int i = 0; i < text_len; i++) {
                bytes[len++] = (uint8_t)text[i];
                if (part != round % 2)
                    bytes[len++] = 0;
            }
        }
        struct sp_slice in = {bytes, len};
        enum sp_encoding encoding = sp_encoding_detect(in, &bom_len, &looks_text);
        if (!looks_text)
            continue;
        read++;
        (void)decode(&got_a, encoding, NULL, in, 64);
        for (size_t part = 0; part < 2; part++) {
            char value[20];
            (void)snprintf(value, sizeof value, "bsn 99999001%zu", part);
            if (memmem(got_a.text, got_a.len, value, strlen(value)) == NULL)
                fail_msg("%s lost in round %zu (%zu, %zu, %s): %.*s", value, round, count[0],
                         count[1], sp_encoding_name(encoding), (int)got_a.len,
                         (const char *)got_a.text);
        }
    }
    assert_true(read > 1000);
}

static void test_detect_odd(void **state)
{
    (void)state;
    size_t bom_len;
    bool looks_text;
    assert_int_equal(sp_encoding_detect(BYTES("\xFF\xFE"
                                              "bsn 999990019 van Jan\n"),
                                        &bom_len, &looks_text),
                     SP_ENC_WINDOWS_1252);
    assert_true(looks_text && bom_len == 0);
    assert_int_equal(sp_encoding_detect(BYTES("\xFE\xFF"
                                              "bsn 999990019 van Jan\n"),
                                        &bom_len, &looks_text),
                     SP_ENC_WINDOWS_1252);
    assert_true(looks_text && bom_len == 0);
    uint8_t strings[600];
    size_t len = 0;
    for (int i = 0; i < 50; i++, len += 4)
        memcpy(strings + len, "abc", 4);
    memcpy(strings + len, "bsn 999990019 ", 14);
    len += 14;
    for (int i = 0; i < 50; i++, len += 4)
        memcpy(strings + len, "\0abc", 4);
    for (size_t cut = 8; cut <= len; cut++) {
        enum sp_encoding encoding =
            sp_encoding_detect((struct sp_slice){strings, cut}, &bom_len, &looks_text);
        assert_true(!looks_text || encoding == SP_ENC_ASCII);
    }
    assert_string_equal(sp_encoding_settle("utf-16", BYTES("b\0s\0n\0 \0")), "utf-16le");
    assert_null(sp_encoding_settle("utf-16", BYTES("bsn 999990019")));
    assert_string_equal(sp_encoding_settle("iso-8859-15", BYTES("bsn 999990019")), "iso-8859-15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed),      cmocka_unit_test(test_mixed_lengths),
        cmocka_unit_test(test_detect_odd), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_normalise),  cmocka_unit_test(test_wide),
        cmocka_unit_test(test_named),      cmocka_unit_test(test_plain_block),
        cmocka_unit_test(test_random),     cmocka_unit_test(test_detect),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
