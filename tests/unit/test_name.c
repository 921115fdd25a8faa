/* Names of persons: typed forms, the pairs of words that are asked for, and that windows of any
 * size ask for the same. floors: sp_detect */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "detect/holder.h"
#include "detect/name.h"

static const struct {
    const char *typed, *canonical; /* NULL: refused */
} typed_names[] = {
    {"Jan Jansen", "jan|jansen"},
    {"jan jansen", "jan|jansen"},
    {"JAN JANSEN", "jan|jansen"},
    {"J. Jansen", "j.|jansen"},
    {"J.P.M. van den Berg", "j.|berg"},
    {"JPM van den Berg", "j.|berg"},
    {"Jan-Willem van den Bérg", "jan|berg"},
    {"Berg, Jan-Willem van den", "jan|berg"},
    {"van den Berg, J.W.", "j.|berg"},
    {"Drs. A. de Vries-Smit", "a.|smit"},
    {"mevr. Ömer Çelik MSc", "omer|celik"},
    {"Sinéad O'Neill", "sinead|oneill"},
    {"Guy D'Hondt", "guy|dhondt"},
    {"Kees in 't Veld", "kees|veld"},
    {"Gabriel Garcia Marquez", "gabriel|marquez"},
    {"Øyvind Ærø", "oyvind|aero"},
    {"Sine\xCC\x81"
     "ad de Boer",
     "sinead|boer"},
    {"Иван Петров", "Иван|Петров"},
    {"Jansen", NULL},
    {"van den Berg", NULL},
    {"Dhr. Jansen", NULL},
    {"Jansen,", NULL},
    {"Jan J.", NULL},
    {"", NULL},
    {"\xFF Jan Jansen", NULL},
};

static void test_typed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed_names / sizeof *typed_names; i++) {
        struct sp_canonical canonical = {0};
        bool valid = sp_name_canonical(sp_slice_of(typed_names[i].typed), &canonical);
        if (valid != (typed_names[i].canonical != NULL) ||
            (valid && (strlen(typed_names[i].canonical) != canonical.len ||
                       memcmp(typed_names[i].canonical, canonical.bytes, canonical.len) != 0)))
            fail_msg("%s gives \"%.*s\"", typed_names[i].typed, (int)canonical.len,
                     (const char *)canonical.bytes);
    }
}

/* Every pair that was asked for, "begin:canonical\n" each. */
static struct sp_buf asked;

static bool want_all(void *ctx, const struct sp_canonical *canonical)
{
    (void)ctx;
    (void)canonical;
    return true;
}

static enum sp_err keep(void *ctx, const struct sp_name *name, struct sp_why *why)
{
    return sp_buf_appendf(&asked, why, "%zu:%.*s\n", *(const size_t *)ctx + name->begin,
                          (int)name->canonical->len, (const char *)name->canonical->bytes);
}

/* Owned: [begin, end); the window has `margin` bytes more on both sides. */
static void ask(struct sp_slice all, size_t begin, size_t end, size_t margin)
{
    struct sp_why why;
    size_t low = begin > margin ? begin - margin : 0;
    size_t high = all.len - end > margin ? end + margin : all.len;
    struct sp_text_record record = {.end = (uint32_t)(high - low), .kind = SP_RECORD_DOCUMENT};
    const struct sp_text text = {.data = all.ptr + low,
                                 .len = high - low,
                                 .own_begin = begin - low,
                                 .own_end = end - low,
                                 .first = low == 0,
                                 .last = high == all.len,
                                 .kind = SP_RECORD_DOCUMENT,
                                 .records = &record,
                                 .record_count = 1};
    assert_int_equal(sp_name_find(&text, want_all, NULL, keep, &low, &why), SP_OK);
}

static bool was_asked(const char *canonical)
{
    char line[128];
    (void)snprintf(line, sizeof line, ":%s\n", canonical);
    return asked.len > 0 && memmem(asked.data, asked.len, line, strlen(line)) != NULL;
}

