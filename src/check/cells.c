#include "check/cells.h"

void sp_cells_init(struct sp_cells *cells, const uint8_t *data, size_t len)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    cells->at = data;
    cells->end = data + len;
    cells->second = data;
    cells->delimiter = ',';
    cells->line = 0;
    cells->line_next = 1;
    cells->unquoted = 0;
    if (len >= sizeof mark && memcmp(data, mark, sizeof mark) == 0)
        cells->at += sizeof mark;
    for (const uint8_t *at = cells->at; at < cells->end && *at != '\n' && *at != '\r'; at++) {
        if (*at == ';')
            cells->delimiter = ';';
    }
}

/* First byte of the line end at or after `at`, or the end. */
static const uint8_t *cells_line_end(const struct sp_cells *cells, const uint8_t *at)
{
    while (at < cells->end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

/* Steps over a line end (CR LF, LF or CR). */
static const uint8_t *cells_step(const struct sp_cells *cells, const uint8_t *at)
{
    if (at < cells->end && *at == '\r')
        return at + 1 + (at + 1 < cells->end && at[1] == '\n' ? 1 : 0);
    return at < cells->end ? at + 1 : at;
}

static uint64_t cells_count_lines(const struct sp_cells *cells, const uint8_t *from,
                                  const uint8_t *to)
{
    uint64_t count = 0;
    for (const uint8_t *at = cells_line_end(cells, from); at < to; at = cells_line_end(cells, at)) {
        at = cells_step(cells, at);
        count++;
    }
    return count;
}

static bool cells_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static bool cells_field_ends(const struct sp_cells *cells, const uint8_t *at)
{
    return at == cells->end || *at == cells->delimiter || *at == '\n' || *at == '\r';
}

static struct sp_slice cells_trim(const uint8_t *from, const uint8_t *to)
{
    while (from < to && cells_blank(*from))
        from++;
    while (to > from && cells_blank(to[-1]))
        to--;
    return (struct sp_slice){from, (size_t)(to - from)};
}

/* Behind the closing quote of a field that opens at `at`, or NULL with *error. */
static const uint8_t *cells_quoted(const struct sp_cells *cells, const uint8_t *at,
                                   const uint8_t *limit, const char **error)
{
    for (at++; at < limit; at++) {
        if (*at != '"')
            continue;
        if (at + 1 < limit && at[1] == '"')
            at++;
        else
            break;
    }
    if (at >= limit) {
        *error =
            limit == cells->end ? "a quote is not closed" : "a quote is not closed soon enough";
        return NULL;
    }
    at++;
    while (at < cells->end && cells_blank(*at) && *at != cells->delimiter)
        at++;
    if (!cells_field_ends(cells, at)) {
        *error = "text follows a closing quote";
        return NULL;
    }
    return at;
}

/* What is between the quotes, pairs made single. All quoted fields of a record together fit into
 * the scratch: a quote that stays open longer was an error. */
static struct sp_slice cells_unquote(struct sp_cells *cells, struct sp_slice field)
{
    uint8_t *begin = cells->scratch + cells->unquoted;
    for (size_t i = 1; i + 1 < field.len; i++) {
        cells->scratch[cells->unquoted++] = field.ptr[i];
        if (field.ptr[i] == '"')
            i++;
    }
    return (struct sp_slice){begin, (size_t)(cells->scratch + cells->unquoted - begin)};
}

/* Finds the fields, quotes still on. Gives the byte behind the last one, or NULL with *error. */
static const uint8_t *cells_split(const struct sp_cells *cells,
                                  struct sp_slice fields[SP_CELLS_FIELDS_MAX], size_t *count,
                                  const char **error)
{
    const uint8_t *at = cells->at;
    const uint8_t *limit =
        (size_t)(cells->end - at) > SP_CELLS_RECORD_MAX ? at + SP_CELLS_RECORD_MAX : cells->end;
    for (*count = 0;; at++) {
        while (at < cells->end && cells_blank(*at))
            at++;
        const uint8_t *begin = at;
        if (at < cells->end && *at == '"')
            at = cells_quoted(cells, at, limit, error);
        for (; at != NULL && !cells_field_ends(cells, at); at++)
            *error = *at == '"' ? "a quote stands inside a field" : *error;
        if (at != NULL && *count == SP_CELLS_FIELDS_MAX)
            *error = "too many columns";
        if (at == NULL || *error != NULL)
            return NULL;
        fields[(*count)++] = cells_trim(begin, at);
        if (at == cells->end || *at != cells->delimiter)
            return at;
    }
}

bool sp_cells_next(struct sp_cells *cells, struct sp_slice fields[SP_CELLS_FIELDS_MAX],
                   size_t *count, const char **error)
{
    *error = NULL;
    *count = 0;
    cells->unquoted = 0;
    while (cells->at < cells->end && (*cells->at == '\n' || *cells->at == '\r')) {
        cells->at = cells_step(cells, cells->at);
        cells->line_next++;
    }
    if (cells->at == cells->end)
        return false;
    cells->line = cells->line_next;
    cells->second = cells_step(cells, cells_line_end(cells, cells->at));
    const uint8_t *behind = cells_split(cells, fields, count, error);
    if (behind == NULL) {
        *count = 0;
        sp_cells_reject(cells);
        return true;
    }
    cells->line_next += cells_count_lines(cells, cells->at, behind) + (behind < cells->end ? 1 : 0);
    cells->at = cells_step(cells, behind);
    for (size_t i = 0; i < *count; i++) {
        if (fields[i].len > 0 && fields[i].ptr[0] == '"')
            fields[i] = cells_unquote(cells, fields[i]);
    }
    return true;
}

void sp_cells_reject(struct sp_cells *cells)
{
    cells->at = cells->second;
    cells->line_next = cells->line + 1;
}
