/* Categories: types that nothing in a value tells, such as health or sex. Whatever stands under a
 * key of theirs (a column, a tag, a field of a form) is one; what it says is not looked at further
 * than that it says something. */
#ifndef SP_DETECT_CATEGORY_H
#define SP_DETECT_CATEGORY_H

#include "core/text.h"
#include "detect/words.h"

enum { SP_CATEGORY_KEYS_MAX = 64 }; /* keys remembered, a power of two */

/* Per thread. Its memory of keys lasts for one window. */
struct sp_categories {
    const struct sp_words *words; /* borrowed: of the keys of all categories */
    struct sp_category_key {
        struct sp_slice key;
        uint64_t owners;
    } keys[SP_CATEGORY_KEYS_MAX];
};

/* A field of a category: index of its pattern, and where its content stands. */
typedef enum sp_err (*sp_category_out)(void *ctx, unsigned pattern, size_t begin, size_t end,
                                       struct sp_why *why);
/* Gives the fields that begin in what the text owns, in their order. */
enum sp_err sp_category_find(struct sp_categories *categories, const struct sp_text *text,
                             sp_category_out out, void *ctx, struct sp_why *why);

#endif