static const struct {
    const char *text, *canonical;
    bool found;
} texts[] = {
    {"Jan Jansen", "jan|jansen", true},
    {"Beste Jan Jansen, dank", "jan|jansen", true},
    {"de heer J. Jansen", "j.|jansen", true},
    {"de heer J.P. van den Berg", "j.|berg", true},
    {"de heer J.P. van den Berg", "p.|berg", false},
    {"J P van den Berg", "j.|berg", true},
    {"JP van den Berg", "j.|berg", true},
    {"JAN VAN DEN BERG", "jan|berg", true},
    {"JAN VAN DEN BERG", "j.|berg", false},
    {"Jan Van Den Berg", "jan|berg", true},
    {"Jan van den\nBerg", "jan|berg", true},
    {"Jan\n\nBerg", "jan|berg", false},
    {"Berg, Jan van den", "jan|berg", true},
    {"van den Berg, J.W.", "j.|berg", true},
    {"Berg van den, Jan", "jan|berg", true},
    {"\"Berg\x1F"
     "Jan\"",
     "jan|berg", true},
    {"Jan\x1F"
     "van den\x1F"
     "Berg",
     "jan|berg", true},
    {"Jan Willem van den Berg", "jan|berg", true},
    {"Jan-Willem van den Berg", "jan|berg", true},
    {"Jan Jansen-de Vries", "jan|vries", true},
    {"Jan Jansen-de Vries", "jan|jansen", true},
    {"CV_Jan_van_den_Berg.pdf", "jan|berg", true},
    {"“Ömer Çelik”", "omer|celik", true},
    {"met Jan. Berg is weg", "jan|berg", true}, /* as Chr. Berg */
    {"met Jasper. Berg is weg", "jasper|berg", false},
    {"Jan en Berg", "jan|berg", false},
    {"jan berg", "jan|berg", false},
    {"Jan 5 Berg", "jan|berg", false},
    {"aJan Berg", "jan|berg", false},
    {"Guy D'Hondt's huis", "guy|dhondt", true},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t pad = 0; pad < 20; pad++) { /* at each place in a block */
            char padded[256];
            (void)snprintf(padded, sizeof padded, "%*s%s%s", (int)pad, "", texts[i].text,
                           pad % 2 == 0 ? "" : " en nog een lang eind gewone tekst erachter");
            sp_buf_reset(&asked);
            ask(sp_slice_of(padded), 0, strlen(padded), 0);
            if (was_asked(texts[i].canonical) != texts[i].found)
                fail_msg("\"%s\": %s was %sasked for", texts[i].text, texts[i].canonical,
                         texts[i].found ? "not " : "");
        }
    }
}

static void test_windows(void **state)
{
    static const char *const parts[] = {"Jan ",  "J.",    "P. ",     "van ",  "den ", "Berg", ", ",
                                        "Çelik", "ömer ", "Vries-",  "Smit ", "\n",   "en ",  "A ",
                                        "\x1F",  "O'",    "Neill. ", "JP ",   "d'",   "- "};
    struct sp_buf text;
    struct sp_buf whole;
    struct sp_why why;
    uint32_t random = 1;
    (void)state;
    sp_buf_init(&text, 1 << 20);
    sp_buf_init(&whole, 1 << 20);
    for (size_t i = 0; i < 3000; i++) {
        random = random * 1664525 + 1013904223;
        assert_int_equal(sp_buf_append_string(&text, parts[(random >> 16) % 20], &why), SP_OK);
    }
    struct sp_slice all = sp_buf_slice(&text);
    sp_buf_reset(&asked);
    ask(all, 0, all.len, 0);
    assert_int_equal(sp_buf_append(&whole, asked.data, asked.len, &why), SP_OK);
    assert_true(whole.len > 10000);
    for (size_t own = 1; own < 200; own += 13) {
        sp_buf_reset(&asked);
        for (size_t begin = 0; begin < all.len;) {
            size_t end = begin + own < all.len ? begin + own : all.len;
            while (end < all.len && (all.ptr[end] & 0xC0) == 0x80)
                end++;
            ask(all, begin, end, 4096);
            begin = end;
        }
        /* windows give them by where they begin, the whole by where they end: compare as counts
         * and as sets of lines */
        assert_int_equal(asked.len, whole.len);
        for (size_t at = 0; at < whole.len;) {
            const uint8_t *line = whole.data + at;
            size_t len = (size_t)((const uint8_t *)memchr(line, '\n', whole.len - at) - line) + 1;
            assert_non_null(memmem(asked.data, asked.len, line, len));
            at += len;
        }
    }
    sp_buf_clear(&text);
    sp_buf_clear(&whole);
}

