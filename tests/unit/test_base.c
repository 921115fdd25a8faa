/* base: buffers, bounded reading, UTF-8, escaping, JSON. floors: sp_base */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

static void buf_keeps_its_ceiling(void **state)
{
    (void)state;
    struct sp_buf buf;
    struct sp_why why = {""};
    sp_buf_init(&buf, 10);
    assert_int_equal(sp_buf_append(&buf, "1234567", 7, &why), SP_OK);
    assert_int_equal(sp_buf_append(&buf, "1234", 4, &why), SP_ERR_LIMIT);
    assert_int_equal(buf.len, 7);
    assert_int_equal(sp_buf_append(&buf, "890", 3, &why), SP_OK);
    assert_memory_equal(buf.data, "1234567890", 10);
    sp_buf_drop_front(&buf, 4);
    assert_memory_equal(buf.data, "567890", 6);
    sp_buf_clear(&buf);
}

static void line_ends_are_counted(void **state)
{
    enum { LEN = 3 * 16 * 300 };
    (void)state;
    uint8_t *text = sp_alloc(LEN);
    assert_non_null(text);
    memset(text, '\n', LEN); /* more of them in a row than a byte counts */
    assert_int_equal(sp_line_ends(text, LEN), LEN);
    for (size_t i = 0; i < LEN; i++)
        text[i] = i % 7 == 0 ? '\n' : (uint8_t)i | 0x80;
    for (size_t from = 0; from < 20; from++) {
        size_t count = 0;
        for (size_t i = from; i < LEN - from; i++)
            count += text[i] == '\n';
        assert_int_equal(sp_line_ends(text + from, LEN - 2 * from), count);
    }
    assert_int_equal(sp_line_ends(text, 0), 0);
    sp_free(text);
}

static void buf_is_unchanged_without_memory(void **state)
{
    (void)state;
    struct sp_buf buf;
    sp_buf_init(&buf, 1 << 20);
    assert_int_equal(sp_buf_append_string(&buf, "kept", NULL), SP_OK);
    sp_mem_fail_at(1);
    assert_int_equal(sp_buf_reserve(&buf, 100000, NULL), SP_ERR_NOMEM);
    sp_mem_fail_at(0);
    assert_memory_equal(buf.data, "kept", 4);
    sp_buf_clear(&buf);
}

static void reader_reads_what_was_written(void **state)
{
    (void)state;
    static const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
    struct sp_buf buf;
    sp_buf_init(&buf, 4096);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(sp_buf_append_varint(&buf, values[i], NULL), SP_OK);
    assert_int_equal(sp_buf_append_slice(&buf, sp_slice_of("text"), NULL), SP_OK);
    struct sp_reader reader;
    sp_reader_init(&reader, sp_buf_slice(&buf));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_true(sp_reader_varint(&reader) == values[i]);
    assert_true(sp_slice_is(sp_reader_slice(&reader), "text"));
    assert_false(reader.failed);
    assert_int_equal(sp_reader_u8(&reader), 0);
    assert_true(reader.failed);
    sp_buf_clear(&buf);
}

static void reader_refuses_what_is_too_long(void **state)
{
    (void)state;
    static const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                      0x80, 0x80, 0x80, 0x02, 0x00};
    static const uint8_t lying[] = {0x7F, 'a'};
    struct sp_reader reader;
    sp_reader_init(&reader, (struct sp_slice){endless, sizeof endless});
    (void)sp_reader_varint(&reader);
    assert_true(reader.failed);
    sp_reader_init(&reader, (struct sp_slice){lying, sizeof lying});
    assert_int_equal(sp_reader_slice(&reader).len, 0);
    assert_true(reader.failed);
}

static void utf8_knows_what_is_valid(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"plain", true},         {"\xC3\xA9", true},
        {"\xE2\x82\xAC", true},  {"\xF0\x9F\x98\x80", true},
        {"\xC0\xAF", false},     {"\xE0\x80\x80", false},
        {"\xED\xA0\x80", false}, {"\xF4\x90\x80\x80", false},
        {"\xC3", false},         {"\x80", false},
        {"\xFF", false},         {"12345678\xC3", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(sp_utf8_valid(sp_slice_of(cases[i].bytes)), cases[i].valid);
    for (uint32_t c = 0; c < 0x110000; c += 7) {
        uint8_t bytes[4];
        uint32_t back = 0;
        unsigned width = sp_utf8_encode(c, bytes);
        assert_int_equal(sp_utf8_decode(bytes, width, &back), width);
        assert_int_equal(back, c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);
    }
}

static void escape_lets_nothing_harmful_through(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a b", "a b"},
        {"50%", "50%25"},
        {"x\x1b[31m", "x%1B[31m"},
        {"line\nend", "line%0Aend"},
        {"\xE2\x80\xAE"
         "cod.exe",
         "%E2%80%AEcod.exe"},
        {"\xC2\x9B", "%C2%9B"},
        {"bad\xFF", "bad%FF"},
        {"a!b", "a%21b"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sp_buf out;
        sp_buf_init(&out, 256);
        assert_int_equal(sp_escape(&out, sp_slice_of(cases[i][0]), "!", NULL), SP_OK);
        assert_int_equal(sp_buf_append_byte(&out, 0, NULL), SP_OK);
        assert_string_equal((const char *)out.data, cases[i][1]);
        sp_buf_clear(&out);
    }
}

static void json_is_json(void **state)
{
    (void)state;
    struct sp_buf out;
    struct sp_json json;
    sp_buf_init(&out, 4096);
    sp_json_init(&json, &out, NULL);
    sp_json_object(&json);
    sp_json_text(&json, "a\"b", "c\\d\n\x01");
    sp_json_slice(&json, "bytes", sp_slice_of("\xFFx"));
    sp_json_text(&json, "none", NULL);
    sp_json_key(&json, "list");
    sp_json_array(&json);
    sp_json_item(&json, "one");
    sp_json_item(&json, "two");
    sp_json_array_end(&json);
    sp_json_number(&json, "n", UINT64_MAX);
    sp_json_bool(&json, "yes", true);
    sp_json_object_end(&json);
    assert_int_equal(json.err, SP_OK);
    assert_int_equal(sp_buf_append_byte(&out, 0, NULL), SP_OK);
    assert_string_equal((const char *)out.data,
                        "{\"a\\\"b\":\"c\\\\d\\u000a\\u0001\",\"bytes\":\"%FFx\",\"none\":null,"
                        "\"list\":[\"one\",\"two\"],\"n\":18446744073709551615,\"yes\":true}");
    sp_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_keeps_its_ceiling),
        cmocka_unit_test(line_ends_are_counted),
        cmocka_unit_test(buf_is_unchanged_without_memory),
        cmocka_unit_test(reader_reads_what_was_written),
        cmocka_unit_test(reader_refuses_what_is_too_long),
        cmocka_unit_test(utf8_knows_what_is_valid),
        cmocka_unit_test(escape_lets_nothing_harmful_through),
        cmocka_unit_test(json_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
