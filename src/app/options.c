#include "app/options.h"

#include <errno.h>
#include <stddef.h>

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_NUMBER32,
    OPTION_NUMBER64,
    OPTION_LIST,
    OPTION_REGION,
    OPTION_TERM,
    OPTION_CONFIDENCE,
    OPTION_REVIEW
};

struct option_row {
    const char *name;
    char letter; /* 0: none */
    enum option_kind kind;
    size_t offset;     /* in struct sp_options */
    size_t count_at;   /* OPTION_LIST: offset of its count */
    const char *value; /* what the help calls it */
    const char *env;   /* environment variable, or NULL */
    const char *help;
};

/* Offset of an option that asks for what is done anyway. */
#define OPTION_IS_DEFAULT SIZE_MAX
#define AT(member) offsetof(struct sp_options, member)

static const struct option_row option_table[] = {
    {"inventory", 0, OPTION_TEXT, AT(inventory), 0, "FILE", "SPEUR_INVENTORY",
     "inventory database"},
    {"key", 0, OPTION_TEXT, AT(key), 0, "FILE", "SPEUR_KEY", "key of tokens and register"},
    {"passwords", 0, OPTION_TEXT, AT(passwords), 0, "FILE", NULL,
     "passwords of zip files, one a line (chmod 600)"},
    {"register", 0, OPTION_TEXT, AT(register_path), 0, "FILE", "SPEUR_REGISTER",
     "register of erasure requests"},
    {"patterns", 0, OPTION_TEXT, AT(patterns), 0, "DIR", "SPEUR_PATTERNS",
     "pattern files instead of the installed ones"},
    {"threads", 'j', OPTION_NUMBER32, AT(threads), 0, "N", NULL,
     "lanes that read and match (default: one a processor)"},
    {"region", 0, OPTION_REGION, AT(region), 0, "nl|be", "SPEUR_REGION",
     "whose national phone numbers (default: nl)"},
    {"exclude", 0, OPTION_LIST, AT(excludes), AT(exclude_count), "GLOB", NULL,
     "do not open what matches; told in the account, a gap in a check"},
    {"keep-values", 0, OPTION_FLAG, AT(keep_values), 0, NULL, NULL,
     "store values encrypted, for a later export --show-values"},
    {"no-mask-hint", 0, OPTION_FLAG, AT(no_mask_hint), 0, NULL, NULL,
     "masks tell nothing at all of a value"},
    {"all-file-systems", 0, OPTION_FLAG, AT(all_file_systems), 0, NULL, NULL,
     "also enter other file systems below PATH"},
    {"one-file-system", 'x', OPTION_FLAG, OPTION_IS_DEFAULT, 0, NULL, NULL,
     "stay on PATH's file system (the default)"},
    {"fresh", 0, OPTION_FLAG, AT(fresh), 0, NULL, NULL, "read again what is known and unchanged"},
    {"resume", 0, OPTION_FLAG, OPTION_IS_DEFAULT, 0, NULL, NULL,
     "do not read again what is known and unchanged (the default)"},
    {"limit-depth", 0, OPTION_NUMBER32, AT(limits.depth_max), 0, "N", NULL,
     "containers within containers (default: 16)"},
    {"limit-mime-depth", 0, OPTION_NUMBER32, AT(limits.mime_depth_max), 0, "N", NULL,
     "parts within parts of a message (default: 32)"},
    {"limit-entries", 0, OPTION_NUMBER64, AT(limits.entries_max), 0, "N", NULL,
     "members of one container (default: 1000000)"},
    {"limit-ratio", 0, OPTION_NUMBER64, AT(limits.ratio_layer_max), 0, "N", NULL,
     "bytes out of each compressed byte, after 64 MiB (default: 200)"},
    {"limit-ratio-total", 0, OPTION_NUMBER64, AT(limits.ratio_total_max), 0, "N", NULL,
     "the same over all layers of a file (default: 1000)"},
    {"limit-bytes", 0, OPTION_NUMBER64, AT(limits.member_max_bytes), 0, "BYTES", NULL,
     "read of one member, or of what is compressed (default: no limit)"},
    {"limit-spool", 0, OPTION_NUMBER64, AT(limits.spool_max_bytes), 0, "BYTES", NULL,
     "memory for one member that must be sought in (default: 268435456)"},
    {"limit-memory", 0, OPTION_NUMBER64, AT(limits.memory_max_bytes), 0, "BYTES", NULL,
     "address space of a worker (default: 1073741824)"},
    {"limit-time", 0, OPTION_NUMBER32, AT(limits.quiet_max_s), 0, "SECONDS", NULL,
     "a parser that makes no progress for so long is ended (default: 30)"},
    {"no-sandbox", 0, OPTION_FLAG, AT(no_sandbox), 0, NULL, NULL,
     "parsers with resource limits only, where the kernel cannot contain them"},
    {"no-ocr", 0, OPTION_FLAG, AT(no_ocr), 0, NULL, NULL,
     "words of pictures are not looked for: each is told of as needs_ocr"},
    {"keep0", 0, OPTION_TEXT, AT(keep0), 0, "FILE", NULL,
     "write names that may be restored, NUL-separated"},
    {"drop0", 0, OPTION_TEXT, AT(drop0), 0, "FILE", NULL,
     "names that must not be restored: check writes them, prune reads them"},
    {"hold0", 0, OPTION_TEXT, AT(hold0), 0, "FILE", NULL,
     "write names about which a person must decide"},
    {"decisions", 0, OPTION_TEXT, AT(decisions), 0, "FILE", NULL,
     "write each decision with its record, JSON Lines"},
    {"evidence", 0, OPTION_TEXT, AT(evidence), 0, "FILE", NULL,
     "write what was read, by what was decided, and the verdict; signed"},
    {"snapshot-id", 0, OPTION_TEXT, AT(snapshot_id), 0, "ID", NULL,
     "name of a backup that never changes: scanned once, it is not read again"},
    {"verify-digest", 0, OPTION_FLAG, AT(verify_digest), 0, NULL, NULL,
     "read all again, whatever the inventory knows"},
    {"pubkey", 0, OPTION_TEXT, AT(pubkey), 0, "FILE", NULL,
     "the public key, kept apart from the reports"},
    {"emit", 0, OPTION_LIST, AT(emits), AT(emit_count), "TOOL=FILE", NULL,
     "check: what must not come back, for a restore tool; filter: DELETEs, sql=FILE"},
    {"accept", 0, OPTION_LIST, AT(accepts), AT(accept_count), "RULE", NULL,
     "REASON:GLOB:WHO:UNTIL:WHY takes gaps that are known; told in the verdict"},
    {"review", 0, OPTION_REVIEW, AT(review_ok), 0, "ok", NULL, "REVIEW does not count as HITS"},
    {"strict-kinds", 0, OPTION_FLAG, AT(strict_kinds), 0, NULL, NULL,
     "restriction, rectification and opt-out count as HITS"},
    {"no-names", 0, OPTION_FLAG, AT(no_names), 0, NULL, NULL,
     "do not look for the register's names in running text"},
    {"drop-containers", 0, OPTION_FLAG, AT(drop_containers), 0, NULL, NULL,
     "drop dumps and mailboxes with a hit, other people's records and all"},
    {"empty-register-ok", 0, OPTION_FLAG, AT(empty_register_ok), 0, NULL, NULL,
     "give a verdict though nobody is registered"},
    {"backup-taken", 0, OPTION_TEXT, AT(backup_taken), 0, "DATE", NULL,
     "day on which the backup was made, YYYY-MM-DD"},
    {"expect-head", 0, OPTION_TEXT, AT(expect_head), 0, "SEQ:DIGEST", NULL,
     "refuse a register that is older than this head"},
    {"system", 0, OPTION_TEXT, AT(target_system), 0, "NAME", NULL,
     "system that the backup is of, for requests with a scope"},
    {"drop", 0, OPTION_TEXT, AT(drop), 0, "FILE", NULL,
     "names to take out, NUL-separated, as check --drop0 writes them"},
    {"root", 0, OPTION_TEXT, AT(root), 0, "DIR", NULL, "the restored tree"},
    {"records", 0, OPTION_TEXT, AT(records), 0, "FILE", NULL,
     "records to cut out: the HITs of a file of check --decisions"},
    {"anonymise-exempt", 0, OPTION_FLAG, AT(anonymise_exempt), 0, NULL, NULL,
     "the SQL also takes what no bookkeeping needs out of EXEMPT rows"},
    {"allow-bsn", 0, OPTION_TEXT, AT(allow_bsn), 0, "BASIS", NULL,
     "legal basis for keeping a BSN (UAVG art. 46)"},
    {"req", 0, OPTION_TEXT, AT(req_id), 0, "ID", NULL, "the request"},
    {"kind", 0, OPTION_TEXT, AT(kind), 0, "KIND", NULL,
     "erasure, restriction, objection, rectification or optout"},
    {"type", 0, OPTION_TEXT, AT(type), 0, "TYPE", NULL, "email, phone, iban, address, bsn, …"},
    {"erased-at", 0, OPTION_TEXT, AT(erased_at), 0, "DATE", NULL, "day of the erasure"},
    {"received", 0, OPTION_TEXT, AT(received), 0, "DATE", NULL,
     "day on which the request came in (default: today)"},
    {"term", 0, OPTION_TERM, AT(term), 0, "TERM", "SPEUR_TERM",
     "time to answer: 1m, 4w, 30d (default: 1m, GDPR art. 12(3))"},
    {"scope", 0, OPTION_TEXT, AT(scope), 0, "SYSTEM", NULL,
     "the request is about this system only"},
    {"reason", 0, OPTION_TEXT, AT(reason), 0, "TEXT", NULL, "why; name no person in it"},
    {"by", 0, OPTION_TEXT, AT(by), 0, "WHO", NULL, "who decided, as a role"},
    {"date", 0, OPTION_TEXT, AT(date), 0, "DATE", NULL, "day of what is noted (default: today)"},
    {"until", 0, OPTION_TEXT, AT(until), 0, "DATE", NULL, "last day of an extension or exemption"},
    {"seq", 0, OPTION_NUMBER64, AT(seq), 0, "N", NULL,
     "this row of the request only, as list numbers it"},
    {"due", 0, OPTION_FLAG, AT(due), 0, NULL, NULL,
     "requests that wait for an answer, the most urgent first"},
    {"passphrase", 0, OPTION_TEXT, AT(passphrase), 0, "FILE", NULL,
     "passphrase of a kit (chmod 600; default: standard input)"},
    {"restore-day", 0, OPTION_TEXT, AT(restore_day), 0, "KIT", NULL,
     "rehearse: does this kit open, and is what it holds whole?"},
    {"backup-retention", 0, OPTION_NUMBER32, AT(backup_retention_days), 0, "DAYS", NULL,
     "how long backups are kept: a row dies with the last one that may hold the data"},
    {"format", 0, OPTION_TEXT, AT(format), 0, "FORM", NULL,
     "form of what is written: jsonl (default of export), csv; find also table"},
    {"from-file", 0, OPTION_TEXT, AT(from_file), 0, "FILE", NULL,
     "the person's identifiers, type;value a line (default: standard input)"},
    {"extract", 0, OPTION_TEXT, AT(extract), 0, "DIR", NULL,
     "copy the person's records into a new folder, other people's values masked"},
    {"output", 'o', OPTION_TEXT, AT(output), 0, "FILE", NULL,
     "write there instead of standard output (0600)"},
    {"unread", 0, OPTION_FLAG, AT(unread), 0, NULL, NULL, "export what was not read"},
    {"stable", 0, OPTION_FLAG, AT(stable), 0, NULL, NULL, "without scan times, for comparing"},
    {"show-values", 0, OPTION_FLAG, AT(show_values), 0, NULL, NULL,
     "clear values (needs --key, and --keep-values at scan time)"},
    {"min-confidence", 0, OPTION_CONFIDENCE, AT(min_confidence), 0, "low|medium|high", NULL,
     "leave out what is less sure (default: medium)"},
    {"json", 0, OPTION_FLAG, AT(json), 0, NULL, NULL, "the summary as JSON"},
    {"progress", 0, OPTION_TEXT, AT(progress), 0, "json", NULL,
     "progress for programs, a JSON line a second on standard error"},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), 0, NULL, NULL, "no summary, no progress"},
    {"verbose", 'v', OPTION_FLAG, AT(verbose), 0, NULL, NULL, "name each thing that was not read"},
    {"dry-run", 'n', OPTION_FLAG, AT(dry_run), 0, NULL, NULL, "show what would happen"},
    {"help", 'h', OPTION_FLAG, AT(help), 0, NULL, NULL, "this help"},
    {"version", 0, OPTION_FLAG, AT(version), 0, NULL, NULL, "version"},
};
enum { OPTION_COUNT = sizeof option_table / sizeof option_table[0] };

