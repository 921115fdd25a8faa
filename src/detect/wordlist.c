#include "detect/wordlist.h"

#include "base/mem.h"
#include "detect/bytes.h"

enum { LIST_DEPTH_MAX = 4 /* lists that name lists */ };

/* A kept line: what it points to is its own. */
struct kept {
    struct sp_word_line line;
    char *text, *list, *file; /* NUL-terminated copies */
    struct kept *next;
};

struct sp_word_lists {
    struct kept *first;
    struct kept **last; /* the end's link */
};

struct sp_word_lists *sp_word_lists_new(void)
{
    struct sp_word_lists *lists = sp_alloc_zero(sizeof *lists);
    if (lists)
        lists->last = &lists->first;
    return lists;
}

static void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    sp_free(kept->text);
    sp_free(kept->list);
    sp_free(kept->file);
    sp_free(kept);
}

void sp_word_lists_free(struct sp_word_lists *lists)
{
    if (!lists)
        return;
    for (struct kept *kept = lists->first; kept;) {
        struct kept *next = kept->next;
        kept_free(kept);
        kept = next;
    }
    sp_free(lists);
}

enum sp_err sp_word_lists_add(struct sp_word_lists *lists, const struct sp_word_line *line,
                              struct sp_why *why)
{
    struct kept *kept = sp_alloc_zero(sizeof *kept);
    if (kept) {
        kept->text = sp_copy_string(line->text.ptr, line->text.len);
        kept->list = sp_copy_string(line->list.ptr, line->list.len);
        kept->file = sp_copy_string(line->file, strlen(line->file));
    }
    if (!kept || !kept->text || !kept->list || !kept->file) {
        kept_free(kept);
        return sp_fail(why, SP_ERR_NOMEM, "%s: no memory", line->file);
    }
    kept->line = *line;
    kept->line.text = sp_slice_of(kept->text);
    kept->line.list = sp_slice_of(kept->list);
    kept->line.file = kept->file;
    *lists->last = kept;
    lists->last = &kept->next;
    return SP_OK;
}

struct sp_slice sp_wordlist_trim(struct sp_slice text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.len--;
    }
    while (text.len && byte_in(text.ptr[text.len - 1], " \t\r"))
        text.len--;
    return text;
}

struct sp_slice sp_wordlist_take(struct sp_slice *rest)
{
    *rest = sp_wordlist_trim(*rest);
    struct sp_slice word = {rest->ptr, 0};
    while (word.len < rest->len && rest->ptr[word.len] != ' ' && rest->ptr[word.len] != '\t')
        word.len++;
    rest->ptr += word.len;
    rest->len -= word.len;
    return word;
}

/* What the words of a line are added for. */
struct word_use {
    const struct sp_word_lists *lists;
    struct sp_words *words;
    unsigned owner;
    bool against;
    struct sp_why *why;
};

static enum sp_err add_words(const struct word_use *use, const struct sp_word_line *line,
                             unsigned depth);

/* Adds every words: line with this name. */
static enum sp_err add_list(const struct word_use *use, const struct sp_word_line *from,
                            struct sp_slice name, unsigned depth)
{
    bool found = false;
    if (depth == LIST_DEPTH_MAX)
        return sp_fail(use->why, SP_ERR_CONFIG, "%s:%u: word lists name each other", from->file,
                       from->line);
    for (const struct kept *kept = use->lists->first; kept; kept = kept->next) {
        if (!kept->line.list.len || !sp_slice_equal(name, kept->line.list))
            continue;
        found = true;
        enum sp_err err = add_words(use, &kept->line, depth + 1);
        if (err)
            return err;
    }
    if (!found)
        return sp_fail(use->why, SP_ERR_CONFIG, "%s:%u: no word list has the name @%.*s",
                       from->file, from->line, (int)name.len, (const char *)name.ptr);
    return SP_OK;
}

static enum sp_err add_words(const struct word_use *use, const struct sp_word_line *line,
                             unsigned depth)
{
    struct sp_slice rest = line->text;
    for (;;) {
        struct sp_slice word = sp_wordlist_take(&rest);
        if (!word.len)
            return SP_OK;
        if (word.ptr[0] == '@') {
            struct sp_slice name = {word.ptr + 1, word.len - 1};
            enum sp_err err = add_list(use, line, name, depth);
            if (err)
                return err;
            continue;
        }
        struct sp_why inner = {{0}};
        enum sp_err err = sp_words_add(use->words, word, use->owner, use->against, &inner);
        if (err)
            return sp_fail(use->why, SP_ERR_CONFIG, "%s:%u: %.*s: %s", line->file, line->line,
                           (int)word.len, (const char *)word.ptr, inner.text);
    }
}

enum sp_err sp_word_lists_resolve(const struct sp_word_lists *lists, uint64_t owners, bool against,
                                  struct sp_words *words, struct sp_why *why)
{
    for (const struct kept *kept = lists->first; kept; kept = kept->next) {
        if (kept->line.list.len || (owners >> kept->line.owner & 1) == 0 ||
            (kept->line.against && !against))
            continue;
        struct word_use use = {lists, words, kept->line.owner, kept->line.against, why};
        enum sp_err err = add_words(&use, &kept->line, 0);
        if (err)
            return err;
    }
    return SP_OK;
}
