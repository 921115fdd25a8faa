/* What is read in more than one way: changes of documents, lines of a page, escapes, signs of what
 * is encoded. floors: sp_extract */
#include "recorder.h"

#include "base/mem.h"
#include "extract/ebcdic.h"
#include "extract/enclosed.h"
#include "extract/escapes.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/number.h"
#include "extract/office_attributes.h"
#include "extract/pdf_lines.h"
#include "extract/pdf_objects.h"
#include "extract/xstring.h"

#define WORD(body)                                                                                 \
    "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>"  \
    "<w:p>" body "</w:p></w:body></w:document>"
#define RUN(text) "<w:r><w:t>" text "</w:t></w:r>"
#define ODT(body)                                                                                  \
    "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'>"    \
    "<office:body><office:text>" body "</office:text></office:body></office:document-content>"

static const struct recorder_job word_job = {.name = "d.xml", .extract = sp_office_text_extract};
static const struct recorder_job rtf_job = {.name = "x.rtf", .extract = sp_rtf_extract};
static const struct recorder_job plain_job = {.name = "x.txt", .extract = sp_plain_extract};

static void check(const struct recorder_job *job, const char *in, const char *const *pieces)
{
    for (size_t block = 0; block <= 3; block++) {
        struct recorder rec;
        recorder_init(&rec);
        rec.hide_offsets = true;
        assert_int_equal(recorder_bytes(&rec, sp_slice_of(in), block, job), SP_OK);
        for (size_t i = 0; pieces[i] != NULL; i++)
            recorder_expect(&rec, pieces[i]);
        recorder_clear(&rec);
    }
}
#define CHECK(job, in, ...) check(&(job), in, (const char *const[]){__VA_ARGS__, NULL})

static const char changed[] =
    WORD(RUN("a.") "<w:del><w:r><w:delText>oud</w:delText></w:r></w:del><w:ins>" RUN(
        "nieuw") "</w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>weg</w:t></w:r>" RUN("@b"));
static const char tracked[] =
    ODT("<text:tracked-changes><text:changed-region text:id='c'><text:deletion>"
        "<text:p>oud</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>a<text:change text:change-id='c'/>b</text:p>");
static const char revised[] = "{\\rtf1 a{\\deleted oud}{\\revised nieuw}{\\v weg}@b\\par c\\par}";

static void test_changes(void **state)
{
    (void)state;
    CHECK(word_job, changed,
          "text \"a.nieuwweg@b\\x0aoud\\x0aa.oudweg@b\\x0aa.nieuw@b\\x0aa.oud@b\\x0a\"");
    CHECK(word_job, WORD(RUN("a") RUN("b")), "text \"ab\\x0a\"");
    CHECK(word_job, WORD("<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" RUN("a@") "</w:p><w:p>" RUN("b")),
          "text \"a@\\x0ab\\x0aa@b\\x0aa@\\x0ab\\x0a\"");
    CHECK(word_job,
          WORD("<w:pPr><w:pPrChange><w:rPr><w:ins/></w:rPr></w:pPrChange></w:pPr>" RUN("a")),
          "text \"a\\x0a\"");
    CHECK(word_job, tracked, "text \"oud\\x0aab\\x0aaoudb\\x0a\"");
    CHECK(
        rtf_job, revised,
        "text \"aoudnieuwweg@b\\x0aanieuwweg@b\\x0aaoudweg@b\\x0aanieuw@b\\x0aaoud@b\\x0ac\\x0a\"");
}

/* Words of a text that are text in base64, at any cut. */
static void test_base64_words(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)state;
    CHECK(plain_job, "x\nBasic amFuLnByb2VmQGIubmw6Z2VoZWlt\n",
          "line=2\n    text \"jan.proef@b.nl:geheim\"");
    CHECK(
        plain_job,
        "Bearer "
        "eyJhbGciOiJIUzI1NiJ9.eyJtIjoiamFuQGIubmwifQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c x",
        "text \"{\\x22m\\x22:\\x22jan@b.nl\\x22}\"");
    CHECK(plain_job, "/pad/cGlldC5wcm9lZkBiLm5s/x?m=am9rZS5wcm9lZkBiLm5s",
          "text \"piet.proef@b.nl\"", "text \"joke.proef@b.nl\"");
    /* a long path */
    static char path[700];
    for (size_t i = 0; i < 600; i++)
        path[i] = "/Een/lang/pad"[i % 13];
    (void)snprintf(path + 600, sizeof path - 600, "/cGlldC5wcm9lZkBiLm5s/x");
    CHECK(plain_job, path, "text \"piet.proef@b.nl\"");
    CHECK(plain_job, "YWFuIGhldCBlaW5kOiBqYW5AYi5ubA==", "text \"aan het eind: jan@b.nl\"");
    CHECK(plain_job, "QW5kcukgdWl0IHdpbmRvd3M6IGphbkBiLm5s",
          "text \"Andr\xC3\xA9 uit windows: jan@b.nl\"");
    CHECK(plain_job,
          "verantwoordelijkheidsgevoel 3f786850e387550fdab836ed7e6dc881de23001b a/b/c/d/e/f\n",
          "/e/f\\x0a\"\n  end record\n");
    /* over the ends of lines, indented, quoted, escaped; and with bytes that are no text */
