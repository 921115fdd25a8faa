/* floors: sp_store
 * The erasure register: what goes in comes out, and every way of tampering is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/key_ring.h"
#include "store/register.h"

struct fixture {
    char folder[64], path[96], head[128], key_path[96], other_path[96];
    struct sp_key *key, *other;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    *state = f;
    snprintf(f->folder, sizeof f->folder, "/tmp/speur-register-XXXXXX");
    if (!mkdtemp(f->folder))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/register.jsonl", f->folder);
    snprintf(f->head, sizeof f->head, "%s.head", f->path);
    snprintf(f->key_path, sizeof f->key_path, "%s/key", f->folder);
    snprintf(f->other_path, sizeof f->other_path, "%s/other", f->folder);
    if (sp_key_make(f->key_path, &f->key, NULL) || sp_key_make(f->other_path, &f->other, NULL))
        return -1;
    return sp_register_init(f->path, f->key, NULL) == SP_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    sp_mem_fail_at(0);
    sp_key_free(f->key);
    sp_key_free(f->other);
    unlink(f->path);
    unlink(f->head);
    snprintf(f->head, sizeof f->head, "%s.head.new", f->path);
    unlink(f->head); /* of a writer that was killed */
    unlink(f->key_path);
    snprintf(f->head, sizeof f->head, "%s.lock", f->key_path);
    unlink(f->head);
    unlink(f->other_path);
    rmdir(f->folder);
    free(f);
    return 0;
}

/* ---- files --------------------------------------------------------------------------------- */

struct bytes {
    char data[65536];
    size_t len;
};

static void load(const char *path, struct bytes *out)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    out->len = fread(out->data, 1, sizeof out->data - 1, file);
    out->data[out->len] = '\0';
    fclose(file);
}

static void store(const char *path, const struct bytes *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
    close(fd);
}

