/* Keyed text around an anchor: JSON, XML, INI, forms (a key with a tab behind it, or on a line of
 * its own, too), URL queries, serialised PHP. */
#include "detect/address_row.h"

enum {
    PAIRS_REACH_BYTES = 640, /* how far keyed text is read to both sides */
    PAIRS_KEY_LOOK = 96      /* how far before an anchor in a value its key may stand */
};

static bool pairs_is_key(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte >= 0x80;
}

/* Over blanks. */
static size_t pairs_skip(const struct sp_addr_view *view, size_t pos)
{
    while (sp_addr_byte(view, pos) == ' ' || sp_addr_byte(view, pos) == '\t')
        pos++;
    return pos;
}

/* PHP: s:8:"postcode";s:6:"1234AB"; - `pos` behind the first `;`. The value's start or 0. */
static size_t pairs_php_value(const struct sp_addr_view *view, size_t pos)
{
    if ((sp_addr_byte(view, pos) != 's' && sp_addr_byte(view, pos) != 'i') ||
        sp_addr_byte(view, pos + 1) != ':')
        return 0;
    if (sp_addr_byte(view, pos) == 'i')
        return pos + 2;
    pos += 2;
    for (unsigned i = 0; i < 5 && sp_addr_byte(view, pos) >= '0' && sp_addr_byte(view, pos) <= '9';
         i++)
        pos++;
    return sp_addr_byte(view, pos) == ':' ? pos + 1 : 0;
}

/* The first of its line. */
static bool pairs_leads(const struct sp_addr_view *view, size_t key)
{
    while (key > view->lo && view->data[key - 1] == ' ')
        key--;
    return key == view->lo || view->data[key - 1] == '\n';
}

/* In a form a value stands in the next cell, or below its key. */
static bool pairs_form_value(const struct sp_addr_view *view, size_t pos, size_t *begin)
{
    bool cell = sp_addr_byte(view, pos) == '\t';
    pos = pairs_skip(view, pos);
    if (!cell && sp_addr_byte(view, pos) == '\n')
        *begin = pairs_skip(view, pos + 1);
    else if (cell)
        *begin = pos;
    else
        return false;
    return *begin < view->hi && view->data[*begin] != '\n';
}

/* Between a key that ends at `pos` and its value. False: no value follows. */
static bool pairs_value_begin(const struct sp_addr_view *view, size_t pos, size_t *begin)
{
    uint8_t byte = sp_addr_byte(view, pos);
    bool quoted = byte == '"' || byte == '\'' || byte == '`';

    if (byte == '\\') { /* JSON within JSON: \"postcode\":\"1234AB\" */
        pos++;
        byte = sp_addr_byte(view, pos);
        quoted = byte == '"';
    }
    if (quoted)
        pos++;
    if (quoted && sp_addr_byte(view, pos) == ';') {
        *begin = pairs_php_value(view, pos + 1);
        return *begin != 0;
    }
    if (sp_addr_byte(view, pos) == ']' && (quoted || sp_addr_byte(view, pos - 1) != ']'))
        pos++; /* billing[postcode]= */
    pos = pairs_skip(view, pos);
    byte = sp_addr_byte(view, pos);
    if (byte != ':' && byte != '=' && byte != '>' && byte != '|')
        return false;
    if (byte == '=' && sp_addr_byte(view, pos + 1) == '>')
        pos++;
    *begin = pairs_skip(view, pos + 1);
    return true;
}

/* What ends a value without quotes. */
static bool pairs_ends_value(uint8_t byte)
{
    switch (byte) {
    case 0:
    case '\n':
    case '\t':
    case ';':
    case '|':
    case '<':
    case '>':
    case '{':
    case '}':
    case '[':
    case ']':
    case '"':
    case '&':
    case ',':
        return true;
    default:
        return false;
    }
}

/* Between a key and its value. */
static bool pairs_joins(uint8_t byte)
{
    return byte == ':' || byte == '=' || byte == '>' || byte == '|';
}

/* The value from `begin`; *open when only a next key would end it. In a URL `query` a blank ends
 * it too. */
static struct sp_addr_span pairs_span(const struct sp_addr_view *view, size_t begin, bool query,
                                      bool *open)
{
    size_t pos = begin;
    uint8_t quote = sp_addr_byte(view, pos);
    size_t limit = view->hi - begin < SP_ADDR_VALUE_MAX ? view->hi : begin + SP_ADDR_VALUE_MAX;

    *open = false;
    if (quote == '\\' && sp_addr_byte(view, pos + 1) == '"')
        quote = sp_addr_byte(view, ++pos);
    if (quote == '"' || quote == '\'' || quote == '`') {
        begin = ++pos;
        while (pos < limit && view->data[pos] != quote && view->data[pos] != '\n')
            pos++;
        if (pos > begin && view->data[pos - 1] == '\\')
            return (struct sp_addr_span){begin, pos - 1};
        return (struct sp_addr_span){begin, pos};
    }
    if (quote == '<' && view->hi - pos > 9 && memcmp(view->data + pos, "<![CDATA[", 9) == 0)
        pos += 9, begin = pos;
    while (pos < limit && !pairs_ends_value(view->data[pos]) && !(query && view->data[pos] == ' '))
        pos++;
    *open = true;
    return (struct sp_addr_span){begin, pos};
}

