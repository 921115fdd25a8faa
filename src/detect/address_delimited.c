/* Delimited text with its header: CSV lines below a header line, SQL tuples behind a list of
 * columns. Text that an extractor knew as a table comes with fields instead (address_row.c). */
#include "detect/address_row.h"

enum {
    DELIMITED_TUPLE_BYTES = 768, /* how far before an anchor its tuple may begin */
    DELIMITED_HEADER_LINES = 24, /* lines above that may be the header */
    DELIMITED_COLUMNS_MAX = 64   /* cells of a line that are counted */
};

/* The cells of a line or list. Returns how many. */
static unsigned delimited_cells(const struct sp_addr_view *view, struct sp_addr_span line,
                                char delimiter, struct sp_addr_span cells[DELIMITED_COLUMNS_MAX])
{
    unsigned count = 0;
    size_t pos = line.begin;

    while (count < DELIMITED_COLUMNS_MAX) {
        size_t begin = pos;
        uint8_t quote = 0;

        while (pos < line.end) {
            uint8_t byte = view->data[pos];
            if (quote != 0) {
                if (byte == '\\' && quote == '\'')
                    pos++;
                else if (byte == quote)
                    quote = 0;
            } else if (byte == (uint8_t)delimiter) {
                break;
            } else if ((byte == '"' || byte == '\'') && pos == begin) {
                quote = byte;
            }
            pos++;
        }
        if (pos > line.end)
            pos = line.end;
        cells[count++] = sp_addr_trim(view, (struct sp_addr_span){begin, pos});
        if (pos >= line.end)
            break;
        pos++;
    }
    return count;
}

static struct sp_addr_span delimited_line(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_span line = {pos, pos};

    const uint8_t *at = memrchr(view->data + view->lo, '\n', pos - view->lo);

    line.begin = at == NULL ? view->lo : (size_t)(at - view->data) + 1;
    at = memchr(view->data + pos, '\n', view->hi - pos);
    line.end = at == NULL ? view->hi : (size_t)(at - view->data);
    return line;
}

/* Joins header and line. False: the header names fewer than two parts of an address. */
static bool delimited_join(const struct sp_addr_view *view, struct sp_addr_span header,
                           struct sp_addr_span line, char delimiter, struct sp_addr_row *row)
{
    struct sp_addr_span keys[DELIMITED_COLUMNS_MAX];
    struct sp_addr_span values[DELIMITED_COLUMNS_MAX];
    unsigned keys_count = delimited_cells(view, header, delimiter, keys);
    unsigned count;

    row->count = 0;
    if (keys_count < 2)
        return false;
    count = delimited_cells(view, line, delimiter, values);
    for (unsigned i = 0; i < keys_count && i < count; i++)
        if (keys[i].end - keys[i].begin <= SP_ADDR_KEY_MAX)
            sp_addr_row_push(row, sp_addr_slice(view, keys[i]), values[i], values[i].begin);
    return row->count >= 2;
}

/* The delimiter beside the anchor's cell; 0: none. */
static char delimited_delimiter(const struct sp_addr_view *view, struct sp_addr_span anchor)
{
    struct sp_addr_span line = delimited_line(view, anchor.begin);
    static const char delimiters[] = ";\t|,";

    for (unsigned i = 0; delimiters[i] != '\0'; i++)
        if (memchr(view->data + line.begin, delimiters[i], line.end - line.begin) != NULL)
            return delimiters[i];
    return 0;
}

/* Has this cell of a line a name with a role? Where delimiters stand in quotes the column is one
 * off and the header is not seen; the neighbours of the cell still tell. */
static bool delimited_names_column(const struct sp_addr_view *view, struct sp_addr_span line,
                                   char delimiter, unsigned column)
{
    struct sp_addr_span cell = {line.begin, line.begin};
    char group[SP_ADDR_GROUP_LEN];

    for (; column > 0; column--) {
        const uint8_t *at = memchr(view->data + cell.begin, delimiter, line.end - cell.begin);
        if (at == NULL)
            return false;
        cell.begin = (size_t)(at - view->data) + 1;
    }
    cell.end = cell.begin;
    while (cell.end < line.end && view->data[cell.end] != (uint8_t)delimiter)
        cell.end++;
    cell = sp_addr_trim(view, cell);
    return cell.end - cell.begin <= SP_ADDR_KEY_MAX && sp_addr_some(cell) &&
           (sp_addr_byte(view, cell.begin) | 0x20) >= 'a' &&
           sp_addr_role_of(sp_addr_slice(view, cell), group) != SP_ADDR_ROLE_NONE;
}

