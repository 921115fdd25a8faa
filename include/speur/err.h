/* Errors. What can fail returns `enum sp_err` and takes `struct sp_why *why` last.
 * Success leaves `why` alone. A reason is one line, tells what the caller cannot know
 * (file, offset, limit, errno text) and never contains file content.
 */
#ifndef SPEUR_ERR_H
#define SPEUR_ERR_H

enum sp_err {
    SP_OK = 0,
    SP_ERR_NOMEM,   /* memory could not be had */
    SP_ERR_LIMIT,   /* a limit of ours was reached */
    SP_ERR_IO,      /* the operating system failed a read or write */
    SP_ERR_NOINPUT, /* the thing named does not exist or cannot be opened */
    SP_ERR_FORMAT,  /* input is not what its format promises */
    SP_ERR_USAGE,   /* the caller asked for something that makes no sense */
    SP_ERR_ALTERED, /* stored data of ours was altered (MAC, chain, digest) */
    SP_ERR_KEY,     /* key or register missing, unreadable or too widely readable */
    SP_ERR_CONFIG,  /* configuration or pattern file is wrong */
    SP_ERR_STOP,    /* stopped on request (Ctrl-C) */
    SP_ERR_BUG      /* cannot happen; a defect of speur */
};

enum { SP_WHY_LEN = 480 }; /* bytes with the final NUL; longer reasons are cut */

struct sp_why {
    char text[SP_WHY_LEN]; /* one line, NUL-terminated, no file content */
};

/* Writes the reason when `why` is not NULL and returns `err`, so that a function can end with
 * `return sp_fail(why, SP_ERR_X, "...")`. */
enum sp_err sp_fail(struct sp_why *why, enum sp_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The analyzer does not look into sp_fail: tell it what it returns.
 * NOLINTBEGIN(readability-identifier-naming) */
#ifdef __clang_analyzer__
#define sp_fail(why, err, ...) ((void)(sp_fail)(why, err, __VA_ARGS__), (err))
/* NOLINTEND(readability-identifier-naming) */
#endif

/* The name of a code, for messages of last resort. Never NULL. */
const char *sp_err_name(enum sp_err err);

/* The process exit status that stands for a code: 64 usage, 65 altered, 66 no input, 70 bug,
 * 74 I/O, 77 key, 78 configuration (sysexits.h). SP_OK gives 0. */
int sp_err_exit_status(enum sp_err err);

#endif
