/* Who reads what, and what is told of formats without a reader.
 * floors: sp_extract */
#include "jobs.h"

static struct tools tools;

struct identity_case {
    const char *name;
    const char *bytes;
    size_t len;
    const char *extractor;
    enum sp_reason reason;
    const char *detail;
    bool sure;
};

#define CASE(name, bytes, extractor, reason, detail, sure)                                         \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, extractor, reason, detail, sure                            \
    }
#define NONE SP_REASON_COUNT

static const struct identity_case cases[] = {
    CASE("a.txt", "mail anna@example.nl and more\n", "plain", NONE, "", true),
    CASE("a.gz", "\x1F\x8B\x08\0\0\0\0\0\0\x03", "gzip", NONE, "", true),
    CASE("a.gz", "\x1F\x8B\x08\xE0\0\0\0\0\0\x03", "bytes", NONE, "", false),
    CASE("a", "BZh91AY&SY\0\0", "bzip2", NONE, "", true),
    CASE("a", "BZh9 is a word in this text\n", "plain", NONE, "", true),
    CASE("a",
         "\xFD"
         "7zXZ\0\0\4",
         "xz", NONE, "", true),
    CASE("a", "\x28\xB5\x2F\xFD\x04\0", "zstd", NONE, "", true),
    CASE("a", "\x50\x2A\x4D\x18\2\0\0\0zz\x28\xB5\x2F\xFD\x04\0", "zstd", NONE, "", true),
    CASE("a", "\x50\x2A\x4D\x18\2\0\0\0zz\x04\x22\x4D\x18\x04\0", "lz4", NONE, "", true),
    CASE("a", "PK\3\4\24\0\0\0", "zip", NONE, "", true),
    CASE("a.docx",
         "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml word/d",
         "office", NONE, "", true),
    CASE("a.zip",
         "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6\0\0\0a.docx [Content_Types].xml "
         "word/d",
         "zip", NONE, "", true),
    CASE("a", "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n\0\0", "pdf", NONE, "", true),
    CASE("a", "7z\xBC\xAF\x27\x1C\0\4", "7z", NONE, "", true),
    CASE("a", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "ole", NONE, "", true),
    CASE("a", "SQLite format 3\0\x10\0", "sqlite", NONE, "", true),
    CASE("a", "\xFF\xD8\xFF\xE0\0\x10JFIF\0", "bytes", SP_REASON_NEEDS_OCR, "jpeg", true),
    CASE("a", "\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "bytes", SP_REASON_NEEDS_OCR, "png", true),
    CASE("a", "RIFF\x10\0\0\0WEBPVP8 ", "bytes", SP_REASON_NEEDS_OCR, "webp", true),
    CASE("a", "RIFF\x10\0\0\0WAVEfmt ", "bytes", SP_REASON_OPAQUE, "wav", true),
    CASE("a",
         "\0\0\0\x20"
         "ftypisom\0\0",
         "bytes", SP_REASON_OPAQUE, "mp4", true),
    CASE("a", "LUKS\xBA\xBE\0\1", "bytes", SP_REASON_ENCRYPTED, "LUKS", true),
    CASE("a", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "bytes", SP_REASON_ENCRYPTED, "PGP message",
         true),
    CASE("a", "{\\rtf1 mail anna@example.nl}", "rtf", NONE, "", true),
    /* words that begin like a signature */
    CASE("a", "ID3 is how the plan is called\n", "plain", NONE, "", true),
    CASE("a", "0707012345 is the number of The Hague\n", "plain", NONE, "", true),
    CASE("a", "BMW of anna@example.nl is blue\n", "plain", NONE, "", true),
    CASE("a",
         "\x7F"
         "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\0",
         "bytes", NONE, "", false),
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct identity_case *c = &cases[i];
        struct sp_identity identity;
        struct sp_slice head = {(const uint8_t *)c->bytes, c->len};
        sp_identify(head, sp_slice_of(c->name), c->len, false, &identity);
        if (strcmp(identity.extractor->name, c->extractor) != 0 ||
            identity.unread_reason != c->reason || strcmp(identity.detail, c->detail) != 0 ||
            identity.sure != c->sure)
            fail_msg("row %zu: %s, reason %d, \"%s\", sure %d", i, identity.extractor->name,
                     (int)identity.unread_reason, identity.detail, identity.sure);
    }
}

/* The heads cut anywhere, and every pair of first bytes: always an answer. */
static void test_robust(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t len = 0; len <= cases[i].len; len++) {
            struct sp_identity identity;
            uint8_t *copy = malloc(len + 1);
            assert_non_null(copy);
            memcpy(copy, cases[i].bytes, len);
            copy = realloc(copy, len > 0 ? len : 1); /* ASan sees a byte too many */
            sp_identify((struct sp_slice){copy, len}, sp_slice_of("x"), len, false, &identity);
            assert_non_null(identity.extractor);
            assert_non_null(identity.extractor->extract);
            free(copy);
        }
    }
}

static void test_magic(void **state)
{
    (void)state;
    struct sp_identity identity;
    struct sp_why why = {""};
    struct sp_slice elf = {(const uint8_t *)"\x7F"
                                            "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\0",
                           20};
    struct sp_slice au = {(const uint8_t *)".snd\0\0\0\x18\0\0\x10\0\0\0\0\3\0\0\x1F\x40\0\0\0\1",
                          24};
    assert_int_equal(sp_magic_open(&why), SP_OK);
    sp_identify(elf, sp_slice_of("x"), 20, true, &identity);
    assert_true(identity.sure);
    assert_int_equal(identity.unread_reason, SP_REASON_COUNT);
    sp_identify(au, sp_slice_of("x"), 24, true, &identity);
    assert_int_equal(identity.unread_reason, SP_REASON_OPAQUE);
    assert_string_equal(identity.detail, "audio");
    sp_magic_close();
    sp_identify(au, sp_slice_of("x"), 24, true, &identity); /* without a database: no answer */
    assert_int_equal(identity.unread_reason, SP_REASON_COUNT);
}

static void test_empty(void **state)
{
    (void)state;
    struct recorder rec;
    jobs_blocks(&rec, (struct sp_slice){NULL, 0}, 0, NULL);
    assert_string_equal(rec.out, "end empty document bytes=0 records=0 complete\n");
    recorder_clear(&rec);
}

/* An office document: its members are read, and it is told that this is not all. */
static void test_docx(void **state)
{
    (void)state;
    struct recorder rec;
    tools_open(&tools);
    tools_run(&tools,
              "mkdir -p word; printf '<Types/>' > '[Content_Types].xml';"
              "printf '<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/"
              "2006/main\"><w:p><w:r><w:t>anna@exam</w:t></w:r>\n<w:r><w:t>ple.nl</w:t></w:r>"
              "</w:p></w:document>' > word/document.xml;"
              "zip -qX a.docx '[Content_Types].xml' word/document.xml");
    jobs_file(&rec, &tools, "a.docx", NULL);
    recorder_expect(&rec, "begin part 2 \"word/document.xml\"");
    recorder_expect(&rec, "text \"anna@example.nl\\x0a\"");
    recorder_expect(&rec, "end office document");
    recorder_clear(&rec);
    tools_close(&tools);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_robust), cmocka_unit_test(test_magic),
        cmocka_unit_test(test_empty), cmocka_unit_test(test_docx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
