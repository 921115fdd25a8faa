/* Mail: eml and mbox, MIME whole and broken, encodings, nesting, what must not be lost.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"
#include "extract/mail.h"

static const struct recorder_job any_job = {.name = "input"};

static void run_job(struct recorder *rec, struct sp_slice in, size_t block,
                    const struct recorder_job *job)
{
    recorder_init(rec);
    rec->hide_offsets = true;
    assert_int_equal(recorder_bytes(rec, in, block, job), SP_OK);
}

static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    run_job(&whole, in, 0, &any_job);
    for (size_t i = 0; pieces[i] != NULL; i++) {
        if (pieces[i][0] == '!')
            recorder_refuse(&whole, pieces[i] + 1);
        else
            recorder_expect(&whole, pieces[i]);
    }
    for (size_t block = 1; block <= 7; block += 6) {
        run_job(&cut, in, block, &any_job);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...)                                                                             \
    check((struct sp_slice){(const uint8_t *)(in), sizeof(in) - 1},                                \
          (const char *const[]){__VA_ARGS__, NULL})

static int eml_bid(const char *text, const char *name)
{
    return bid_of(sp_eml_bid, sp_slice_of(text), sp_slice_of(name));
}

static int mbox_bid(const char *text)
{
    return bid_of(sp_mbox_bid, sp_slice_of(text), sp_slice_of("x"));
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(eml_bid("From: a@example.nl\nTo: b@example.nl\n\nx\n", "") > 50);
    assert_true(eml_bid("X-Odd: 1\n folded\nReceived: x\r\nDate: y\r\n\r\n", "") > 50);
    assert_true(eml_bid("Subject: x\n\nbody\n", "a.eml") > 50);
    assert_true(eml_bid("Subject: x\n\nbody\n", "Maildir/cur/1700000000.M1P2.host:2,S") > 50);
    assert_int_equal(eml_bid("Subject: x\n\nbody\n", "a.txt"), 0);
    assert_int_equal(eml_bid("Geachte heer,\nFrom: x\nTo: y\n", ""), 0);
    assert_int_equal(eml_bid("", "a.eml"), 0);
    assert_int_equal(eml_bid("a: 1\nb: 2\nc: 3\n", "x.yaml"), 0);
    assert_true(mbox_bid("From jan@example.nl Mon Jan  1 10:00:00 2024\nSubject: x\n\n") > 90);
    assert_true(mbox_bid("From - Mon Jan 01 10:00:00 2024\nX-Mozilla-Status: 0001\n\n") > 90);
    assert_int_equal(mbox_bid("From here to there\nand back\n"), 0);
    assert_int_equal(mbox_bid("From: jan\nTo: piet\n"), 0);
}

static void test_simple(void **state)
{
    (void)state;
    CHECK("Return-Path: <jan@example.nl>\r\nFrom: Jan <jan@example.nl>\r\nTo: piet@example.nl,\r\n"
          "\tkees@example.nl\r\nSubject: =?utf-8?Q?Caf=C3=A9_tel?= =?utf-8?B?ZWZvb24=?= 06\r\n"
          "Message-ID: <1@host.example>\r\nDate: Mon, 01 Jan 2024 10:00:00 +0100\r\n\r\n"
          "Hallo,\r\nmijn nummer is 06-12345678.\r\n",
          "record message 1 line=1 message-id=\"1@host.example\" date=1704099600",
          "field \"From\"\n    text \"Jan <jan@example.nl>\"",
          "field \"To\"\n    text \"piet@example.nl,\\x09kees@example.nl\"",
          "field \"Subject\"\n    text \"Caf\xC3\xA9 telefoon 06\"",
          "field \"\" part=\"1\" line=1\n    text \"Hallo,\\x0amijn nummer is 06-12345678.\\x0a\"",
          "end eml document", "records=1 complete");
}

static void test_transfer(void **state)
{
    (void)state;
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/plain; charset=iso-8859-1\n"
          "Content-Transfer-Encoding: quoted-printable\n\n"
          "Ren=E9 bel 06-1234=\n5678 =3D 2=ZZ =\n",
          "text \"Ren\xC3\xA9 bel 06-12345678 = 2=ZZ \"");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/html; charset=\"utf-8\"\n"
          "Content-Transfer-Encoding: base64\n\nPGI+Y2Fm\nw6k8L2I+\n",
          "part=\"1\" line=1\n    text \"<b>caf\xC3\xA9</b>\"");
    /* HTML is read as HTML, whatever it is encoded in. */
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/html\n"
          "Content-Transfer-Encoding: quoted-printable\n\n<p>jan&#64;<b>exam=\nple</b>.nl</p>\n",
          "part=\"1\" line=1\n    text \"<p>jan@<b>example</b>.nl</p>", "text \"jan@example.nl\"");
    /* Cut base64, text behind base64, plain text that says it is base64. */
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n\nSGFsbG8gSmFu",
          "text \"Hallo Jan\"");
    CHECK(
        "From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n\nSGFsbG8gSmFu\n"
        "SGFsb",
        "text \"Hallo JanHal\"");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n\nSGFsbG8=\n"
          "__\nlist@example.nl\n",
          "text \"Hallo", "text \"SGFsbG8=\\x0a__\\x0alist@example.nl\\x0a\"");
    /* Charsets: unknown, through iconv, none. */
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/plain; charset=nonsense-9\n\n"
          "Ren\xC3\xA9 Ren\xE9\n",
          "text \"Ren\xC3\xA9 Ren\xC3\xA9\\x0a\"");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/plain; charset=ISO-8859-15\n\n"
          "\xA4 5\n",
          "text \"\xE2\x82\xAC 5\\x0a\"");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/plain\n"
          "Content-Transfer-Encoding: x-unknown\n\nbsn 123\n",
          "text \"bsn 123\\x0a\"");
}