static const char *const option_common[] = {"help", "version", "quiet", "verbose", NULL};

static bool option_listed(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool option_is_taken(const struct option_row *row, const char *const *taken)
{
    return option_listed(row->name, option_common) || option_listed(row->name, taken);
}

/* ---- what a word may have meant ------------------------------------------------------------ */
enum { NEAR_WORD_MAX = 32, NEAR_DISTANCE_MAX = 3 };

/* Edit distance, words of at most NEAR_WORD_MAX bytes. */
static size_t near_distance(const char *a, const char *b)
{
    size_t row[NEAR_WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > NEAR_WORD_MAX || b_len > NEAR_WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            cost = row[j] + 1 < cost ? row[j] + 1 : cost;
            row[j] = row[j - 1] + 1 < cost ? row[j - 1] + 1 : cost;
        }
    }
    return row[b_len];
}

const char *sp_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = NEAR_DISTANCE_MAX + 1;
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t distance = near_distance(word, names[i]);
        if (distance < best_distance && distance < strlen(word)) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}

static enum sp_err option_unknown(const char *word, size_t len, const char *const *taken,
                                  struct sp_why *why)
{
    const char *names[OPTION_COUNT + 1];
    char name[NEAR_WORD_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (option_is_taken(&option_table[i], taken))
            names[count++] = option_table[i].name;
    names[count] = NULL;
    (void)snprintf(name, sizeof name, "%.*s", (int)(len < NEAR_WORD_MAX ? len : NEAR_WORD_MAX),
                   word);
    const char *near = sp_nearest(name, names);
    if (near == NULL)
        return sp_fail(why, SP_ERR_USAGE, "unknown option --%s (--help lists them)", name);
    return sp_fail(why, SP_ERR_USAGE, "unknown option --%s; did you mean --%s?", name, near);
}

/* ---- setting ------------------------------------------------------------------------------- */
static enum sp_err option_number(const struct option_row *row, const char *text, uint64_t max,
                                 uint64_t *out, struct sp_why *why)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > max)
        return sp_fail(why, SP_ERR_USAGE, "--%s wants a whole number of at most %llu", row->name,
                       (unsigned long long)max);
    *out = number;
    return SP_OK;
}

