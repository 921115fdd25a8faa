/* All answers depend only on the bytes from SP_TABLE_LOOK_BYTES + SP_TABLE_LINE_BYTES before pos to
 * SP_TABLE_AHEAD_BYTES behind it. What is remembered saves reading them again for each value of a
 * line, block or tuple; it never reaches farther, so that a window's cut changes nothing. */
#include "detect/table.h"

#include "detect/bytes.h"

enum {
    HEADER_CELL_MAX = 64, /* bytes of a column header */
    VALUE_LINE_MAX = 64,  /* bytes of a line that holds one value */
    LABEL_WORDS_MAX = 5   /* words of a line that is only a label */
};

static const char delimiters[] = "\t;|,";
enum { DELIMITER_COUNT = sizeof delimiters - 1 };

struct line {
    size_t begin, end; /* end: at the newline or the end of the text */
};

/* Counts each delimiter outside double quotes. */
static void count_delimiters(const struct sp_text *text, struct line line,
                             size_t counts[DELIMITER_COUNT])
{
    enum { QUOTE = DELIMITER_COUNT + 1 };
    static const uint8_t kinds[256] = {
        ['\t'] = 1, [';'] = 2, ['|'] = 3, [','] = 4, ['"'] = QUOTE}; /* as in `delimiters` */
    bool quoted = false;
    memset(counts, 0, DELIMITER_COUNT * sizeof *counts);
    for (size_t pos = line.begin; pos < line.end; pos++) {
        uint8_t kind = kinds[text->data[pos]];
        if (kind == 0)
            continue;
        if (kind == QUOTE)
            quoted = !quoted;
        else if (!quoted)
            counts[kind - 1]++;
    }
}

static size_t count_delimiter(const struct sp_text *text, struct line line, uint8_t delimiter)
{
    size_t counts[DELIMITER_COUNT];
    count_delimiters(text, line, counts);
    return counts[strchr(delimiters, delimiter) - delimiters];
}

/* How far above something a header may begin. */
static size_t look_from(size_t pos)
{
    return pos > SP_TABLE_LOOK_BYTES ? pos - SP_TABLE_LOOK_BYTES : 0;
}

/* The line around pos; false when it begins or ends too far away. */
static bool line_around(const struct sp_text *text, size_t pos, struct line *line)
{
    size_t low = pos > SP_TABLE_LINE_BYTES ? pos - SP_TABLE_LINE_BYTES : 0;
    const uint8_t *before = memrchr(text->data + low, '\n', pos - low);
    if (!before && (low > 0 || !text->first))
        return false;
    size_t ahead = text->len - pos;
    if (ahead > SP_TABLE_AHEAD_BYTES)
        ahead = SP_TABLE_AHEAD_BYTES;
    const uint8_t *behind = memchr(text->data + pos, '\n', ahead);
    if (!behind && (pos + ahead < text->len || !text->last))
        return false;
    line->begin = before ? (size_t)(before + 1 - text->data) : 0;
    line->end = behind ? (size_t)(behind - text->data) : text->len;
    return true;
}

/* The line above; false when there is none or it does not begin at `low` or later. *too_far tells
 * these apart. */
static bool line_above(const struct sp_text *text, struct line line, size_t low, struct line *above,
                       bool *too_far)
{
    *too_far = false;
    if (line.begin == 0)
        return false;
    size_t end = line.begin - 1;
    *too_far = true;
    if (end < low)
        return false;
    const uint8_t *before = memrchr(text->data + low, '\n', end - low);
    if (!before && (low > 0 || !text->first))
        return false;
    *too_far = false;
    above->begin = before ? (size_t)(before + 1 - text->data) : 0;
    above->end = end;
    return true;
}

/* `|---|:--:|` under the header of a Markdown table. */
static bool is_rule(const struct sp_text *text, struct line line)
{
    bool dash = false;
    for (size_t pos = line.begin; pos < line.end; pos++) {
        if (!byte_in(text->data[pos], "-|:+ "))
            return false;
        dash = dash || text->data[pos] == '-';
    }
    return dash;
}

/* Without quotes and spaces around it. */
static struct sp_slice trimmed(const struct sp_text *text, size_t begin, size_t end)
{
    while (begin < end && byte_in(text->data[begin], " \"'*"))
        begin++;
    while (end > begin && byte_in(text->data[end - 1], " \"'*\r:"))
        end--;
    return (struct sp_slice){text->data + begin, end - begin};
}

