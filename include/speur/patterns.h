/* Patterns: what is looked for. Loaded from a directory of .pat files (one detector each) and
 * shared, read-only, by all threads. */
#ifndef SPEUR_PATTERNS_H
#define SPEUR_PATTERNS_H

#include "speur/err.h"
#include "speur/finding.h"

struct sp_patterns;

enum sp_region { SP_REGION_NL, SP_REGION_BE };

/* Compiles every *.pat of dir (PCRE2 with JIT), sorted by file name. SP_ERR_CONFIG names file and
 * line. SP_ERR_NOINPUT: no such directory, or no pattern in it. */
enum sp_err sp_patterns_load(const char *dir, struct sp_patterns **out, struct sp_why *why);
/* A file that is not loaded: `why` says which, where in it and for what reason. */
typedef void (*sp_pattern_refused)(void *ctx, const struct sp_why *why);
/* The program's own directory and the user's `beside` it (NULL: none). A file of the user takes the
 * place of one with the same name. One that is not right, or not together with the others, is told
 * and left out while the others load; the program's own must all be right. */
enum sp_err sp_patterns_load_beside(const char *own, const char *beside, sp_pattern_refused refused,
                                    void *ctx, struct sp_patterns **out, struct sp_why *why);
void sp_patterns_free(struct sp_patterns *patterns);
size_t sp_patterns_count(const struct sp_patterns *patterns);
/* 32 hexadecimal characters + NUL over the content of all files and the engine's own version:
 * two scans with the same digest look for the same. */
const char *sp_patterns_digest(const struct sp_patterns *patterns);
/* All expressions are machine code (PCRE2's JIT could make it). */
bool sp_patterns_compiled(const struct sp_patterns *patterns);
/* True when a finding of this type could be found. */
bool sp_patterns_has_type(const struct sp_patterns *patterns, enum sp_type type);
/* Runs every match:, refuse: and self-test of the files; writes a line per failure to `out`
 * (FILE *). Returns how many failed. */
size_t sp_patterns_test(const struct sp_patterns *patterns, void *out);

/* Runs every expression over data (< 4 GiB) both ways, with the filter that skips places where no
 * match can start and without; *differ is how many candidates are not the same, a line for each
 * goes to `out` (FILE *, may be NULL). The filter is sound when it is 0 for whatever data. */
enum sp_err sp_patterns_verify(const struct sp_patterns *patterns, struct sp_slice data, void *out,
                               size_t *differ, struct sp_why *why);
/* The same over all examples of the files. */
enum sp_err sp_patterns_verify_examples(const struct sp_patterns *patterns, void *out,
                                        size_t *differ, struct sp_why *why);
/* How many forms the filter does not know; a line for each goes to `out` (FILE *, may be NULL). */
size_t sp_patterns_unfiltered(const struct sp_patterns *patterns, void *out);

/* The canonical form of a value that a person typed (a register row, an erasure request), by the
 * same rules as for a match. SP_ERR_FORMAT: not a valid value of the type (the reason does not
 * repeat the value). `region` decides national phone numbers. */
enum sp_err sp_canonical_from_value(enum sp_type type, struct sp_slice value, enum sp_region region,
                                    struct sp_canonical *out, unsigned *attributes,
                                    struct sp_why *why);
/* The weaker form for POSSIBLE matches: e-mail alias key, address without addition, name with an
 * initial (none when that is what the name has).
 * False when the type has none or it equals the canonical form AND no weaker spelling exists:
 * the e-mail alias and the address without addition are always given, also when equal, so that
 * both sides of a comparison have one. */
bool sp_canonical_possible(enum sp_type type, const struct sp_canonical *exact,
                           struct sp_canonical *out);
/* The BSN inside a VAT number or MRZ with attribute embeds_bsn. */
bool sp_canonical_embedded_bsn(enum sp_type type, const struct sp_canonical *exact,
                               struct sp_canonical *out);
/* The address inside one that a mail program made of it (VERP, SRS). */
bool sp_canonical_embedded_mail(const struct sp_canonical *exact, struct sp_canonical *out);

#endif
