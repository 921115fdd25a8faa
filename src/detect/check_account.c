/* Customer numbers and user names: nothing but their label tells what they are. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/mailtext.h"
#include "detect/number.h"

/* d-m-y or y-m-d in digits: under a label too no customer number. */
static bool is_date(struct sp_slice value)
{
    size_t dashes = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!byte_is_digit(value.ptr[i]) && value.ptr[i] != '-')
            return false;
        dashes += value.ptr[i] == '-';
    }
    return dashes == 2 && value.len >= 8 && value.len <= 10;
}

static bool bounded(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    if (check->begin > 0 &&
        (letter_before(text->data, check->begin) || byte_is_digit(text->data[check->begin - 1])) &&
        !sp_check_glued(check))
        return false;
    if (check->end >= text->len)
        return true;
    if (byte_in(text->data[check->end], ".:-/") && check->end + 1 < text->len)
        return !byte_is_alnum(text->data[check->end + 1]);
    return text->data[check->end] != '_' && !byte_is_digit(text->data[check->end]) &&
           !letter_at(text->data, text->len, check->end);
}

/* `klantnummer varchar(255)`: the length of a column. */
static bool is_column_length(const struct sp_check *check)
{
    static const char *const types[] = {"char", "int", "decimal", "numeric", "binary", "text"};
    const struct sp_text *text = check->text;
    size_t pos = check->begin;
    if (pos == 0 || text->data[pos - 1] != '(' || check->end >= text->len ||
        text->data[check->end] != ')')
        return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t len = strlen(types[i]);
        if (pos - 1 >= len &&
            strncasecmp((const char *)text->data + pos - 1 - len, types[i], len) == 0)
            return true;
    }
    return false;
}

bool sp_check_customer_no(struct sp_check *check)
{
    struct sp_slice value = {check->text->data + check->begin, check->end - check->begin};
    size_t digits = 0;
    if (!sp_check_labelled(check) || value.len > 20 || is_date(value) || !bounded(check) ||
        is_column_length(check))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        digits += byte_is_digit(value.ptr[i]);
        check->canonical.bytes[i] = byte_upper(value.ptr[i]);
    }
    check->canonical.len = (uint16_t)value.len;
    return digits >= 3;
}

static bool is_no_user(const struct sp_canonical *name)
{
#define WORD(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
    static const struct sp_slice words[] = {
        WORD("root"), WORD("admin"), WORD("null"),     WORD("true"),       WORD("false"),
        WORD("none"), WORD("test"),  WORD("nobody"),   WORD("postgres"),   WORD("undefined"),
        WORD("nil"),  WORD("user"),  WORD("password"), WORD("wachtwoord"), WORD("rol"),
        WORD("role"), WORD("naam"),  WORD("name")};
#undef WORD
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].len == name->len && memcmp(words[i].ptr, name->bytes, name->len) == 0)
            return true;
    }
    return false;
}

/* A cell, a value behind `:` or `=` (quoted or not), or a name in a log line. */
static bool stands_as_value(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t pos = check->begin;
    const struct sp_text_field *field = sp_text_field_find(text, pos);
    if (field && field->key.len)
        return true;
    while (pos > 0 && byte_in(text->data[pos - 1], " \"'\\"))
        pos--;
    if (pos == 0 || byte_in(text->data[pos - 1], ":=\n;,|\t>(\x1F"))
        return true;
    static const char *const idioms[] = {"password for", "publickey for", "opened for user",
                                         "closed for user", "session for"};
    for (size_t i = 0; i < sizeof idioms / sizeof idioms[0]; i++) {
        size_t len = strlen(idioms[i]);
        if (pos >= len && memcmp(text->data + pos - len, idioms[i], len) == 0)
            return true;
    }
    return false;
}

bool sp_check_username(struct sp_check *check)
{
    struct sp_slice value = {check->text->data + check->begin, check->end - check->begin};
    if (!sp_check_labelled(check) || !stands_as_value(check))
        return false;
    while (value.len && byte_in(value.ptr[value.len - 1], ".-"))
        value.len--;
    check->value_end = check->begin + value.len;
    check->canonical.len = 0;
    sp_mail_append_lower(&check->canonical, value);
    return value.len >= 3 && !memchr(value.ptr, '@', value.len) && !is_no_user(&check->canonical);
}
