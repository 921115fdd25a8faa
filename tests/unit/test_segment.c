/* floors: sp_store
 * Packed segments: what goes in comes out, and nothing that was damaged reads out of bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store/segment.h"

static struct sp_slice s(const char *text)
{
    return sp_slice_of(text);
}

static void token_of(uint8_t out[SP_TOKEN_LEN], unsigned seed)
{
    for (unsigned i = 0; i < SP_TOKEN_LEN; i++)
        out[i] = (uint8_t)(seed * 31 + i * 7);
}

/* A varied finding, the same for the same number. */
static struct sp_kept_finding finding_of(unsigned n, char mask[SP_MASK_LEN])
{
    unsigned keys = n % 4 ? 1 : 1 + n / 4 % SP_KEY_MAX;
    struct sp_kept_finding finding = {
        .type = (enum sp_type)(n % SP_TYPE_COUNT),
        .confidence = (enum sp_confidence)(1 + n % 3),
        .attributes = n % 5 ? 0 : SP_ATTR_LABELLED | SP_ATTR_OWN,
        .offset = n % 7 ? (uint64_t)n * 1000 % 77777 : SP_SIZE_UNKNOWN,
        .length = n % 40,
        .line = n % 3 ? n + 1 : 0,
        .line_column = n % 4 ? n % 200 : 0,
        .column = n % 9,
        .key = n % 2 ? s("billing_email") : s(""),
        .part = n % 11 ? s("") : s("1.2"),
        .token_count = (uint8_t)((1 + n % 3) * keys),
        .value = n % 6 ? s("") : s("jan@voorbeeld.example"),
        .holder = n % 8    ? s("")
                  : n % 16 ? s("j*** v***")
                           : s("k*** b***"),
    };

    snprintf(mask, SP_MASK_LEN, "j***@v***.%u", n % 50);
    finding.mask = s(mask);
    for (unsigned i = 0; i < finding.token_count; i++) {
        finding.tokens[i].kind = (uint8_t)(i / keys);
        token_of(finding.tokens[i].bytes, n * 3 + i);
    }
    return finding;
}

static struct sp_kept_record record_of(unsigned n, char pk[32])
{
    struct sp_kept_record record = {
        .kind = (enum sp_record_kind)(n % SP_RECORD_KIND_COUNT),
        .ordinal = n % 13 ? n + 1 : UINT64_MAX - n,
        .row = n % 5 ? n + 1 : n * 1000,
        .line = n,
        .date_s = n % 3 ? (int64_t)n * 86400 - 100000000 : INT64_MIN,
        .table = n % 2 ? s("wp_wc_orders") : s(""),
        .message_id = n % 5 ? s("") : s("abc@mail.example"),
    };

    snprintf(pk, 32, "id=%u", n);
    if (n % 4)
        record.pk = s(pk);
    return record;
}

static void fill(struct sp_segment *segment, unsigned records, unsigned findings_each)
{
    for (unsigned r = 0; r < records; r++) {
        char pk[32];
        struct sp_kept_record record = record_of(r, pk);

        assert_int_equal(sp_segment_add_record(segment, &record, NULL), SP_OK);
        for (unsigned f = 0; f < findings_each; f++) {
            char mask[SP_MASK_LEN];
            struct sp_kept_finding finding = finding_of(r * findings_each + f, mask);

            assert_int_equal(sp_segment_add_finding(segment, &finding, NULL), SP_OK);
        }
    }
}

static void assert_slices(struct sp_slice a, struct sp_slice b)
{
    assert_int_equal(a.len, b.len);
    if (a.len)
        assert_memory_equal(a.ptr, b.ptr, a.len);
}

struct seen {
    unsigned findings_each;
    uint32_t count;
};

static enum sp_err check_finding(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                 const struct sp_kept_finding *finding, struct sp_why *why)
{
    struct seen *seen = ctx;
    char pk[32], mask[SP_MASK_LEN];
    struct sp_kept_record r = record_of(index / seen->findings_each, pk);
    struct sp_kept_finding f = finding_of(index, mask);