#define LINE_1 "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhIGphbi5wcm9l"
#define LINE_2 "ZkBwb3N0LmV4YW1wbGUgdGVrc3QgdGVrc3QgdGVrc3Q="
    static const char *const wrapped[] = {
        LINE_1 "\n" LINE_2 "\n",
        "x\n" LINE_1 "\r\n" LINE_2 "\r\nDe groeten",
        "a: |\n    " LINE_1 "\n    " LINE_2,
        "> " LINE_1 "\n> " LINE_2 "\n> x",
        "(\"" LINE_1 "\"\n   \"" LINE_2 "\")",
        "{\"a\":\"" LINE_1 "\\n" LINE_2 "\\n\"}",
        LINE_1 "\\\n  " LINE_2,
        "s = \"" LINE_1 "\" +\n    \"" LINE_2 "\";",
        "'" LINE_1 "' .\n  '" LINE_2 "'",
    };
    for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++)
        CHECK(plain_job, wrapped[i], "aaaa jan.proef@post.example tekst tekst tekst\"");
    CHECK(plain_job, "x YT8/P2phbi5wcm9lZkBwb3N0LmV4YW1wbGU= YT8\\/P2phbi5wcm9lZkBwb3N0LmV4YW1wbGU",
          "text \"a???jan.proef@post.example\"", "text \"a???jan.proef@post.example\"");
    CHECK(plain_job, "d=YT8%2FP2phbi5wcm9lZkBwb3N0LmV4YW1wbGU%3D&x=1",
          "text \"a???jan.proef@post.example\"");
    CHECK(plain_job,
          "x Tzo0OiJVc2VyIjoxOntzOjc6IgAqAG1haWwiO3M6MjI6Imphbi5wcm9lZkBwb3N0LmV4YW1wbGUiO30=",
          "{s:7:\\x22*mail\\x22;s:22:\\x22jan.proef@post.example\\x22;}\"");
    CHECK(plain_job, "powershell -enc agBhAG4ALgBwAHIAbwBlAGYAQABwAG8AcwB0AC4AZQB4AGEAbQBwAGwAZQA=",
          "text \"jan.proef@post.example\"");
    CHECK(plain_job, LINE_1 "\nen dan gewone woorden\n", "aaaa jan.proe");
    /* words that only stand below each other, behind an escape, joined by one */
    CHECK(plain_job, "da39a3ee5e6b4b0d3255bfef95601890afd80709\namFuLnByb2VmQGIubmw6Z2VoZWlt\n",
          "text \"jan.proef@b.nl:geheim\"");
    CHECK(plain_job, "['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'amFuLnByb2VmQGIubmw6Z2VoZWlt']",
          "text \"jan.proef@b.nl:geheim\"");
    CHECK(plain_job, "a=Basic%20amFuLnByb2VmQGIubmw6Z2VoZWlt", "text \"jan.proef@b.nl:geheim\"");
    CHECK(plain_job, "\"a\\namFuLnByb2VmQGIubmw6Z2VoZWlt\"", "text \"jan.proef@b.nl:geheim\"");
    CHECK(plain_job, "\"a\\u003damFuLnByb2VmQGIubmw6Z2VoZWlt\"", "text \"jan.proef@b.nl:geheim\"");
    CHECK(plain_job, "d=" LINE_1 "%0A" LINE_2, "aaaa jan.proef@post.example tekst");
    CHECK(plain_job, " * " LINE_1 "\n * " LINE_2 "\n", "aaaa jan.proef@post.example tekst");
    /* hexadecimal */
    CHECK(plain_job, "d=6a616e2e70726f656640706f73742e6578616d706c65 x",
          "text \"jan.proef@post.example\"");
    CHECK(plain_job, "E'\\\\x6A616E2E70726F656640706F73742E6578616D706C65'",
          "text \"jan.proef@post.example\"");
    CHECK(plain_job, "0x6a616e2e70726f656640706f73742e6578616d706c65",
          "text \"jan.proef@post.example\"");
    CHECK(plain_job, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
          "b855\\x0a\"\n  end");
    char hex[10000] = "\\x";
    for (size_t i = 0; i < 4500; i++)
        (void)snprintf(hex + 2 + 2 * i, 3, "%02x", "jan.proef@post.example "[i % 23]);
    struct recorder hex_rec;
    recorder_init(&hex_rec);
    assert_int_equal(recorder_bytes(&hex_rec, sp_slice_of(hex), 0, &plain_job), SP_OK);
    size_t hex_marks = 0;
    for (const char *at = hex_rec.out; *at != '\0'; at++)
        hex_marks += strncmp(at, "jan.proef@post.example", 22) == 0;
    assert_true(hex_marks >= 4500 / 23);
    recorder_clear(&hex_rec);
    /* a certificate: behind the address stands a tag that looks like a digit */
    char der[400], pem[800] = "-----BEGIN CERTIFICATE-----\n";
    size_t der_len = 0, pem_len = strlen(pem);
    for (size_t i = 0; i < 300; i++)
        der[der_len++] = (char)(i * 37 % 251 | 0x80);
    memcpy(der + 150,
           "\x16\x16"
           "jan.proef@post.example0\x82",
           26);
    for (size_t i = 0; i + 3 <= der_len; i += 3) {
        uint32_t bits = (uint32_t)(uint8_t)der[i] << 16 | (uint32_t)(uint8_t)der[i + 1] << 8 |
                        (uint8_t)der[i + 2];
        for (unsigned shift = 24; shift > 0; shift -= 6)
            pem[pem_len++] = digits[bits >> (shift - 6) & 63];
        if (i % 48 == 45)
            pem[pem_len++] = '\n';
    }
    pem[pem_len] = '\0';
    CHECK(plain_job, pem, "text \"jan.proef@post.example\"");
    /* longer than what is read at a time */
    char text[30000], word[40001] = "";
    size_t len = 0;
    for (size_t i = 0; i + 20 < sizeof text; i += 20)
        (void)snprintf(text + i, 21, "kees%04zu@voorbeeld ", i / 20);
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) {
        uint32_t bits =
            (uint32_t)text[i] << 16 | (uint32_t)text[i + 1] << 8 | (uint32_t)text[i + 2];
        for (unsigned shift = 24; shift > 0; shift -= 6)
            word[len++] = digits[bits >> (shift - 6) & 63];
    }
    word[len] = '\0';
    /* nothing is lost where the parts meet */
    struct recorder rec;
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, sp_slice_of(word), 0, &plain_job), SP_OK);
    for (size_t i = 0; i + 40 < sizeof text; i += 20) {
        char want[32];
        (void)snprintf(want, sizeof want, "kees%04zu@voorbeeld ", i / 20);
        recorder_expect(&rec, want);
    }
    recorder_clear(&rec);
}

