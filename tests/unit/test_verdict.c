/* The verdict over small inventories that are built by hand: decisions by record, lists by unit,
 * what makes it INCOMPLETE, and the line that says so.
 * floors: sp_check */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "check/verdict.h"

#include <unistd.h>

#define TODAY "2026-06-01"
#define ALL_TYPES ((UINT64_C(1) << SP_TYPE_COUNT) - 1)

enum { ABOVE = -1 }; /* unit of an object above units */

/* One inventory, one register, and what the last run told. */
struct world {
    char folder[64];
    char inventory_path[96], register_path[96], key_path[96];
    struct sp_key *key;
    struct sp_register *reg;
    struct sp_inventory *inventory;
    struct sp_batch *batch;
    struct sp_top *top; /* of the file put last */
    int64_t root_id, scan_id;
    bool is_tree;
    bool ended;
    uint64_t ordinal; /* of the object put last */
    struct sp_verdict_options options;
    struct sp_verdict_sum sum;
    char decisions[4096]; /* "req decision locator unit\n" */
    char units[4096];     /* "name list\n" */
    uint64_t types;       /* of the decision told last */
    struct sp_why why;
};

/* ---- building ---------------------------------------------------------------------------- */

static struct sp_slice slice(const char *text)
{
    return sp_slice_of(text == NULL ? "" : text);
}

static struct sp_canonical canonical_of(const char *value)
{
    struct sp_canonical canonical = {.len = (uint16_t)strlen(value)};
    memcpy(canonical.bytes, value, canonical.len);
    return canonical;
}

static void begin_scan(struct world *w, bool is_tree, uint64_t types)
{
    struct sp_scan_info info = {
        .root = is_tree ? "/backup/share" : "/backup/site.tar",
        .root_is_tree = is_tree,
        .started_s = 1780000000,
        .patterns_digest = "0123456789abcdef0123456789abcdef",
        .key_ids = sp_key_id(w->key),
        .version = "test",
        .sandbox = "none",
        .types_searched = types,
    };
    w->is_tree = is_tree;
    assert_int_equal(
        sp_inventory_scan_begin(w->inventory, &info, &w->root_id, &w->scan_id, &w->why), SP_OK);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/speur-verdict-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->inventory_path, sizeof w->inventory_path, "%s/inventory.db", w->folder);
    (void)snprintf(w->register_path, sizeof w->register_path, "%s/register", w->folder);
    (void)snprintf(w->key_path, sizeof w->key_path, "%s/key", w->folder);
    assert_int_equal(sp_seal_init(&w->why), SP_OK);
    assert_int_equal(sp_key_make(w->key_path, &w->key, &w->why), SP_OK);
    assert_int_equal(sp_register_init(w->register_path, w->key, &w->why), SP_OK);
    assert_int_equal(sp_register_open(w->register_path, w->key, &w->reg, &w->why), SP_OK);
    assert_int_equal(sp_inventory_open(w->inventory_path, true, &w->inventory, &w->why), SP_OK);
    assert_int_equal(sp_batch_new(w->inventory, w->key, false, &w->batch, &w->why), SP_OK);
    w->options.today = TODAY;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char path[128];
    sp_batch_free(w->batch);
    sp_inventory_close(w->inventory);
    sp_register_close(w->reg);
    sp_key_free(w->key);
    static const char *const names[] = {
        "inventory.db",
        "inventory.db-wal",
        "inventory.db-shm",
        "inventory.db-lock",
        "register",
        "register.head",
        "key",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", w->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(w->folder), 0);
    free(w);
    return 0;
}

struct object {
    int64_t parent;
    int64_t unit; /* 0: itself */
    enum sp_step step;
    enum sp_node node;
    enum sp_shape shape;
    enum sp_state state; /* OPEN is 0: said as `open` */
    bool open;
    const char *name, *link;
    uint64_t records;
};

static void end_top(struct world *w)
{
    if (w->top != NULL)
        assert_int_equal(sp_batch_part_done(w->batch, w->top, &w->why), SP_OK);
    w->top = NULL;
}

static int64_t put(struct world *w, struct object object)
{
    int64_t id = sp_inventory_new_id(w->inventory);
    if (object.parent == 0) {
        end_top(w);
        assert_int_equal(sp_top_new(id, &w->top, &w->why), SP_OK);
        sp_batch_set_top(w->batch, w->top);
    }
    struct sp_object_row row = {
        .id = id,
        .root_id = w->root_id,
        .scan_id = w->scan_id,
        .parent = object.parent,
        .unit = object.unit == 0       ? id
                : object.unit == ABOVE ? 0
                                       : object.unit,
        .ordinal = ++w->ordinal,
        .step = object.step,
        .node = object.node,
        .state = object.open ? SP_STATE_OPEN : SP_STATE_COMPLETE,
        .shape = object.shape,
        .name = slice(object.name),
        .link = slice(object.link),
        .format = "test",
        .size = SP_SIZE_UNKNOWN,
        .record_count = object.records,
        .mtime_s = INT64_MIN,
    };
    assert_int_equal(sp_batch_object(w->batch, &row, &w->why), SP_OK);
    return id;
}

/* The archive that the root is; its members are the units. */
static int64_t put_archive(struct world *w)
{
    begin_scan(w, false, ALL_TYPES);
    return put(
        w, (struct object){
               .unit = ABOVE, .step = SP_STEP_FILE, .shape = SP_SHAPE_ARCHIVE, .name = "site.tar"});
}

static int64_t put_member(struct world *w, int64_t parent, const char *name, enum sp_shape shape,
                          uint64_t records)
{
    return put(w, (struct object){.parent = parent,
                                  .step = SP_STEP_MEMBER,
                                  .shape = shape,
                                  .name = name,
                                  .records = records});
}

