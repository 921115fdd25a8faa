/* SQL dumps of MySQL, MariaDB, PostgreSQL and SQLite: tuples, names, keys, escapes, cuts.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"

static const struct recorder_job sql_job = {.name = "x.sql", .extract = sp_sqldump_extract};

static void run(struct recorder *rec, struct sp_slice in, size_t block, bool offsets)
{
    recorder_init(rec);
    rec->hide_offsets = !offsets;
    assert_int_equal(recorder_bytes(rec, in, block, &sql_job), SP_OK);
}

static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    run(&whole, in, 0, true);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        run(&cut, in, block, true);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...)                                                                             \
    check((struct sp_slice){(const uint8_t *)(in), sizeof(in) - 1},                                \
          (const char *const[]){__VA_ARGS__, NULL})

static int bid(const char *text, const char *name)
{
    return bid_of(sp_sqldump_bid, sp_slice_of(text), sp_slice_of(name));
}

static const char mysql[] =
    "-- MySQL dump 10.19  Distrib 10.3.39-MariaDB\n--\n-- Host: localhost    Database: shop\n\n"
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
    "DROP TABLE IF EXISTS `wp_users`;\n"
    "/*!40101 SET character_set_client = utf8 */;\n"
    "CREATE TABLE `wp_users` (\n"
    "  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n"
    "  `user_login` varchar(60) NOT NULL DEFAULT '',\n"
    "  `user_email` varchar(100) NOT NULL DEFAULT 'a(,)b' COMMENT 'the key, it''s',\n"
    "  `blob` longblob,\n"
    "  PRIMARY KEY (`ID`),\n"
    "  KEY `user_login_key` (`user_login`(10)),\n"
    "  CONSTRAINT `c` FOREIGN KEY (`ID`) REFERENCES `x` (`id`)\n"
    ") ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4;\n\n"
    "LOCK TABLES `wp_users` WRITE;\n"
    "INSERT INTO `wp_users` VALUES (1041,'jan','jan@example.nl',NULL),\n"
    "(1042,'O\\'Neil \\\"x\\\"\\r\\nb','it''s; (a),b',_binary 'x\\0y'),"
    "(-3,'\xE2\x80\x99s \\\\','',0x4A616E2040);\n"
    "INSERT INTO `wp_users` VALUES (7,'second','s@example.nl','z');\n"
    "UNLOCK TABLES;\n"
    "-- Dump completed on 2024-01-31 10:00:00\n";

static void test_mysql(void **state)
{
    (void)state;
    CHECK(mysql, "record document 1 line=1\n    text \"-- MySQL dump 10.19",
          "pk=\"ID=1041\"\n    field \"ID\" column=1 line=19\n    text \"1041\"",
          " table=\"wp_users\" pk=\"ID=1042\"\n", "row=2 table",
          "field \"user_login\" column=2 line=20\n    text \"O'Neil \\x22x\\x22\\x0ab\"",
          "field \"user_email\" column=3 line=20\n    text \"it's; (a),b\"",
          "field \"blob\" column=4 line=20\n    text \"x y\"", "pk=\"ID=-3\"", "text \"'s \\x5c\"",
          "field \"blob\" column=4 line=20\n    text \"Jan @\"",
          "line=21 row=4 table=\"wp_users\" pk=\"ID=7\"", "text \"second\"",
          "text \"-- Dump completed on 2024-01-31 10:00:00\\x0a\"", "complete");
    struct recorder rec;
    run(&rec, sp_slice_of(mysql), 0, false);
    /* One record for the head of both INSERTs; nothing for the commas. */
    char *first = strstr(rec.out, "INSERT INTO `wp_users` VALUES");
    assert_non_null(first);
    assert_null(strstr(first + 1, "INSERT INTO"));
    recorder_refuse(&rec, "text \",");
    recorder_refuse(&rec, "NULL)");
    recorder_clear(&rec);
}

/* Each byte of a value points to where it is written. */
static void test_origins(void **state)
{
    (void)state;
    CHECK("INSERT INTO t VALUES ('a\\'b''c\\nd',0x6A6B,'\xE2\x80\x98q');",
          "text \"a'b'c\\x0ad\" @23 @1:25 @3:28 @6:32", "text \"jk\" @37 @1:39",
          "text \"'q\" @43 @1:46");
}