static void test_escapes(void **state)
{
    (void)state;
    CHECK(plain_job, "x\ny = 'a\\u0040b' z\n",
          "record document 1 line=1\n    text \"x\\x0ay = 'a\\x5cu0040b' z\\x0a\"\n    field \"\" "
          "line=2\n    text \"a@b\"\n");
    CHECK(plain_job, "C:\\map\\u12 en \\xzz 100% af %zz a+b x=a+ 2+ \\19\n",
          "+ \\x5c19\\x0a\"\n  end");
    CHECK(plain_job, "m=\"jan\\100b\" 'jan\\U00000040c' \"jan%u0040d\"", "\"jan@b\"", "\"jan@c\"",
          "\"jan@d\"");
    /* links: bytes of UTF-8, a + for a blank, or for itself: as it stands that is read too */
    CHECK(plain_job, "GET /x?i=NL02+ABNA%200123+4567&n=Ren%C3%A9%20%e9x",
          "text \"GET /x?i=NL02 ABNA 0123 4567&n=Ren\xC3\xA9 \xC3\xA9x\"");
    CHECK(plain_job, "?m=jan+tag%40b.nl&t=%2B31+6", "text \"?m=jan tag@b.nl&t=+31 6\"");
    CHECK(plain_job, "?a=b+c&m=jan+tag@b.nl&t=%2B31+6", "text \"?a=b c&m=jan tag@b.nl&t=+31 6\"");
    CHECK(plain_job, "'Ren\\xE9e' \"\\xE2\\x82\\xAC\"",
          "text \"Ren\xC3\xA9"
          "e\"",
          "text \"\xE2\x82\xAC\"");
    /* no overflow, no half characters */
    char long_one[12000] = "'";
    for (size_t i = 1; i + 9 < sizeof long_one; i += 8)
        memcpy(long_one + i, "\xC3\xA9\\u00e9", 9);
    CHECK(plain_job, long_one, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
}

/* More other spellings than may wait: nothing is lost, of the text as it stands neither. */
static void test_much(void **state)
{
    enum { ROWS = 500, CODED = 300, VALUES = 100, ROW_MAX = 4 * CODED + 20 * VALUES };
    char *text = malloc((size_t)ROWS * ROW_MAX);
    size_t len = 0;
    (void)state;
    assert_non_null(text);
    for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < CODED; i++)
            len += (size_t)snprintf(text + len, 5, "%%4%d%c", 1 + i % 9, i % 64 == 63 ? '\n' : 'x');
        for (int i = 0; i < VALUES; i++)
            len += (size_t)snprintf(text + len, 20, "jan%05d@b.nl%c", row * VALUES + i,
                                    i % 9 == 8 ? '\n' : ' ');
    }
    for (size_t block = 0; block < 5000; block += 4093) {
        struct recorder rec;
        bool *met = calloc((size_t)ROWS * VALUES, sizeof *met);
        assert_non_null(met);
        recorder_init(&rec);
        assert_int_equal(
            recorder_bytes(&rec, (struct sp_slice){(uint8_t *)text, len}, block, &plain_job),
            SP_OK);
        recorder_expect(&rec, "complete");
        for (const char *at = rec.out; *at != '\0'; at++) { /* strstr is slow with sanitizers */
            char *end;
            if (strncmp(at, "jan", 3) != 0)
                continue;
            long number = strtol(at + 3, &end, 10);
            if (number >= 0 && number < ROWS * VALUES && strncmp(end, "@b.nl", 5) == 0)
                met[number] = true;
        }
        for (size_t i = 0; i < (size_t)ROWS * VALUES; i++) {
            if (!met[i])
                fail_msg("pieces of %zu: no jan%05zu", block, i);
        }
        free(met);
        recorder_clear(&rec);
    }
    free(text);
}