/* One finding of a segment. */
struct found {
    enum sp_record_kind kind;
    uint64_t record; /* ordinal */
    enum sp_type type;
    const char *value;
    enum sp_confidence confidence; /* 0: high */
    unsigned attributes;
    int64_t date_s; /* of its record; 0: unknown */
    const char *possible, *embedded;
};

#define F(kind_, record_, type_, ...)                                                              \
    {                                                                                              \
        .kind = SP_RECORD_##kind_, .record = record_, .type = SP_TYPE_##type_,                     \
        .value = __VA_ARGS__                                                                       \
    }

static void put_found(struct world *w, int64_t object, uint32_t ordinal, const struct found *found,
                      size_t count)
{
    struct sp_segment *segment = calloc(1, sizeof *segment);
    assert_non_null(segment);
    sp_segment_init(segment);
    for (size_t i = 0; i < count; i++) {
        struct sp_kept_record record = {
            .kind = found[i].kind,
            .ordinal = found[i].kind == SP_RECORD_NAME ? SP_RECORD_ORDINAL_NAME : found[i].record,
            .row = found[i].record,
            .date_s = found[i].date_s == 0 ? INT64_MIN : found[i].date_s,
            .table = slice(found[i].kind == SP_RECORD_SQL ? "customers" : ""),
        };
        struct sp_kept_finding finding = {
            .type = found[i].type,
            .confidence = found[i].confidence == 0 ? SP_CONF_HIGH : found[i].confidence,
            .attributes = found[i].attributes,
            .offset = SP_SIZE_UNKNOWN,
            .key = slice(found[i].kind == SP_RECORD_SQL ? "contact" : ""),
            .line = found[i].kind == SP_RECORD_DOCUMENT ? 3 : 0,
            .line_column = found[i].kind == SP_RECORD_DOCUMENT ? 7 : 0,
            .token_count = 1,
        };
        struct sp_canonical canonical = canonical_of(found[i].value);
        sp_token(w->key, finding.type, SP_TOKEN_EXACT, &canonical, finding.tokens[0].bytes);
        if (found[i].possible != NULL) {
            canonical = canonical_of(found[i].possible);
            finding.tokens[finding.token_count].kind = SP_TOKEN_POSSIBLE;
            sp_token(w->key, finding.type, SP_TOKEN_POSSIBLE, &canonical,
                     finding.tokens[finding.token_count++].bytes);
        }
        if (found[i].embedded != NULL) {
            canonical = canonical_of(found[i].embedded);
            finding.tokens[finding.token_count].kind = SP_TOKEN_EMBEDDED;
            sp_token(w->key, SP_TYPE_BSN, SP_TOKEN_EXACT, &canonical,
                     finding.tokens[finding.token_count++].bytes);
        }
        bool same =
            i > 0 && found[i - 1].kind == found[i].kind && found[i - 1].record == found[i].record;
        if (!same)
            assert_int_equal(sp_segment_add_record(segment, &record, &w->why), SP_OK);
        assert_int_equal(sp_segment_add_finding(segment, &finding, &w->why), SP_OK);
    }
    assert_int_equal(sp_batch_segment(w->batch, object, ordinal, segment, &w->why), SP_OK);
    sp_segment_clear(segment);
    free(segment);
}

#define FOUND(w, object, ...)                                                                      \
    put_found(w, object, 1, (const struct found[]){__VA_ARGS__},                                   \
              sizeof((const struct found[]){__VA_ARGS__}) / sizeof(struct found))

static void put_unread(struct world *w, int64_t object, enum sp_reason reason)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    assert_int_equal(sp_batch_unread(w->batch, object, &unread, &w->why), SP_OK);
}

/* A register row; NULL is empty. */
struct wanted {
    const char *req_id;
    enum sp_type type;
    const char *value;
    enum sp_request_kind kind;
    enum sp_strength strength;
    const char *possible, *erased_at, *scope, *exempt_basis, *exempt_until, *expiry;
    unsigned version; /* 0: the current one */
};

#define WANT(req_id_, type_, ...)                                                                  \
    (struct wanted)                                                                                \
    {                                                                                              \
        .req_id = req_id_, .type = SP_TYPE_##type_, .value = __VA_ARGS__                           \
    }

static char *copy(const char *text)
{
    char *made = strdup(text == NULL ? "" : text);
    assert_non_null(made);
    return made;
}

static void put_date(char to[11], const char *date)
{
    (void)snprintf(to, 11, "%s", date == NULL ? "" : date);
}

static void put_wanted(struct world *w, struct wanted wanted)
{
    size_t added = 0;
    struct sp_canonical canonical = canonical_of(wanted.value);
    struct sp_register_row row = {
        .req_id = copy(wanted.req_id),
        .kind = wanted.kind,
        .type = wanted.type,
        .canonical_version =
            wanted.version == 0 ? sp_type_canonical_version(wanted.type) : wanted.version,
        .strength = wanted.strength,
        .token_count = 1,
        .scope = copy(wanted.scope),
        .exempt_basis = copy(wanted.exempt_basis),
        .legal_basis = copy(wanted.type == SP_TYPE_BSN ? "test" : ""),
    };
    put_date(row.erased_at, wanted.erased_at);
    put_date(row.exempt_until, wanted.exempt_until);
    put_date(row.last_backup_expiry, wanted.expiry);
    sp_token(w->key, wanted.type, SP_TOKEN_EXACT, &canonical, row.tokens[0].bytes);
    if (wanted.possible != NULL) {
        canonical = canonical_of(wanted.possible);
        row.tokens[row.token_count].kind = SP_TOKEN_POSSIBLE;
        sp_token(w->key, wanted.type, SP_TOKEN_POSSIBLE, &canonical,
                 row.tokens[row.token_count++].bytes);
    }
    assert_int_equal(sp_register_append(w->reg, &row, 1, &added, &w->why), SP_OK);
    assert_int_equal(added, 1);
    free(row.req_id);
    free(row.scope);
    free(row.exempt_basis);
    free(row.legal_basis);
}