static bool pairs_is_role(const struct sp_addr_view *view, size_t begin, size_t end)
{
    char group[SP_ADDR_GROUP_LEN];
    return end - begin <= SP_ADDR_KEY_MAX &&
           sp_addr_role_of(sp_addr_slice(view, (struct sp_addr_span){begin, end}), group) !=
               SP_ADDR_ROLE_NONE;
}

/* `Postcode/woonplaats`, `Straat en huisnummer`: where the second key ends, which has a role too,
 * or 0. The value is of the first, as its cells are in tables. */
static size_t pairs_second_key(const struct sp_addr_view *view, size_t pos)
{
    static const char *const joins[] = {"en ", "and ", "et ", "+ ", "& ", "/ ", "/"};
    size_t begin = sp_addr_byte(view, pos) == ' ' ? pos + 1 : pos;
    size_t end = 0;

    for (size_t i = 0; i < sizeof joins / sizeof joins[0] && end == 0; i++) {
        size_t len = strlen(joins[i]);
        bool word = joins[i][0] >= 'a';
        if (view->hi - pos > len + 1 && memcmp(view->data + begin, joins[i], len) == 0 &&
            (begin > pos || !word))
            end = begin + len;
    }
    if (end == 0)
        return 0;
    for (begin = end; end < view->hi && pairs_is_key(view->data[end]);)
        end++;
    return begin < end && pairs_is_role(view, begin, end) ? end : 0;
}

/* The value of the key [key, end): behind a sign, in a form, or behind a second key. */
static bool pairs_value(const struct sp_addr_view *view, size_t key, size_t end, size_t *begin)
{
    if (pairs_value_begin(view, end, begin))
        return true;
    if (!pairs_leads(view, key))
        return false;
    size_t second = pairs_is_role(view, key, end) ? pairs_second_key(view, end) : 0;
    return (second != 0 &&
            (pairs_value_begin(view, second, begin) || pairs_form_value(view, second, begin))) ||
           pairs_form_value(view, end, begin);
}

/* All keys with a role in the view. */
static void pairs_gather_keys(const struct sp_addr_view *view, struct sp_addr_row *row)
{
    size_t pos = view->lo;

    row->count = 0;
    while (pos < view->hi && row->count < SP_ADDR_CELLS_MAX) {
        size_t key = pos;
        size_t begin;
        bool open;
        bool query;

        if (!pairs_is_key(view->data[pos])) {
            pos++;
            continue;
        }
        while (pos < view->hi && pairs_is_key(view->data[pos]))
            pos++;
        if (pos - key > SP_ADDR_KEY_MAX || sp_addr_byte(view, key - 1) == '/' ||
            !pairs_value(view, key, pos, &begin))
            continue;
        query = sp_addr_byte(view, key - 1) == '?' || sp_addr_byte(view, key - 1) == '&';
        if (sp_addr_row_push(row, (struct sp_slice){view->data + key, pos - key},
                             pairs_span(view, begin, query, &open), key)) {
            row->cells[row->count - 1].open = open;
            pos = begin;
        }
    }
    for (unsigned i = 0; i < row->count; i++) {
        struct sp_addr_cell *cell = &row->cells[i];
        if (cell->open && i + 1 < row->count && row->cells[i + 1].key_at < cell->at.end)
            cell->at.end = row->cells[i + 1].key_at;
        cell->at = sp_addr_trim(view, cell->at);
    }
}

/* The object around the anchor: to the enclosing braces, the parent's tags, a blank line. */
static struct sp_addr_view pairs_object(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_view out = *view;
    int braces = 0;
    int tags = 0;
    size_t at;

    for (at = pos; at > view->lo && braces < 1 && tags < 2; at--) {
        uint8_t byte = view->data[at - 1];

        if (byte == '}')
            braces--;
        else if (byte == '{')
            braces++;
        else if (byte == '<' && view->data[at] != '!' && view->data[at] != '?')
            tags += view->data[at] == '/' ? -1 : 1;
        else if (byte == '/' && view->data[at] == '>')
            tags--; /* <toev/>: its '<' counts up again */
        else if (byte == '\n' && view->data[at] == '\n')
            break;
    }
    out.lo = at;
    braces = 0;
    tags = 0;
    for (at = pos; at + 1 < view->hi && braces < 1 && tags < 2; at++) {
        uint8_t byte = view->data[at];

        if (byte == '{')
            braces--;
        else if (byte == '}')
            braces++;
        else if (byte == '<' && view->data[at + 1] != '!' && view->data[at + 1] != '?')
            tags += view->data[at + 1] == '/' ? 1 : -1;
        else if (byte == '/' && view->data[at + 1] == '>')
            tags++;
        else if (byte == '\n' && view->data[at + 1] == '\n')
            break;
    }
    if (at + 1 < view->hi)
        out.hi = at;
    return out;
}