static void test_headers(void **state)
{
    (void)state;
    CHECK("From: =?iso-8859-1?q?Ren=E9?= <r@example.nl>\nTo: b@example.nl\n"
          "Subject: =?utf-8?B?w?= =?utf-8?B?6k=?= =?x-none?Q?a_b?= =?utf-8?X?a?= =?utf\n"
          "X-Split: =?utf-8?B?Y2Fmww==?=\n =?utf-8?Q?=A9_x?=\n"
          "this is no header 06-12345678\n"
          "X Y: z\nX-Empty:\n:no name\nX-Raw: Ren\xE9\n\nbody\n",
          "field \"From\"\n    text \"Ren\xC3\xA9 <r@example.nl>\"", "a b =?utf-8?X?a?= =?utf\"",
          "field \"X-Split\"\n    text \"caf\xC3\xA9 x\"", "text \"this is no header 06-12345678\"",
          "X Y: z", "no name", "field \"X-Raw\"\n    text \"Ren\xC3\xA9\"", "body");
}

/* Base64 cut at any digit, words without padding, a word that lies about its charset. */
static void test_words(void **state)
{
    (void)state;
    CHECK("From: a@example.nl\nTo: b@example.nl\n"
          "Subject: =?utf-8?B?YnNuIDk5O?=\n =?utf-8?B?Tk5MDAxOQo=?=\n"
          "X-Three: =?utf-8?B?YnNuIDk5O?= =?utf-8?B?Tk5MD?= =?utf-8?B?AxOQo=?=\n"
          "X-Bare: =?utf-8?B?SmE?= =?utf-8?B?bg==?= =?utf-8?B?YWI?= x\n"
          "X-Lie: =?utf-16?Q?bsn_999990019?= =?utf-16?B?YnNuIDk5OTk5MDAxOQo=?=\n\nx\n",
          "field \"Subject\"\n    text \"bsn 999990019\\x0a\"",
          "field \"X-Three\"\n    text \"bsn 999990019\\x0a\"",
          "field \"X-Bare\"\n    text \"Janab x\"",
          "field \"X-Lie\"\n    text \"bsn 999990019bsn 999990019\\x0a\"");
}