/* ---- running ----------------------------------------------------------------------------- */

static void note(char *text, size_t size, const char *line)
{
    size_t len = strlen(text);
    assert_true(len + strlen(line) < size);
    memcpy(text + len, line, strlen(line) + 1);
}

static enum sp_err told_decision(void *ctx, const struct sp_decided *decided, struct sp_why *why)
{
    struct world *w = ctx;
    char line[512];
    (void)why;
    (void)snprintf(line, sizeof line, "%s %s %.*s %.*s\n", decided->req_id,
                   sp_decision_name(decided->decision), (int)decided->locator.len,
                   (const char *)decided->locator.ptr, (int)decided->unit.len,
                   decided->unit.len == 0 ? "" : (const char *)decided->unit.ptr);
    note(w->decisions, sizeof w->decisions, line);
    w->types = decided->types;
    assert_non_null(decided->record);
    assert_int_equal(decided->finding->value.len, 0);
    assert_true(decided->path.len > 0);
    return SP_OK;
}

static enum sp_err told_unit(void *ctx, struct sp_slice name, enum sp_list list, struct sp_why *why)
{
    static const char *const lists[] = {"keep", "drop", "hold"};
    struct world *w = ctx;
    char line[256];
    (void)why;
    (void)snprintf(line, sizeof line, "%.*s %s\n", (int)name.len, (const char *)name.ptr,
                   lists[list]);
    note(w->units, sizeof w->units, line);
    return SP_OK;
}

static enum sp_err run_once(struct world *w, bool complete)
{
    struct sp_root_row *roots = NULL;
    size_t count = 0;
    if (!w->ended) {
        end_top(w);
        assert_int_equal(sp_batch_flush(w->batch, &w->why), SP_OK);
        assert_int_equal(sp_inventory_scan_end(w->inventory, w->root_id, w->scan_id, 1780000100,
                                               complete, &w->why),
                         SP_OK);
        w->ended = true;
    }
    assert_int_equal(sp_inventory_roots(w->inventory, &roots, &count, &w->why), SP_OK);
    assert_int_equal(count, 1);
    w->decisions[0] = '\0';
    w->units[0] = '\0';
    enum sp_err err = sp_verdict_run(&(struct sp_verdict_job){.inventory = w->inventory,
                                                              .root = &roots[0],
                                                              .reg = w->reg,
                                                              .options = &w->options,
                                                              .decided = told_decision,
                                                              .unit = told_unit,
                                                              .ctx = w},
                                     &w->sum, &w->why);
    sp_root_rows_free(roots, count);
    return err;
}

static void run(struct world *w)
{
    enum sp_err err = run_once(w, true);
    if (err != SP_OK)
        fail_msg("%s: %s", sp_err_name(err), w->why.text);
}

static void assert_line(const struct world *w, const char *expected)
{
    struct sp_buf line;
    sp_buf_init(&line, 4096);
    assert_int_equal(sp_verdict_line(&w->sum, &line, NULL), SP_OK);
    assert_int_equal(sp_buf_append_byte(&line, '\0', NULL), SP_OK);
    assert_string_equal((const char *)line.data, expected);
    sp_buf_clear(&line);
}

/* ---- decisions by record ------------------------------------------------------------------ */

static void test_clean(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "./a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "j@example.org"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "other@example.org"));
    run(w);
    assert_string_equal(w->decisions, "");
    assert_string_equal(w->units, "./a keep\n");
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
    assert_int_equal(w->sum.coverage.objects, 2);
    assert_int_equal(w->sum.rows_live, 1);
    assert_line(w, "VERDICT: CLEAN");
}

static void test_hit_in_a_document(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "./a.txt", SP_SHAPE_DOCUMENT, 1);
    put_member(w, root, "./b.txt", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "j@example.org"));
    put_wanted(w, WANT("r1", IBAN, "NL91ABNA0417164300"));
    put_wanted(w, WANT("r2", EMAIL, "j@example.org"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "j@example.org"), F(DOCUMENT, 1, IBAN, "NL91ABNA0417164300"));
    run(w);
    assert_string_equal(w->decisions, "r1 HIT site.tar!./a.txt!3:7 ./a.txt\n"
                                      "r2 HIT site.tar!./a.txt!3:7 ./a.txt\n");
    assert_string_equal(w->units, "./a.txt drop\n./b.txt keep\n");
    assert_int_equal(w->sum.requests_hit, 2);
    assert_int_equal(w->sum.decisions[SP_DECISION_HIT], 2);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS);
    assert_int_equal(w->sum.units[SP_LIST_DROP], 1);
    assert_int_equal(w->sum.units[SP_LIST_KEEP], 1);
    assert_line(w, "VERDICT: HITS");
}

static void test_weak_pairs_meet_in_one_record(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t dump = put_member(w, root, "shop.sql", SP_SHAPE_RECORDS, 9);
    put_wanted(w, WANT("r1", ADDRESS, "NL:1234AB:5:"));
    put_wanted(w, WANT("r1", PHONE, "+31201234567", .strength = SP_STRENGTH_WEAK));
    put_wanted(w, WANT("r1", DOB, "1980-02-03"));
    put_wanted(w, WANT("r2", IP, "203.0.113.9"));
    FOUND(w, dump, F(SQL, 1, ADDRESS, "NL:1234AB:5:"),                    /* alone */
          F(SQL, 2, PHONE, "+31201234567"),                               /* alone */
          F(SQL, 3, ADDRESS, "NL:1234AB:5:"),                             /* together */
          F(SQL, 3, PHONE, "+31201234567"), F(SQL, 4, DOB, "1980-02-03"), /* nobody's */
          F(SQL, 5, DOB, "1980-02-03"),                                   /* with another */
          F(SQL, 5, PHONE, "+31201234567"),                               /**/
          F(SQL, 6, ADDRESS, "NL:1234AB:5:"),                             /* of two requests */
          F(SQL, 6, IP, "203.0.113.9"));
    run(w);
    assert_string_equal(w->decisions,
                        "r1 REVIEW site.tar!shop.sql!customers[1].contact shop.sql\n"
                        "r1 REVIEW site.tar!shop.sql!customers[2].contact shop.sql\n"
                        "r1 HIT site.tar!shop.sql!customers[3].contact shop.sql\n"
                        "r1 HIT site.tar!shop.sql!customers[5].contact shop.sql\n"
                        "r1 REVIEW site.tar!shop.sql!customers[6].contact shop.sql\n"
                        "r2 REVIEW site.tar!shop.sql!customers[6].contact shop.sql\n");
    assert_int_equal(w->sum.requests_hit, 1);
    assert_string_equal(w->units, "shop.sql hold\n");
}

