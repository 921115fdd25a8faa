/* CSV has no magic. What makes it CSV: rows that have the same number of cells, and a first row
 * of names. Prose has commas too, but not the same number in each line, and a space after most;
 * logs have brackets and quotes that a delimiter would tear apart. */
#include "extract/csv_dialect.h"

#include "extract/decode.h"

enum {
    ROWS_LOOK = 64,          /* rows of the sample that are counted */
    HEADER_LOOK = 10,        /* a header stands within the first rows */
    HEADER_CELLS_LOOK = 256, /* cells of a header row that are compared */
    HEADER_CELL_MAX = 64,    /* bytes of a column name */
    HEADER_DIGITS_MAX = 3,   /* "adres_2", "IBAN2022" is data already */
    BID_NAMED = 92,          /* the name says CSV and the content does not deny it */
    BID_HEADER = 85,
    BID_ROWS = 75,
    BID_COLUMN = 70 /* one column; the name says CSV */
};

struct sample {
    const uint8_t *ptr;
    size_t len;
    size_t pos;
    bool whole; /* the file ends where the sample ends */
    uint8_t delimiter;
};

struct cell {
    const uint8_t *ptr; /* without quotes and outer spaces */
    size_t len;
    bool spaced; /* a space stood before it */
    bool last;   /* the row ends behind it */
};

struct row_facts {
    uint32_t cell_count;
    uint32_t empty_count;
    uint32_t spaced_count;
    bool header; /* all cells could be column names */
    bool torn;   /* a cell has brackets or quotes whose other half is elsewhere */
    bool log;    /* begins with a time or an address, as lines of logs do */
};

struct table_facts {
    uint32_t row_count;
    uint32_t match_count; /* rows with the most frequent number of cells */
    uint32_t cell_count;  /* that number */
    uint32_t header_rows;
    uint32_t torn_count;
    uint32_t log_count;
    uint32_t spaced_count; /* in matching rows */
    uint32_t empty_count;
    bool starts_markup; /* XML, HTML, JSON */
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
}

/* ---- cells of the sample ----------------------------------------------------------------- */
static void cell_trim(struct cell *cell)
{
    while (cell->len > 0 && cell->ptr[cell->len - 1] == ' ')
        cell->len--;
    while (cell->len > 0 && cell->ptr[0] == ' ') {
        cell->ptr++;
        cell->len--;
        cell->spaced = true;
    }
}

/* The next cell; false when the sample ends before it does. */
static bool cell_read(struct sample *sample, struct cell *cell)
{
    size_t pos = sample->pos;
    bool spaced = pos < sample->len && sample->ptr[pos] == ' ';
    if (pos + 1 < sample->len && sample->ptr[pos] == ' ' && sample->ptr[pos + 1] == '"')
        pos++;
    size_t begin = pos;
    size_t end = 0;
    if (pos < sample->len && sample->ptr[pos] == '"') {
        begin = ++pos;
        while (pos < sample->len &&
               (sample->ptr[pos] != '"' || (pos + 1 < sample->len && sample->ptr[pos + 1] == '"')))
            pos += sample->ptr[pos] == '"' ? 2 : 1;
        end = pos < sample->len ? pos : sample->len;
        pos++;
    }
    while (pos < sample->len && sample->ptr[pos] != sample->delimiter && sample->ptr[pos] != '\n' &&
           sample->ptr[pos] != '\r')
        pos++;
    if (pos >= sample->len && !sample->whole)
        return false;
    if (pos > sample->len)
        pos = sample->len;
    *cell = (struct cell){sample->ptr + begin, (end != 0 ? end : pos) - begin, spaced, false};
    cell->last = pos == sample->len || sample->ptr[pos] != sample->delimiter;
    sample->pos = pos + (pos < sample->len ? 1 : 0);
    cell_trim(cell);
    return true;
}