/* The kinds that a text in two pieces shows. */
static unsigned enclosed_of(struct sp_slice text, size_t cut, size_t fields)
{
    struct sp_enclosed enclosed = {.in_line = false};
    struct sp_unread unread;
    unsigned kinds = 0;
    for (size_t i = 0; i < fields; i++) {
        sp_enclosed_text(&enclosed, (struct sp_slice){text.ptr, cut});
        sp_enclosed_text(&enclosed, (struct sp_slice){text.ptr + cut, text.len - cut});
        sp_enclosed_end(&enclosed);
    }
    for (unsigned kind = 0; kind < SP_ENCLOSED_KINDS; kind++)
        kinds |= (unsigned)sp_enclosed_unread(&enclosed, kind, &unread) << kind;
    return kinds;
}

static void test_enclosed(void **state)
{
    enum {
        FILES = 1 << SP_ENCLOSED_FILE,
        SECRETS = 1 << SP_ENCLOSED_SECRET,
        DOCUMENTS = 1 << SP_ENCLOSED_DOCUMENT,
        IMAGES = 1 << SP_ENCLOSED_IMAGE
    };
#define SIXTY "AbCd0123EfGh4567IjKl89+/MnOpQrStUvWxYz0123456789AbCdEfGhIjKl"
#define PNG_90 "iVBORw0KGgoAAAANSUhEUgAAAFoAAABaCAAAAAC" SIXTY SIXTY
#define PNG_600 "iVBORw0KGgoAAAANSUhEUgAAAlgAAAMgCAAAAAA" SIXTY SIXTY
    static const struct {
        unsigned kinds;
        const char *text;
    } texts[] = {
        {FILES, "begin 644 a.txt\n#86)C\n`\nend\n"},
        {FILES, "x\nbegin 0755 a b\n#86)C\n"},
        {FILES, "x\nbegin 100644 a b\n#86)C\n"},
        {FILES, "x\nbegin  644  a\n#86)C\n"},
        {FILES, "> begin 644 a\n> #86)C\n> `\n> end\n"},
        {FILES, "x\n  begin 644 a\n  >86)C86)C86)C86)C86)C86)C86)C86)C86)C86)C\n"},
        {FILES, "x\rbegin 644 a\r#86)C\r`\rend\r"},
        {FILES, "x\nbegin-base64 644 a\n"},
        {FILES, "tekst\n=ybegin line=128\n"},
        {FILES, "index 1..2\nGIT binary patch\nliteral 12\nTcmZQz\n"},
        {FILES, "x\n(This file must be converted with BinHex 4.0)\n"},
        {SECRETS, "x\n> -----BEGIN PGP MESSAGE-----\n"},
        {SECRETS, "-----BEGIN PGP MESSAGE-----"},
        {SECRETS, "x\n-----BEGIN PGP MESSAGE, PART 01/02-----\n"},
        {SECRETS, "x\n> -----BEGIN PGP MESSAGE-----\n> Version: 2\n>\n> hQEMA0\n> =aaaa\n"},
        {SECRETS, "m = \"-----BEGIN PGP MESSAGE-----\\n\\nhQEMA0AbC/12\\n=aaaa\""},
        {SECRETS, "<p>-----BEGIN PGP MESSAGE-----<br><br>hQEMA0AbC/12<br>=aaaa"},
        {SECRETS, "-----BEGIN PKCS7-----\nMIAGCSqGSIb3\n"},
        {SECRETS, "x\n  $ANSIBLE_VAULT;1.1;AES256\n  3162\n"},
        {SECRETS, "wachtwoord: U2FsdGVkX1" SIXTY},
        {SECRETS, "10:00 -----BEGIN PGP MESSAGE-----\n10:00 X-Key: a\n10:00\n10:00 " SIXTY "\n"},
        {SECRETS, "// -----BEGIN PGP MESSAGE-----\n//\n// " SIXTY " \n// " SIXTY " \n"},
        {SECRETS, "-----BEGIN PGP MESSAGE-----%0A%0A" SIXTY "%0A"},
        {0, "=ybegin is for yEnc\n"},
        {0, "#define MARK \"-----BEGIN PGP MESSAGE-----\"\nint main(void);\n"},
        {0, "Zoek naar -----BEGIN PGP MESSAGE----- in de mail.\n"},
        {0, "<m v=\"-----BEGIN PGP MESSAGE-----\" type=\"string\" offset=\"0\"/>\n"},
        {0, "begin 644 x;\nend\n"},
        {0, "U2FsdGVkX1 is Salted__"},
        {DOCUMENTS, "JVBERi" SIXTY SIXTY SIXTY},
        {DOCUMENTS, "lang verhaal {\"bestand\":\"JVBERi" SIXTY SIXTY SIXTY "\",\"x\":1}"},
        {DOCUMENTS, "woord\nUEsDBABC" SIXTY "\r\n" SIXTY "\r\n" SIXTY "\r\n"},
        {DOCUMENTS, SIXTY SIXTY SIXTY "\nH4sIABC" SIXTY SIXTY SIXTY},
        {IMAGES, "src='data:image/png;base64," PNG_600 "'"},
        {DOCUMENTS | SECRETS,
         "0M8R4KGxGu" SIXTY SIXTY SIXTY " -----BEGIN PGP MESSAGE----- " SIXTY "="},
        {DOCUMENTS, "a: |\n    UEsDBABC" SIXTY "\n    " SIXTY "\n    " SIXTY "\n"},
        {DOCUMENTS, "> UEsDBABC" SIXTY "\n> " SIXTY "\n> " SIXTY "\n"},
        {DOCUMENTS, "(\"UEsDBABC" SIXTY "\"\n  \"" SIXTY "\"\n  \"" SIXTY "\")"},
        {DOCUMENTS, "UEsDBABC" SIXTY "\\n" SIXTY "\\n" SIXTY "\\n"},
        {DOCUMENTS, "d=UEsDBABC" SIXTY "%2B" SIXTY "%2F" SIXTY},
        {DOCUMENTS, "s eJyrVkrLz1eyUkpKLFKqBQ" SIXTY SIXTY},
        {DOCUMENTS, "db U1FMaXRlIGZvcm1hdCAzABAAAQEAQCAgAAAAAQ" SIXTY SIXTY},
        {IMAGES, "{\"i\":\"\\/9j\\/4AAQSkZJRgAB" SIXTY "\\/" SIXTY SIXTY "\"}"},
        {0, "eKyrVkrLz1eyUkpKLFKqBQ" SIXTY SIXTY},
        {0, "src='data:image/png;base64," PNG_90 "'"},
        {0, "x" PNG_600},
        {0, "JVBERi" SIXTY SIXTY " x"},
        {0, SIXTY SIXTY SIXTY SIXTY},
        {0, "begin 2026 was goed"},
        {0, "x begin 644 a"},
        {0, "begin 64 a"},
        {0, "begin 644 mensen\nen nog iets meer\n"},
    };
    char before[1024];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t len = strlen(texts[i].text);
        for (size_t cut = 0; cut <= len; cut++) {
            unsigned kinds = enclosed_of(sp_slice_of(texts[i].text), cut, 1);
            if (kinds != texts[i].kinds)
                fail_msg("%s cut at %zu: %x", texts[i].text, cut, kinds);
        }
        assert_int_equal(enclosed_of(sp_slice_of(texts[i].text), len / 2, 3), texts[i].kinds);
        for (size_t shift = 0; shift < 400; shift++) { /* at any distance from the begin */
            memset(before, '.', shift);
            before[shift] = '\n';
            memcpy(before + shift + 1, texts[i].text, len);
            unsigned kinds =
                enclosed_of((struct sp_slice){(uint8_t *)before, shift + 1 + len}, shift, 1);
            if (kinds != texts[i].kinds)
                fail_msg("%s behind %zu: %x", texts[i].text, shift, kinds);
        }
    }