static const char multi[] =
    "From: a@example.nl\nTo: b@example.nl\nMIME-Version: 1.0\nMessage-ID: <m@x>\n"
    "Content-Type: multipart/mixed; boundary=\"b1\"\n\n"
    "preamble 06-11111111\n"
    "--b1\nContent-Type: multipart/alternative; boundary=b2\n\n"
    "--b2\nContent-Type: text/plain\n\nplain text\n"
    "--b2\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>ht=\nml</p>\n"
    "--b2--\n"
    "--b1\nContent-Type: text/csv; name=\"klant.csv\"\nContent-Disposition: attachment;\n"
    " filename=\"klant.csv\"\nContent-Transfer-Encoding: base64\n\n"
    "bmFhbTtic24KSmFuOzEyMzQ1Njc4MgpQaWV0OzkK\n"
    "--b1\nContent-Type: message/rfc822\n\n"
    "From: inner@example.nl\nTo: c@example.nl\nSubject: inner\n\ninner body\n"
    "--b1\nContent-Type: text/plain\nX-Part: own\n\nlast text\n"
    "--b1--\nepilogue 06-22222222\n";

static void test_multipart(void **state)
{
    (void)state;
    CHECK(
        multi, "text \"preamble 06-11111111\\x0a\"",
        "field \"\" part=\"1.1\" line=1\n    text \"plain text\"",
        "field \"\" part=\"1.2\" line=1\n    text \"<p>html</p>\"",
        "field \"X-Part\" part=\"4\"\n    text \"own\"",
        "field \"\" part=\"4\" line=1\n    text \"last text\"",
        "text \"epilogue 06-22222222\\x0a\"\n  end record\n  begin part 1 \"klant.csv\" part=\"2\"",
        "mime=text/csv", "field \"bsn\" column=2 line=2\n      text \"123456782\"",
        "end csv records", "begin part 2 \"\" part=\"3\" mime=message/rfc822",
        "field \"Subject\"\n      text \"inner\"", "text \"inner body\"", "end eml document",
        "complete", "!text \"--b");
}

static void test_broken(void **state)
{
    (void)state;
    /* No boundary declared, boundary never found, never closed, part without empty line. */
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed\n\n--x\n\nbsn 1\n",
          "bsn 1");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed; boundary=q\n\n"
          "text without parts bsn 2\n",
          "bsn 2");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed; boundary=q\n\n"
          "--q\nContent-Type: text/plain\n\nbsn 3\n--q\nContent-Type: text/plain\n--q\nX: bsn 4\n",
          "bsn 3", "bsn 4");
    CHECK("From: a@example.nl\nTo: b@example.nl", "text \"b@example.nl\"");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: application/pdf\n", "complete");
}

static void test_encrypted(void **state)
{
    (void)state;
    CHECK(
        "From: a@example.nl\nTo: b@example.nl\n"
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n"
        "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        "--b\nContent-Type: application/octet-stream; name=\"e.asc\"\n\n"
        "-----BEGIN PGP MESSAGE-----\nxx\n-----END PGP MESSAGE-----\n--b--\n",
        "begin part 1 \"e.asc\" part=\"2\"", "unread encrypted", "skipped");
    CHECK(
        "From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n"
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nMIIB\n",
        "unread encrypted");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n"
          "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nMIIB\n",
          "unread unsupported \"message inside an S/MIME signature\"", "partial");
    CHECK("From: a@example.nl\nTo: b@example.nl\n"
          "Content-Type: message/partial; id=x; number=2; total=2\n\nMIIB\n",
          "unread multivolume \"a piece of a message\"", "partial");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n\n"
          "H4sIAAAAAAAAA0vMSwQAR/P3RgMAAAA=\n",
          "begin part 1");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: text/calendar\n\n"
          "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
          "begin part 1");
}

static void test_mbox(void **state)
{
    (void)state;
    CHECK("From jan@example.nl Mon Jan  1 10:00:00 2024\nFrom: jan@example.nl\nTo: b@example.nl\n"
          "Message-ID: <one@x>\n\nbody one\n\nFrom here on it is text\n>From quoted\n\n"
          "From the top: text at 10:00 too\nand more\n\n"
          "From piet@example.nl Mon Jan  1 10:00:00 2024\nFrom: piet@example.nl\n"
          "Content-Type: multipart/mixed; boundary=nowhere\nMessage-ID: <two@x>\n\nbroken\n\n"
          "From - Mon Jan  1 10:00:00 2024\nX-Mozilla-Status: 0001\nSubject: three\n\nlast",
          "begin message 1 \"one@x\"",
          "field \"From\"\n      text \"jan@example.nl Mon Jan  1 10:00:00 2024\\x0a\"",
          "text \"body one\\x0a\\x0aFrom here on it is text\\x0a>From quoted\\x0a\\x0aFrom the top",
          "begin message 2 \"two@x\"", "broken", "begin message 3 \"\"", "text \"last\"",
          "end mbox mailbox", "records=0 complete", "!begin message 4");
}