static void test_initial(void **state)
{
    struct sp_canonical full = {.len = 9, .bytes = "jan|vries"};
    struct sp_canonical initial;
    struct sp_canonical again;
    (void)state;
    assert_true(sp_name_initial(&full, &initial));
    assert_int_equal(initial.len, 8);
    assert_memory_equal(initial.bytes, "j.|vries", 8);
    assert_false(sp_name_initial(&initial, &again));
}

/* The value is the @ of each text. */
static const struct {
    const char *text, *holder;
} held[] = {
    {"Contactpersoon: Jan de Vries\n@", "jan|vries"},
    {"t.n.v. J.P. van den Berg te Tiel, rekening @", "j.|berg"},
    {"Mail @ of vraag naar mevrouw An\xC3\xAFs ter Hart.", "anis|hart"},
    {"naam: Karel Proef\nmevrouw Els Test\n@\nde heer Piet Ander", "els|test"},
    {"\xC3\xA0 l'attention de Marc Dubois\n@", "marc|dubois"},
    {"De heer Jansen\nContactpersoon: Jan Vries\n\n@", "jan|vries"},
    {"T.a.v. de heer K. Proef\n@", "k.|proef"},
    {"Contactpersoon: Jan de Vries\n\n\n\n@", NULL},
    {"@\n\n\n\nNaam: Jan de Vries", NULL},
    {"Bestandsnaam: Jan Vries @", NULL},
    {"naamloze Jan Vries @", NULL},
    {"Naam: afdeling verkoop @", NULL},
    {"Naam: Jansen\n@", NULL},
    {"Naam: @", NULL},
    {"@", NULL},
    {"Naam@", NULL},
};

static void test_holders(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) {
        size_t len = strlen(held[i].text);
        size_t at = strcspn(held[i].text, "@");
        const struct sp_text_record record = {.end = (uint32_t)len, .ordinal = 1};
        const struct sp_text text = {.data = (const uint8_t *)held[i].text,
                                     .len = len,
                                     .own_end = len,
                                     .first = true,
                                     .last = true,
                                     .records = &record,
                                     .record_count = 1};
        struct sp_canonical holder = {.len = 0};
        bool found = sp_holder_find(&text, at, at + 1, &(struct sp_holder_memo){0}, &holder);
        if (found != (held[i].holder != NULL) ||
            (found && (holder.len != strlen(held[i].holder) ||
                       memcmp(holder.bytes, held[i].holder, holder.len) != 0)))
            fail_msg("\"%s\": %.*s", held[i].text, (int)holder.len, (const char *)holder.bytes);
    }
}

/* What is remembered of one look changes no other. */
static void test_holders_remembered(void **state)
{
    static const char *const pieces[] = {
        "naam: Jan Vries\n", "naam", "de heer ", "Els Proef ", "x\n", "mw. ", "mevr.",
        "\xC3\xA9",          " ",    "te en "};
    char bytes[6000];
    size_t len = 0;
    (void)state;
    for (unsigned i = 0, turn = 7; len < sizeof bytes - 32; i++) {
        turn = turn * 1103515245 + 12345;
        const char *piece = (turn >> 16) % 3 ? "zo maar wat tekst. " : pieces[(turn >> 20) % 10];
        memcpy(bytes + len, piece, strlen(piece));
        len += strlen(piece);
    }
    const struct sp_text_record record = {.end = (uint32_t)len, .ordinal = 1};
    const struct sp_text text = {
        .data = (const uint8_t *)bytes, .len = len, .records = &record, .record_count = 1};
    struct sp_holder_memo memo = {0};
    for (size_t at = 0; at + 20 < len; at += 1 + at % 37) {
        struct sp_canonical one = {.len = 0}, other = {.len = 0};
        bool found = sp_holder_find(&text, at, at + 9, &memo, &one);
        assert_int_equal(found,
                         sp_holder_find(&text, at, at + 9, &(struct sp_holder_memo){0}, &other));
        assert_int_equal(one.len, other.len);
        assert_memory_equal(one.bytes, other.bytes, one.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_holders_remembered),
                                       cmocka_unit_test(test_typed),
                                       cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_windows),
                                       cmocka_unit_test(test_initial),
                                       cmocka_unit_test(test_holders)};
    sp_buf_init(&asked, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sp_buf_clear(&asked);
    return failed;
}