static void test_forms(void **state)
{
    (void)state;
    CHECK("INSERT INTO shop.klant (id, naam, `e-mail`) VALUES (1, 'Jan', \"j@example.nl\")\n"
          "ON DUPLICATE KEY UPDATE naam='Piet';\nSELECT 1;",
          "table=\"shop.klant\"\n    field \"id\" column=1 line=1\n    text \"1\"",
          "field \"e-mail\" column=3 line=1\n    text \"j@example.nl\"",
          "text \"ON DUPLICATE KEY UPDATE naam='Piet';\"", "text \"SELECT 1;\"");
    CHECK("INSERT INTO t VALUES(1,replace('a\\nb','\\n',char(10)),CAST('x y' AS JSON),1.5e3,TRUE);",
          "text \"replace(a\\x0ab,\\x0a,char(10))\"", "text \"CAST(x y AS JSON)\"",
          "text \"1.5e3\"", "text \"TRUE\"");
    CHECK("INSERT [dbo].[Klant] ([Id], [Naam]) VALUES (1, N'Jan \\')\nGO\n"
          "INSERT [dbo].[Klant] ([Id], [Naam]) VALUES (2, N'Piet')\nGO\n",
          "record sql 2 line=1 row=1 table=\"dbo.Klant\"", "text \"Jan \\x5c\"",
          "row=2 table=\"dbo.Klant\"\n    field \"Id\" column=1 line=3\n    text \"2\"");
    CHECK("UPDATE t SET a='x;y' WHERE b=1;\nINSERT INTO t SELECT * FROM u;\nINSERT INTO t () "
          "VALUES ();\n",
          "text \"UPDATE t SET a='x;y' WHERE b=1;\"", "text \"INSERT INTO t SELECT * FROM u;\"");
    CHECK("CREATE TABLE a (x int, y text, PRIMARY KEY (y, x));INSERT INTO a VALUES (1,'q');",
          "pk=\"y=q,x=1\"");
    CHECK("CREATE TABLE a (x int, y text PRIMARY KEY);INSERT INTO a (y,x) VALUES ('q',2);",
          "pk=\"y=q\"\n    field \"y\" column=1");
    CHECK("INSERT INTO t VALUES ('cut", "text \"cut\"", "unread truncated", "partial");
}

static void test_postgres(void **state)
{
    (void)state;
    CHECK("--\n-- PostgreSQL database dump\n--\n\nSET standard_conforming_strings = on;\n"
          "CREATE FUNCTION f() RETURNS void AS $_$ BEGIN -- don't\n x := 'a;'; END $_$;\n"
          "CREATE TABLE public.users (\n    id integer NOT NULL PRIMARY KEY,\n    email text,\n"
          "    note text\n);\n\n"
          "COPY public.users (id, email, note) FROM stdin;\n"
          "1\tjan@example.nl\ta\\tb\\\\c\\nd it's\n"
          "2\t\\N\t\\N\n\\N\tx\t\xE2\x80\x99\n"
          "\\.\n\n\n"
          "INSERT INTO public.users VALUES (3, 'C:\\', E'a\\'b\\n');\n",
          "-- don't", "row=1 table=\"public.users\" pk=\"id=1\"",
          "field \"note\" column=3 line=15\n    text \"a\\x09b\\x5cc\\x0ad it's\"",
          "pk=\"id=2\"\n    field \"id\" column=1 line=16\n    text \"2\" @329\n  end record",
          "field \"email\" column=2 line=17\n    text \"x\"",
          "row=4 table=\"public.users\" pk=\"id=3\"", "text \"C:\\x5c\"", "text \"a'b\\x0a\"");
}

static void test_sqlite(void **state)
{
    (void)state;
    CHECK("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"
          "CREATE TABLE \"klant\" (\"id\" INTEGER PRIMARY KEY AUTOINCREMENT, naam TEXT);\n"
          "INSERT INTO klant VALUES(1,'Jan\\');\nINSERT INTO klant VALUES(2,X'4a616e');\nCOMMIT;\n",
          "pk=\"id=1\"", "field \"naam\" column=2 line=4\n    text \"Jan\\x5c\"",
          "field \"naam\" column=2 line=5\n    text \"Jan\"", "text \"COMMIT;\"");
}