    (void)why;
    assert_int_equal(index, seen->count++);
    assert_int_equal(record->kind, r.kind);
    assert_true(record->ordinal == r.ordinal && record->line == r.line);
    assert_true(record->row == r.row);
    assert_true(record->date_s == r.date_s);
    assert_slices(record->table, r.table);
    assert_slices(record->pk, r.pk);
    assert_slices(record->message_id, r.message_id);
    assert_int_equal(finding->type, f.type);
    assert_int_equal(finding->confidence, f.confidence);
    assert_int_equal(finding->attributes, f.attributes);
    assert_true(finding->offset == f.offset && finding->line == f.line);
    assert_int_equal(finding->length, f.length);
    assert_int_equal(finding->line_column, f.line_column);
    assert_int_equal(finding->column, f.column);
    assert_slices(finding->key, f.key);
    assert_slices(finding->part, f.part);
    assert_slices(finding->mask, f.mask);
    assert_slices(finding->holder, f.holder);
    assert_slices(finding->value, f.value);
    assert_int_equal(finding->token_count, f.token_count);
    for (unsigned i = 0; i < f.token_count; i++) {
        assert_int_equal(finding->tokens[i].kind, f.tokens[i].kind);
        assert_memory_equal(finding->tokens[i].bytes, f.tokens[i].bytes, SP_TOKEN_LEN);
    }
    return SP_OK;
}

static void test_round_trip(void **state)
{
    static const unsigned shapes[][2] = {{1, 1}, {300, 5}, {4096, 1}, {1, 4096}};
    struct sp_segment segment;

    (void)state;
    sp_segment_init(&segment);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct seen seen = {shapes[i][1], 0};
        struct sp_segment_view view;

        sp_segment_reset(&segment); /* stale slots of the shape before must do no harm */
        fill(&segment, shapes[i][0], shapes[i][1]);
        view = sp_segment_view_of(&segment);
        assert_int_equal(sp_segment_each(&view, check_finding, &seen, NULL), SP_OK);
        assert_int_equal(seen.count, shapes[i][0] * shapes[i][1]);
        assert_int_equal(view.tokens.len, view.token_count * SP_TOKEN_LEN);
    }
    assert_true(sp_segment_full(&segment));
    sp_segment_clear(&segment);
}

struct sparse {
    uint64_t ordinals[2];
    unsigned count;
};

static enum sp_err keep_ordinal(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                const struct sp_kept_finding *finding, struct sp_why *why)
{
    struct sparse *sparse = ctx;

    (void)index;
    (void)finding;
    (void)why;
    sparse->ordinals[sparse->count++] = record->ordinal;
    return SP_OK;
}

static void test_records_without_findings_are_stepped_over(void **state)
{
    char pk[32], mask[SP_MASK_LEN];
    struct sp_kept_finding finding = finding_of(1, mask);
    struct sparse sparse = {{0, 0}, 0};
    struct sp_segment_view view;
    struct sp_segment segment;

    (void)state;
    sp_segment_init(&segment);
    for (unsigned n = 1; n <= 9; n++) {
        struct sp_kept_record record = record_of(n, pk);

        assert_int_equal(sp_segment_add_record(&segment, &record, NULL), SP_OK);
        if (n == 4 || n == 8)
            assert_int_equal(sp_segment_add_finding(&segment, &finding, NULL), SP_OK);
    }
    view = sp_segment_view_of(&segment);
    assert_int_equal(sp_segment_each(&view, keep_ordinal, &sparse, NULL), SP_OK);
    assert_int_equal(sparse.count, 2);
    assert_int_equal(sparse.ordinals[0], 5);
    assert_int_equal(sparse.ordinals[1], 9);
    sp_segment_clear(&segment);
}

static void test_counts_equal_the_findings(void **state)
{
    uint64_t counts[SP_TYPE_COUNT][SP_CONF_HIGH + 1] = {{0}};
    uint64_t expected[SP_TYPE_COUNT][SP_CONF_HIGH + 1] = {{0}};
    struct sp_segment segment;
    struct sp_buf packed;

    (void)state;
    sp_segment_init(&segment);
    sp_buf_init(&packed, 4096);
    fill(&segment, 500, 2);
    for (unsigned n = 0; n < 1000; n++)
        expected[n % SP_TYPE_COUNT][1 + n % 3]++;
    assert_int_equal(sp_segment_counts(&segment, &packed, NULL), SP_OK);
    assert_int_equal(sp_segment_counts_add(sp_buf_slice(&packed), counts, NULL), SP_OK);
    assert_memory_equal(counts, expected, sizeof counts);
    packed.len--;
    assert_int_equal(sp_segment_counts_add(sp_buf_slice(&packed), counts, NULL), SP_ERR_ALTERED);
    sp_buf_clear(&packed);
    sp_segment_clear(&segment);
}

