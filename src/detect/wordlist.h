/* The word lines of pattern files, kept until all files are read, because a line may name a list
 * of another file. The format is described in pattern.h. */
#ifndef SP_DETECT_WORDLIST_H
#define SP_DETECT_WORDLIST_H

#include "detect/words.h"

/* A words:, context: or against: line. */
struct sp_word_line {
    struct sp_slice text; /* the words */
    struct sp_slice list; /* name of a words: list; empty for context: and against: */
    const char *file;     /* for messages */
    unsigned line;        /* in the file, from 1 */
    unsigned owner;       /* index of the pattern, when list is empty */
    bool against;
};

struct sp_word_lists;
struct sp_word_lists *sp_word_lists_new(void); /* NULL: no memory */
void sp_word_lists_free(struct sp_word_lists *lists);
/* Keeps a copy of the line. SP_ERR_NOMEM. */
enum sp_err sp_word_lists_add(struct sp_word_lists *lists, const struct sp_word_line *line,
                              struct sp_why *why);
/* After the last file: puts the words of the patterns in `owners` (a bit each), lists resolved,
 * into `words`; of against: lines only when asked. SP_ERR_CONFIG names file and line. */
enum sp_err sp_word_lists_resolve(const struct sp_word_lists *lists, uint64_t owners, bool against,
                                  struct sp_words *words, struct sp_why *why);

struct sp_slice sp_wordlist_trim(struct sp_slice text);
/* Cuts the first word off *rest; empty at the end. */
struct sp_slice sp_wordlist_take(struct sp_slice *rest);

#endif
