#include "extract/php_read.h"

#include <string.h>

/* Containers are not counted: their closing brackets tell, so a wrong count does no harm. */
struct php {
    struct sp_json_in *json;
    struct sp_walk walk;
    struct sp_slice text;
    size_t at;
};

/* A number at `at`; *end is behind it, `at` when there is none. */
static size_t php_number(struct sp_slice text, size_t at, size_t *end)
{
    size_t number = 0;
    *end = at;
    while (*end < text.len && text.ptr[*end] >= '0' && text.ptr[*end] <= '9' && *end - at < 9)
        number = number * 10 + (size_t)(text.ptr[(*end)++] - '0');
    return number;
}

static bool php_is_at(struct sp_slice text, size_t at, const char *what)
{
    size_t len = strlen(what);
    return text.len - at >= len && memcmp(text.ptr + at, what, len) == 0;
}

/* Behind `s:5:"` or `O:8:"`: the content is [*from, *to), `at` behind the closing quote. Lengths
 * are those of the stored bytes; where another encoding changed them, the next closing quote tells.
 */
static bool php_quoted(struct php *php, size_t at, size_t *from, size_t *to)
{
    struct sp_slice text = php->text;
    size_t end, len = php_number(text, at, &end);
    if (end == at || !php_is_at(text, end, ":\""))
        return false;
    *from = end + 2;
    *to = *from + len;
    bool fits = len <= text.len - *from && *to < text.len && text.ptr[*to] == '"' &&
                (*to + 1 == text.len || memchr(";:}", text.ptr[*to + 1], 3) != NULL);
    if (!fits) {
        const uint8_t *quote = memmem(text.ptr + *from, text.len - *from, "\";", 2);
        if (quote == NULL)
            return false;
        *to = (size_t)(quote - text.ptr);
    }
    php->at = *to + 1;
    return true;
}

static bool php_is_name(struct sp_slice text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        uint8_t byte = text.ptr[i], lower = byte | 0x20;
        bool of_name = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
                       byte == '_' || byte == '\\';
        if (!of_name)
            return false;
    }
    return true;
}

/* A scalar at php->at: its content is [*from, *to), php->at behind it. */
static bool php_scalar(struct php *php, size_t *from, size_t *to)
{
    struct sp_slice text = php->text;
    if (text.len - php->at < 3 || text.ptr[php->at + 1] != ':')
        return false;
    uint8_t kind = text.ptr[php->at];
    if (kind == 's' || kind == 'S' || kind == 'E') {
        if (!php_quoted(php, php->at + 2, from, to))
            return false;
    } else if (kind == 'i' || kind == 'd' || kind == 'b' || kind == 'r' || kind == 'R') {
        const uint8_t *end = memchr(text.ptr + php->at, ';', text.len - php->at);
        if (end == NULL || end - (text.ptr + php->at) > 40)
            return false;
        *from = php->at + 2;
        php->at = *to = (size_t)(end - text.ptr);
        size_t digits_end;
        (void)php_number(text, *from, &digits_end);
        if (kind != 'i' && kind != 'd' && digits_end == *to)
            *from = *to; /* true, false, the number of another value */
    } else {
        return false;
    }
    php->at += php->at < text.len && text.ptr[php->at] == ';';
    return true;
}

/* `a:2:{`, `O:8:"stdClass":1:{`: php->at is behind the bracket. */
static bool php_opens(struct php *php)
{
    struct sp_slice text = php->text;
    size_t at = php->at, end, from, to;
    if (text.len - at < 4 || text.ptr[at + 1] != ':')
        return false;
    if (text.ptr[at] == 'O') {
        bool named = php_quoted(php, at + 2, &from, &to) && php_is_name(text, from, to) &&
                     php_is_at(text, php->at, ":");
        size_t behind = php->at;
        php->at = at; /* unless all of it holds, it is text */
        if (!named)
            return false;
        at = behind - 1;
    } else if (text.ptr[at] != 'a') {
        return false;
    }
    (void)php_number(text, at + 2, &end);
    if (end == at + 2 || !php_is_at(text, end, ":{"))
        return false;
    php->at = end + 2;
    return true;
}

bool sp_php_looks(struct sp_slice text)
{
    struct php php = {.text = text};
    size_t from, to;
    if (text.len < 6 || text.ptr[1] != ':' || memchr("aOs", text.ptr[0], 3) == NULL)
        return false;
    return php_opens(&php) || (php_scalar(&php, &from, &to) && php.at == text.len);
}

static enum sp_err php_push(struct php *php, size_t from, size_t to, struct sp_why *why)
{
    if (from == to)
        return SP_OK;
    enum sp_err err = sp_json_in_field(php->json, true, why);
    return err == SP_OK ? sp_walk_append(&php->walk, php->json->row, from, to, why) : err;
}

/* One step at php->at: the end of a container, a name, a value. False: none of these. */
static bool php_step(struct php *php, bool *is_name, enum sp_err *err, struct sp_why *why)
{
    struct sp_json_path *path = &php->json->path;
    size_t from, to;
    if (path->depth > 0 && php->text.ptr[php->at] == '}') {
        sp_json_path_pop(path);
        php->at++;
        *is_name = true;
        return true;
    }
    if (!*is_name && php_opens(php)) {
        sp_json_path_push(path, false);
        *is_name = true;
        return true;
    }
    if (!*is_name && php_is_at(php->text, php->at, "N;")) {
        php->at += 2;
    } else if (!php_scalar(php, &from, &to)) {
        return false;
    } else if (*is_name) {
        uint64_t off = sp_walk_origin(&php->walk, from);
        *err = sp_json_in_name(php->json, (struct sp_slice){php->text.ptr + from, to - from}, off,
                               why);
        *is_name = false;
        return true;
    } else {
        *err = php_push(php, from, to, why);
    }
    *is_name = path->depth > 0;
    return true;
}

enum sp_err sp_php_read(struct sp_json_in *json, struct sp_slice text, struct sp_origin_map map,
                        struct sp_why *why)
{
    struct php php = {.json = json, .text = text};
    bool is_name = false;
    enum sp_err err = SP_OK;
    sp_walk_init(&php.walk, text, map);
    while (err == SP_OK && php.at < text.len && php_step(&php, &is_name, &err, why)) {
    }
    return err == SP_OK ? php_push(&php, php.at, text.len, why) : err;
}