/* PostgreSQL's bytea: hexadecimal in a string, or in COPY data behind two backslashes. */
static void test_bytea(void **state)
{
    (void)state;
    CHECK(
        "-- PostgreSQL database dump\nINSERT INTO t VALUES ('\\x4a616e20', '\\y\\x41', '\\x4!z');\n"
        "COPY t (a, b) FROM stdin;\n\\\\x4a616e\t\\\\\\\\x\n\\\\y\ta\\\\x41\n\\.\n",
        "text \"Jan \" @53", "text \"\\x5cy\\x5cx41\"", "text \"\\x5cx4!z\"",
        "field \"a\" column=1 line=4\n    text \"Jan\"", "text \"\\x5c\\x5cx\"", "text \"\\x5cy\"",
        "text \"a\\x5cx41\"");
}

/* Words and strings of one value do not run together. */
static void test_tokens(void **state)
{
    (void)state;
    CHECK("INSERT INTO t VALUES (1,_utf8mb4'a@b.nl' COLLATE utf8mb4_bin),(2,'a@b.nl'COLLATE x);",
          "text \"a@b.nl COLLATE utf8mb4_bin\"", "text \"a@b.nl COLLATE x\"");
    CHECK("INSERT INTO t VALUES (1,hoi a@b.nl\n dag , x (y) z),(_jan@b.nl,'jan@'\n'b.nl',NULL),"
          "('jan@'||'b.nl','a' || b,'x' NULL 'y');",
          "text \"hoi a@b.nl dag\"", "text \"x (y) z\"", "text \"_jan@b.nl\"", "text \"jan@b.nl\"",
          "text \"jan@b.nl\"", "text \"a b\"", "text \"x y\"");
    CHECK("INSERT INTO t VALUES (1,a@b.nl", "text \"a@b.nl\"", "unread truncated");
    CHECK("COPY t (a) FROM stdin; -- a@b.nl\n1\n\\NL91\n\\.\n", "text \"-- a@b.nl\"",
          "text \"NL91\"");
}

static void test_dollar_quotes(void **state)
{
    (void)state;
    CHECK("-- PostgreSQL database dump\nINSERT INTO t VALUES ($$hoi a@b.nl dag$$, "
          "$a$it's $$ (x), $b$ $a$,$1,'n');",
          "text \"hoi a@b.nl dag\"", "text \"it's $$ (x), $b$ \"", "text \"$1\"", "text \"n\"");
    CHECK("INSERT INTO t VALUES ($a$cut $", "text \"cut $\"", "unread truncated");
}

static void test_codes(void **state)
{
    (void)state;
    CHECK("-- PostgreSQL database dump\nINSERT INTO t VALUES (U&'\\0061\\+000040b\\\\c', "
          "E'jan\\100\\x41\\u0062\\xg\\303\\251\\303', E'a'\n'\\x62', x'4a61'\n'6e', x'4a\n6e');",
          "text \"a@b\\x5cc\"", "text \"jan@Abxg\xC3\xA9\\x0a\"", "text \"ab\"", "text \"Jan\"",
          "text \"Jn\"");
    CHECK("INSERT INTO t VALUES ('\\x6a616e40622e6e6c','\\xavier@b.nl',0x6a616e,0x6axy,x'4a@b');",
          "text \"jan@b.nl\"", "text \"xavier@b.nl\"", "text \"jan\"", "text \"0x6axy\"",
          "text \"J@b\"");
    CHECK("INSERT INTO t VALUES (U&'a!0040b' UESCAPE '!');", "unread unsupported \"1 binary");
    CHECK("COPY t (a) FROM stdin;\njan\\100b\\x2enl\n\\\\xavier@b.nl\n\\.\n", "text \"jan@b.nl\"",
          "text \"\\x5cxavier@b.nl\"");
}

/* A binary value in the head does not turn the whole dump into windows-1252. */
static void test_blob_before_text(void **state)
{
    (void)state;
    CHECK("-- MySQL dump\nINSERT INTO t VALUES ('\xFF\xFE\x93'),('Ren\xC3\xA9 \xE9');\n",
          "text \"Ren\xC3\xA9 \xC3\xA9\"");
}