static void test_record_over_two_segments(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    const struct found first = F(DOCUMENT, 1, ADDRESS, "NL:1234AB:5:");
    const struct found second = F(DOCUMENT, 1, PLATE, "AB12CD");
    put_wanted(w, WANT("r1", ADDRESS, "NL:1234AB:5:"));
    put_wanted(w, WANT("r1", PLATE, "AB12CD"));
    put_found(w, a, 1, &first, 1);
    put_found(w, a, 2, &second, 1);
    run(w);
    assert_string_equal(w->decisions, "r1 HIT site.tar!a!3:7 a\n");
    assert_int_equal(w->types, UINT64_C(1) << SP_TYPE_ADDRESS | UINT64_C(1) << SP_TYPE_PLATE);
}

static void test_possible_low_and_embedded(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_RECORDS, 9);
    put_wanted(w, WANT("mail", EMAIL, "j+x@example.org", .possible = "j@example.org"));
    put_wanted(w, WANT("bsn", BSN, "111222333"));
    put_wanted(w, WANT("phone", PHONE, "+31612345678"));
    FOUND(w, a, F(ROW, 1, EMAIL, "j@example.org", .possible = "j@example.org"), /* alias */
          F(ROW, 2, EMAIL, "j+x@example.org", .possible = "j@example.org"),
          F(ROW, 3, BSN, "111222333", .confidence = SP_CONF_LOW),
          F(ROW, 4, PHONE, "+31612345678", .confidence = SP_CONF_LOW),
          F(ROW, 5, VAT_NL, "NL111222333B01", .embedded = "111222333"));
    run(w);
    assert_string_equal(w->decisions, "mail REVIEW site.tar!a![1] a\n"
                                      "mail HIT site.tar!a![2] a\n"
                                      "bsn HIT site.tar!a![3] a\n"
                                      "phone REVIEW site.tar!a![4] a\n"
                                      "bsn HIT site.tar!a![5] a\n");
    assert_int_equal(w->types, UINT64_C(1) << SP_TYPE_BSN);
}

static void test_exemptions_scopes_and_expiry(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_RECORDS, 9);
    put_wanted(w, WANT("ever", EMAIL, "a@example.org", .exempt_basis = "tax"));
    put_wanted(w,
               WANT("still", EMAIL, "b@example.org", .exempt_basis = "tax", .exempt_until = TODAY));
    put_wanted(w, WANT("ended", EMAIL, "c@example.org", .exempt_basis = "tax",
                       .exempt_until = "2026-05-31"));
    put_wanted(w, WANT("crm", EMAIL, "d@example.org", .scope = "crm"));
    put_wanted(w, WANT("shop", EMAIL, "e@example.org", .scope = "shop"));
    put_wanted(w, WANT("gone", EMAIL, "f@example.org", .expiry = "2026-05-31"));
    put_wanted(w, WANT("last", EMAIL, "g@example.org", .expiry = TODAY));
    FOUND(w, a, F(ROW, 1, EMAIL, "a@example.org"), F(ROW, 2, EMAIL, "b@example.org"),
          F(ROW, 3, EMAIL, "c@example.org"), F(ROW, 4, EMAIL, "d@example.org"),
          F(ROW, 5, EMAIL, "e@example.org"), F(ROW, 6, EMAIL, "f@example.org"),
          F(ROW, 7, EMAIL, "g@example.org"));
    w->options.target_system = "shop";
    run(w);
    assert_string_equal(w->decisions, "ever EXEMPT site.tar!a![1] a\n"
                                      "still EXEMPT site.tar!a![2] a\n"
                                      "ended HIT site.tar!a![3] a\n"
                                      "shop HIT site.tar!a![5] a\n"
                                      "gone HIT site.tar!a![6] a\n"
                                      "last HIT site.tar!a![7] a\n");
    assert_int_equal(w->sum.rows_expired, 1);
    assert_int_equal(w->sum.rows_live, 6);
    w->options.target_system = NULL; /* unknown: in every scope */
    run(w);
    assert_non_null(strstr(w->decisions, "crm HIT"));
    assert_non_null(strstr(w->decisions, "shop HIT"));
}

static void test_exempt_alone_is_kept(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org", .exempt_basis = "tax"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->units, "a keep\n");
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
}

static void test_new_relation(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_RECORDS, 9);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org", .erased_at = "2026-02-11"));
    /* 2026-02-11 is day 20495 */
    FOUND(w, a, F(ROW, 1, EMAIL, "a@example.org", .date_s = 20495 * 86400LL),
          F(ROW, 2, EMAIL, "a@example.org", .date_s = 20496 * 86400LL - 1),
          F(ROW, 3, EMAIL, "a@example.org", .date_s = 20496 * 86400LL),
          F(ROW, 4, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->decisions, "r1 HIT site.tar!a![1] a\n"
                                      "r1 HIT site.tar!a![2] a\n"
                                      "r1 REVIEW site.tar!a![3] a\n"
                                      "r1 HIT site.tar!a![4] a\n");
}