static void named(const char *name, struct sp_slice in, const char *const *pieces)
{
    struct recorder rec;
    struct recorder_job job = {.name = name};
    for (size_t block = 0; block <= 7; block += 7) {
        run_job(&rec, in, block, &job);
        for (size_t i = 0; pieces[i] != NULL; i++) {
            if (pieces[i][0] == '!')
                recorder_refuse(&rec, pieces[i] + 1);
            else
                recorder_expect(&rec, pieces[i]);
        }
        recorder_clear(&rec);
    }
}
#define NAMED(name, in, ...)                                                                       \
    named(name, (struct sp_slice){(const uint8_t *)(in), sizeof(in) - 1},                          \
          (const char *const[]){__VA_ARGS__, NULL})

#define B64_MAIL                                                                                   \
    "From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: base64\n\n"                  \
    "YnNuIDk5OTk5MDAxOQo=\n"
#define B64_TEXT "text \"bsn 999990019\\x0a\""

#define B64_MAIL_CR                                                                                \
    "From: a@example.nl\rTo: b@example.nl\rContent-Transfer-Encoding: base64\r\r"                  \
    "YnNuIDk5OTk5MDAxOQo=\r"

/* What programs put before the first header. */
static void test_prefixes(void **state)
{
    (void)state;
    CHECK("\n" B64_MAIL, B64_TEXT, "end eml", "complete");
    CHECK("\r\n \r\n\n" B64_MAIL, B64_TEXT, "end eml", "complete");
    CHECK("\xEF\xBB\xBF" B64_MAIL, B64_TEXT, "field \"From\"", "complete");
    CHECK("117       \n" B64_MAIL "<?xml version=\"1.0\"?>\n<plist>x</plist>\n", "bsn 999990019",
          "plist>x</plist", "117", "end eml");
    CHECK("Microsoft Mail Internet Headers Version 2.0\n" B64_MAIL, B64_TEXT,
          "Microsoft Mail Internet Headers", "field \"From\"");
    CHECK("From: a@example.nl\rTo: b@example.nl\rContent-Transfer-Encoding: base64\r\r"
          "YnNuIDk5OTk5MDAxOQo=\r",
          B64_TEXT, "field \"To\"\n    text \"b@example.nl\"", "complete");
    CHECK("\n\nFrom jan@example.nl Mon Jan  1 10:00:00 2024\n" B64_MAIL
          "\nFrom jan@example.nl Mon Jan  1 10:00:00 2024\nSubject: two\n\nlast\n",
          "end mbox", "begin message 1", "bsn 999990019", "begin message 2", "!begin message 3");
    CHECK(">From jan@example.nl Mon Jan  1 10:00:00 2024\n" B64_MAIL, "end mbox", B64_TEXT);
    CHECK("\1\1\1\1\n" B64_MAIL "\1\1\1\1\n\1\1\1\1\n" B64_MAIL "\1\1\1\1\n", "end mbox",
          "begin message 1", "begin message 2", "!begin message 3", "bsn 999990019");
    CHECK("BABYL OPTIONS:\nVersion: 5\n\x1F\f\n0,,\n*** EOOH ***\nFrom: x\n\nbsn 1\n",
          "unread unsupported \"babyl\"", "bsn 1");
}

/* A message saved as UTF-16: what is base64 in it has a charset of its own. */
static void test_wide_mail(void **state)
{
    (void)state;
    uint8_t wide[2 * sizeof B64_MAIL] = {0xFF, 0xFE};
    for (size_t i = 0; i + 1 < sizeof B64_MAIL; i++)
        wide[2 + 2 * i] = (uint8_t)B64_MAIL[i];
    static const char *const pieces[] = {B64_TEXT, "field \"To\"\n    text \"b@example.nl\"",
                                         "end eml", NULL};
    check((struct sp_slice){wide, sizeof wide}, pieces);
}

