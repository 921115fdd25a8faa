/* THE table of commands. */
#include "app/app.h"

/* What every command takes that reads files. */
#define READS                                                                                      \
    "threads", "limit-depth", "limit-mime-depth", "limit-entries", "limit-ratio",                  \
        "limit-ratio-total", "limit-bytes", "limit-spool", "limit-memory", "limit-time",           \
        "no-sandbox", "no-ocr", "no-mask-hint", "passwords"
/* What every command that scans takes. */
#define SCANS                                                                                      \
    READS, "inventory", "key", "patterns", "region", "exclude", "keep-values", "one-file-system",  \
        "all-file-systems", "resume", "fresh", "progress", "snapshot-id"
static const char *const scan_options[] = {SCANS, NULL};
static const char *const check_options[] = {SCANS,
                                            "register",
                                            "keep0",
                                            "drop0",
                                            "hold0",
                                            "decisions",
                                            "emit",
                                            "evidence",
                                            "verify-digest",
                                            "accept",
                                            "review",
                                            "strict-kinds",
                                            "no-names",
                                            "drop-containers",
                                            "empty-register-ok",
                                            "backup-taken",
                                            "expect-head",
                                            "system",
                                            NULL};
static const char *const register_options[] = {
    "register",   "key",         "region",  "allow-bsn", "backup-retention",
    "req",        "kind",        "type",    "received",  "term",
    "erased-at",  "scope",       "seq",     "reason",    "by",
    "date",       "until",       "due",     "evidence",  "output",
    "passphrase", "expect-head", "dry-run", NULL};
static const char *const export_options[] = {"inventory", "key",    "format",      "output",
                                             "unread",    "stable", "show-values", "min-confidence",
                                             "patterns",  NULL};
static const char *const find_options[] = {
    "from-file", "inventory", "key",      "register", "patterns", "region", "type", "format",
    "output",    "stable",    "evidence", "req",      "extract",  READS,    NULL};
#undef SCANS
#undef READS
static const char *const filter_options[] = {"drop",       "records", "emit", "anonymise-exempt",
                                             "no-sandbox", NULL};
static const char *const prune_options[] = {"root", "drop0", "dry-run", NULL};
static const char *const evidence_options[] = {"pubkey", "key", "output", NULL};
static const char *const patterns_options[] = {"patterns", NULL};
static const char *const doctor_options[] = {"inventory",   "key",        "register", "patterns",
                                             "restore-day", "passphrase", NULL};

const struct sp_command sp_commands[] = {
    {"scan", "PATH...", "build or refresh an inventory of files and folders",
     "Exit status: 0 all was read, 2 something could not be read, 64 and above an error.\n",
     scan_options, sp_cmd_scan},
    {"check", "PATH...", "may this be restored? verdict and restore lists",
     "Exit status, a bitmask: 0 CLEAN, 1 HITS, 2 INCOMPLETE, 3 both; 64 and above an error.\n"
     "The last line of standard output is the verdict.\n"
     "Tools of --emit: tar, bsdtar, rsync, restic, borg, 7z, unzip, gdpr-guard; speur-restore(7)\n"
     "says how each takes its file.\n",
     check_options, sp_cmd_check},
    {"register", "VERB [FILE]", "keep the register of erasure requests",
     "Verbs:\n"
     "  init                    make the register, and a key where there is none\n"
     "  add                     one identifier; its value comes from standard input\n"
     "  import FILE             many, from CSV: "
     "req_id;kind;received;identified;due;erased_at;origin;"
     "\n"
     "                          type;value;strength;scope;exempt_basis;exempt_until;\n"
     "                          last_backup_expiry; or MailChimp's unsubscribed members, or "
     "closed\n"
     "                          accounts (email;closed_at), or a dump of WordPress (its requests)\n"
     "  list                    rows and head; with --due what waits for an answer\n"
     "  identified, extend, answer, withdraw, exempt\n"
     "                          note it of a request (--req), or of one row (--seq)\n"
     "  expire                  destroy what no backup can hold any more, and the keys that\n"
     "                          nothing needs then; -n only tells\n"
     "  new-key                 make a key under which identifiers are enrolled from now on;\n"
     "                          at most four are live\n"
     "  verify                  is every row there, and as it was written?\n"
     "  kit -o FILE             register, head and wrapped key for off-site keeping\n"
     "  unpack FILE             the way back, never over what is there\n",
     register_options, sp_cmd_register},
    {"find", "< identifiers", "access request: every place where a person's data is",
     "Searches the inventory for the identifiers of one person: type;value a line, on standard "
     "input "
     "or\nin --from-file FILE. --extract DIR reads those places again and copies the records, with "
     "the\nvalues of other people masked. Exit status: 0 nothing, 1 found, 2 not all was read or "
     "could be\ncopied, 3 both, 64 and above an error.\n",
     find_options, sp_cmd_find},
    {"filter", "< in.tar > out.tar", "take members and records out of a tar as it streams past",
     "Reads standard input: a tar, also compressed, or a single dump, table, log or mailbox; "
     "writes "
     "it uncompressed.\nExit status: 0 done, 1 a name did not come by, a member was left out, or "
     "an EXEMPT row\ncould not be made anonymous; 64 and above an error.\n",
     filter_options, sp_cmd_filter},
    {"prune", "--root DIR --drop0 FILE", "remove from a restored tree what must not have come back",
     "Nothing outside DIR is touched, whatever the names say; links are not followed.\n"
     "Exit status: 0 all were removed, 1 some were not there or refused, 64 and above an error.\n",
     prune_options, sp_cmd_prune},
    {"evidence", "verify FILE...|pubkey", "is a report of a check as it was signed?",
     "verify wants --pubkey FILE, which pubkey wrote on the day that the key was made. Several "
     "reports\n"
     "must follow each other. Exit status: 0 all hold, 1 one does not, 64 and above an error.\n",
     evidence_options, sp_cmd_evidence},
    {"export", "", "findings, or what was not read, as JSON Lines or CSV",
     "Values are masked unless --show-values.\n", export_options, sp_cmd_export},
    {"patterns", "list|test|verify [FILE...]", "what is looked for, its examples, its filter", NULL,
     patterns_options, sp_cmd_patterns},
    {"doctor", "", "what works on this machine: sandbox, formats, keys",
     "Exit status: 0 all is well, 1 something is amiss and what to do about it is told.\n",
     doctor_options, sp_cmd_doctor},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