/* Nor does one beyond which the head has no UTF-8 at all. */
static void test_blob_fills_head(void **state)
{
    (void)state;
    size_t cap = 200000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap, "-- MySQL dump\nINSERT INTO t VALUES ('\xFF\xFE');\n");
    while (len < 100000)
        len += (size_t)snprintf(text + len, cap - len, "-- nothing in this line\n");
    len += (size_t)snprintf(text + len, cap - len, "INSERT INTO t VALUES ('Ren\xC3\xA9 \xE9');\n");
    struct recorder rec;
    run(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, false);
    recorder_expect(&rec, "text \"Ren\xC3\xA9 \xC3\xA9\"");
    recorder_clear(&rec);
    free(text);
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid(mysql, "") > 90);
    assert_true(bid("--\n-- PostgreSQL database dump\n--\n", "") > 90);
    assert_true(bid("-- MySQL dump 10.13\nINSERT INTO t VALUES (_binary "
                    "'x\x9C\x05\x06\x07\xD8\x01\x02\x03\x04\x05\xFF')",
                    "") > 90);
    assert_int_equal(
        bid("INSERT INTO t VALUES (_binary 'x\x9C\x05\x06\x07\xD8\x01\x02\x03\x04\x05\xFF')",
            "a.sql"),
        0);
    assert_true(bid("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "") > 90);
    assert_true(bid("\xEF\xBB\xBFINSERT INTO t VALUES (1);\n", "") > 50);
    assert_true(bid("CREATE TABLE t (a int);\n", "x") > 50);
    assert_true(bid("select 1;\n", "a.SQL") > 50);
    assert_int_equal(bid("select 1;\n", "a.txt"), 0);
    assert_int_equal(bid("Insert into the slot.\n", "a.txt"), 0);
    assert_int_equal(bid("# Title\n\nText.\n", "a.md"), 0);
    assert_int_equal(bid("", "a.sql"), 0);
}

/* Binary values are read as printable runs, and told. */
static void test_binary(void **state)
{
    (void)state;
    char text[1000] = "INSERT INTO t VALUES (0x";
    size_t len = strlen(text);
    for (int i = 0; i < 100; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", i % 10 < 5 ? "01" : "41");
    (void)snprintf(text + len, sizeof text - len, ");");
    struct recorder rec;
    run(&rec, sp_slice_of(text), 0, false);
    recorder_expect(&rec, "text \"\\x0aAAAAA\\x0aAAAAA");
    recorder_expect(&rec,
                    "unread unsupported \"1 binary values: only their printable runs were read\"");
    recorder_clear(&rec);
}

/* Compressed data, as digits and as mysqldump writes it without --hex-blob; text is none. */
static void test_packed(void **state)
{
    (void)state;
    static const char sentence[] = "Caf\xC3\xA9 \xC2\xAB"
                                   "D\xC3\xA9j\xC3\xA0 vu\xC2\xBB 20\xC2\xB0 \xE2\x80\x93 x";
    char text[4000];
    struct recorder rec;
    run(&rec, sp_slice_of("INSERT INTO t VALUES (0x789c2b2d4e2daac94dcccca929b63232b2);"), 0,
        false);
    recorder_expect(&rec, "1 binary values");
    recorder_clear(&rec);
    run(&rec,
        sp_slice_of(
            "INSERT INTO t VALUES (_binary 'x\x9C+-N-\xAA)\xB6\x32\\0\xCA\xCEI\xCC+Q\xB2');"),
        0, false);
    recorder_expect(&rec, "1 binary values");
    recorder_clear(&rec);
    run(&rec,
        sp_slice_of("INSERT INTO t VALUES ('\xE2\x82\xAC 5 | \xE2\x82\xAC 10 | \xE2\x82\xAC 15 | "
                    "\xE2\x98\x85\xE2\x98\x85\xE2\x98\x85 goed \xC2\xBD kop \xC2\xBC l 12\xC2\xB0, "
                    "13\xC2\xB0, 14\xC2\xB0, 15\xC2\xB0');"),
        0, false);
    assert_null(strstr(rec.out, "binary"));
    recorder_clear(&rec);
    size_t len = (size_t)snprintf(text, sizeof text, "INSERT INTO t VALUES ('%s %s %s'),('",
                                  sentence, sentence, sentence);
    uint32_t seed = 5;
    for (int i = 0; i < 600; i++) {
        seed = seed * 1664525 + 1013904223;
        char byte = (char)(seed >> 24);
        text[len++] = byte == '\'' || byte == '\\' || byte == 0 ? 'x' : byte;
    }
    (void)snprintf(text + len, sizeof text - len, "');");
    run(&rec, sp_slice_of(text), 0, false);
    recorder_expect(&rec, "1 binary values");
    recorder_clear(&rec);
}

static void test_large(void **state)
{
    (void)state;
    size_t cap = 3000000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap,
                                  "CREATE TABLE t (id int primary key, v text);"
                                  "INSERT INTO t VALUES ");
    for (int i = 0; i < 50000; i++)
        len += (size_t)snprintf(text + len, cap - len, "%s(%d,'v%d')", i ? "," : "", i, i);
    len += (size_t)snprintf(text + len, cap - len, ",('x','");
    memset(text + len, 'y', 200000);
    len += 200000;
    len += (size_t)snprintf(text + len, cap - len, "end'),(50001,'last');");
    struct recorder rec;
    run(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, false);
    recorder_expect(&rec, "row=50000 table=\"t\" pk=\"id=49999\"");
    recorder_expect(&rec, "row=50001 table=\"t\" pk=\"id=x\"");
    recorder_expect(&rec, "yyyend\"");
    recorder_expect(&rec, "row=50002 table=\"t\" pk=\"id=50001\"");
    recorder_clear(&rec);
    free(text);
}

static const char mixed[] =
    "-- MySQL dump\nCREATE TABLE `t` (`id` int, `b` text, PRIMARY KEY (`id`));\n"
    "INSERT INTO `t` VALUES (1,'a\\'\xE2\x80\x99''\\n'),(2,0x4A\xC3\xA9 N'x' f(1,'\\');\n"
    "/* c */ COPY t FROM stdin;\n1\t\\\\x\n\\N\n\\.\nSELECT $$ ' $$; -- e";
static const char mixed_codes[] =
    "-- PostgreSQL database dump\nINSERT INTO t VALUES (U&'\\00e9\\\\',E'\\303\\251\\x4' '\\u00E9',"
    "$a$ $b \xC3\xA9$a$ q,'\\x4a6\xC3\xA9','\\x4A6E',0x4a\xC3\xA9, _utf8 x'4A' "
    "'\xE2\x80\x99',\"x\"||y);\n"
    "COPY t FROM stdin;\n\\303\\251\\N\\x4\t\\\\x4a\n\\.\n";

static void chop(const char *text, size_t size)
{
    uint8_t bytes[512];
    uint32_t seed = 11;
    assert_true(size <= sizeof bytes);
    for (size_t len = 0; len < size; len++)
        check((struct sp_slice){(const uint8_t *)text, len}, (const char *const[]){NULL});
    for (int round = 0; round < 1500; round++) {
        memcpy(bytes, text, size);
        for (int flips = 0; flips < 3; flips++) {
            seed = seed * 1664525 + 1013904223;
            bytes[(seed >> 8) % size] ^= (uint8_t)(1U << (seed >> 29));
        }
        if (round % 2)
            memcpy(bytes, "-- PostgreSQL database", 22); /* the other rules for backslashes */
        check((struct sp_slice){bytes, size - 1}, (const char *const[]){NULL});
    }
}

static void test_chop(void **state)
{
    (void)state;
    chop(mixed, sizeof mixed);
    chop(mixed_codes, sizeof mixed_codes);
}

static void test_failures(void **state)
{
    (void)state;
    struct recorder rec;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, sp_slice_of(mysql), 50, &sql_job);
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
        err = recorder_bytes(&rec, sp_slice_of(mysql), 50, &sql_job);
        recorder_clear(&rec);
        assert_true(at < 1000);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mysql),           cmocka_unit_test(test_origins),
        cmocka_unit_test(test_forms),           cmocka_unit_test(test_postgres),
        cmocka_unit_test(test_sqlite),          cmocka_unit_test(test_bid),
        cmocka_unit_test(test_blob_fills_head), cmocka_unit_test(test_bytea),
        cmocka_unit_test(test_tokens),          cmocka_unit_test(test_dollar_quotes),
        cmocka_unit_test(test_codes),           cmocka_unit_test(test_blob_before_text),
        cmocka_unit_test(test_binary),          cmocka_unit_test(test_packed),
        cmocka_unit_test(test_large),           cmocka_unit_test(test_chop),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