/* A name that promises mail, and no mail. */
static void test_promised(void **state)
{
    (void)state;
    NAMED("a.eml", "bsn 999990019\n", "bsn 999990019", "unread corrupt \"no mail in it\"",
          "partial");
    NAMED("Inbox.mbox", "bsn 999990019\n", "bsn 999990019", "unread corrupt");
    NAMED("x.emlx", "\x80\x81\1\2\3\4\5 bsn 999990019 \0\1\2", "bsn 999990019", "unread corrupt");
    NAMED("Maildir/cur/1700000000.M1P2.host:2,S", "bsn 999990019\n", "unread corrupt");
    NAMED("a.eml", "naam;bsn\nJan;999990019\nPiet;1\n", "999990019", "unread corrupt");
    NAMED("home/new/klant.txt", "bsn 999990019\n", "complete", "!unread");
    NAMED("a.eml", "", "complete", "!unread");
    NAMED("a.eml", "Subject: x\n\nbsn\n", "end eml", "complete", "!unread");
}

#define ENCODED(encoding, text)                                                                    \
    "From: a@example.nl\nTo: b@example.nl\nContent-Transfer-Encoding: " encoding "\n\n" text "\n"

static void test_transfer_names(void **state)
{
    (void)state;
    CHECK(ENCODED("base64;", "YnNuIDk5OTk5MDAxOQo="), B64_TEXT, "!unread");
    CHECK(ENCODED("\"base64\"", "YnNuIDk5OTk5MDAxOQo="), B64_TEXT, "!unread");
    CHECK(ENCODED("base64 (as said)", "YnNuIDk5OTk5MDAxOQo="), B64_TEXT, "!unread");
    CHECK(ENCODED("(as said) BASE64, x", "YnNuIDk5OTk5MDAxOQo="), B64_TEXT, "!unread");
    CHECK(ENCODED("b64", "YnNuIDk5OTk5MDAxOQo="), B64_TEXT, "!unread");
    CHECK(ENCODED("quoted-printable;", "bsn=20999990019"), "bsn 999990019", "!unread");
    CHECK(ENCODED("8-bit", "bsn 1"), "bsn 1", "!unread");
    CHECK(ENCODED("x-frob", "bsn 1"), "bsn 1", "unread undecodable \"unknown transfer encoding\"",
          "partial");
    CHECK(ENCODED("x-gzip64", "H4sIAAAA"), "H4sIAAAA", "unread undecodable");
    CHECK(ENCODED("x-uuencode", "begin"), "unread unsupported");
    /* An attachment with text behind its base64, and one that is no base64 at all. */
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed; boundary=b\n\n"
          "--b\nContent-Type: application/x-y; name=n\nContent-Transfer-Encoding: base64\n\n"
          "naam;bsn\nJan;999990019\n--b--\n",
          "Jan;999990019");
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed; boundary=b\n\n"
          "--b\nContent-Type: application/x-y; name=n\nContent-Transfer-Encoding: x-odd\n\n"
          "naam;bsn\nJan;999990019\n--b--\n",
          "unread undecodable", "999990019");
}

static void test_charset_lies(void **state)
{
    (void)state;
    static const char *const wide[] = {"utf-16",  "UTF-16LE", "utf-16be",        "ucs-2", "utf-32",
                                       "unicode", "IBM037",   "iso-10646-ucs-2", "UTF16", "UCS-4"};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        char mail[200];
        int len = snprintf(mail, sizeof mail,
                           "From: a@example.nl\nTo: b@example.nl\n"
                           "Content-Type: text/plain; charset=%s\n\nbsn 999990019\n",
                           wide[i]);
        static const char *const pieces[] = {"bsn 999990019", NULL};
        check((struct sp_slice){(const uint8_t *)mail, (size_t)len}, pieces);
    }
    /* "bsn 999990019\n" in UTF-16LE without a BOM: charset not told, wrong, right, turned. */
    CHECK(ENCODED("base64", "YgBzAG4AIAA5ADkAOQA5ADkAMAAwADEAOQAKAA=="), B64_TEXT);
    CHECK("Content-Type: text/plain; charset=utf-8\n" ENCODED(
              "base64", "YgBzAG4AIAA5ADkAOQA5ADkAMAAwADEAOQAKAA=="),
          B64_TEXT);
    CHECK("Content-Type: text/plain; charset=utf-16\n" ENCODED(
              "base64", "YgBzAG4AIAA5ADkAOQA5ADkAMAAwADEAOQAKAA=="),
          B64_TEXT);
    CHECK("Content-Type: text/plain; charset=utf-16be\n" ENCODED(
              "base64", "YgBzAG4AIAA5ADkAOQA5ADkAMAAwADEAOQAKAA=="),
          B64_TEXT);
}