/* Where line `n` (from 0) begins. */
static size_t line_at(const struct bytes *bytes, size_t n)
{
    size_t at = 0;

    while (n) {
        if (bytes->data[at++] == '\n')
            n--;
    }
    return at;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static struct sp_register_row row_of(unsigned n)
{
    static char text[4][64];
    struct sp_register_row row = {
        .kind = (enum sp_request_kind)(n % SP_REQUEST_KIND_COUNT),
        .type = (enum sp_type)(n % SP_TYPE_COUNT),
        .canonical_version = 1,
        .attributes = n % 3 ? 0 : SP_ATTR_ROLE,
        .strength = (enum sp_strength)(n % 3),
        .token_count = (uint8_t)(1 + n % 3),
        .received = "2026-01-02",
        .erased_at = "2026-02-03",
    };

    snprintf(text[0], sizeof text[0], "REQ-%u \"quoted\" \\ \t \xc3\xa9", n);
    snprintf(text[1], sizeof text[1], n % 2 ? "webshop" : "");
    row.req_id = text[0];
    row.scope = text[1];
    row.exempt_basis = n % 4 ? NULL : text[1];
    for (unsigned i = 0; i < row.token_count; i++) {
        row.tokens[i].kind = (uint8_t)i;
        memset(row.tokens[i].bytes, (int)(n * 3 + i), SP_TOKEN_LEN);
        row.tokens[i].bytes[0] = (uint8_t)(n >> 8);
    }
    return row;
}

static enum sp_err append(const struct fixture *f, unsigned from, unsigned count, size_t *added,
                          struct sp_why *why)
{
    struct sp_register *reg = NULL;
    enum sp_err err = sp_register_open(f->path, f->key, &reg, why);

    *added = 0;
    for (unsigned n = from; n < from + count && !err; n++) {
        struct sp_register_row row = row_of(n);
        size_t one = 0;

        err = sp_register_append(reg, &row, 1, &one, why);
        *added += one;
    }
    sp_register_close(reg);
    return err;
}

static void append_all(const struct fixture *f, unsigned from, unsigned count)
{
    struct sp_why why = {""};
    size_t added;

    if (append(f, from, count, &added, &why))
        fail_msg("%s", why.text);
    assert_int_equal(added, count);
}

static enum sp_err open_error(const struct fixture *f, const struct sp_key *key, size_t *count,
                              struct sp_why *why)
{
    struct sp_register *reg = NULL;
    enum sp_err err = sp_register_open(f->path, key, &reg, why);

    if (!err && count)
        *count = sp_register_count(reg);
    sp_register_close(reg);
    return err;
}

static void assert_opens(const struct fixture *f, size_t count)
{
    struct sp_why why = {""};
    size_t got = 0;

    if (open_error(f, f->key, &got, &why))
        fail_msg("%s", why.text);
    assert_int_equal(got, count);
}

static void assert_altered(const struct fixture *f)
{
    struct sp_why why = {""};

    assert_int_equal(open_error(f, f->key, NULL, &why), SP_ERR_ALTERED);
    assert_true(strlen(why.text) > 0);
}

/* ---- round trips --------------------------------------------------------------------------- */

static void test_rows_come_back(void **state)
{
    struct fixture *f = *state;
    struct sp_register *reg = NULL;
    struct stat status;

    append_all(f, 0, 40);
    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_count(reg), 40);
    for (unsigned n = 0; n < 40; n++) {
        const struct sp_register_row *row = sp_register_row_at(reg, n);
        struct sp_register_row want = row_of(n);

        assert_int_equal(row->seq, n + 1);
        assert_string_equal(row->req_id, want.req_id);
        assert_string_equal(row->scope, want.scope);
        assert_string_equal(row->exempt_basis, want.exempt_basis ? want.exempt_basis : "");
        assert_string_equal(row->legal_basis, "");
        assert_string_equal(row->received, want.received);
        assert_string_equal(row->erased_at, want.erased_at);
        assert_string_equal(row->last_backup_expiry, "");
        assert_string_equal(row->key_id, sp_key_id(f->key));
        assert_true(row->kind == want.kind && row->type == want.type);
        assert_true(row->strength == want.strength && row->attributes == want.attributes);
        assert_int_equal(row->canonical_version, 1);
        assert_int_equal(row->token_count, want.token_count);
        for (unsigned i = 0; i < want.token_count; i++) {
            assert_int_equal(row->tokens[i].kind, want.tokens[i].kind);
            assert_memory_equal(row->tokens[i].bytes, want.tokens[i].bytes, SP_TOKEN_LEN);
        }
    }
    assert_memory_equal(sp_register_head(reg), "40:", 3);
    assert_int_equal(strlen(sp_register_head(reg)), 3 + 64);
    sp_register_close(reg);
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(f->head, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_a_row_is_not_added_twice(void **state)
{
    struct fixture *f = *state;
    struct sp_register *reg = NULL;
    struct sp_register_row rows[3] = {row_of(1), row_of(1), row_of(2)};
    char id[] = "another request \xff", mark[] = "another request %FF";
    size_t added = 9;

    rows[2].req_id = id;
    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_append(reg, rows, 3, &added, NULL), SP_OK);
    assert_int_equal(added, 2);
    assert_string_equal(sp_register_row_at(reg, 1)->req_id, mark);
    assert_int_equal(sp_register_append(reg, rows, 3, &added, NULL), SP_OK);
    assert_int_equal(added, 0);
    assert_int_equal(sp_register_append(reg, rows, 0, &added, NULL), SP_OK);
    rows[0].kind = SP_REQUEST_OPTOUT; /* the same identifier, for another reason */
    assert_int_equal(sp_register_append(reg, rows, 1, &added, NULL), SP_OK);
    assert_int_equal(added, 1);
    sp_register_close(reg);
    assert_opens(f, 3);
}

static void test_two_writers(void **state)
{
    struct fixture *f = *state;
    struct sp_register *a = NULL, *b = NULL;
    struct sp_register_row row = row_of(1), next = row_of(2);
    size_t added;

    assert_int_equal(sp_register_open(f->path, f->key, &a, NULL), SP_OK);
    assert_int_equal(sp_register_open(f->path, f->key, &b, NULL), SP_OK);
    assert_int_equal(sp_register_append(a, &row, 1, &added, NULL), SP_OK);
    assert_int_equal(sp_register_append(b, &row, 1, &added, NULL), SP_OK);
    assert_int_equal(added, 0); /* b sees what a wrote */
    assert_int_equal(sp_register_append(b, &next, 1, &added, NULL), SP_OK);
    assert_int_equal(added, 1);
    sp_register_close(a);
    sp_register_close(b);
    assert_opens(f, 2);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void test_missing_or_open_to_others(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(sp_register_init(f->path, f->key, NULL), SP_ERR_USAGE);
    append_all(f, 0, 1);
    assert_int_equal(chmod(f->path, 0640), 0);
    assert_int_equal(open_error(f, f->key, NULL, NULL), SP_ERR_KEY);
    assert_int_equal(chmod(f->path, 0600), 0);
    assert_int_equal(chmod(f->head, 0604), 0);
    assert_int_equal(open_error(f, f->key, NULL, NULL), SP_ERR_KEY);
    assert_int_equal(chmod(f->head, 0600), 0);
    assert_opens(f, 1);
    assert_int_equal(unlink(f->head), 0);
    assert_altered(f);
    assert_int_equal(sp_register_init(f->path, f->key, NULL), SP_ERR_USAGE);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(open_error(f, f->key, NULL, NULL), SP_ERR_KEY);
}

static void test_half_made_register_is_finished(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(unlink(f->head), 0); /* its maker died before the head */
    assert_int_equal(sp_register_init(f->path, f->key, NULL), SP_OK);
    assert_opens(f, 0);
}

static void test_wrong_key(void **state)
{
    struct fixture *f = *state;
    struct sp_why why;

    append_all(f, 0, 3);
    assert_int_equal(open_error(f, f->other, NULL, &why), SP_ERR_KEY);
    assert_non_null(strstr(why.text, "another key"));
}

/* Every single byte of register and head, changed. */
static void test_any_altered_byte(void **state)
{
    struct fixture *f = *state;
    const char *paths[] = {f->path, f->head};

    append_all(f, 0, 4);
    for (size_t p = 0; p < 2; p++) {
        struct bytes *whole = malloc(sizeof *whole);

        load(paths[p], whole);
        for (size_t i = 0; i < whole->len; i++) {
            enum sp_err err;
            size_t count = 0;

            whole->data[i] ^= 2;
            store(paths[p], whole);
            err = open_error(f, f->key, &count, NULL);
            whole->data[i] ^= 2;
            if (p == 1 && i == whole->len - 1)
                continue; /* the newline behind the head means nothing */
            if (p == 1 && i < 12 + 32 && err == SP_ERR_KEY)
                continue; /* the key's name in the head: looks like another key */
            if (err != SP_ERR_ALTERED)
                fail_msg("byte %zu of %s: %s, %zu rows", i, paths[p], sp_err_name(err), count);
        }
        store(paths[p], whole);
        free(whole);
    }
    assert_opens(f, 4);
}

static void test_swapped_removed_and_repeated_rows(void **state)
{
    struct fixture *f = *state;
    struct bytes *whole = malloc(sizeof *whole), *changed = malloc(sizeof *changed);
    size_t at[5];

    append_all(f, 0, 4);
    load(f->path, whole);
    for (size_t n = 0; n < 5; n++)
        at[n] = line_at(whole, n);
    /* 0 2 1 3 */
    *changed = *whole;
    memcpy(changed->data + at[1], whole->data + at[2], at[3] - at[2]);
    memcpy(changed->data + at[1] + at[3] - at[2], whole->data + at[1], at[2] - at[1]);
    store(f->path, changed);
    assert_altered(f);
    /* 0 2 3: one taken out of the middle */
    changed->len = whole->len - (at[2] - at[1]);
    memcpy(changed->data + at[1], whole->data + at[2], whole->len - at[2]);
    store(f->path, changed);
    assert_altered(f);
    /* 1 2 3: the first */
    changed->len = whole->len - at[1];
    memcpy(changed->data, whole->data + at[1], changed->len);
    store(f->path, changed);
    assert_altered(f);
    /* 0 1 2: the last. The head knows better. */
    *changed = *whole;
    changed->len = at[3];
    store(f->path, changed);
    assert_altered(f);
    /* nothing at all */
    changed->len = 0;
    store(f->path, changed);
    assert_altered(f);
    /* 0 1 2 3 3 */
    *changed = *whole;
    memcpy(changed->data + at[4], whole->data + at[3], at[4] - at[3]);
    changed->len += at[4] - at[3];
    store(f->path, changed);
    assert_altered(f);
    store(f->path, whole);
    assert_opens(f, 4);
    free(whole);
    free(changed);
}

/* Rows and head of another register with the same key. */
static void test_mixed_up_registers(void **state)
{
    struct fixture *f = *state;
    struct bytes *rows = malloc(sizeof *rows), *head = malloc(sizeof *head);

    append_all(f, 0, 2);
    load(f->path, rows);
    load(f->head, head);
    unlink(f->path);
    unlink(f->head);
    assert_int_equal(sp_register_init(f->path, f->key, NULL), SP_OK);
    append_all(f, 10, 2);
    store(f->path, rows);
    assert_altered(f);
    store(f->head, head);
    assert_opens(f, 2);
    free(rows);
    free(head);
}

/* The first rows of one register, the last row and the head of another with the same key: every
 * MAC holds, the numbers follow each other, the head knows the last row. Only the chain tells. */
static void test_rows_of_another_chain(void **state)
{
    struct fixture *f = *state;
    struct bytes *mine = malloc(sizeof *mine), *theirs = malloc(sizeof *theirs);
    size_t at;

    append_all(f, 0, 2);
    load(f->path, mine);
    unlink(f->path);
    unlink(f->head);
    assert_int_equal(sp_register_init(f->path, f->key, NULL), SP_OK);
    append_all(f, 10, 3);
    load(f->path, theirs);
    at = line_at(theirs, 2);
    memcpy(mine->data + mine->len, theirs->data + at, theirs->len - at);
    mine->len += theirs->len - at;
    store(f->path, mine);
    assert_altered(f);
    free(mine);
    free(theirs);
}

/* ---- crashes ------------------------------------------------------------------------------- */

/* An append torn at any byte, before the head was written: what was there stays, and the next
 * append mends it. */
static void test_torn_append(void **state)
{
    struct fixture *f = *state;
    struct bytes *whole = malloc(sizeof *whole), *torn = malloc(sizeof *torn);
    struct bytes *old_head = malloc(sizeof *old_head);
    size_t from, middle;

    append_all(f, 0, 2);
    load(f->head, old_head);
    append_all(f, 2, 2);
    load(f->path, whole);
    from = line_at(whole, 2);
    middle = line_at(whole, 3);
    for (size_t len = from; len <= whole->len; len++) {
        size_t expected = len < middle ? 2 : len < whole->len ? 3 : 4;

        *torn = *whole;
        torn->len = len;
        store(f->path, torn);
        store(f->head, old_head);
        assert_opens(f, expected);
        if (len % 211 == 0) {
            append_all(f, 7, 1);
            assert_opens(f, expected + 1);
        }
    }
    free(whole);
    free(torn);
    free(old_head);
}

/* The last row that the head names may not be torn. */
static void test_torn_row_that_was_acknowledged(void **state)
{
    struct fixture *f = *state;
    struct bytes *whole = malloc(sizeof *whole);

    append_all(f, 0, 3);
    load(f->path, whole);
    whole->len--;
    store(f->path, whole);
    assert_altered(f);
    whole->len -= 100;
    store(f->path, whole);
    assert_altered(f);
    free(whole);
}

/* An old head that is put back hides no row. */
static void test_old_head_hides_nothing(void **state)
{
    struct fixture *f = *state;
    struct bytes *head = malloc(sizeof *head);

    append_all(f, 0, 2);
    load(f->head, head);
    append_all(f, 2, 3);
    store(f->head, head);
    assert_opens(f, 5);
    free(head);
}

static void test_killed_writers(void **state)
{
    struct fixture *f = *state;
    size_t last = 0;

    for (unsigned round = 0; round < 12; round++) {
        size_t count = 0, added;
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            for (unsigned n = 0;; n++)
                append(f, round * 1000 + n, 1, &added, NULL);
        }
        usleep(2000 + round * 700);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(open_error(f, f->key, &count, NULL), SP_OK);
        assert_true(count >= last);
        last = count;
    }
    assert_true(last > 0);
}

static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    unsigned failures = 0;

    append_all(f, 0, 3);
    for (long nth = 1; nth < 300; nth++) {
        struct sp_why why;
        size_t added;
        enum sp_err err;

        sp_mem_fail_at(nth);
        err = append(f, 50, 1, &added, &why);
        sp_mem_fail_at(0);
        if (!err)
            break;
        assert_int_equal(err, SP_ERR_NOMEM);
        failures++;
    }
    assert_in_range(failures, 10, 298);
    /* Either the row came whole or not at all, and the last round had it. */
    assert_opens(f, 4);
}