static enum sp_err option_list(const struct option_row *row, struct sp_options *options,
                               const char *text, struct sp_why *why)
{
    const char **items = (const char **)(void *)((char *)options + row->offset);
    size_t *count = (size_t *)(void *)((char *)options + row->count_at);
    if (*count == SP_LIST_OPTION_MAX)
        return sp_fail(why, SP_ERR_USAGE, "--%s may be given at most %d times", row->name,
                       SP_LIST_OPTION_MAX);
    items[(*count)++] = text;
    return SP_OK;
}

/* A word of a fixed few. */
static enum sp_err option_word(const struct option_row *row, struct sp_options *options,
                               const char *text, struct sp_why *why)
{
    bool known = true;
    if (row->kind == OPTION_CONFIDENCE)
        known = sp_confidence_from_name(text, &options->min_confidence);
    else if (row->kind == OPTION_TERM)
        known = sp_term_parse(text, &options->term);
    else if (row->kind == OPTION_REVIEW)
        known = options->review_ok = strcmp(text, "ok") == 0;
    else if (strcmp(text, "nl") == 0 || strcmp(text, "be") == 0)
        options->region = text[0] == 'n' ? SP_REGION_NL : SP_REGION_BE;
    else
        known = false;
    return known ? SP_OK : sp_fail(why, SP_ERR_USAGE, "--%s wants %s", row->name, row->value);
}