/* Parts where MIME knows none: text, and a gap when they are encoded. */
static void test_outside(void **state)
{
    (void)state;
#define MULTI_HEAD "From: a@example.nl\nTo: b@example.nl\nContent-Type: multipart/mixed"
#define MULTI_PART                                                                                 \
    "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"                              \
    "YnNuIDk5OTk5MDAxOQo=\n"
#define OUTSIDE "unread corrupt \"parts outside the boundaries\""
    CHECK(MULTI_HEAD "; boundary=q\n\n--other\n" MULTI_PART "--other--\n", OUTSIDE, "partial");
    CHECK("From j@example.nl Mon Jan  1 10:00:00 2024\r" B64_MAIL_CR
          "\rFrom j@example.nl Mon Jan  1 10:00:00 2024\r" B64_MAIL_CR,
          "bsn 999990019", OUTSIDE);
    CHECK("From: a@example.nl\nTo: b@example.nl\n\nforwarded:\n" MULTI_PART, OUTSIDE);
    CHECK("From: a@example.nl\nTo: b@example.nl\nContent-Type: message/rfc822\n"
          "Content-Transfer-Encoding: base64;\n\n"
          "RnJvbTogYUBleGFtcGxlLm5sClRvOiBiQGV4YW1wbGUubmwKCmJzbiA5OTk5OTAwMTkK\n",
          B64_TEXT, "complete");
    CHECK(MULTI_HEAD "\n\n--b\n" MULTI_PART "--b--\n", OUTSIDE);
    CHECK(MULTI_HEAD "; boundary=b\n\n--b\n\nx\n--b--\n\n--b\n" MULTI_PART "--b--\n", OUTSIDE);
    CHECK(MULTI_HEAD "; boundary=b\n\n--b\n\nx\n--b--\n\n" MULTI_PART, OUTSIDE);
    CHECK(MULTI_HEAD "; boundary=b\nContent-Transfer-Encoding: base64\n\n"
                     "LS1iCgpic24gOTk5OTkwMDE5Ci0tYi0tCg==\n",
          OUTSIDE);
    CHECK(MULTI_HEAD "; boundary=b\nContent-Transfer-Encoding: quoted-printable\n\nx=20y\n",
          OUTSIDE);
    CHECK(MULTI_HEAD "; boundary=b\n\nThis is a message in MIME.\n--b\n" MULTI_PART
                     "--b--\nlist footer\n",
          B64_TEXT, "list footer", "!unread");
}

/* Deep nesting of multiparts and of messages: a limit, told, and the bytes are read as text. */
static void test_deep(void **state)
{
    (void)state;
    size_t cap = 2000000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap, "From: a@example.nl\nTo: b@example.nl\n");
    for (int i = 0; i < 10000; i++)
        len += (size_t)snprintf(text + len, cap - len,
                                "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    len += (size_t)snprintf(text + len, cap - len, "\nthe deepest bsn 999990019\n");
    struct recorder rec;
    run_job(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, &any_job);
    recorder_expect(&rec, "unread limit_depth \"MIME parts nested too deep\"");
    recorder_expect(&rec, "bsn 999990019");
    recorder_clear(&rec);
    len = 0;
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(text + len, cap - len,
                                "From: a%d@example.nl\nTo: b@example.nl\n"
                                "Content-Type: message/rfc822\n\n",
                                i);
    len += (size_t)snprintf(text + len, cap - len, "From: x\nTo: y\n\nthe deepest bsn 999990019\n");
    run_job(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, &any_job);
    recorder_expect(&rec, "unread limit_depth");
    recorder_expect(&rec, "bsn 999990019");
    recorder_clear(&rec);
    /* More parts than we look at. */
    len = (size_t)snprintf(text, cap,
                           "From: a@example.nl\nTo: b@example.nl\n"
                           "Content-Type: multipart/mixed; boundary=b\n\n");
    for (int i = 0; i < 60000; i++)
        len += (size_t)snprintf(text + len, cap - len, "--b\n\nx%d\n", i);
    run_job(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, &any_job);
    recorder_expect(&rec, "unread limit_entries \"too many MIME parts\"");
    recorder_expect(&rec, "x59999");
    recorder_clear(&rec);
    free(text);
}