static void test_no_clear_value(void **state)
{
    struct fixture *f = *state;
    struct bytes *whole = malloc(sizeof *whole);
    struct sp_canonical canonical = {.len = 21};
    struct sp_register_row row = row_of(0);
    struct sp_register *reg = NULL;
    size_t added;

    memcpy(canonical.bytes, "jan@voorbeeld.example", 21);
    row.token_count = 1;
    sp_token(f->key, SP_TYPE_EMAIL, SP_TOKEN_EXACT, &canonical, row.tokens[0].bytes);
    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_append(reg, &row, 1, &added, NULL), SP_OK);
    sp_register_close(reg);
    load(f->path, whole);
    assert_null(strstr(whole->data, "voorbeeld"));
    free(whole);
}

static void test_kind_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SP_REQUEST_KIND_COUNT; i++) {
        enum sp_request_kind kind;
        const char *name = sp_request_kind_name((enum sp_request_kind)i);

        assert_true(sp_request_kind_from_name(sp_slice_of(name), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(sp_request_kind_from_name(sp_slice_of("forget"), &(enum sp_request_kind){0}));
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void reopen_ring(struct fixture *f)
{
    struct sp_why why = {""};

    sp_key_free(f->key);
    f->key = NULL;
    if (sp_key_open(f->key_path, &f->key, &why))
        fail_msg("%s", why.text);
}

static enum sp_err note_key(const struct fixture *f, enum sp_row_kind kind, const char *id)
{
    struct sp_register *reg = NULL;
    enum sp_err err = sp_register_open(f->path, f->key, &reg, NULL);

    if (!err)
        err = sp_register_note_key(reg, kind, id, "2026-06-01", NULL);
    sp_register_close(reg);
    return err;
}

static void expire(const struct fixture *f, const char *today, size_t want)
{
    struct sp_register *reg = NULL;
    size_t count;

    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_expire(reg, today, false, &count, NULL), SP_OK);
    assert_int_equal(count, want);
    sp_register_close(reg);
}

/* One row that ends, under the key that is the newest. */
static void append_ending(const struct fixture *f, unsigned n, const char *last_backup_expiry)
{
    struct sp_register *reg = NULL;
    struct sp_register_row row = row_of(n);
    size_t added;

    snprintf(row.last_backup_expiry, sizeof row.last_backup_expiry, "%s", last_backup_expiry);
    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_append(reg, &row, 1, &added, NULL), SP_OK);
    assert_int_equal(added, 1);
    sp_register_close(reg);
}

static void test_rows_under_two_keys_and_the_end_of_one(void **state)
{
    struct fixture *f = *state;
    char first[SP_KEY_ID_SIZE], second[SP_KEY_ID_SIZE];
    struct sp_key_use uses[SP_KEY_USES_MAX];
    struct sp_register *reg = NULL;
    struct bytes before, after;
    struct sp_why why = {""};
    size_t count = 0;

    snprintf(first, sizeof first, "%s", sp_key_id(f->key));
    append_ending(f, 1, "2026-05-01");
    append_ending(f, 2, "2026-07-01");
    assert_int_equal(sp_key_ring_add(f->key_path, second, &why), SP_OK);
    /* Who opened the key file before goes on enrolling under the first key. */
    append_ending(f, 3, "2026-05-01");
    reopen_ring(f);
    append_ending(f, 4, "");
    assert_int_equal(note_key(f, SP_ROW_KEY_MADE, second), SP_OK);
    assert_int_equal(sp_register_open(f->path, f->key, &reg, NULL), SP_OK);
    assert_int_equal(sp_register_key_live(reg, first, ""), 3);
    assert_int_equal(sp_register_key_live(reg, first, "2026-06-01"), 1);
    assert_int_equal(sp_register_key_live(reg, second, "2026-06-01"), 1);
    assert_int_equal(sp_register_key_live(reg, NULL, "2026-06-01"), 2);
    assert_int_equal(sp_register_key_uses(reg, uses), 2);
    assert_string_equal(uses[0].id, second);
    assert_int_equal(uses[0].live, 1);
    assert_int_equal(uses[1].live, 3);
    assert_true(uses[1].on_ring && !uses[1].destroyed);
    sp_register_close(reg);

    expire(f, "2026-06-01", 2);
    load(f->path, &before);
    assert_int_equal(note_key(f, SP_ROW_KEY_DESTROYED, first), SP_ERR_KEY); /* row 2 needs it */
    load(f->path, &after);
    assert_string_equal(before.data, after.data);
    expire(f, "2026-08-01", 1);
    assert_int_equal(note_key(f, SP_ROW_KEY_DESTROYED, first), SP_OK);
    assert_int_equal(sp_key_ring_drop(f->key_path, first, &why), SP_OK);
    reopen_ring(f);
    assert_int_equal(sp_key_count(f->key), 1);
    assert_int_equal(sp_register_open(f->path, f->key, &reg, &why), SP_OK);
    assert_int_equal(sp_register_live_count(reg), 1);
    assert_int_equal(sp_register_key_uses(reg, uses), 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sp_register_row_at(reg, i)->row_kind, SP_ROW_EXPIRED);
        assert_string_equal(sp_register_row_at(reg, i)->key_id, first);
    }
    sp_register_close(reg);
    /* Rows of the destroyed key are verified like the others: no byte of theirs can be changed. */
    load(f->path, &before);
    for (size_t at = 0; at < line_at(&before, 3); at += 3, count++) {
        before.data[at] ^= 1;
        store(f->path, &before);
        assert_int_equal(open_error(f, f->key, NULL, NULL), SP_ERR_ALTERED);
        before.data[at] ^= 1;
    }
    assert_true(count > 100);
    store(f->path, &before);
    assert_int_equal(open_error(f, f->key, NULL, NULL), SP_OK);
}