/* Touches every byte that the decoder gives, so that the sanitizer sees a bad bound. */
static enum sp_err touch(void *ctx, uint32_t index, const struct sp_kept_record *record,
                         const struct sp_kept_finding *finding, struct sp_why *why)
{
    const struct sp_slice all[] = {record->table, record->pk,    record->message_id, finding->key,
                                   finding->part, finding->mask, finding->value};
    unsigned *sum = ctx;

    (void)why;
    *sum += index;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t k = 0; k < all[i].len; k++)
            *sum += all[i].ptr[k];
    }
    assert_in_range(finding->token_count, 1, SP_TOKENS_MAX);
    assert_in_range(finding->type, 0, SP_TYPE_COUNT - 1);
    assert_in_range(record->kind, 0, SP_RECORD_KIND_COUNT - 1);
    return SP_OK;
}

/* A copy of exactly its size, so that reading past it is seen. */
static struct sp_slice exact(struct sp_slice from)
{
    uint8_t *copy = malloc(from.len ? from.len : 1);

    memcpy(copy, from.ptr, from.len);
    return (struct sp_slice){copy, from.len};
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void damage(struct sp_slice *blob, uint32_t *seed)
{
    uint8_t *bytes = malloc(blob->len ? blob->len : 1);

    memcpy(bytes, blob->ptr, blob->len);
    for (unsigned flips = next_random(seed) % 4; flips && blob->len; flips--)
        bytes[next_random(seed) % blob->len] ^= (uint8_t)(1u << (next_random(seed) % 8));
    if (next_random(seed) % 8 == 0 && blob->len)
        blob->len = next_random(seed) % blob->len;
    blob->ptr = bytes;
}

static void test_damaged_blobs(void **state)
{
    struct sp_segment segment;
    struct sp_segment_view whole;
    unsigned sum = 0, altered = 0;
    uint32_t seed = 42;

    (void)state;
    sp_segment_init(&segment);
    fill(&segment, 20, 2);
    whole = sp_segment_view_of(&segment);
    for (unsigned round = 0; round < 20000; round++) {
        struct sp_segment_view view = whole;
        struct sp_slice *blobs[] = {&view.records, &view.findings, &view.strings, &view.tokens,
                                    &view.values};
        struct sp_slice copies[5];
        enum sp_err err;

        for (size_t i = 0; i < 5; i++) {
            damage(blobs[i], &seed);
            copies[i] = exact(*blobs[i]);
            free((void *)(uintptr_t)blobs[i]->ptr);
            *blobs[i] = copies[i];
        }
        if (next_random(&seed) % 16 == 0)
            view.finding_count = next_random(&seed);
        err = sp_segment_each(&view, touch, &sum, NULL);
        assert_true(err == SP_OK || err == SP_ERR_ALTERED);
        altered += err == SP_ERR_ALTERED;
        for (size_t i = 0; i < 5; i++)
            free((void *)(uintptr_t)copies[i].ptr);
    }
    assert_true(altered > 10000); /* most damage is seen; tokens and texts may change unseen */
    sum = 0;
    whole.finding_count--; /* the blobs hold more than the count tells */
    assert_int_equal(sp_segment_each(&whole, touch, &sum, NULL), SP_ERR_ALTERED);
    sp_segment_clear(&segment);
}

static void test_no_memory_leaves_the_segment_as_it_was(void **state)
{
    struct sp_segment segment;
    unsigned failures = 0;

    (void)state;
    for (long nth = 1; nth < 100; nth++) {
        struct seen seen = {1, 0};
        struct sp_segment_view view;
        unsigned added = 0;

        sp_segment_init(&segment);
        sp_mem_fail_at(nth);
        for (unsigned n = 0; n < 400; n++) {
            char pk[32], mask[SP_MASK_LEN];
            struct sp_kept_record record = record_of(n, pk);
            struct sp_kept_finding finding = finding_of(n, mask);
            enum sp_err err = sp_segment_add_record(&segment, &record, NULL);

            if (!err)
                err = sp_segment_add_finding(&segment, &finding, NULL);
            if (err) {
                assert_int_equal(err, SP_ERR_NOMEM);
                failures++;
                break;
            }
            added++;
        }
        sp_mem_fail_at(0);
        view = sp_segment_view_of(&segment);
        assert_int_equal(view.finding_count, added);
        assert_int_equal(sp_segment_each(&view, check_finding, &seen, NULL), SP_OK);
        assert_int_equal(seen.count, added);
        sp_segment_clear(&segment);
        if (added == 400)
            break;
    }
    assert_true(failures > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_records_without_findings_are_stepped_over),
        cmocka_unit_test(test_counts_equal_the_findings),
        cmocka_unit_test(test_damaged_blobs),
        cmocka_unit_test(test_no_memory_leaves_the_segment_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