static void test_other_kinds_of_request(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org", .kind = SP_REQUEST_RESTRICTION));
    put_wanted(w, WANT("r2", EMAIL, "a@example.org", .kind = SP_REQUEST_RECTIFICATION));
    put_wanted(w, WANT("r3", EMAIL, "a@example.org", .kind = SP_REQUEST_OPTOUT));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->decisions, "r1 RESTRICT site.tar!a!3:7 a\n"
                                      "r2 STALE site.tar!a!3:7 a\n"
                                      "r3 OPTOUT site.tar!a!3:7 a\n");
    assert_string_equal(w->units, "a keep\n");
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
    w->options.strict_kinds = true;
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS);
    assert_string_equal(w->units, "a hold\n");
}

static void test_review_ok(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", KVK, "12345678"));
    FOUND(w, a, F(DOCUMENT, 1, KVK, "12345678"));
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS);
    assert_string_equal(w->units, "a hold\n");
    w->options.review_ok = true;
    run(w);
    assert_line(w, "VERDICT: CLEAN (accepted: 1 REVIEW)");
}

/* ---- units ------------------------------------------------------------------------------- */

/* A hit in the mail itself drops it, tables and all; a hit only in a table that is attached, with
 * rows of others, is for a person to decide; a table of hits only drops. */
static void test_tables_attached_to_documents(void **state)
{
    static const struct {
        const char *name;
        bool in_mail;
        uint64_t rows;
    } mails[] = {{"own.eml", true, 500}, {"table.eml", false, 500}, {"alone.eml", false, 1}};
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    for (size_t i = 0; i < sizeof mails / sizeof mails[0]; i++) {
        int64_t mail = put_member(w, root, mails[i].name, SP_SHAPE_DOCUMENT, 1);
        int64_t part = put(w, (struct object){.parent = mail,
                                              .unit = mail,
                                              .step = SP_STEP_PART,
                                              .shape = SP_SHAPE_RECORDS,
                                              .name = "list.csv",
                                              .records = mails[i].rows});
        if (mails[i].in_mail)
            FOUND(w, mail, F(MESSAGE, 1, EMAIL, "a@example.org"));
        FOUND(w, part, F(ROW, 1, EMAIL, "a@example.org"));
    }
    run(w);
    assert_string_equal(w->units, "own.eml drop\ntable.eml hold\nalone.eml drop\n");
    w->options.drop_containers = true;
    run(w);
    assert_string_equal(w->units, "own.eml drop\ntable.eml drop\nalone.eml drop\n");
    assert_int_equal(w->sum.records_of_others, 499);
}

static void test_a_hit_goes_before_a_gap(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t mail = put_member(w, root, "m.eml", SP_SHAPE_DOCUMENT, 1);
    int64_t part = put(w, (struct object){.parent = mail,
                                          .unit = mail,
                                          .step = SP_STEP_PART,
                                          .shape = SP_SHAPE_RECORDS,
                                          .name = "list.csv",
                                          .records = 500});
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, mail, F(MESSAGE, 1, EMAIL, "a@example.org"));
    put_unread(w, part, SP_REASON_CORRUPT);
    run(w);
    assert_string_equal(w->units, "m.eml drop\n");
    assert_int_equal(w->sum.status, SP_VERDICT_HITS | SP_VERDICT_INCOMPLETE);
    assert_line(w, "VERDICT: HITS INCOMPLETE");
}

static void test_containers(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t part = put_member(w, root, "part.csv", SP_SHAPE_RECORDS, 5);
    int64_t whole = put_member(w, root, "whole.csv", SP_SHAPE_RECORDS, 2);
    int64_t name = put_member(w, root, "name.csv", SP_SHAPE_RECORDS, 1);
    int64_t box = put_member(w, root, "box.mbox", SP_SHAPE_MAILBOX, 0);
    int64_t first = put(w, (struct object){.parent = box,
                                           .unit = box,
                                           .step = SP_STEP_MESSAGE,
                                           .shape = SP_SHAPE_DOCUMENT,
                                           .records = 1});
    put(w, (struct object){.parent = box,
                           .unit = box,
                           .step = SP_STEP_MESSAGE,
                           .shape = SP_SHAPE_DOCUMENT,
                           .records = 1});
    int64_t zip = put_member(w, root, "own.zip", SP_SHAPE_ARCHIVE, 0);
    int64_t inner = put(w, (struct object){.parent = zip,
                                           .unit = zip,
                                           .step = SP_STEP_MEMBER,
                                           .shape = SP_SHAPE_DOCUMENT,
                                           .name = "cv.txt",
                                           .records = 1});
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, part, F(ROW, 3, EMAIL, "a@example.org"));
    FOUND(w, whole, F(ROW, 1, EMAIL, "a@example.org"), F(ROW, 2, EMAIL, "a@example.org"));
    FOUND(w, name, F(NAME, 1, EMAIL, "a@example.org"));
    FOUND(w, first, F(MESSAGE, 1, EMAIL, "a@example.org"));
    FOUND(w, inner, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->units, "part.csv hold\nwhole.csv drop\nname.csv hold\n"
                                  "box.mbox hold\nown.zip drop\n");
    assert_int_equal(w->sum.records_of_others, 0);
    w->options.drop_containers = true;
    run(w);
    assert_string_equal(w->units, "part.csv drop\nwhole.csv drop\nname.csv drop\n"
                                  "box.mbox drop\nown.zip drop\n");
    assert_int_equal(w->sum.records_of_others, 4 + 1 + 1);
}

