#include "detect/category.h"

#include "base/mem.h"
#include "detect/bytes.h"

#include <strings.h>

/* What people and programs write where there is nothing to say. */
static bool content_says_nothing(struct sp_slice content)
{
    static const char *const words[] = {"null",   "none",    "n/a",      "na",  "n.a.", "nvt",
                                        "n.v.t.", "unknown", "onbekend", "\\N", "nil",  "undefined",
                                        "leeg",   "empty",   "inconnu",  "geen"};
    bool any = false;
    for (size_t i = 0; i < content.len && !any; i++)
        any = byte_is_alnum(content.ptr[i]) || content.ptr[i] >= 0x80;
    for (size_t i = 0; i < sizeof words / sizeof *words && any; i++)
        any = content.len != strlen(words[i]) ||
              strncasecmp((const char *)content.ptr, words[i], content.len) != 0;
    return !any;
}

static struct sp_slice field_content(const struct sp_text *text, const struct sp_text_field *field)
{
    size_t end = field->end < text->len ? field->end : text->len;
    struct sp_slice content = {text->data + field->begin, end - field->begin};
    while (content.len > 0 && byte_in(content.ptr[0], " \t\r\n\"'\x1F")) {
        content.ptr++;
        content.len--;
    }
    while (content.len > 0 && byte_in(content.ptr[content.len - 1], " \t\r\n\"'\x1F"))
        content.len--;
    return content;
}

static uint64_t key_owners(struct sp_categories *categories, struct sp_slice key)
{
    struct sp_category_key *known = &categories->keys[sp_words_key_slot(key, SP_CATEGORY_KEYS_MAX)];
    if (known->key.ptr != key.ptr || known->key.len != key.len) {
        known->key = key;
        known->owners = sp_words_in_key(categories->words, key).context_of;
    }
    return known->owners;
}

static enum sp_err give_field(const struct sp_text *text, const struct sp_text_field *field,
                              uint64_t owners, sp_category_out out, void *ctx, struct sp_why *why)
{
    struct sp_slice content = field_content(text, field);
    size_t begin = (size_t)(content.ptr - text->data);
    enum sp_err err = SP_OK;
    if (content_says_nothing(content))
        return SP_OK;
    for (; owners != 0 && err == SP_OK; owners &= owners - 1)
        err = out(ctx, (unsigned)__builtin_ctzll(owners), begin, begin + content.len, why);
    return err;
}

enum sp_err sp_category_find(struct sp_categories *categories, const struct sp_text *text,
                             sp_category_out out, void *ctx, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    memset(categories->keys, 0, sizeof categories->keys); /* keys live as long as their window */
    for (size_t i = 0; i < text->field_count && err == SP_OK; i++) {
        const struct sp_text_field *field = &text->fields[i];
        if (field->key.len == 0 || field->begin < text->own_begin || field->begin >= text->own_end)
            continue;
        uint64_t owners = key_owners(categories, field->key);
        if (owners != 0)
            err = give_field(text, field, owners, out, ctx, why);
    }
    return err;
}