/* Cell `index` (from 0) of a line, without quotes and spaces around it. */
static struct sp_slice cell_at(const struct sp_text *text, struct line line, uint8_t delimiter,
                               size_t index)
{
    size_t begin = line.begin, column = 0, pos = line.begin;
    bool quoted = false;
    for (; pos < line.end; pos++) {
        uint8_t byte = text->data[pos];
        if (byte == '"')
            quoted = !quoted;
        if (quoted || byte != delimiter)
            continue;
        if (column++ == index)
            break;
        begin = pos + 1;
    }
    if (column < index)
        return (struct sp_slice){0};
    return trimmed(text, begin, pos);
}

/* A header cell has letters, more of them than digits, and is short. */
static bool is_header(struct sp_slice cell)
{
    size_t letters = 0, digits = 0;
    if (!cell.len || cell.len > HEADER_CELL_MAX)
        return false;
    for (size_t i = 0; i < cell.len; i++) {
        letters += byte_is_alpha(cell.ptr[i]) || cell.ptr[i] >= 0x80;
        digits += byte_is_digit(cell.ptr[i]);
        if (cell.ptr[i] == '@')
            return false;
    }
    return letters > digits;
}

/* The first line of the block of lines with as many delimiters as `line`; SIZE_MAX: too far away.
 * Stops early at the line that is remembered as of the same block. */
static size_t block_top(const struct sp_table *table, const struct sp_text *text, struct line line,
                        size_t low)
{
    struct line above;
    bool too_far = false;
    while (line_above(text, line, low, &above, &too_far)) {
        if (table->line_end && above.begin == table->line_begin)
            return table->top;
        if (!is_rule(text, above) && count_delimiter(text, above, table->delimiter) != table->count)
            break;
        line = above;
    }
    return too_far ? SIZE_MAX : line.begin;
}

/* Chooses the delimiter that the line shares with the one above it. */
static uint8_t choose_delimiter(const struct sp_text *text, struct line line, size_t low,
                                size_t *count)
{
    struct line above;
    bool too_far = false;
    size_t here[DELIMITER_COUNT], there[DELIMITER_COUNT];
    if (!line_above(text, line, low, &above, &too_far))
        return 0;
    if (is_rule(text, above) && !line_above(text, above, low, &above, &too_far))
        return 0;
    count_delimiters(text, line, here);
    count_delimiters(text, above, there);
    for (size_t i = 0; i < DELIMITER_COUNT; i++) {
        if (here[i] && here[i] == there[i]) {
            *count = here[i];
            return (uint8_t)delimiters[i];
        }
    }
    return 0;
}

static void read_line(struct sp_table *table, const struct sp_text *text, struct line line,
                      size_t low)
{
    size_t count = 0;
    uint8_t delimiter = choose_delimiter(text, line, low, &count);
    if (delimiter != table->delimiter || count != table->count)
        table->line_end = 0; /* another block: nothing to go on from */
    table->delimiter = delimiter;
    table->count = count;
    table->top = delimiter ? block_top(table, text, line, low) : SIZE_MAX;
    table->line_begin = line.begin;
    table->line_end = line.end;
}

static bool delimited_header(struct sp_table *table, const struct sp_text *text, size_t pos,
                             struct line line, struct sp_slice *header)
{
    size_t low = look_from(line.begin);
    if (table->line_end == 0 || table->line_begin != line.begin)
        read_line(table, text, line, low);
    if (!table->delimiter || table->top == SIZE_MAX || table->top >= line.begin || table->top < low)
        return false;
    const uint8_t *newline = memchr(text->data + table->top, '\n', line.begin - table->top);
    struct line top = {table->top, (size_t)(newline - text->data)};
    struct line left = {line.begin, pos};
    *header = cell_at(text, top, table->delimiter, count_delimiter(text, left, table->delimiter));
    return is_header(*header);
}

/* A line that is one value: short, with a digit or @, no sentence. */
static bool is_value_line(const struct sp_text *text, struct line line)
{
    bool value = false;
    if (line.end - line.begin > VALUE_LINE_MAX)
        return false;
    for (size_t pos = line.begin; pos < line.end; pos++)
        value = value || byte_is_digit(text->data[pos]) || text->data[pos] == '@';
    return value && !memchr(text->data + line.begin, ':', line.end - line.begin);
}

/* A line that is only a label: a few words, no digit, no sentence. */
static bool is_label_line(const struct sp_text *text, struct line line, struct sp_slice *label)
{
    struct sp_slice cell = trimmed(text, line.begin, line.end);
    size_t words = 1;
    if (!is_header(cell))
        return false;
    for (size_t i = 0; i < cell.len; i++) {
        if (byte_is_digit(cell.ptr[i]) || byte_in(cell.ptr[i], ";|\t,"))
            return false;
        words += cell.ptr[i] == ' ';
    }
    *label = cell;
    return words <= LABEL_WORDS_MAX && cell.ptr[cell.len - 1] != '.';
}