/* Every word of a message comes out, wherever the message is cut and whatever bits turn over. */
static void test_chop(void **state)
{
    (void)state;
    uint8_t bytes[sizeof multi];
    uint32_t seed = 5;
    struct recorder rec;
    for (size_t len = 60; len < sizeof multi; len++) {
        run_job(&rec, (struct sp_slice){(const uint8_t *)multi, len}, 0, &any_job);
        if (len > 200)
            recorder_expect(&rec, "preamble 06-11111111");
        recorder_clear(&rec);
    }
    for (int round = 0; round < 1500; round++) {
        memcpy(bytes, multi, sizeof multi);
        for (int flips = 0; flips < 4; flips++) {
            seed = seed * 1664525 + 1013904223;
            bytes[60 + (seed >> 8) % (sizeof multi - 60)] ^= (uint8_t)(1U << (seed >> 29));
        }
        run_job(&rec, (struct sp_slice){bytes, sizeof multi - 1}, round % 3 ? 0 : 11, &any_job);
        recorder_clear(&rec);
    }
}

/* Each visible line of a message is in its events: nothing falls between two ranges. */
static void test_nothing_lost(void **state)
{
    (void)state;
    static const char *const seps[] = {"\n",
                                       "\n\n",
                                       "--b\n",
                                       "--b--\n",
                                       "Content-Type: text/plain\n",
                                       "Content-Type: message/rfc822\n\n",
                                       "--\n",
                                       "X-H: v\n",
                                       "Content-Type: multipart/mixed; boundary=c\n\n",
                                       "--c\n"};
    uint32_t seed = 77;
    for (int round = 0; round < 400; round++) {
        char text[3000] = "From: a@example.nl\nTo: b@example.nl\n"
                          "Content-Type: multipart/mixed; boundary=b\n\n";
        size_t len = strlen(text);
        for (int i = 0; i < 40; i++) {
            seed = seed * 1664525 + 1013904223;
            len += (size_t)snprintf(text + len, sizeof text - len, "word%d.\n%s", i,
                                    seps[(seed >> 16) % 10]);
        }
        struct recorder rec;
        run_job(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, &any_job);
        for (int i = 0; i < 40; i++) {
            char word[20];
            (void)snprintf(word, sizeof word, "word%d.", i);
            recorder_expect(&rec, word);
        }
        recorder_clear(&rec);
    }
}

static void test_origins(void **state)
{
    (void)state;
    static const char mail[] = "From: a@example.nl\nSubject: x =?utf-8?Q?a=C3=A9b?= y\n"
                               "Content-Transfer-Encoding: quoted-printable\n\nab=\ncd=C3=A9f\n";
    struct recorder rec;
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, sp_slice_of(mail), 0, &any_job), SP_OK);
    recorder_expect(&rec, "text \"x a\xC3\xA9"
                          "b y\" @28 @2:40 @5:47 @6:50");
    recorder_expect(&rec, "text \"abcd\xC3\xA9"
                          "f\\x0a\" @98 @2:102 @6:110");
    recorder_clear(&rec);
}

static void test_failures(void **state)
{
    (void)state;
    struct recorder rec;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, sp_slice_of(multi), 200, &any_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
        assert_true(nth < 1000);
    }
    assert_int_equal(err, SP_OK);
    err = SP_ERR_STOP;
    for (uint64_t at = 1; err == SP_ERR_STOP; at++) {
        recorder_init(&rec);
        rec.fail_with = SP_ERR_STOP;
        rec.fail_at = at;
        err = recorder_bytes(&rec, sp_slice_of(multi), 200, &any_job);
        recorder_clear(&rec);
        assert_true(at < 1000);
    }
    assert_int_equal(err, SP_OK);
}

static int setup(void **state)
{
    (void)state;
    sp_mail_init();
    return 0;
}