/* ---- facts about one row ----------------------------------------------------------------- */
static bool cell_is_name(const struct cell *cell)
{
    static const char allowed[] = " _-./()#%&+*'?[]:\"$";
    uint32_t digits = 0;
    if (cell->len == 0 || cell->len > HEADER_CELL_MAX)
        return false;
    if (!is_letter(cell->ptr[0]) && strchr("_#*%$", cell->ptr[0]) == NULL)
        return false;
    for (size_t i = 0; i < cell->len; i++) {
        uint8_t byte = cell->ptr[i];
        digits += is_digit(byte) ? 1 : 0;
        if (byte == 0 || (!is_digit(byte) && !is_letter(byte) && strchr(allowed, byte) == NULL))
            return false;
    }
    return digits <= HEADER_DIGITS_MAX;
}

/* Brackets or quotes in a cell that do not match. */
static bool cell_is_torn(const struct cell *cell)
{
    int open = 0;
    int quotes = 0;
    for (size_t i = 0; i < cell->len; i++) {
        uint8_t byte = cell->ptr[i];
        if (byte == '(' || byte == '[' || byte == '{')
            open++;
        else if (byte == ')' || byte == ']' || byte == '}')
            open--;
        else if (byte == '"')
            quotes++;
    }
    return open != 0 || quotes % 2 != 0;
}

/* "2024-01-31 10:11:12 …", "2024-01-31T…" or "192.0.2.1 - …": a log, unless a header says no. */
static bool cell_is_log(const struct cell *cell)
{
    size_t pos = 0;
    uint32_t colons = 0;
    uint32_t dots = 0;
    while (pos < cell->len &&
           (is_digit(cell->ptr[pos]) ||
            (cell->ptr[pos] != 0 && strchr("-/.: T[", cell->ptr[pos]) != NULL))) {
        colons += cell->ptr[pos] == ':';
        dots += cell->ptr[pos] == '.';
        pos++;
    }
    return pos >= 8 && (colons >= 2 || (dots == 3 && pos < cell->len));
}

/* At least three quarters of the names differ. */
static bool names_differ(const struct cell *cells, size_t count)
{
    size_t repeated = 0;
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (cells[i].len == cells[j].len && cells[i].len > 0 &&
                memcmp(cells[i].ptr, cells[j].ptr, cells[i].len) == 0) {
                repeated++;
                break;
            }
        }
    }
    return repeated * 4 <= count;
}

/* Reads one row; false at the end of the sample. Empty lines are passed over. */
static bool row_read(struct sample *sample, struct row_facts *facts)
{
    struct cell cells[HEADER_CELLS_LOOK];
    size_t kept = 0;
    uint32_t name_count = 0;
    struct cell cell = {.last = false};
    *facts = (struct row_facts){0};
    while (sample->pos < sample->len &&
           (sample->ptr[sample->pos] == '\n' || sample->ptr[sample->pos] == '\r'))
        sample->pos++;
    if (sample->pos >= sample->len)
        return false;
    while (!cell.last) {
        if (!cell_read(sample, &cell))
            return false;
        if (facts->cell_count == 0)
            facts->log = cell_is_log(&cell);
        else
            facts->spaced_count += cell.spaced ? 1 : 0;
        facts->cell_count++;
        facts->empty_count += cell.len == 0;
        facts->torn = facts->torn || cell_is_torn(&cell);
        name_count += cell_is_name(&cell) ? 1 : 0;
        if (kept < HEADER_CELLS_LOOK)
            cells[kept++] = cell;
    }
    facts->header = name_count + facts->empty_count == facts->cell_count && cells[0].len > 0 &&
                    facts->empty_count * 5 <= facts->cell_count && names_differ(cells, kept);
    return true;
}

/* ---- facts about the table --------------------------------------------------------------- */
/* The most frequent number of cells of at least `least`; 0 when there is none. */
static uint32_t modal_count(const struct row_facts *rows, uint32_t row_count, uint32_t least)
{
    uint32_t best = 0;
    uint32_t best_votes = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        uint32_t votes = 0;
        for (uint32_t j = 0; j < row_count; j++)
            votes += rows[j].cell_count == rows[i].cell_count;
        if (rows[i].cell_count >= least && votes > best_votes) {
            best = rows[i].cell_count;
            best_votes = votes;
        }
    }
    return best;
}