static bool line_is_blank(const struct sp_text *text, struct line line)
{
    while (line.begin < line.end && text->data[line.begin] == ' ')
        line.begin++;
    return line.begin == line.end;
}

/* A label line over the line that pos begins, with only values or one blank line between. */
static bool single_header(const struct sp_text *text, size_t pos, struct line line,
                          struct sp_slice *header)
{
    size_t low = look_from(line.begin);
    struct line above;
    bool too_far = false, single = is_value_line(text, line);
    for (size_t start = line.begin; start < pos; start++) {
        if (!byte_in(text->data[start], " \"'(*>+"))
            return false;
    }
    for (size_t depth = 0; line_above(text, line, low, &above, &too_far); depth++) {
        if (is_label_line(text, above, header))
            return true;
        bool skip = depth == 0 && line_is_blank(text, above);
        if (!skip && (!single || !is_value_line(text, above)))
            return false;
        line = above;
    }
    return false;
}

/* `values` behind the bracket that closes a list of columns. */
static bool is_values(const struct sp_text *text, size_t pos)
{
    if (strncasecmp((const char *)text->data + pos, "values", 6) != 0)
        return false;
    while (pos > 0 && byte_in(text->data[pos - 1], " \n"))
        pos--;
    return pos > 0 && text->data[pos - 1] == ')';
}

/* Whether a bracket closes in [from, pos), or before it with only blanks between. */
static bool closes_bracket(const struct sp_text *text, size_t from, size_t pos)
{
    while (from > 0 && (text->data[from - 1] == ' ' || text->data[from - 1] == '\n'))
        from--;
    from -= from > 0;
    return memchr(text->data + from, ')', pos - from) != NULL;
}

/* Finds the last VALUES before pos. */
static void find_values(struct sp_table *table, const struct sp_text *text, size_t pos)
{
    size_t from = table->values_scanned;
    if (from < look_from(pos))
        from = look_from(pos);
    if (from + 6 <= pos && !closes_bracket(text, from, pos))
        from = pos - 5;
    while (from + 6 <= pos) {
        if ((text->data[from] | 0x20) == 'v' && is_values(text, from)) {
            table->values = from + 6;
            table->tuple_begin = table->tuple_pos = table->values;
            table->column = 0;
            table->quote = 0;
            table->depth = 0;
        }
        from++;
    }
    if (from > table->values_scanned)
        table->values_scanned = from;
}

/* Parses tuples up to pos, so that `column` is its column. */
static void parse_tuples(struct sp_table *table, const struct sp_text *text, size_t pos)
{
    if (pos < table->tuple_pos) {
        table->tuple_pos = pos < table->tuple_begin ? table->values : table->tuple_begin;
        table->column = 0;
        table->quote = 0;
        table->depth = 0;
    }
    for (; table->tuple_pos < pos; table->tuple_pos++) {
        uint8_t byte = text->data[table->tuple_pos];
        if (table->quote) {
            if (byte == '\\')
                table->tuple_pos++;
            else if (byte == table->quote)
                table->quote = 0;
        } else if (byte == '\'' || byte == '"') {
            table->quote = byte;
        } else if (byte == '(') {
            if (table->depth++ == 0) {
                table->column = 0;
                table->tuple_begin = table->tuple_pos;
            }
        } else if (byte == ')' && table->depth > 0) {
            table->depth--;
        } else if (byte == ',' && table->depth == 1) {
            table->column++;
        }
    }
}

/* The column list in brackets before VALUES. */
static bool sql_header(struct sp_table *table, const struct sp_text *text, size_t pos,
                       struct sp_slice *header)
{
    size_t low = look_from(pos);
    find_values(table, text, pos);
    if (table->values < low + 6 || table->values > pos)
        return false;
    size_t end = table->values - 6;
    while (end > low && byte_in(text->data[end - 1], " \n"))
        end--;
    if (end <= low)
        return false;
    const uint8_t *open = memrchr(text->data + low, '(', end - 1 - low);
    if (!open)
        return false;
    parse_tuples(table, text, pos);
    if (table->depth == 0)
        return false;
    struct line columns = {(size_t)(open + 1 - text->data), end - 1};
    *header = cell_at(text, columns, ',', table->column);
    while (header->len && byte_in(header->ptr[0], "`[\n")) {
        header->ptr++;
        header->len--;
    }
    return is_header(*header);
}

bool sp_table_header(struct sp_table *table, const struct sp_text *text, size_t pos,
                     struct sp_slice *header)
{
    struct line line;
    if (sql_header(table, text, pos, header))
        return true;
    if (!line_around(text, pos, &line))
        return false;
    return delimited_header(table, text, pos, line, header) ||
           single_header(text, pos, line, header);
}
