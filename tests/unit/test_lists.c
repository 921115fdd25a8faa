/* Restore lists: raw names, whole or not there.
 * floors: sp_check */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/lists.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char keep[96], drop[96], hold[96];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/speur-lists-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(keep, sizeof keep, "%s/keep0", folder);
    (void)snprintf(drop, sizeof drop, "%s/drop0", folder);
    (void)snprintf(hold, sizeof hold, "%s/hold0", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(keep);
    (void)unlink(drop);
    (void)unlink(hold);
    return rmdir(folder);
}

static unsigned files_there(void)
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.' ? 1 : 0;
    closedir(dir);
    return count;
}

static void assert_file(const char *path, const char *expected, size_t len)
{
    char data[256];
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, data, sizeof data);
    close(fd);
    assert_int_equal(got, len);
    assert_memory_equal(data, expected, len);
}

static void add(struct sp_lists *lists, const char *name, size_t len, enum sp_list list)
{
    struct sp_slice slice = {(const uint8_t *)name, len};
    assert_int_equal(sp_lists_add(lists, slice, list, NULL), SP_OK);
}

static void test_names_as_stored(void **state)
{
    (void)state;
    struct sp_lists *lists = NULL;
    struct stat st;
    assert_int_equal(sp_lists_open(keep, drop, hold, &lists, NULL), SP_OK);
    add(lists, "./a", 3, SP_LIST_KEEP);
    add(lists, "/a\n \xFF", 5, SP_LIST_KEEP);
    add(lists, "-dash", 5, SP_LIST_DROP);
    assert_int_equal(sp_lists_commit(lists, NULL), SP_OK);
    sp_lists_free(lists);
    assert_file(keep, "./a\0/a\n \xFF", 10);
    assert_file(drop, "-dash", 6);
    assert_file(hold, "", 0);
    assert_int_equal(files_there(), 3);
    assert_int_equal(stat(drop, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_nothing_left_without_commit(void **state)
{
    (void)state;
    struct sp_lists *lists = NULL;
    assert_int_equal(sp_lists_open(keep, NULL, hold, &lists, NULL), SP_OK);
    assert_int_equal(files_there(), 2);
    add(lists, "a", 1, SP_LIST_KEEP);
    add(lists, "b", 1, SP_LIST_DROP); /* no path: nowhere */
    sp_lists_free(lists);
    assert_int_equal(files_there(), 0);
    sp_lists_free(NULL);
}

static void test_replaces_what_was_there(void **state)
{
    (void)state;
    struct sp_lists *lists = NULL;
    int fd = open(keep, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, "old", 3), 3);
    close(fd);
    assert_int_equal(sp_lists_open(keep, NULL, NULL, &lists, NULL), SP_OK);
    add(lists, "new", 3, SP_LIST_KEEP);
    assert_file(keep, "old", 3); /* until the commit */
    assert_int_equal(sp_lists_commit(lists, NULL), SP_OK);
    sp_lists_free(lists);
    struct stat st;
    assert_file(keep, "new", 4);
    assert_int_equal(stat(keep, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_refused(void **state)
{
    (void)state;
    struct sp_lists *lists = NULL;
    struct sp_why why;
    assert_int_equal(sp_lists_open(keep, drop, keep, &lists, &why), SP_ERR_USAGE);
    assert_int_equal(sp_lists_open(keep, "/nowhere/of/ours", NULL, &lists, &why), SP_ERR_IO);
    assert_int_equal(sp_lists_open(keep, "/dev/null", NULL, &lists, &why), SP_ERR_USAGE);
    assert_int_equal(files_there(), 0);
    assert_int_equal(sp_lists_open(keep, NULL, NULL, &lists, &why), SP_OK);
    struct sp_slice name = {(const uint8_t *)"a\0b", 3};
    assert_int_equal(sp_lists_add(lists, name, SP_LIST_KEEP, &why), SP_ERR_FORMAT);
    sp_lists_free(lists);
}

static void test_many_names(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    struct sp_lists *lists = NULL;
    struct stat st;
    assert_int_equal(sp_lists_open(NULL, drop, NULL, &lists, NULL), SP_OK);
    for (int i = 0; i < COUNT; i++)
        add(lists, "123456789", 9, SP_LIST_DROP);
    assert_int_equal(sp_lists_commit(lists, NULL), SP_OK);
    sp_lists_free(lists);
    assert_int_equal(stat(drop, &st), 0);
    assert_int_equal(st.st_size, COUNT * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_as_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_left_without_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replaces_what_was_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
