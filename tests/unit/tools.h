/* Runs real tools (tar, gzip, zip, python3 ...) in a folder of the test's own. */
#ifndef SP_TESTS_TOOLS_H
#define SP_TESTS_TOOLS_H

#include "speur/slice.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct tools {
    char dir[64];
};

/* Runs a shell script in the folder; the test fails when the script does. */
static inline void tools_run(const struct tools *tools, const char *script)
{
    char line[8192];
    int len = snprintf(line, sizeof line, "cd '%s' && set -e; %s", tools->dir, script);
    assert_true(len > 0 && (size_t)len < sizeof line);
    const char *const args[] = {"sh", "-c", line, NULL};
    const char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    pid_t pid;
    int status = 0;
    assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, (char *const *)(uintptr_t)args,
                                 (char *const *)(uintptr_t)env),
                     0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("status %d of: %s", status, script);
}

static inline void tools_open(struct tools *tools)
{
    (void)snprintf(tools->dir, sizeof tools->dir, "/tmp/speur-test-XXXXXX");
    assert_non_null(mkdtemp(tools->dir));
}

static inline void tools_close(struct tools *tools)
{
    tools_run(tools, "rm -rf -- \"$PWD\"");
}

static inline int tools_fd(const struct tools *tools, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", tools->dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* The whole file; free() the pointer. */
static inline struct sp_slice tools_read(const struct tools *tools, const char *name)
{
    struct stat st;
    int fd = tools_fd(tools, name);
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    size_t have = 0;
    while (have < (size_t)st.st_size) {
        ssize_t got = read(fd, bytes + have, (size_t)st.st_size - have);
        assert_true(got > 0);
        have += (size_t)got;
    }
    (void)close(fd);
    return (struct sp_slice){bytes, have};
}

static inline void tools_write(const struct tools *tools, const char *name, struct sp_slice bytes)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", tools->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
    assert_int_equal(close(fd), 0);
}

#endif
