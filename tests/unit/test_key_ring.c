/* floors: sp_store
 * The ring of keys: what a key file may be, what each key is good for, and that a change of the
 * file loses nothing, whenever it is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/key_ring.h"

enum { RING_KILLS = 60, RING_STOPS = 200, RING_TEXT_MAX = 2048 };

struct ring_fixture {
    char folder[64], path[96];
};

static int setup(void **state)
{
    struct ring_fixture *f = calloc(1, sizeof *f);

    *state = f;
    snprintf(f->folder, sizeof f->folder, "/tmp/speur-ring-XXXXXX");
    if (!mkdtemp(f->folder))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/key", f->folder);
    return 0;
}

static int teardown(void **state)
{
    struct ring_fixture *f = *state;
    DIR *folder = opendir(f->folder);
    struct dirent *entry;
    char path[400];

    sp_mem_fail_at(0);
    while (folder && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", f->folder, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(f->folder);
    free(f);
    return 0;
}

/* ---- files ---------------------------------------------------------------------------------- */

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void get(const char *path, char text[RING_TEXT_MAX])
{
    FILE *file = fopen(path, "rb");
    size_t len;

    assert_non_null(file);
    len = fread(text, 1, RING_TEXT_MAX - 1, file);
    text[len] = '\0';
    fclose(file);
}