#undef SIXTY
#undef PNG_90
#undef PNG_600
}

/* ---- documents that somebody takes ---------------------------------------------------------- */
struct taken {
    struct sp_buf bytes;
    unsigned begun, ended;
};

static bool taken_begin(void *ctx)
{
    struct taken *taken = ctx;
    taken->begun++;
    return true;
}

static void taken_put(void *ctx, struct sp_slice bytes)
{
    struct taken *taken = ctx;
    assert_int_equal(taken->begun, taken->ended + 1);
    assert_int_equal(sp_buf_append(&taken->bytes, bytes.ptr, bytes.len, NULL), SP_OK);
}

static bool taken_end(void *ctx)
{
    struct taken *taken = ctx;
    taken->ended++;
    assert_int_equal(sp_buf_append_byte(&taken->bytes, '|', NULL), SP_OK);
    return true;
}

/* How a document of 300 bytes stands in a text: line by line of `width` digits. */
struct layout {
    const char *before, *indent, *behind_line, *after;
    size_t width;
    const char *slash, *plus; /* how these digits are written */
};

static size_t layout_write(const struct layout *layout, const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = stpcpy(out, layout->before);
    size_t line = 0;
    for (size_t bit = 0; bit < 8 * len; bit += 6) {
        unsigned two =
            (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < len ? bytes[bit / 8 + 1] : 0U);
        unsigned digit = two >> (10 - bit % 8) & 63;
        if (line == layout->width) {
            at = stpcpy(stpcpy(at, layout->behind_line), layout->indent);
            line = 0;
        }
        line++;
        if (digit == 63 || digit == 62)
            at = stpcpy(at, digit == 63 ? layout->slash : layout->plus);
        else
            *at++ = digits[digit];
    }
    return (size_t)(stpcpy(at, layout->after) - out);
}

