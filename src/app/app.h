/* What the commands share: where things are, messages, the run of a scan with its bar. */
#ifndef SP_APP_APP_H
#define SP_APP_APP_H

#include "app/options.h"
#include "scan/scan.h"
#include "store/register.h"
#include "worker/lockdown.h"

enum {
    SP_THREADS_MAX = 256, /* each has a stack, a matcher and a worker process */
    SP_DEPTH_MAX = 64,    /* containers; a lane holds that many open */
    SP_QUIET_MAX_S = 86400,
    SP_WORKER_MEMORY_MIN = 256 << 20 /* below it a worker cannot load what it needs */
};

/* A command: its name, what it is for, its options and its function, which returns the exit
 * status. */
struct sp_command {
    const char *name;
    const char *args;    /* for the help: "PATH..." */
    const char *purpose; /* one line */
    const char *more;    /* further lines of its own help, or NULL */
    const char *const *options;
    int (*run)(struct sp_options *options);
};
extern const struct sp_command sp_commands[]; /* ended by a NULL name */

int sp_cmd_scan(struct sp_options *options);
int sp_cmd_check(struct sp_options *options);
int sp_cmd_register(struct sp_options *options);
int sp_cmd_find(struct sp_options *options);
int sp_cmd_filter(struct sp_options *options);
int sp_cmd_prune(struct sp_options *options);
int sp_cmd_evidence(struct sp_options *options);
int sp_cmd_export(struct sp_options *options);
int sp_cmd_patterns(struct sp_options *options);
int sp_cmd_doctor(struct sp_options *options);

/* Prints "speur: …" on stderr, escaped (a reason may name a file), and gives the exit status. */
int sp_complain(enum sp_err err, const struct sp_why *why);
/* Prints text that somebody else wrote so that it cannot harm a terminal. */
void sp_print_escaped(FILE *out, const char *text);
/* Set by SIGINT and SIGTERM. */
extern volatile int sp_app_stop;

/* ---- paths.c: where things are. Strings are the caller's to sp_free. ------------------------- */
enum sp_place_kind {
    SP_PLACE_INVENTORY,
    SP_PLACE_KEY,
    SP_PLACE_REGISTER,
    SP_PLACE_PATTERNS,
    SP_PLACE_WORKER_PROGRAM,
    SP_PLACE_OCR_PROGRAM, /* may be left out of an installation, as the next */
    SP_PLACE_DISK_PROGRAM
};
/* SP_ERR_USAGE: two outputs of the command line are one file, or one is the key, the register or
 * the inventory. */
enum sp_err sp_app_outputs_differ(const struct sp_options *options, struct sp_why *why);
/* given: what the user said, or NULL for the default. SP_ERR_CONFIG: HOME is not set, or the
 * program's own files are not found. */
enum sp_err sp_app_path(enum sp_place_kind kind, const char *given, char **out, struct sp_why *why);

/* The program's patterns and those of --patterns beside them. Files that are refused are told on
 * standard error and counted. *own: where the program's are; the caller frees. */
enum sp_err sp_app_patterns(const struct sp_options *options, char **own,
                            struct sp_patterns **patterns, size_t *refused, struct sp_why *why);

/* ---- session.c: what a scan needs, opened ---------------------------------------------------- */
/* Finds speur-ocr and asks what contains it and, behind a blank, which languages it has. *path is
 * the caller's, also on failure; NULL: it is not installed. */
enum sp_err sp_app_ocr(const struct sp_options *options, char **path,
                       char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why);

struct sp_session {
    char *inventory_path, *key_path, *worker_path, *patterns_path;
    char *ocr_path, *disk_path; /* NULL: not installed */
    const char *evidence_path;  /* of a register whose chain of evidence is written, or NULL */
    struct sp_key *key;
    struct sp_patterns *patterns;
    size_t patterns_refused; /* files of the user's that are not right: told, a gap */
    struct sp_inventory *inventory;
    struct sp_name_set *names; /* to look for, or NULL */
    struct sp_root_row *roots; /* as of the last scan or sp_session_roots */
    size_t root_count;
    struct sp_buf passwords; /* see struct sp_limits; wiped when closed */
};
/* make_key: a scan makes a key when there is none; a check never does. */
enum sp_err sp_session_open(struct sp_session *session, const struct sp_options *options,
                            bool make_key, struct sp_why *why);