static void test_same_names(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t hit = put_member(w, root, "doc", SP_SHAPE_DOCUMENT, 1);
    put_member(w, root, "mixed", SP_SHAPE_RECORDS, 4);
    put_member(w, root, "doc", SP_SHAPE_DOCUMENT, 1);
    int64_t mixed = put_member(w, root, "mixed", SP_SHAPE_DOCUMENT, 1);
    put_member(w, root, "clean", SP_SHAPE_DOCUMENT, 1);
    int64_t gap = put_member(w, root, "clean", SP_SHAPE_DOCUMENT, 1);
    put_member(w, root, "./doc", SP_SHAPE_DOCUMENT, 1); /* another name */
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, hit, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    FOUND(w, mixed, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    put_unread(w, gap, SP_REASON_CORRUPT);
    run(w);
    assert_string_equal(w->units, "doc drop\nmixed hold\nclean hold\n./doc keep\n");
}

static void put_link(struct world *w, int64_t root, const char *name, const char *target)
{
    put(w, (struct object){.parent = root,
                           .step = SP_STEP_MEMBER,
                           .node = SP_NODE_HARDLINK,
                           .shape = SP_SHAPE_NONE,
                           .name = name,
                           .link = target});
}

static void test_hard_links(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_link(w, root, "early", "hit"); /* named before it came */
    int64_t hit = put_member(w, root, "hit", SP_SHAPE_DOCUMENT, 1);
    put_member(w, root, "clean", SP_SHAPE_DOCUMENT, 1);
    put_link(w, root, "late", "clean");
    put_link(w, root, "chain", "early");
    put_link(w, root, "lost", "never came");
    put_link(w, root, "circle", "circle");
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, hit, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->units, "early drop\nhit drop\nclean keep\nlate keep\nchain drop\n"
                                  "lost hold\ncircle hold\n");
}

static void test_tree_of_files(void **state)
{
    struct world *w = *state;
    begin_scan(w, true, ALL_TYPES);
    int64_t a = put(w, (struct object){.shape = SP_SHAPE_DOCUMENT, .name = "dir/a!b"});
    int64_t tar = put(w, (struct object){.shape = SP_SHAPE_ARCHIVE, .name = "dir/x.tar"});
    int64_t inner = put(w, (struct object){.parent = tar,
                                           .unit = tar,
                                           .step = SP_STEP_MEMBER,
                                           .shape = SP_SHAPE_DOCUMENT,
                                           .name = "hit"});
    put(w, (struct object){.parent = tar,
                           .unit = tar,
                           .step = SP_STEP_MEMBER,
                           .shape = SP_SHAPE_DOCUMENT,
                           .name = "clean"});
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    FOUND(w, inner, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->decisions, "r1 HIT dir/a%21b!3:7 dir/a!b\n"
                                      "r1 HIT dir/x.tar!hit!3:7 dir/x.tar\n");
    assert_string_equal(w->units, "dir/a!b drop\ndir/x.tar hold\n");
}

static void test_root_is_one_mailbox(void **state)
{
    struct world *w = *state;
    begin_scan(w, false, ALL_TYPES);
    int64_t box =
        put(w, (struct object){.shape = SP_SHAPE_MAILBOX, .name = "site.tar", .records = 0});
    /* a message that names no unit belongs to that of its mailbox */
    int64_t message = put(w, (struct object){.parent = box,
                                             .unit = ABOVE,
                                             .step = SP_STEP_MESSAGE,
                                             .shape = SP_SHAPE_DOCUMENT,
                                             .name = "id@example.org"});
    put(w, (struct object){
               .parent = box, .unit = ABOVE, .step = SP_STEP_MESSAGE, .shape = SP_SHAPE_DOCUMENT});
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, message, F(MESSAGE, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->units, "site.tar hold\n");
    assert_non_null(strstr(w->decisions, "r1 HIT site.tar!"));
}

static void test_name_of_the_archive_itself(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, root, F(NAME, 1, EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->decisions, "r1 HIT site.tar \n");
    assert_string_equal(w->units, "a keep\n");
    assert_int_equal(w->sum.status, SP_VERDICT_HITS);
}

/* ---- what was not read -------------------------------------------------------------------- */

static void test_gaps(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a.zip", SP_SHAPE_ARCHIVE, 0);
    int64_t b = put_member(w, root, "b.jpg", SP_SHAPE_DOCUMENT, 0);
    int64_t c = put_member(w, root, "c", SP_SHAPE_DOCUMENT, 0);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    put_unread(w, a, SP_REASON_ENCRYPTED);
    put_unread(w, b, SP_REASON_PHOTO); /* noted: no gap */
    put_unread(w, c, SP_REASON_EXCLUDED);
    run(w);
    assert_string_equal(w->units, "a.zip hold\nb.jpg keep\nc hold\n");
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
    assert_int_equal(w->sum.gaps, 2);
    assert_int_equal(w->sum.gaps_by_reason[SP_REASON_ENCRYPTED], 1);
    assert_line(w, "VERDICT: INCOMPLETE");
}

static void test_accepted_gaps(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    static const struct sp_accept accepts[] = {
        {SP_REASON_NEEDS_OCR, "site.tar!scans/*", "jan", TODAY, "paper"},
        {SP_REASON_NEEDS_OCR, "*", "jan", TODAY, "never reached"},
        {SP_REASON_ENCRYPTED, "*.zip", "jan", TODAY, "ours"},
    };
    int64_t a = put_member(w, root, "scans/2020/a.pdf", SP_SHAPE_DOCUMENT, 1);
    int64_t b = put_member(w, root, "scans/b.pdf", SP_SHAPE_DOCUMENT, 1);
    int64_t c = put_member(w, root, "c.zip", SP_SHAPE_ARCHIVE, 0);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    put_unread(w, a, SP_REASON_NEEDS_OCR);
    put_unread(w, a, SP_REASON_NEEDS_OCR);
    put_unread(w, b, SP_REASON_NEEDS_OCR);
    put_unread(w, c, SP_REASON_ENCRYPTED);
    w->options.accepts = accepts;
    w->options.accept_count = 3;
    run(w);
    assert_line(w, "VERDICT: CLEAN (accepted: 1 encrypted, 3 needs_ocr in 2 rules)");
    assert_string_equal(w->units, "scans/2020/a.pdf keep\nscans/b.pdf keep\nc.zip keep\n");
    w->options.accept_count = 1;
    run(w);
    assert_line(w, "VERDICT: INCOMPLETE (accepted: 3 needs_ocr in 1 rule)");
    assert_string_equal(w->units, "scans/2020/a.pdf keep\nscans/b.pdf keep\nc.zip hold\n");
}