static void look_in_pieces(struct taken *taken, struct sp_slice text, size_t first, size_t step)
{
    const struct sp_enclosed_taker taker = {taken_begin, taken_put, taken_end, taken};
    struct sp_enclosed enclosed = {.taker = &taker};
    size_t size = first;
    sp_buf_reset(&taken->bytes);
    taken->begun = taken->ended = 0;
    for (size_t at = 0; at < text.len; at += size, size = step) {
        size = size > text.len - at ? text.len - at : size;
        sp_enclosed_text(&enclosed, (struct sp_slice){text.ptr + at, size});
    }
    sp_enclosed_end(&enclosed);
    assert_int_equal(taken->begun, taken->ended);
    assert_false(enclosed.met[SP_ENCLOSED_DOCUMENT]);
}

static void test_taken(void **state)
{
    static const struct layout layouts[] = {
        {"{\"pdf\":\"", "", "", "==\",\"x\":1}", 10000, "/", "+"},
        {"{\"pdf\":\"", "", "", "\"}", 10000, "\\/", "+"},
        {"d=", "", "", "&e=1", 10000, "%2F", "%2B"},
        {"d=", "", "", " ", 10000, "_", "-"},
        {"", "", "\r\n", "==\r\n", 76, "/", "+"},
        {"van:\n\n    ", "    ", "\n", "==\n\nGroeten\n", 64, "/", "+"},
        {"> ", "> ", "\n", "=\n> -- \n> Jan\n", 60, "/", "+"},
        {"zie ", "", "", " en zo verder\n", 10000, "/", "+"},
        {"zie ", "", "", "\nGroeten van Jan\n", 10000, "/", "+"},
        {"zie\n", "", "\n", "\nGroeten van Jan\n", 76, "/", "+"},
        {"zie\n", "", "\n", "\n\nGroeten van Jan\n", 100, "/", "+"},
        {"p = (\"", "\"", "\"\n     ", "=\")\n", 60, "/", "+"},
        {"\"pdf\": \"", "", "\\n", "\",\n  \"naam\": 1", 76, "/", "+"},
    };
    static const size_t steps[] = {1, 7, 100, 318, 319, 320, 321, 5000};
    uint8_t bytes[300] = "%PDF-1.7 ";
    char text[3000];
    struct taken taken = {.begun = 0};
    (void)state;
    sp_buf_init(&taken.bytes, 1 << 20);
    for (size_t i = 9; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 2654435761U >> 7);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        /* twice, one behind the other */
        size_t len = layout_write(&layouts[i], bytes, sizeof bytes, text);
        len += layout_write(&layouts[i], bytes, sizeof bytes, text + len);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            for (size_t first = 1; first < len; first += k < 2 ? 97 : 1) {
                look_in_pieces(&taken, (struct sp_slice){(uint8_t *)text, len}, first, steps[k]);
                if (taken.begun != 2 || taken.bytes.len != 2 * (sizeof bytes + 1))
                    fail_msg("layout %zu, %zu and %zu: %u documents, %zu bytes", i, first, steps[k],
                             taken.begun, taken.bytes.len);
                assert_memory_equal(taken.bytes.data, bytes, sizeof bytes);
                assert_memory_equal(taken.bytes.data + sizeof bytes + 1, bytes, sizeof bytes);
            }
        }
    }
    sp_buf_clear(&taken.bytes);
}