/* Keeps the cells around the anchor up to where a role repeats: the next record begins there.
 * When the anchor's own line holds more than one role, the record is that line. */
static void pairs_cut(const struct sp_addr_view *view, struct sp_addr_row *row, size_t pos)
{
    unsigned self = 0;
    unsigned first;
    unsigned last;
    bool seen[SP_ADDR_ROLE_COUNT] = {false};
    struct sp_addr_row kept;

    while (self < row->count &&
           !(pos >= row->cells[self].at.begin && pos < row->cells[self].at.end))
        self++;
    if (self == row->count) {
        row->count = 0;
        return;
    }
    seen[row->cells[self].role] = true;
    for (first = self; first > 0; first--) {
        const struct sp_addr_cell *cell = &row->cells[first - 1];
        if (strcmp(cell->group, row->cells[self].group) != 0)
            continue;
        if (seen[cell->role])
            break;
        seen[cell->role] = true;
    }
    for (last = self + 1; last < row->count; last++) {
        const struct sp_addr_cell *cell = &row->cells[last];
        if (strcmp(cell->group, row->cells[self].group) != 0)
            continue;
        if (seen[cell->role])
            break;
        seen[cell->role] = true;
    }
    kept.count = 0;
    for (unsigned i = first; i < last; i++)
        if (memchr(view->data + (i < self ? row->cells[i].at.begin : row->cells[self].at.begin),
                   '\n',
                   i < self ? row->cells[self].at.begin - row->cells[i].at.begin
                            : row->cells[i].at.begin - row->cells[self].at.begin) == NULL)
            kept.cells[kept.count++] = row->cells[i];
    if (kept.count > 1) {
        *row = kept;
        return;
    }
    for (unsigned i = first; i < last; i++)
        row->cells[i - first] = row->cells[i];
    row->count = last - first;
}

/* The line above begins with a key that has a role, and is short. */
static bool pairs_has_key_above(const struct sp_addr_view *view, size_t newline)
{
    size_t low = newline - view->lo < PAIRS_KEY_LOOK ? view->lo : newline - PAIRS_KEY_LOOK;
    size_t begin = newline, end;
    while (begin > low && view->data[begin - 1] != '\n')
        begin--;
    while (begin < newline && view->data[begin] == ' ')
        begin++;
    for (end = begin; end < newline && pairs_is_key(view->data[end]);)
        end++;
    return begin < end && pairs_leads(view, begin) && pairs_is_role(view, begin, end);
}

/* Is there a key with a role before the anchor, on its line and near, or above it? Cheap: most are
 * refused. */
static bool pairs_has_key(const struct sp_addr_view *view, size_t pos)
{
    size_t low = pos - view->lo < PAIRS_KEY_LOOK ? view->lo : pos - PAIRS_KEY_LOOK;

    for (; pos > low && view->data[pos - 1] != '\n'; pos--) {
        size_t end = pos - 1;
        size_t begin;

        if (!pairs_joins(view->data[end]) && view->data[end] != '\t' &&
            !(view->data[end] == ';' && sp_addr_byte(view, end + 2) == ':'))
            continue; /* nor PHP's "postcode";s:6: */
        while (end > low && !pairs_is_key(view->data[end - 1]) && view->data[end - 1] != '\n')
            end--;
        for (begin = end; begin > view->lo && pairs_is_key(view->data[begin - 1]);)
            begin--;
        if (pairs_is_role(view, begin, end))
            return true;
    }
    return pos > low && pairs_has_key_above(view, pos - 1);
}

/* key: value pairs around the anchor. */
bool sp_addr_from_pairs(const struct sp_addr_view *view, struct sp_addr_span anchor,
                        struct sp_addr *out)
{
    struct sp_addr_view near = *view;
    struct sp_addr_row row;
    const struct sp_addr_cell *cell;

    if (!pairs_has_key(view, anchor.begin))
        return false;
    if (anchor.begin - near.lo > PAIRS_REACH_BYTES)
        near.lo = anchor.begin - PAIRS_REACH_BYTES;
    if (near.hi - anchor.begin > PAIRS_REACH_BYTES)
        near.hi = anchor.begin + PAIRS_REACH_BYTES;
    near = pairs_object(&near, anchor.begin);
    pairs_gather_keys(&near, &row);
    pairs_cut(&near, &row, anchor.begin);
    cell = sp_addr_row_anchor(&row, anchor.begin);
    return cell != NULL && sp_addr_row_combine(&near, &row, cell, out);
}
