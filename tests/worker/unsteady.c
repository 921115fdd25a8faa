/* A worker in which some members, by their names, do what a parser with a defect would do, or one
 * that somebody has taken over. Members that it is told not to parse it leaves alone, but "always"
 * ends it even then. */
#include "extract/extract.h"
#include "worker/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- deeds: what returns has done no harm ---------------------------------------------------- */
static void deed_die(void)
{
    abort();
}

static void deed_segv(void)
{
    (void)raise(SIGSEGV);
}

static void deed_exit(void)
{
    exit(0);
}

static void deed_hang(void)
{
    for (;;)
        (void)sched_yield();
}

/* All the memory that can be had, and used; then it cannot go on. */
static void deed_eat(void)
{
    enum { PIECE = 1 << 20 };
    char *piece;
    while ((piece = malloc(PIECE)) != NULL)
        memset(piece, 1, PIECE);
    abort();
}

/* It must not come to that. */
static void deed_open(void)
{
    static const char *const paths[] = {"/etc/passwd", "/proc/self/mem", "/", "."};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (open(paths[i], O_RDONLY) >= 0 || errno != EPERM)
            abort();
    }
    if (open("/tmp/speur-was-here", O_WRONLY | O_CREAT, 0600) >= 0 || unlink("/etc/passwd") == 0)
        abort();
}

static void deed_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}

static void deed_local(void)
{
    (void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void deed_exec(void)
{
    char *const argv[] = {(char[]){"/bin/true"}, NULL};
    (void)execv(argv[0], argv);
}

static void deed_fork(void)
{
    (void)fork();
}

static void deed_kill(void)
{
    (void)kill(getppid(), SIGKILL);
}

static void deed_trace(void)
{
    (void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void send_raw(const void *bytes, size_t len)
{
    if (write(SP_WORKER_SOCKET, bytes, len) < 0)
        abort();
}

static void deed_garbage(void)
{
    static const char garbage[4096];
    send_raw(garbage, sizeof garbage);
    for (;;)
        (void)sched_yield();
}

static void deed_huge(void)
{
    static const uint8_t frame[] = {0xFF, 0xFF, 0xFF, 0x7F, SP_FRAME_TEXT, 0, 0, 0, 1};
    send_raw(frame, sizeof frame);
    deed_hang();
}

static void deed_half(void)
{
    static const uint8_t frame[] = {100, 0, 0, 0, SP_FRAME_UNREAD, 0, 0, 0, 1};
    send_raw(frame, sizeof frame);
    deed_hang();
}

/* An end that nobody asked for, and more behind it. */
static void deed_twice(void)
{
    static const uint8_t frame[] = {7, 0, 0, 0, SP_FRAME_DONE, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1,
                                    0, 9, 9, 9};
    send_raw(frame, sizeof frame);
    deed_hang();
}

static void deed_flood(void)
{
    static const uint8_t frame[] = {1, 0, 0, 0, SP_FRAME_PROGRESS, 0, 0, 0, 1};
    for (;;)
        send_raw(frame, sizeof frame);
}

static const struct {
    const char *name;
    void (*deed)(void);
} deeds[] = {
    {"die", deed_die},         {"segv", deed_segv}, {"exit", deed_exit},     {"hang", deed_hang},
    {"eat", deed_eat},         {"open", deed_open}, {"socket", deed_socket}, {"local", deed_local},
    {"exec", deed_exec},       {"fork", deed_fork}, {"kill", deed_kill},     {"trace", deed_trace},
    {"garbage", deed_garbage}, {"huge", deed_huge}, {"half", deed_half},     {"twice", deed_twice},
    {"flood", deed_flood},
};

/* ---- the worker ------------------------------------------------------------------------------ */
/* The linker puts the first in the place of sp_extract_member, and calls that the second. */
enum sp_err __wrap_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why);
enum sp_err __real_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why);

static bool is_called(const struct sp_object_info *info, const char *piece)
{
    size_t len = strlen(piece);
    return info->name.len > len && memcmp(info->name.ptr, piece, len) == 0 &&
           info->name.ptr[len] == '.';
}

enum sp_err __wrap_sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                                     struct sp_stream *stream, struct sp_why *why)
{
    bool parses =
        !sp_plan_is_done(x->plan, info->ordinal) && sp_plan_lost(x->plan, info->ordinal) == NULL;
    if (is_called(info, "always"))
        abort();
    for (size_t i = 0; parses && i < sizeof deeds / sizeof *deeds; i++) {
        if (is_called(info, deeds[i].name))
            deeds[i].deed();
    }
    enum sp_err err = __real_sp_extract_member(x, info, stream, why);
    if (parses && is_called(info, "late"))
        abort();
    return err;
}