static bool delimited_gather_lines(const struct sp_addr_view *view, struct sp_addr_span anchor,
                                   struct sp_addr_row *row)
{
    struct sp_addr_span line = delimited_line(view, anchor.begin);
    struct sp_addr_span header = line;
    char delimiter = delimited_delimiter(view, anchor);
    unsigned column = 0;

    if (delimiter == 0)
        return false;
    for (size_t pos = line.begin; pos < anchor.begin; pos++)
        column += view->data[pos] == (uint8_t)delimiter;
    for (unsigned i = 0; i < DELIMITED_HEADER_LINES && header.begin > view->lo; i++) {
        header = delimited_line(view, header.begin - 1);
        if (!sp_addr_some(header))
            return false;
        if (delimited_names_column(view, header, delimiter, column) &&
            delimited_join(view, header, line, delimiter, row) &&
            sp_addr_row_anchor(row, anchor.begin) != NULL)
            return true;
    }
    return false;
}

/* The `(` before `pos` and the `)` behind it, on one nesting level. */
static bool delimited_parens(const struct sp_addr_view *view, size_t pos, struct sp_addr_span *out)
{
    size_t low = pos - view->lo < DELIMITED_TUPLE_BYTES ? view->lo : pos - DELIMITED_TUPLE_BYTES;
    const uint8_t *open = memrchr(view->data + low, '(', pos - low);
    const uint8_t *close = memchr(view->data + pos, ')', view->hi - pos);

    if (open == NULL || close == NULL)
        return false;
    *out = (struct sp_addr_span){(size_t)(open - view->data) + 1, (size_t)(close - view->data)};
    return true;
}

/* INSERT INTO t (columns) VALUES (...), (...): the tuple with the anchor, and its columns. */
static bool delimited_gather_sql(const struct sp_addr_view *view, struct sp_addr_span anchor,
                                 struct sp_addr_row *row)
{
    struct sp_addr_span tuple;
    struct sp_addr_span columns;
    size_t pos;

    if (!delimited_parens(view, anchor.begin, &tuple))
        return false;
    for (pos = tuple.begin; pos > view->lo + 6; pos--)
        if ((view->data[pos - 1] | 0x20) == 's' &&
            strncasecmp((const char *)view->data + pos - 6, "values", 6) == 0)
            break;
    if (pos <= view->lo + 6)
        return false;
    for (pos -= 6; pos > view->lo && (view->data[pos - 1] == ' ' || view->data[pos - 1] == '\n');)
        pos--;
    if (pos <= view->lo || view->data[pos - 1] != ')')
        return false;
    return delimited_parens(view, pos - 1, &columns) &&
           delimited_join(view, columns, tuple, ',', row) &&
           sp_addr_row_anchor(row, anchor.begin) != NULL;
}

bool sp_addr_from_delimited(const struct sp_addr_view *view, struct sp_addr_span anchor,
                            struct sp_addr *out)
{
    struct sp_addr_view wide = *view;
    struct sp_addr_row row;
    const struct sp_addr_cell *cell;

    if (anchor.begin - wide.lo > SP_ADDR_ROW_BYTES)
        wide.lo = anchor.begin - SP_ADDR_ROW_BYTES;
    if (wide.hi - anchor.begin > SP_ADDR_ROW_BYTES)
        wide.hi = anchor.begin + SP_ADDR_ROW_BYTES;
    if (!delimited_gather_lines(&wide, anchor, &row) && !delimited_gather_sql(&wide, anchor, &row))
        return false;
    cell = sp_addr_row_anchor(&row, anchor.begin);
    return cell != NULL && sp_addr_row_combine(&wide, &row, cell, out);
}