#define PLAIN(headers, body) "From: a@b.nl\nTo: c@d.nl\n" headers "\n\n" body

/* Addresses with blanks, comments, folds and quotes in them are given once more, in one piece. */
static void test_addresses(void **state)
{
    (void)state;
    CHECK("From: \"jan.q\" @b.nl\nTo: jan(hij)@c.nl\n\nx",
          "field \"From\"\n    text \"\\x22jan.q\\x22 @b.nl\"", "text \"jan.q@b.nl\"",
          "text \"jan@c.nl\"");
    CHECK(PLAIN("Cc: Jan <jan.\n\tfold@\n b.nl>, piet . p @ c . nl", "x"), "text \"jan.fold@b.nl\"",
          "text \"piet.p@c.nl\"");
    CHECK(PLAIN("Cc: \"a\\\\\\\"b\"@c.nl (x (y) \\\\) z)", "x"), "@c.nl");
    CHECK(PLAIN("Cc: a@b.nl, Jan <c@d.nl>; e@f.nl", "x"), "!field \"Cc\"\n    text \"a@b.nl\"");
    /* in other headers a blank is between words, a fold at the at-mark is not */
    CHECK(PLAIN("Subject: Jan. piet @ kantoor.nl\n en\nX-Klant: jan@\n b.nl", "x"),
          "text \"jan@b.nl\"", "!text \"piet@kantoor.nl\"", "!text \"Jan.piet");
}

/* RFC 3676: lines that go on, quoted or not. */
static void test_flowed(void **state)
{
    (void)state;
    CHECK(
        PLAIN("Content-Type: text/plain; format=flowed; delsp=yes",
              "mail jan.de \nvries@b.nl en  \nzo\n\n> NL91 ABNA \n0417\n> ook piet \n> er@c.nl\n"),
        "text \"mail jan.devries@b.nl en zo\"", "text \"ook pieter@c.nl\"",
        "!text \"NL91 ABNA0417");
    CHECK(PLAIN("Content-Type: text/plain; format=flowed",
                "IBAN NL91 ABNA \n0417 1643 00\nop een dag \nin juni\n-- \nAB\n"),
          "text \"IBAN NL91 ABNA 0417 1643 00\"", "!text \"op een dag in juni\"",
          "!text \"-- AB\"");
    CHECK(PLAIN("Content-Type: text/plain", "NL91 ABNA \n0417 1643 00"), "!ABNA 0417");
}

/* Two headers that contradict each other: a text is read both ways, of a file it is told. */
/* What a text has of them is read beside it. */
static void test_escapes(void **state)
{
    (void)state;
    CHECK(PLAIN("Content-Type: text/plain", "{\"m\":\"jan\\u0040b.nl\"}\n"),
          "text \"{\\x22m\\x22:\\x22jan\\x5cu0040b.nl\\x22}\\x0a\"", "text \"jan@b.nl\"");
    CHECK(PLAIN("Content-Type: text/plain\nContent-Transfer-Encoding: base64",
                "eyJtIjoiamFuXHUwMDQwYi5ubCJ9\n"),
          "text \"jan@b.nl\"");
}

static void test_two_transfers(void **state)
{
    (void)state;
    CHECK(PLAIN("Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64",
                "amFuQGIubmw=\n"),
          "text \"amFuQGIubmw=\\x0a\"", "text \"jan@b.nl\"");
    CHECK(PLAIN("Content-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: 7bit",
                "a=40b.nl\n"),
          "text \"a@b.nl\\x0a\"", "text \"a=40b.nl\\x0a\"");
    CHECK(PLAIN("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
                "--b\nContent-Type: application/x-y; name=a.txt\nContent-Transfer-Encoding: 7bit\n"
                "Content-Transfer-Encoding: base64\n\namFuQGIubmw=\n--b--\n"),
          "text \"jan@b.nl\"", "unread undecodable \"unknown transfer encoding\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_flowed),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_two_transfers),
        cmocka_unit_test(test_bid),
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_multipart),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_mbox),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_chop),
        cmocka_unit_test(test_nothing_lost),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_wide_mail),
        cmocka_unit_test(test_promised),
        cmocka_unit_test(test_transfer_names),
        cmocka_unit_test(test_charset_lies),
        cmocka_unit_test(test_outside),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