/* A process that opened the key file long ago, or with an old copy of it. */
static void test_nobody_is_enrolled_under_a_destroyed_key(void **state)
{
    struct fixture *f = *state;
    struct sp_register *stale = NULL;
    struct sp_register_row row = row_of(7);
    struct sp_key *old = f->key;
    char first[SP_KEY_ID_SIZE], second[SP_KEY_ID_SIZE];
    size_t added;

    snprintf(first, sizeof first, "%s", sp_key_id(f->key));
    assert_int_equal(sp_register_open(f->path, old, &stale, NULL), SP_OK);
    assert_int_equal(sp_key_ring_add(f->key_path, second, NULL), SP_OK);
    f->key = NULL;
    reopen_ring(f);
    append_all(f, 1, 1);
    assert_int_equal(note_key(f, SP_ROW_KEY_DESTROYED, first), SP_OK);
    assert_int_equal(sp_register_append(stale, &row, 1, &added, NULL), SP_ERR_KEY);
    assert_int_equal(added, 0);
    sp_register_close(stale);
    sp_key_free(old);
    assert_int_equal(sp_register_open(f->path, f->key, &stale, NULL), SP_OK);
    assert_int_equal(sp_register_live_count(stale), 1);
    sp_register_close(stale);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows_under_two_keys_and_the_end_of_one),
        TEST(test_nobody_is_enrolled_under_a_destroyed_key),
        TEST(test_rows_come_back),
        TEST(test_a_row_is_not_added_twice),
        TEST(test_two_writers),
        TEST(test_missing_or_open_to_others),
        TEST(test_half_made_register_is_finished),
        TEST(test_wrong_key),
        TEST(test_any_altered_byte),
        TEST(test_swapped_removed_and_repeated_rows),
        TEST(test_mixed_up_registers),
        TEST(test_rows_of_another_chain),
        TEST(test_torn_append),
        TEST(test_torn_row_that_was_acknowledged),
        TEST(test_old_head_hides_nothing),
        TEST(test_killed_writers),
        TEST(test_no_memory),
        TEST(test_no_clear_value),
        TEST(test_kind_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
