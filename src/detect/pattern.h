/* Pattern files: their format, and what they are in memory once loaded.
 *
 * A pattern file (*.pat, UTF-8) describes one detector, or only lists of words. One `key: text` a
 * line; leading spaces mean nothing; a line that starts with `#` and an empty line are skipped.
 *
 *   id: nl.bsn                 required, unique: lower case letters, digits, '.', '_', '-'
 *   type: bsn                  required: a name of speur/finding.h
 *   validator: bsn             required: a row of the table in validator.c
 *   context: WORD WORD …       words that label a value; may be repeated, the lines add up
 *   against: WORD WORD …       words that speak against it; may be repeated
 *   words: NAME WORD WORD …    a list that context: and against: of any file name as @NAME
 *   never: CANONICAL           a value that is nobody's: no finding. A line each, at most 32
 *   form: NAME                 begins a way of writing; the keys below belong to it. 1 to 8 forms
 *     regex: EXPRESSION        required: PCRE2 over bytes (see below)
 *     base: LEVEL              required: confidence without context: none low medium high
 *     label: LEVEL             required: confidence with a context word in LABEL position
 *     records: name            optional: tried only in texts of kind name (paths, attachments)
 * A category (health, sex) has no validator: and no form:, as nothing in a value tells it. Its
 * words are those of keys: whatever stands under a column, tag or header with one is a finding.
 *
 *   match: TEXT => CANONICAL   an example that must give a finding of the type, medium or higher,
 *   match: TEXT                with this canonical form when one is given
 *   refuse: TEXT               an example that must not. Escapes: \n \t \\ ; all else literal.
 *                              Of a category the TEXT is a key
 *
 * WORD  is compared without regard to case and accents, and only at the start of a word (also
 *       behind `_`, a digit or at a change of case: client_bsn, billingPhone). It must end with a
 *       word, but nummer, nr, no, num, number, id, code may be glued on (kvk covers KvK-nummer
 *       and kvkNummer).
 *       `_` in it stands for up to three of space . - _ / & or nothing: k_v_k covers KvK, K.v.K.
 *       `*` at its end lets any letters follow: burgerservice* covers Burgerservicenr.
 *       `^` before it: counts only at the start of a line or cell, or directly before a colon.
 * EXPRESSION  sees bytes, not characters: letters beyond ASCII are [\x80-\xFF]. It is matched
 *       anywhere in the window; several candidates may start at neighbouring bytes. The group
 *       (?<value>…) is the candidate handed to the validator (the whole match without it): the
 *       validator may widen it to both sides by up to SP_VALUE_MAX bytes. Boundaries on which the
 *       verdict depends are the validator's work. Bound every repetition, prefer possessive ones:
 *       20,000 steps end the candidate, which is then reported as limit_match.
 */
#ifndef SP_DETECT_PATTERN_H
#define SP_DETECT_PATTERN_H

#include "detect/filter.h"
#include "detect/pcre.h"
#include "detect/validator.h"
#include "detect/words.h"

enum {
    SP_PATTERNS_MAX = SP_WORDS_OWNER_MAX, /* one bit each in a word's masks */
    SP_PATTERN_FORMS_MAX = 8,
    SP_PATTERN_NEVER_MAX = 32,
    SP_PATTERN_FILE_MAX = 256 * 1024, /* bytes of one file; ours have under 10 KB */
    SP_MATCH_STEPS_MAX = 20000        /* PCRE2 match limit of one candidate */
};

/* One way of writing a value. */
struct sp_form {
    char *name;
    pcre2_code *code;     /* JIT-compiled, found anywhere in the window */
    pcre2_code *anchored; /* the same, tried at one place */
    uint32_t value_group; /* number of (?<value>…); 0 the whole match */
    enum sp_confidence base, label;
    bool filtered;   /* the filter knows where it can start */
    bool fast;       /* `anchored` has machine code */
    bool labelled;   /* it is nothing without a label, whatever else stands there */
    bool names_only; /* tried only in texts of kind SP_RECORD_NAME */
};

struct sp_example {
    char *text;      /* unescaped, NUL-terminated */
    char *canonical; /* NULL: any */
    unsigned line;   /* in the file, from 1 */
    bool refuse;
};

struct sp_pattern {
    char *file; /* its name without the directory, for messages */
    char *id;
    enum sp_type type;
    const struct sp_validator *validator;
    struct sp_form forms[SP_PATTERN_FORMS_MAX];
    size_t form_count;
    struct sp_example *examples;
    size_t example_count;
    char *never[SP_PATTERN_NEVER_MAX]; /* canonical forms */
    size_t never_count;
};

struct sp_patterns {
    struct sp_pattern list[SP_PATTERNS_MAX];
    size_t count;
    struct sp_words *words;  /* context and negative words of all patterns that have forms */
    struct sp_words *keys;   /* of those that have none: categories */
    uint64_t categories;     /* these patterns */
    struct sp_filter filter; /* of all forms; numbered pattern * SP_PATTERN_FORMS_MAX + form */
    struct sp_words *labels; /* of the words those that label what is nothing without a label */
    uint64_t labelled;       /* the patterns that have such forms */
    struct sp_filter_set labelled_anchors[SP_PATTERNS_MAX]; /* of these forms */
    uint64_t wide; /* of these patterns those that need no digit either (SP_FILTER_NO_WIDE) */
    char digest[33];
};

/* patfile.c: adds what one file says. `name` is its name for messages, SP_ERR_CONFIG names it and
 * the line. `lists` collects words: lines over all files. */
struct sp_word_lists;
enum sp_err sp_patfile_read(struct sp_patterns *patterns, struct sp_word_lists *lists,
                            const char *name, struct sp_slice content, struct sp_why *why);

#endif