static enum sp_err option_set(const struct option_row *row, struct sp_options *options,
                              const char *text, struct sp_why *why)
{
    if (row->offset == OPTION_IS_DEFAULT)
        return SP_OK;
    char *at = (char *)options + row->offset;
    uint64_t number = 0;
    enum sp_err err = SP_OK;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)at = true;
        return SP_OK;
    case OPTION_TEXT:
        *(const char **)(void *)at = text;
        return SP_OK;
    case OPTION_NUMBER32:
        err = option_number(row, text, UINT32_MAX, &number, why);
        *(uint32_t *)(void *)at = (uint32_t)number;
        return err;
    case OPTION_NUMBER64:
        err = option_number(row, text, UINT64_MAX / 2, &number, why);
        *(uint64_t *)(void *)at = number;
        return err;
    case OPTION_LIST:
        return option_list(row, options, text, why);
    default:
        return option_word(row, options, text, why);
    }
}

/* ---- reading the line ---------------------------------------------------------------------- */
static const struct option_row *option_find(const char *name, size_t len, char letter,
                                            const char *const *taken)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        bool same = letter != 0 ? row->letter == letter
                                : strlen(row->name) == len && strncmp(row->name, name, len) == 0;
        if (same && option_is_taken(row, taken))
            return row;
    }
    return NULL;
}