static void test_small(void **state)
{
    char room[SP_NUMBER_MAX];
    char text[] = "a_x0040_b_x00_c_xD800_d_x005F_x0041_";
    uint8_t mainframe[128];
    (void)state;
    size_t len = sp_xstring_decode((uint8_t *)text, strlen(text));
    assert_int_equal(len, strlen("a@b_x00_c_xD800_d_x0041_"));
    assert_memory_equal(text, "a@b_x00_c_xD800_d_x0041_", len);
    assert_int_equal(sp_number_whole(sp_slice_of("1.5E3"), room).len, 0);
    assert_int_equal(sp_number_whole(sp_slice_of("1.2345678901234567890E9"), room).len, 0);
    assert_true(sp_office_attribute_is_text("x", "y:z", "jan@b.nl"));
    assert_true(sp_office_attribute_is_text("x", "val", "NL91ABNA0417164300"));
    assert_false(sp_office_attribute_is_text("x", "xmlns:text", "a@b"));
    assert_false(sp_office_attribute_is_text("x", "id", "{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}"));
    assert_false(sp_office_attribute_is_text("x", "date", "2026-01-01T00:00:00Z"));
    assert_false(sp_office_attribute_is_text("shape", "path", "m@4@5l@4@11@9@11@9@5xe"));
    assert_false(sp_office_attribute_is_text("x", "points", "0,0 100200300,400500600"));
    memset(mainframe, 0x40, sizeof mainframe);
    memset(mainframe, 0xC1, sizeof mainframe / 2);
    assert_true(sp_looks_ebcdic((struct sp_slice){mainframe, sizeof mainframe}));
    memset(mainframe + 64, 0x20, 64);
    assert_false(sp_looks_ebcdic((struct sp_slice){mainframe, sizeof mainframe}));
}

