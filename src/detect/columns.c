#include "detect/columns.h"

#include "detect/bytes.h"
#include "detect/pattern.h"

enum {
    VALUES_MIN = 20,
    PASS_PERCENT = 90,
    VALUE_MIN = 9, /* bytes of a value of these types */
    VALUE_MAX = 42
};

static const enum sp_type types[] = {SP_TYPE_BSN, SP_TYPE_BE_NRN, SP_TYPE_IBAN, SP_TYPE_PAN};
enum { TYPES = sizeof types / sizeof types[0] };

/* A column while its values are counted. */
struct column {
    uint16_t values; /* not empty */
    uint16_t pass[TYPES];
};

static struct sp_slice value_of(const struct sp_text *text, const struct sp_text_field *field)
{
    struct sp_slice value = {text->data + field->begin, field->end - field->begin};
    while (value.len > 0 && value.ptr[0] <= ' ') {
        value.ptr++;
        value.len--;
    }
    while (value.len > 0 && value.ptr[value.len - 1] <= ' ')
        value.len--;
    return value;
}

/* The header speaks neither for nor against anything. */
static bool says_nothing(const struct sp_patterns *patterns, struct sp_slice key)
{
    return key.len > 0 && sp_words_in_key(patterns->words, key).end == 0;
}

static void count_value(struct column *column, struct sp_slice value)
{
    struct sp_canonical canonical;
    struct sp_why why;
    unsigned attributes;
    if (value.len == 0)
        return;
    column->values++;
    for (size_t i = 0; i < TYPES && value.len >= VALUE_MIN && value.len <= VALUE_MAX; i++) {
        if (byte_is_digit(value.ptr[value.len - 1]) &&
            sp_canonical_from_value(types[i], value, SP_REGION_NL, &canonical, &attributes, &why) ==
                SP_OK)
            column->pass[i]++;
    }
}

/* The only type that nearly all values pass; TYPES: none, or several. */
static size_t type_of(const struct column *column)
{
    size_t found = TYPES;
    for (size_t i = 0; i < TYPES && column->values >= VALUES_MIN; i++) {
        if (column->pass[i] * 100U < column->values * (unsigned)PASS_PERCENT)
            continue;
        if (found != TYPES)
            return TYPES;
        found = i;
    }
    return found;
}

/* At least half of the values are different ones. */
static bool is_varied(const struct sp_text *text, uint32_t ordinal, unsigned values)
{
    struct sp_slice seen[SP_COLUMNS_ROWS];
    size_t count = 0;
    for (size_t i = 0; i < text->field_count && count < SP_COLUMNS_ROWS; i++) {
        struct sp_slice value = value_of(text, &text->fields[i]);
        size_t known = 0;
        if (text->fields[i].column != ordinal || value.len == 0)
            continue;
        while (known < count && !sp_slice_equal(seen[known], value))
            known++;
        if (known == count)
            seen[count++] = value;
    }
    return count * 2 >= values;
}

void sp_columns_infer(const struct sp_patterns *patterns, const struct sp_text *text,
                      struct sp_text_columns *columns)
{
    struct column found[SP_TEXT_COLUMNS_MAX] = {0};
    *columns = (struct sp_text_columns){0};
    for (size_t i = 0; i < text->field_count; i++) {
        const struct sp_text_field *field = &text->fields[i];
        if (field->column == 0 || field->column >= SP_TEXT_COLUMNS_MAX ||
            !says_nothing(patterns, field->key))
            continue;
        count_value(&found[field->column], value_of(text, field));
    }
    for (uint32_t ordinal = 1; ordinal < SP_TEXT_COLUMNS_MAX; ordinal++) {
        size_t type = type_of(&found[ordinal]);
        if (type == TYPES || !is_varied(text, ordinal, found[ordinal].values))
            continue;
        for (size_t p = 0; p < patterns->count; p++) {
            if (patterns->list[p].type == types[type])
                columns->labels[ordinal] |= UINT64_C(1) << p;
        }
    }
}