static void test_gap_above_the_units(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    put_unread(w, root, SP_REASON_TRUNCATED);
    run(w);
    assert_string_equal(w->units, "a keep\n");
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
}

static void test_container_with_hits_and_a_gap(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a.csv", SP_SHAPE_RECORDS, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, a, F(ROW, 1, EMAIL, "a@example.org"));
    put_unread(w, a, SP_REASON_CORRUPT);
    run(w);
    assert_string_equal(w->units, "a.csv hold\n"); /* who knows who is in the rest */
}

static void test_unfinished_object(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put(w, (struct object){.parent = root,
                           .step = SP_STEP_MEMBER,
                           .shape = SP_SHAPE_NONE,
                           .name = "a",
                           .open = true});
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    run(w);
    assert_string_equal(w->units, "a hold\n");
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
}

static void test_scan_that_did_not_end(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    assert_int_equal(run_once(w, false), SP_OK);
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
    assert_false(w->sum.scan_complete);
}

static void test_type_not_searched(void **state)
{
    struct world *w = *state;
    begin_scan(w, false, ALL_TYPES & ~(UINT64_C(1) << SP_TYPE_PLATE));
    put(w, (struct object){.shape = SP_SHAPE_DOCUMENT, .name = "site.tar"});
    put_wanted(w, WANT("r1", PLATE, "AB12CD"));
    run(w);
    assert_int_equal(w->sum.not_searched, UINT64_C(1) << SP_TYPE_PLATE);
    assert_line(w, "VERDICT: INCOMPLETE");
    static const struct sp_accept rule = {SP_REASON_NOT_SEARCHED, "site.tar", "jan", TODAY, "-"};
    w->options.accepts = &rule;
    w->options.accept_count = 1;
    run(w);
    assert_line(w, "VERDICT: CLEAN (accepted: 1 not_searched in 1 rule)");
}

static void test_key_missing(void **state)
{
    struct world *w = *state;
    char path[96];
    struct sp_key *other = NULL;
    (void)snprintf(path, sizeof path, "%s/other", w->folder);
    assert_int_equal(sp_key_make(path, &other, &w->why), SP_OK);
    (void)unlink(path);
    struct sp_key *own = w->key;
    put_wanted(w, WANT("r1", EMAIL, "a@example.org")); /* enrolled with ours */
    w->key = other;                                    /* the scan had the other one */
    begin_scan(w, false, ALL_TYPES);
    put(w, (struct object){.shape = SP_SHAPE_DOCUMENT, .name = "site.tar"});
    run(w);
    w->key = own;
    sp_key_free(other);
    assert_int_equal(w->sum.rows_key_missing, 1);
    assert_int_equal(w->sum.gaps_by_reason[SP_REASON_KEY_MISSING], 1);
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
}

static void test_older_canonical_form(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org", .version = 99));
    run(w);
    assert_int_equal(w->sum.rows_stale, 1);
    assert_int_equal(w->sum.status, SP_VERDICT_INCOMPLETE);
    assert_string_equal(w->units, "a hold\n"); /* somebody was not looked for */
    static const struct sp_accept rule = {SP_REASON_STALE, "site.tar", "jan", TODAY, "-"};
    w->options.accepts = &rule;
    w->options.accept_count = 1;
    run(w);
    assert_string_equal(w->units, "a keep\n");
}

/* No day of erasure: the last backup that expired had the data. */
static void test_expired_without_a_day(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org", .expiry = "2025-12-31"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    w->options.backup_taken = "2025-12-31";
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS | SP_VERDICT_INCOMPLETE);
    w->options.backup_taken = "2026-01-01";
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
}

static void test_backup_older_than_an_expired_row(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(
        w, WANT("r1", EMAIL, "a@example.org", .erased_at = "2025-01-31", .expiry = "2025-12-31"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS); /* undated: it may be the very one */
    w->options.backup_taken = "2025-12-01";           /* younger than the erasure */
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
    w->options.backup_taken = "2025-01-31T04:00:00Z"; /* the same day: erased in it, or not yet */
    run(w);
    assert_int_equal(w->sum.rows_expired_needed, 1);
    w->options.backup_taken = "2025-01-30";
    run(w);
    assert_int_equal(w->sum.rows_expired_needed, 1);
    assert_int_equal(w->sum.gaps_by_reason[SP_REASON_REGISTER_GAP], 1);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS | SP_VERDICT_INCOMPLETE);
    w->options.backup_taken = "2025-02-01";
    run(w);
    assert_int_equal(w->sum.status, SP_VERDICT_CLEAN);
}

static void test_no_verdict_from_nothing(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    assert_int_equal(run_once(w, true), SP_ERR_KEY);
    w->options.empty_register_ok = true;
    run(w);
    assert_line(w, "VERDICT: CLEAN (accepted: empty register)");
    w->options.today = "today";
    assert_int_equal(run_once(w, true), SP_ERR_USAGE);
}

/* ---- rules of acceptance -------------------------------------------------------------------- */

static void test_accept_parse(void **state)
{
    (void)state;
    struct sp_accept rule;
    struct sp_why why;
    char plain[] = "needs_ocr:scans/*:jan:2026-06-01:paper: old";
    assert_int_equal(sp_accept_parse(plain, TODAY, &rule, &why), SP_OK);
    assert_int_equal(rule.reason, SP_REASON_NEEDS_OCR);
    assert_string_equal(rule.glob, "scans/*");
    assert_string_equal(rule.who, "jan");
    assert_string_equal(rule.until, "2026-06-01");
    assert_string_equal(rule.why_text, "paper: old");
    char colons[] = "excluded:a!2:cv.docx:*:j:2030-01-01:x:2031-01-01:y";
    assert_int_equal(sp_accept_parse(colons, TODAY, &rule, &why), SP_OK);
    assert_string_equal(rule.glob, "a!2:cv.docx:*");
    assert_string_equal(rule.who, "j");
    assert_string_equal(rule.until, "2030-01-01");
    assert_string_equal(rule.why_text, "x:2031-01-01:y");
}