typedef enum sp_err (*pdf_read)(struct sp_extract *x, struct sp_flow *flow, struct sp_why *why);
static struct sp_slice pdf_text;

static enum sp_err lines_read(struct sp_extract *x, struct sp_flow *flow, struct sp_why *why)
{
    (void)x;
    return sp_pdf_lines(flow, pdf_text, why);
}

static enum sp_err objects_read(struct sp_extract *x, struct sp_flow *flow, struct sp_why *why)
{
    struct sp_pdf_objects told = {.cut = false};
    return sp_pdf_objects(x, pdf_text, flow, &told, why);
}

/* In a record of its own, as pdf.c does. */
static enum sp_err flow_read(struct sp_extract *x, pdf_read read, struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    struct sp_flow *flow = NULL;
    enum sp_err err = sp_flow_new(x->sink, &flow, why);
    if (err != SP_OK)
        return err;
    sp_flow_begin(flow, &record);
    err = read(x, flow, why);
    enum sp_err ended = sp_flow_end(flow, why);
    x->done->record_count = sp_flow_records(flow);
    sp_flow_free(flow);
    return err != SP_OK ? err : ended;
}

static enum sp_err lines_extract(struct sp_extract *x, struct sp_why *why)
{
    return flow_read(x, lines_read, why);
}

static enum sp_err objects_extract(struct sp_extract *x, struct sp_why *why)
{
    return flow_read(x, objects_read, why);
}

static const struct recorder_job lines_job = {.name = "x", .extract = lines_extract};
static const struct recorder_job objects_job = {.name = "x", .extract = objects_extract};

static void check_pdf(const struct recorder_job *job, const char *text, const char *piece)
{
    pdf_text = sp_slice_of(text);
    check(job, "x", (const char *const[]){piece, NULL});
}

static void test_pdf(void **state)
{
    (void)state;
    check_pdf(&lines_job, "mijn BSN 1 1 1 2 2 2 3 3 3 ja\nx", "\\x0amijn BSN 111222333\\x0a");
    check_pdf(&lines_job, "j a n . wi j d @ b . nl", "jan.wijd@b.nl");
    check_pdf(&lines_job, "a\nb\n@\nc\n.\nn\nl\n", "ab@c.nl");
    check_pdf(&lines_job, "aan jan.ge-\nbroken@b.nl of",
              "jan.ge-broken@b.nl\\x0ajan.gebroken@b.nl");
    check_pdf(&lines_job, "aan jan@\nb.nl. of", "jan@b.nl.");
    check_pdf(&lines_job, "a b c d\ngewone tekst-\nverder",
              "text \"a b c d\\x0agewone tekst-\\x0averder\"");
    check_pdf(&objects_job,
              "1 0 obj<</A(jan\\100b.nl)/B(nog een)/C<FEFF006A0061006E0040006E>>>endobj",
              "text \"jan@b.nl\"\n    field \"\"\n    text \"jan@n\"");
    check_pdf(&objects_job, "() <> (\\) <FEFF>", "line=1\n  end record");
    check_pdf(&objects_job, "((((((( <41 (aa\\", "line=1\n  end record");
    check_pdf(&objects_job, "1 0 obj<</Filter/FlateDecode>>stream\nrommel\nendstream",
              "line=1\n  end record");
}

static void test_failures(void **state)
{
    const struct recorder_job *const jobs[] = {&word_job,  &word_job,  &rtf_job,
                                               &plain_job, &lines_job, &objects_job};
    const char *const texts[] = {changed, tracked, revised, "x 'a\\u0040b' y", "x", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        enum sp_err err = SP_ERR_NOMEM;
        pdf_text = sp_slice_of(i == 4 ? "a b c d e f\njan@\nb.nl" : "(jan\\100b.nl)");
        for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
            struct recorder rec;
            recorder_init(&rec);
            sp_mem_fail_at(nth);
            err = recorder_bytes(&rec, sp_slice_of(texts[i]), 0, jobs[i]);
            sp_mem_fail_at(0);
            recorder_clear(&rec);
            assert_true(nth < 200);
        }
        assert_int_equal(err, SP_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),  cmocka_unit_test(test_base64_words),
        cmocka_unit_test(test_escapes),  cmocka_unit_test(test_much),
        cmocka_unit_test(test_enclosed), cmocka_unit_test(test_taken),
        cmocka_unit_test(test_small),    cmocka_unit_test(test_pdf),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