/* One word that begins with '-'; *used says whether the next word was its value. */
static enum sp_err option_read(char *word, char *next, const char *const *taken,
                               struct sp_options *options, bool *used, struct sp_why *why)
{
    bool is_long = word[1] == '-';
    const char *name = word + (is_long ? 2 : 1);
    const char *equals = is_long ? strchr(name, '=') : NULL;
    size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const struct option_row *row = option_find(name, len, (char)(is_long ? 0 : name[0]), taken);
    if (row == NULL)
        return is_long ? option_unknown(name, len, taken, why)
                       : sp_fail(why, SP_ERR_USAGE, "unknown option %s (--help lists them)", word);
    const char *value = equals == NULL ? NULL : equals + 1;
    if (!is_long && name[1] != '\0')
        value = name + 1; /* -j8 */
    if (row->kind == OPTION_FLAG && value != NULL)
        return sp_fail(why, SP_ERR_USAGE, "--%s takes no value", row->name);
    if (options->given_count < SP_GIVEN_MAX)
        options->given[options->given_count++] = row->name;
    *used = row->kind != OPTION_FLAG && value == NULL;
    if (*used && next == NULL)
        return sp_fail(why, SP_ERR_USAGE, "--%s wants %s", row->name, row->value);
    return option_set(row, options, *used ? next : value, why);
}

static enum sp_err option_environment(const char *const *taken, struct sp_options *options,
                                      struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        /* before any thread is started. NOLINTNEXTLINE(concurrency-mt-unsafe) */
        const char *text = row->env == NULL ? NULL : getenv(row->env);
        if (text != NULL && text[0] != '\0' && option_is_taken(row, taken))
            err = option_set(row, options, text, why);
    }
    return err;
}

enum sp_err sp_options_parse(int argc, char **argv, const char *const *taken,
                             struct sp_options *options, struct sp_why *why)
{
    *options =
        (struct sp_options){.min_confidence = SP_CONF_MEDIUM, .term = {1, 'm'}, .args = argv};
    sp_limits_init(&options->limits);
    enum sp_err err = option_environment(taken, options, why);
    bool only_args = false;
    for (int i = 0; err == SP_OK && i < argc; i++) {
        bool used = false;
        if (only_args || argv[i][0] != '-' || argv[i][1] == '\0')
            argv[options->arg_count++] = argv[i]; /* moved to the front: never beyond i */
        else if (strcmp(argv[i], "--") == 0)
            only_args = true;
        else
            err =
                option_read(argv[i], i + 1 < argc ? argv[i + 1] : NULL, taken, options, &used, why);
        i += used;
    }
    return err;
}

void sp_options_help(FILE *out, const char *const *taken)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        char left[64];
        if (!option_is_taken(row, taken))
            continue;
        (void)snprintf(left, sizeof left, "%c%c%s--%s%s%s", row->letter != 0 ? '-' : ' ',
                       row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : "  ",
                       row->name, row->value != NULL ? " " : "",
                       row->value != NULL ? row->value : "");
        (void)fprintf(out, "  %-30s %s\n", left, row->help);
    }
}