static void table_read(struct sample sample, uint8_t delimiter, struct table_facts *table)
{
    struct row_facts rows[ROWS_LOOK];
    *table = (struct table_facts){0};
    sample.delimiter = delimiter;
    while (table->row_count < ROWS_LOOK && row_read(&sample, &rows[table->row_count]))
        table->row_count++;
    table->cell_count = modal_count(rows, table->row_count, delimiter == 0 ? 1 : 2);
    for (uint32_t i = 0; i < table->row_count && table->cell_count > 0; i++) {
        if (rows[i].cell_count != table->cell_count)
            continue;
        table->match_count++;
        table->torn_count += rows[i].torn;
        table->log_count += rows[i].log;
        table->spaced_count += rows[i].spaced_count;
        table->empty_count += rows[i].empty_count;
        /* Rows above the header are titles: they have holes. A full row above it is data. */
        if (i < HEADER_LOOK && table->header_rows == 0 && rows[i].header &&
            table->match_count * table->cell_count - table->empty_count <
                table->cell_count * 3 / 2 + 1)
            table->header_rows = i + 1;
    }
    for (size_t i = 0; i < sample.len; i++) {
        if (sample.ptr[i] != ' ' && sample.ptr[i] != '\n' && sample.ptr[i] != '\r') {
            table->starts_markup = strchr("<{[", sample.ptr[i]) != NULL && sample.ptr[i] != 0;
            break;
        }
    }
}

static bool table_is_prose(const struct table_facts *table)
{
    uint32_t delimiters = table->match_count * (table->cell_count - 1);
    return table->spaced_count * 2 > delimiters;
}

/* The bid by content alone. */
static int table_bid(const struct table_facts *table, uint8_t delimiter)
{
    uint32_t rows = table->row_count;
    uint32_t match = table->match_count;
    if (match < 2 || match * 5 < rows * 4 || table->starts_markup || table->torn_count * 5 > match)
        return 0;
    bool prose = delimiter == ',' && table_is_prose(table);
    if (table->header_rows > 0)
        return prose && (match < 3 || match < rows) ? 0 : BID_HEADER;
    if (delimiter == '|' || prose || match < 3 || table->cell_count < 3 || match * 20 < rows * 19 ||
        table->log_count * 2 > match || table->empty_count * 2 > match * table->cell_count)
        return 0;
    return BID_ROWS;
}

/* With a name that says CSV: any table will do. */
static int table_bid_named(const struct table_facts *table)
{
    if (table->match_count == 0 || table->starts_markup)
        return 0;
    if (table->match_count * 2 < table->row_count)
        return 0;
    return BID_NAMED;
}

int sp_csv_detect(struct sp_slice text, struct sp_slice name, struct sp_csv_dialect *dialect)
{
    static const uint8_t delimiters[] = {';', '\t', ',', '|'};
    struct sample sample = {.ptr = text.ptr, .len = text.len};
    bool named = sp_name_has_suffix(name, ".csv\0.tsv\0.tab\0.psv\0");
    uint32_t best_score = 0;
    int best = 0;
    if (sample.len == 0 || sp_name_has_suffix(name, ".log\0"))
        return 0;
    sample.whole = sample.len < SP_SAMPLE_BYTES;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        struct table_facts table;
        if (memchr(sample.ptr, delimiters[i], sample.len) == NULL)
            continue; /* no row has two cells */
        table_read(sample, delimiters[i], &table);
        int bid = table_bid(&table, delimiters[i]);
        if (named && bid < BID_NAMED)
            bid = table_bid_named(&table);
        /* Rows that agree count most, then a header, then the number of cells. */
        uint32_t score = bid == 0 ? 0
                                  : table.match_count * 100 / table.row_count +
                                        (table.header_rows > 0 ? 50 : 0) +
                                        (table.cell_count < 20 ? table.cell_count : 20);
        if (score > best_score) {
            best_score = score;
            best = bid;
            *dialect = (struct sp_csv_dialect){delimiters[i], table.header_rows};
        }
    }
    if (best == 0 && named) {
        struct table_facts table;
        table_read(sample, 0, &table);
        if (table.match_count > 0 && !table.starts_markup) {
            best = BID_COLUMN;
            *dialect = (struct sp_csv_dialect){0, table.header_rows};
        }
    }
    return best;
}