/* Only what is known: key and inventory, both of which must be there; nothing can be scanned. */
enum sp_err sp_session_known(struct sp_session *session, const struct sp_options *options,
                             struct sp_why *why);
/* Adds to such a session what reading needs: patterns, passwords, the worker. */
enum sp_err sp_session_reader(struct sp_session *session, const struct sp_options *options,
                              struct sp_why *why);
void sp_session_close(struct sp_session *session);
/* What a scan with this session and these options does. Borrows from both. */
void sp_session_scan_options(const struct sp_session *session, const struct sp_options *options,
                             struct sp_scan_options *scan);
/* Scans one path with the progress bar, and finds its root row (borrowed until the next scan). */
enum sp_err sp_session_scan(struct sp_session *session, const struct sp_options *options,
                            const char *path, struct sp_scan_sum *sum,
                            const struct sp_root_row **row, struct sp_why *why);
enum sp_err sp_session_roots(struct sp_session *session, struct sp_why *why);

struct sp_systems;
/* Systems lie with the patterns. An export needs no pattern, so without any it goes on with none.
 */
enum sp_err sp_app_systems(const struct sp_options *options, struct sp_systems **out,
                           struct sp_why *why);

/* ---- contain.c ------------------------------------------------------------------------------- */
/* After all is opened that is not a PATH or an output, before any thread is started. Nothing when
 * somebody asked for --no-sandbox, or where the kernel cannot. */
enum sp_err sp_app_contain(const struct sp_session *session, const struct sp_options *options,
                           struct sp_why *why);

/* Before a stranger's file is parsed in this very process: no file can be opened any more, and no
 * network. */
enum sp_err sp_app_contain_reader(const struct sp_options *options, struct sp_why *why);

/* ---- passwords.c ----------------------------------------------------------------------------- */
/* Reads a file of passwords that only its owner may read into out, initialised here and wiped by
 * the caller also on failure; NULL: none. SP_ERR_KEY, SP_ERR_NOINPUT, SP_ERR_CONFIG: too many. */
enum sp_err sp_passwords_read(const char *path, struct sp_buf *out, struct sp_why *why);

/* ---- register_kit.c -------------------------------------------------------------------------- */
/* Opens the kit that the options name, in memory and in a folder that is removed, and says what it
 * holds. */
enum sp_err sp_kit_rehearse(const struct sp_options *options, struct sp_why *why);

/* ---- progress.c ------------------------------------------------------------------------------ */
struct sp_bar;
/* Shows a bar on a terminal (or JSON lines with --progress=json) from a thread of its own until it
 * is ended. NULL when there is nothing to show. */
struct sp_bar *sp_bar_begin(const struct sp_options *options, const char *path,
                            const struct sp_scan_options *scan, struct sp_progress *progress);
void sp_bar_end(struct sp_bar *bar);

/* ---- summary.c ------------------------------------------------------------------------------- */
/* Coverage first, then findings by type. */
void sp_summary_print(FILE *out, const struct sp_root_row *row, const struct sp_coverage *coverage,
                      const struct sp_scan_sum *sum);
/* Names what was not read, at most `most` of it (0 = all), each with what to do. */
enum sp_err sp_summary_unread(FILE *out, struct sp_inventory *inventory,
                              const struct sp_root_row *row, size_t most, struct sp_why *why);
/* 1234567 as "1,234,567". */
const char *sp_summary_number(uint64_t number, char out[32]);
const char *sp_summary_bytes(uint64_t bytes, char out[32]);

#endif
