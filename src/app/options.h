/* The command line: one table of options, one row an option; each command names those it takes. */
#ifndef SP_APP_OPTIONS_H
#define SP_APP_OPTIONS_H

#include "check/date.h"
#include "core/budget.h"
#include "speur/err.h"
#include "speur/finding.h"
#include "speur/patterns.h"

#include <stdio.h>

enum {
    SP_LIST_OPTION_MAX = 64, /* repeated --exclude, --accept */
    SP_GIVEN_MAX = 128
};

struct sp_options {
    /* where things are; NULL = the default place */
    const char *inventory, *key, *register_path, *patterns, *passwords;
    /* scan */
    unsigned threads; /* 0: one for each processor */
    enum sp_region region;
    bool keep_values, no_mask_hint, all_file_systems, fresh, no_sandbox, no_ocr;
    const char *excludes[SP_LIST_OPTION_MAX];
    size_t exclude_count;
    struct sp_limits limits;
    /* check */
    const char *keep0, *drop0, *hold0, *decisions, *backup_taken, *target_system, *expect_head;
    const char *emits[SP_LIST_OPTION_MAX]; /* TOOL=FILE */
    size_t emit_count;
    char *accepts[SP_LIST_OPTION_MAX];
    size_t accept_count;
    const char *evidence, *pubkey;
    bool verify_digest;
    const char *snapshot_id;
    bool review_ok, strict_kinds, drop_containers, empty_register_ok, no_names;
    /* filter, prune */
    const char *drop, *records, *root;
    bool anonymise_exempt;
    /* register */
    const char *allow_bsn, *req_id, *kind, *type, *erased_at, *received, *scope;
    const char *reason, *by, *until, *date, *passphrase;
    struct sp_term term;
    uint64_t seq;
    bool due;
    unsigned backup_retention_days;
    /* export */
    const char *format, *output, *from_file, *extract;
    bool unread, stable, show_values;
    enum sp_confidence min_confidence;
    /* doctor */
    const char *restore_day; /* a kit */
    /* all */
    bool json, quiet, verbose, dry_run, help, version;
    const char *progress; /* "json" or NULL */
    /* names of the options that were given, without their values */
    const char *given[SP_GIVEN_MAX];
    size_t given_count;
    /* what is no option; points into argv */
    char **args;
    int arg_count;
};

/* Options of one command, as a list of names ended by NULL; common ones are always taken. */
/* Parses argv behind the command. Environment (SPEUR_INVENTORY, …) first, then the line. Points
 * into argv and the environment. SP_ERR_USAGE names the option and a likely one. */
enum sp_err sp_options_parse(int argc, char **argv, const char *const *taken,
                             struct sp_options *options, struct sp_why *why);
/* Prints the options of a command, aligned. */
void sp_options_help(FILE *out, const char *const *taken);
/* The name in names (ended by NULL) nearest to word, or NULL when none is near. */
const char *sp_nearest(const char *word, const char *const *names);

#endif