static const char *beside(const struct ring_fixture *f, const char *suffix)
{
    static char path[2][128];
    static unsigned next;
    char *out = path[next++ % 2];

    snprintf(out, sizeof path[0], "%s%s", f->path, suffix);
    return out;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A line whose key is 32 times this byte. */
static const char *line_of(unsigned byte)
{
    static char lines[8][80];
    static unsigned next;
    char *line = lines[next++ % 8];
    int len = snprintf(line, sizeof lines[0], "speur-key-1 ");

    for (unsigned i = 0; i < 32; i++)
        len += snprintf(line + len, sizeof lines[0] - (size_t)len, "%02x", byte);
    snprintf(line + len, sizeof lines[0] - (size_t)len, "\n");
    return line;
}

static void put_lines(const struct ring_fixture *f, unsigned count, const unsigned *bytes)
{
    char text[RING_TEXT_MAX] = "";
    size_t len = 0;

    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", line_of(bytes[i]));
    put(f->path, text);
}

static struct sp_key *ring_of(const struct ring_fixture *f)
{
    struct sp_key *ring = NULL;
    struct sp_why why = {""};

    if (sp_key_open(f->path, &ring, &why))
        fail_msg("%s", why.text);
    return ring;
}

static void add(const struct ring_fixture *f, char id[SP_KEY_ID_SIZE])
{
    struct sp_why why = {""};

    if (sp_key_ring_add(f->path, id, &why))
        fail_msg("%s", why.text);
}

static void drop(const struct ring_fixture *f, const char *ids)
{
    struct sp_why why = {""};

    if (sp_key_ring_drop(f->path, ids, &why))
        fail_msg("%s", why.text);
}

/* ---- what a key file may be ----------------------------------------------------------------- */

static void test_lines_are_keys_newest_first(void **state)
{
    struct ring_fixture *f = *state;
    char ids[SP_KEY_IDS_SIZE], one[SP_KEY_ID_SIZE];

    for (unsigned count = 1; count <= SP_KEY_MAX; count++) {
        struct sp_key *ring;
        const struct sp_key *key;

        put_lines(f, count, (const unsigned[]){4, 3, 2, 1});
        ring = ring_of(f);
        assert_int_equal(sp_key_count(ring), count);
        sp_key_ids(ring, ids);
        assert_int_equal(strlen(ids), count * SP_KEY_ID_SIZE - 1);
        assert_memory_equal(ids, sp_key_id(ring), SP_KEY_ID_SIZE - 1);
        for (key = ring; sp_key_older(key); key = sp_key_older(key))
            assert_true(sp_key_ids_have(ids, sp_key_id(key)));
        assert_string_equal(sp_key_first_id(ring), sp_key_id(key)); /* the oldest */
        assert_true(sp_key_ids_include(ids, ids));
        assert_true(sp_key_ids_include(ids, sp_key_first_id(ring)));
        assert_true(sp_key_ids_include(ids, ""));
        assert_int_equal(sp_key_ids_include(sp_key_id(ring), ids), count == 1);
        assert_false(sp_key_ids_include("", ids));
        assert_false(sp_key_ids_have(ids, ""));
        snprintf(one, sizeof one, "%.31s", ids);
        assert_false(sp_key_ids_have(ids, one)); /* a part of an id is none */
        sp_key_free(ring);
    }
}

static void test_what_is_no_ring_is_refused(void **state)
{
    struct ring_fixture *f = *state;
    struct sp_key *ring = NULL;
    struct sp_why why;
    char text[RING_TEXT_MAX], whole[RING_TEXT_MAX];
    char id[SP_KEY_ID_SIZE];

    put_lines(f, 5, (const unsigned[]){5, 4, 3, 2, 1});
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
    put_lines(f, 2, (const unsigned[]){1, 1});
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
    assert_non_null(strstr(why.text, "twice"));
    assert_null(strstr(why.text, "010101"));
    put_lines(f, 3, (const unsigned[]){1, 2, 1});
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
    put_lines(f, 2, (const unsigned[]){2, 1});
    assert_int_equal(chmod(f->path, 0640), 0);
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
    assert_int_equal(sp_key_ring_add(f->path, id, &why), SP_ERR_KEY);
    assert_int_equal(chmod(f->path, 0600), 0);
    /* A ring whose first key is gone, cut off anywhere: refused, or, between two lines, another
     * first key, which no register answers to. */
    add(f, id);
    drop(f, sp_key_first_id(ring = ring_of(f)));
    snprintf(id, sizeof id, "%s", sp_key_first_id(ring));
    sp_key_free(ring);
    get(f->path, whole);
    for (size_t len = 0; len + 1 < strlen(whole); len++) {
        snprintf(text, sizeof text, "%.*s", (int)len, whole);
        put(f->path, text);
        ring = NULL;
        if (sp_key_open(f->path, &ring, NULL) == SP_OK)
            assert_string_not_equal(sp_key_first_id(ring), id);
        sp_key_free(ring);
    }
    snprintf(text, sizeof text, "%.999sx", whole);
    put(f->path, text);
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
    snprintf(text, sizeof text, "%.999s%s", whole, line_of(9));
    put(f->path, text);
    assert_int_equal(sp_key_open(f->path, &ring, &why), SP_ERR_KEY);
}

/* ---- what each key is good for -------------------------------------------------------------- */

/* No token of one key is one of another: the same values, under two keys, have nothing in common.
 */
static void test_tokens_of_two_keys_are_unrelated(void **state)
{
    enum { VALUES = 16 };
    struct ring_fixture *f = *state;
    static uint8_t tokens[SP_KEY_MAX * VALUES * SP_TYPE_COUNT * SP_TOKEN_KIND_COUNT][SP_TOKEN_LEN];
    struct sp_key *ring;
    size_t count = 0;

    put_lines(f, SP_KEY_MAX, (const unsigned[]){4, 3, 2, 1});
    ring = ring_of(f);
    for (const struct sp_key *key = ring; key; key = sp_key_older(key)) {
        for (unsigned n = 0; n < VALUES * SP_TYPE_COUNT * SP_TOKEN_KIND_COUNT; n++) {
            struct sp_canonical canonical = {.len = 8};

            snprintf((char *)canonical.bytes, sizeof canonical.bytes, "value%03u",
                     n / (SP_TYPE_COUNT * SP_TOKEN_KIND_COUNT));
            sp_token(key, (enum sp_type)(n / SP_TOKEN_KIND_COUNT % SP_TYPE_COUNT),
                     (enum sp_token_kind)(n % SP_TOKEN_KIND_COUNT), &canonical, tokens[count++]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            if (memcmp(tokens[i], tokens[k], SP_TOKEN_LEN) == 0)
                fail_msg("tokens %zu and %zu are equal", i, k);
        }
    }
    sp_key_free(ring);
}

static void test_mac_and_signature_outlive_the_first_key(void **state)
{
    struct ring_fixture *f = *state;
    uint8_t mac[SP_DIGEST_LEN], again[SP_DIGEST_LEN];
    uint8_t public_key[SP_PUBLIC_KEY_LEN], other[SP_PUBLIC_KEY_LEN];
    uint8_t signature[SP_SIGNATURE_LEN];
    char first[SP_KEY_ID_SIZE], id[SP_KEY_ID_SIZE], text[RING_TEXT_MAX], hex[65];
    struct sp_key *ring = NULL;

    assert_int_equal(sp_key_make(f->path, &ring, NULL), SP_OK);
    get(f->path, text);
    snprintf(hex, sizeof hex, "%.64s", text + strlen("speur-key-1 "));
    snprintf(first, sizeof first, "%s", sp_key_id(ring));
    sp_mac(ring, sp_slice_of("row"), mac);
    sp_public_key(ring, public_key);
    for (unsigned n = 0; n < 6; n++) {
        sp_key_free(ring);
        add(f, id);
        if (n == 1) {
            drop(f, first);
            get(f->path, text);
            assert_null(strstr(text, hex)); /* the key is gone, its two subkeys are there */
        } else if (n > 1) {
            ring = ring_of(f);
            drop(f, sp_key_id(sp_key_older(ring)));
            sp_key_free(ring);
        }
        ring = ring_of(f);
        assert_string_equal(sp_key_id(ring), id);
        assert_string_equal(sp_key_first_id(ring), first);
        for (const struct sp_key *key = ring; key; key = sp_key_older(key)) {
            sp_mac(key, sp_slice_of("row"), again);
            assert_true(sp_mac_equal(mac, again));
            sp_public_key(key, other);
            assert_memory_equal(public_key, other, sizeof other);
            sp_sign(key, sp_slice_of("report"), signature);
            assert_true(sp_signature_holds(public_key, sp_slice_of("report"), signature));
        }
    }
    sp_key_free(ring);
}

static void test_values_open_with_the_key_that_sealed_them(void **state)
{
    struct ring_fixture *f = *state;
    char id[SP_KEY_ID_SIZE], first[SP_KEY_ID_SIZE];
    struct sp_buf sealed, opened;
    struct sp_key *ring = NULL;

    sp_buf_init(&sealed, 4096);
    sp_buf_init(&opened, 4096);
    assert_int_equal(sp_key_make(f->path, &ring, NULL), SP_OK);
    snprintf(first, sizeof first, "%s", sp_key_id(ring));
    assert_int_equal(sp_seal_values(ring, sp_slice_of("jan"), sp_slice_of("here"), &sealed, NULL),
                     SP_OK);
    sp_key_free(ring);
    add(f, id);
    ring = ring_of(f);
    assert_int_equal(
        sp_open_values(ring, sp_buf_slice(&sealed), sp_slice_of("here"), &opened, NULL), SP_OK);
    assert_true(sp_slice_is(sp_buf_slice(&opened), "jan"));
    sp_key_free(ring);
    drop(f, first);
    ring = ring_of(f);
    assert_int_equal(
        sp_open_values(ring, sp_buf_slice(&sealed), sp_slice_of("here"), &opened, NULL),
        SP_ERR_ALTERED);
    sp_key_free(ring);
    sp_buf_clear(&sealed);
    sp_buf_clear(&opened);
}

static void test_a_ring_is_wrapped_whole(void **state)
{
    struct ring_fixture *f = *state;
    struct sp_slice passphrase = sp_slice_of("een lange zin van proef");
    char ids[SP_KEY_IDS_SIZE], again[SP_KEY_IDS_SIZE], id[SP_KEY_ID_SIZE], first[SP_KEY_ID_SIZE];
    struct sp_buf line;

    sp_buf_init(&line, 8192);
    put_lines(f, 1, (const unsigned[]){1});
    for (unsigned n = 0; n < 3; n++) {
        struct sp_key *ring = ring_of(f), *back = NULL;

        snprintf(first, sizeof first, "%s", sp_key_first_id(ring));
        sp_buf_reset(&line);
        assert_int_equal(sp_key_wrap(ring, passphrase, &line, NULL), SP_OK);
        assert_int_equal(sp_key_unwrap(sp_buf_slice(&line), passphrase, &back, NULL), SP_OK);
        sp_key_ids(ring, ids);
        sp_key_ids(back, again);
        assert_string_equal(ids, again);
        assert_string_equal(sp_key_first_id(back), first);
        sp_key_free(back);
        sp_key_free(ring);
        add(f, id);
        if (n == 1)
            drop(f, first);
    }
    sp_buf_clear(&line);
}

/* A kit that was made when a key file held one key: its wrapped line, word for word. */
static void test_a_line_of_before_is_opened(void **state)
{
    /* the key 00 01 02 … 1f, wrapped with "een lange zin van proef" */
    static const char line[] =
        "argon2id-moderate e78602fa503fc865fd28770bc0bc6c9bc8cd982c624a48539ed1cc9effc8fb"
        "a8f55cb200e13d16f45be6dcb86c0a22e6558e0557974ad576b797b67d2d0fda3ebef5eece530331"
        "b01c34d15b3d3579bc17dc7d24159eb365";
    struct sp_key *ring = NULL;

    (void)state;
    assert_int_equal(
        sp_key_unwrap(sp_slice_of(line), sp_slice_of("een lange zin van proef"), &ring, NULL),
        SP_OK);
    assert_int_equal(sp_key_count(ring), 1);
    assert_string_equal(sp_key_id(ring), "b85aa675db3e122b1faf80d03d366c0f");
    sp_key_free(ring);
}

/* ---- changing ------------------------------------------------------------------------------- */

static void test_at_most_four_and_never_the_newest(void **state)
{
    struct ring_fixture *f = *state;
    char id[SP_KEY_ID_SIZE] = "", ids[SP_KEY_IDS_SIZE], before[RING_TEXT_MAX], text[RING_TEXT_MAX];
    struct sp_key *ring;
    struct stat status;
    struct sp_why why;

    put_lines(f, 1, (const unsigned[]){1});
    for (unsigned n = 1; n < SP_KEY_MAX; n++)
        add(f, id);
    get(f->path, before);
    assert_int_equal(sp_key_ring_add(f->path, id, &why), SP_ERR_KEY);
    assert_non_null(strstr(why.text, "register expire"));
    get(f->path, text);
    assert_string_equal(before, text);
    ring = ring_of(f);
    sp_key_ids(ring, ids);
    sp_key_free(ring);
    drop(f, ids); /* all of them */
    ring = ring_of(f);
    assert_int_equal(sp_key_count(ring), 1);
    assert_memory_equal(sp_key_id(ring), ids, SP_KEY_ID_SIZE - 1);
    sp_key_free(ring);
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
    assert_false(is_there(beside(f, ".speur-replaced")));
    assert_false(is_there(beside(f, ".speur-replacing")));
    assert_int_equal(sp_key_ring_drop(beside(f, ".none"), ids, &why), SP_ERR_KEY);
}

/* The bytes themselves, seen through a descriptor of the old file. */
static void test_the_old_file_is_overwritten(void **state)
{
    struct ring_fixture *f = *state;
    char first[SP_KEY_ID_SIZE], id[SP_KEY_ID_SIZE], text[RING_TEXT_MAX] = "";
    struct sp_key *ring;
    int old, left;

    put_lines(f, 1, (const unsigned[]){1});
    ring = ring_of(f);
    snprintf(first, sizeof first, "%s", sp_key_id(ring));
    sp_key_free(ring);
    add(f, id);
    old = open(f->path, O_RDONLY);
    drop(f, first);
    assert_true(pread(old, text, sizeof text, 0) > 77);
    for (size_t i = 0; i < 154; i++)
        assert_int_equal(text[i], 0);
    close(old);
    /* What a crash left: a file that was the ring, and a new one that was not yet. */
    put(beside(f, ".speur-replaced"), line_of(7));
    put(beside(f, ".speur-replacing"), line_of(8));
    old = open(beside(f, ".speur-replaced"), O_RDONLY);
    left = open(beside(f, ".speur-replacing"), O_RDONLY);
    drop(f, "");
    assert_false(is_there(beside(f, ".speur-replaced")));
    assert_false(is_there(beside(f, ".speur-replacing")));
    assert_int_equal(pread(old, text, sizeof text, 0), 77);
    assert_int_equal(text[20], 0);
    assert_int_equal(pread(left, text, sizeof text, 0), 77);
    assert_int_equal(text[20], 0);
    close(old);
    close(left);
    /* Killed before the new one had its name: the second name goes, the ring stays. */
    assert_int_equal(link(f->path, beside(f, ".speur-replaced")), 0);
    drop(f, "");
    assert_false(is_there(beside(f, ".speur-replaced")));
    ring = ring_of(f);
    assert_string_equal(sp_key_id(ring), id);
    sp_key_free(ring);
}

/* Adds and drops until it is killed. */
static void ring_churn(const char *path)
{
    for (;;) {
        struct sp_key *ring = NULL;
        char id[SP_KEY_ID_SIZE], ids[SP_KEY_IDS_SIZE];

        if (sp_key_open(path, &ring, NULL))
            _exit(2);
        sp_key_ids(ring, ids);
        if (sp_key_count(ring) == SP_KEY_MAX ? sp_key_ring_drop(path, ids, NULL)
                                             : sp_key_ring_add(path, id, NULL))
            _exit(3);
        sp_key_free(ring);
    }
}

static void test_killed_anywhere_it_is_the_old_ring_or_the_new(void **state)
{
    struct ring_fixture *f = *state;
    char first[SP_KEY_ID_SIZE];
    struct sp_key *ring = NULL;

    assert_int_equal(sp_key_make(f->path, &ring, NULL), SP_OK);
    snprintf(first, sizeof first, "%s", sp_key_id(ring));
    sp_key_free(ring);
    for (unsigned n = 0; n < RING_KILLS; n++) {
        pid_t child = fork();
        int status;

        if (child == 0)
            ring_churn(f->path);
        usleep(1000 + n * 331 % 9000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        ring = ring_of(f);
        assert_string_equal(sp_key_first_id(ring), first);
        sp_key_free(ring);
    }
    drop(f, "");
    assert_false(is_there(beside(f, ".speur-replaced")));
    assert_false(is_there(beside(f, ".speur-replacing")));
}

/* Three processes at once: each key that was told of is there, and a reader never sees half a file.
 */
static void test_several_processes(void **state)
{
    struct ring_fixture *f = *state;
    int ends[2];
    pid_t children[SP_KEY_MAX - 1], reader;
    char id[SP_KEY_ID_SIZE], ids[SP_KEY_IDS_SIZE];
    struct sp_key *ring;
    int status;

    put_lines(f, 1, (const unsigned[]){1});
    assert_int_equal(pipe(ends), 0);
    reader = fork();
    if (reader == 0) {
        for (;;) {
            ring = NULL;
            if (sp_key_open(f->path, &ring, NULL))
                _exit(1);
            sp_key_free(ring);
        }
    }
    for (unsigned n = 0; n < SP_KEY_MAX - 1; n++) {
        children[n] = fork();
        if (children[n] == 0) {
            bool good = sp_key_ring_add(f->path, id, NULL) == SP_OK &&
                        write(ends[1], id, sizeof id) == sizeof id;
            _exit(good ? 0 : 1);
        }
    }
    for (unsigned n = 0; n < SP_KEY_MAX - 1; n++) {
        assert_int_equal(waitpid(children[n], &status, 0), children[n]);
        assert_int_equal(status, 0);
    }
    ring = ring_of(f);
    sp_key_ids(ring, ids);
    assert_int_equal(sp_key_count(ring), SP_KEY_MAX);
    sp_key_free(ring);
    for (unsigned n = 0; n < SP_KEY_MAX - 1; n++) {
        assert_int_equal(read(ends[0], id, sizeof id), sizeof id);
        assert_true(sp_key_ids_have(ids, id));
    }
    close(ends[0]);
    close(ends[1]);
    for (unsigned n = 0; n < RING_STOPS; n++) {
        usleep(n * 37 % 500);
        kill(reader, SIGSTOP); /* also between opening the old file and reading it */
        drop(f, ids);
        add(f, id);
        kill(reader, SIGCONT);
        ring = ring_of(f);
        sp_key_ids(ring, ids);
        sp_key_free(ring);
    }
    assert_int_equal(waitpid(reader, &status, WNOHANG), 0); /* it still reads */
    kill(reader, SIGKILL);
    assert_int_equal(waitpid(reader, &status, 0), reader);
}

static void test_without_memory_the_ring_holds(void **state)
{
    struct ring_fixture *f = *state;
    char id[SP_KEY_ID_SIZE];

    for (long nth = 1;; nth++) {
        enum sp_err err;

        put_lines(f, 2, (const unsigned[]){2, 1});
        sp_mem_fail_at(nth);
        err = sp_key_ring_add(f->path, id, NULL);
        sp_mem_fail_at(0);
        if (!err)
            break;
        assert_int_equal(err, SP_ERR_NOMEM);
        sp_key_free(ring_of(f)); /* the old one, or the new when only overwriting was left */
        assert_true(nth < 200);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines_are_keys_newest_first),
        TEST(test_what_is_no_ring_is_refused),
        TEST(test_tokens_of_two_keys_are_unrelated),
        TEST(test_mac_and_signature_outlive_the_first_key),
        TEST(test_values_open_with_the_key_that_sealed_them),
        TEST(test_a_ring_is_wrapped_whole),
        TEST(test_a_line_of_before_is_opened),
        TEST(test_at_most_four_and_never_the_newest),
        TEST(test_the_old_file_is_overwritten),
        TEST(test_killed_anywhere_it_is_the_old_ring_or_the_new),
        TEST(test_several_processes),
        TEST(test_without_memory_the_ring_holds),
    };

    if (sp_seal_init(NULL) != SP_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