static void test_accept_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "needs_ocr",
        "needs_ocr:*:jan:2026-06-01",   /* no why */
        "needs_ocr:*:jan:2026-06-01:",  /* an empty one */
        "needs_ocr:*::2026-06-02:x",    /* nobody */
        "needs_ocr::jan:2026-06-02:x",  /* nothing */
        "needs_ocr:*:jan:2026-05-31:x", /* ended */
        "needs_ocr:*:jan:2026-02-30:x", /* no such day */
        "needs_ocr:*:2026-07-01:x",     /* a field too few */
        "no_such_reason:*:jan:2027-01-01:x",
        "photo:*:jan:2027-01-01:x", /* no gap */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sp_accept rule;
        struct sp_why why;
        char text[64];
        (void)snprintf(text, sizeof text, "%s", bad[i]);
        if (sp_accept_parse(text, TODAY, &rule, &why) != SP_ERR_USAGE)
            fail_msg("taken: %s", bad[i]);
    }
}

/* ---- doors -------------------------------------------------------------------------------- */

static enum sp_err stop_unit(void *ctx, struct sp_slice name, enum sp_list list, struct sp_why *why)
{
    (void)ctx, (void)name, (void)list;
    return sp_fail(why, SP_ERR_STOP, "stop");
}

static void test_doors_may_stop_or_be_missing(void **state)
{
    struct world *w = *state;
    struct sp_root_row *roots = NULL;
    size_t count = 0;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    run(w);
    assert_int_equal(sp_inventory_roots(w->inventory, &roots, &count, &w->why), SP_OK);
    assert_int_equal(sp_verdict_run(&(struct sp_verdict_job){.inventory = w->inventory,
                                                             .root = roots,
                                                             .reg = w->reg,
                                                             .options = &w->options,
                                                             .decided = NULL,
                                                             .unit = NULL,
                                                             .ctx = NULL},
                                    &w->sum, &w->why),
                     SP_OK);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS);
    assert_int_equal(w->sum.units[SP_LIST_DROP], 1);
    assert_int_equal(sp_verdict_run(&(struct sp_verdict_job){.inventory = w->inventory,
                                                             .root = roots,
                                                             .reg = w->reg,
                                                             .options = &w->options,
                                                             .decided = NULL,
                                                             .unit = stop_unit,
                                                             .ctx = NULL},
                                    &w->sum, &w->why),
                     SP_ERR_STOP);
    sp_root_rows_free(roots, count);
}

/* Every allocation fails once: an error, no crash, no leak, and never another verdict. */
static void test_out_of_memory(void **state)
{
    struct world *w = *state;
    int64_t root = put_archive(w);
    int64_t a = put_member(w, root, "a", SP_SHAPE_DOCUMENT, 1);
    put_link(w, root, "b", "a");
    put_wanted(w, WANT("r1", EMAIL, "a@example.org"));
    FOUND(w, a, F(DOCUMENT, 1, EMAIL, "a@example.org"));
    put_unread(w, a, SP_REASON_CORRUPT);
    run(w);
    enum sp_err err = SP_ERR_NOMEM;
    long nth = 1;
    struct sp_root_row *roots = NULL;
    size_t count = 0;
    assert_int_equal(sp_inventory_roots(w->inventory, &roots, &count, &w->why), SP_OK);
    for (; err == SP_ERR_NOMEM; nth++) {
        sp_mem_fail_at(nth);
        err = sp_verdict_run(&(struct sp_verdict_job){.inventory = w->inventory,
                                                      .root = roots,
                                                      .reg = w->reg,
                                                      .options = &w->options,
                                                      .decided = NULL,
                                                      .unit = NULL,
                                                      .ctx = NULL},
                             &w->sum, &w->why);
        sp_mem_fail_at(0);
    }
    assert_int_equal(err, SP_OK);
    assert_true(nth > 10);
    assert_int_equal(w->sum.status, SP_VERDICT_HITS | SP_VERDICT_INCOMPLETE);
    sp_root_rows_free(roots, count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clean),
        TEST(test_hit_in_a_document),
        TEST(test_weak_pairs_meet_in_one_record),
        TEST(test_record_over_two_segments),
        TEST(test_possible_low_and_embedded),
        TEST(test_exemptions_scopes_and_expiry),
        TEST(test_exempt_alone_is_kept),
        TEST(test_new_relation),
        TEST(test_other_kinds_of_request),
        TEST(test_review_ok),
        TEST(test_tables_attached_to_documents),
        TEST(test_a_hit_goes_before_a_gap),
        TEST(test_containers),
        TEST(test_same_names),
        TEST(test_hard_links),
        TEST(test_tree_of_files),
        TEST(test_root_is_one_mailbox),
        TEST(test_name_of_the_archive_itself),
        TEST(test_gaps),
        TEST(test_accepted_gaps),
        TEST(test_gap_above_the_units),
        TEST(test_container_with_hits_and_a_gap),
        TEST(test_unfinished_object),
        TEST(test_scan_that_did_not_end),
        TEST(test_type_not_searched),
        TEST(test_key_missing),
        TEST(test_older_canonical_form),
        TEST(test_backup_older_than_an_expired_row),
        TEST(test_expired_without_a_day),
        TEST(test_no_verdict_from_nothing),
        cmocka_unit_test(test_accept_parse),
        cmocka_unit_test(test_accept_refused),
        TEST(test_doors_may_stop_or_be_missing),
        TEST(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
