/* SQL dumps: mysqldump, mariadb-dump, pg_dump (COPY and INSERT), sqlite3 .dump, phpMyAdmin and
 * their like. Each tuple becomes a record with table, row and, when CREATE TABLE told it, primary
 * key and column names. What is no tuple (comments, definitions, UPDATE …) is text of document
 * records, one a statement: nothing of the file is passed over, save the head of an INSERT that
 * repeats the one before it. */
#include "base/mem.h"
#include "extract/cells.h"
#include "extract/decode.h"
#include "extract/extents.h"
#include "extract/formats.h"
#include "extract/sql_statement.h"
#include "extract/sql_tuple.h"

#include <stdio.h>
#include <strings.h>

enum {
    HEAD_KEPT_MAX = 1024, /* bytes of an INSERT's head that are compared with the next */
    PK_MAX_BYTES = 256,   /* "id=1041" */
    PK_VALUE_MAX = 64,    /* longer keys are not told */
    BID_DUMP = 95,        /* a dump program says so */
    BID_SQL = 85,         /* statements at line starts */
    BID_NAMED = 70        /* the name says SQL, and it is text */
};

enum mode {
    MODE_OUTSIDE,
    MODE_TUPLE,
    MODE_COPY_WAIT,      /* the rest of the line of COPY … FROM stdin; */
    MODE_COPY_ROW,       /* before a line of COPY data */
    MODE_COPY_BACKSLASH, /* behind a backslash that begins a line of it */
    MODE_COPY
};

struct sqldump {
    enum mode mode;
    uint64_t line;              /* of the next byte */
    uint64_t off;               /* source byte of the backslash in MODE_COPY_BACKSLASH */
    struct sp_extents *extents; /* or NULL */
    uint64_t begin;             /* source byte at which the tuple at hand begins */
    uint8_t pk[PK_MAX_BYTES];
    uint8_t head[HEAD_KEPT_MAX]; /* of the INSERT before */
    size_t head_len;
    struct sql_tables tables;
    struct sql_statement statement;
    struct sql_tuple tuple;
    struct sp_row row;
};

/* ---- the bid ----------------------------------------------------------------------------- */
/* Words that a line may start with, ended by NULL. */
static const char *const line_markers[] = {
    "-- MySQL dump",          "-- MariaDB dump", "-- PostgreSQL database",
    "-- phpMyAdmin SQL Dump", "/*!40101 SET",    "/*M!999999",
    "PRAGMA foreign_keys=",   "-- Adminer",      NULL};
static const char *const line_openings[] = {
    "--",   "/*",    "#",    "\\restrict", "INSERT ",     "REPLACE INTO", "CREATE ", "DROP ",
    "SET ", "BEGIN", "USE ", "COPY ",      "START TRANS", "LOCK TABLES",  "ALTER ",  NULL};
static const char *const line_data[] = {
    "INSERT INTO ", "INSERT [", "REPLACE INTO ", "INSERT IGNORE ", "CREATE TABLE ",
    "COPY public.", NULL};

static bool starts_with(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strncasecmp(text, *words, strlen(*words)) == 0)
            return true;
    }
    return false;
}

/* MySQL escapes with backslashes; the others only in E'…'. Unknown dumps are taken as MySQL's. */
static bool uses_backslash(const char *sample)
{
    bool standard_names = strstr(sample, "INSERT INTO \"") != NULL && strchr(sample, '`') == NULL;
    bool of_mysql = strstr(sample, "MySQL") != NULL || strstr(sample, "MariaDB") != NULL;
    return (of_mysql || !standard_names) && strstr(sample, "PostgreSQL database") == NULL &&
           strstr(sample, "standard_conforming_strings") == NULL &&
           strstr(sample, "PRAGMA foreign_keys") == NULL && strstr(sample, "[dbo]") == NULL;
}

/* What prose that begins with "Insert into" has not. */
static bool holds_values(const char *line)
{
    size_t len = strcspn(line, "\n");
    return memchr(line, '(', len) != NULL || memmem(line, len, "VALUES", 6) != NULL;
}

/* The sample of what stands before the first binary value: with that the head is no text. */
static size_t dump_sample_cut(struct sp_slice head, uint8_t sample[SP_SAMPLE_BYTES])
{
    size_t len = 0;
    while (len < head.len && (head.ptr[len] >= ' ' || head.ptr[len] == '\n' ||
                              head.ptr[len] == '\r' || head.ptr[len] == '\t'))
        len++;
    return sp_extract_sample((struct sp_slice){head.ptr, len}, sample);
}

static size_t dump_sample(struct sp_slice head, uint8_t sample[SP_SAMPLE_BYTES])
{
    size_t len = sp_extract_sample(head, sample);
    return len > 0 ? len : dump_sample_cut(head, sample);
}

int sp_sqldump_bid(const struct sp_glance *at)
{
    char sample[SP_SAMPLE_BYTES + 1];
    bool cut = at->sample.len == 0;
    size_t len = cut ? dump_sample_cut(at->head, (uint8_t *)sample) : at->sample.len;
    if (!cut)
        memcpy(sample, at->sample.ptr, len);
    bool opened = false;
    bool has_data = false;
    for (char *nul = sample; (nul = memchr(nul, '\0', (size_t)(sample + len - nul))) != NULL;)
        *nul = ' ';
    sample[len] = '\0';
    if (len == 0)
        return 0;
    for (const char *line = sample; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\r\n \t");
        if (starts_with(line, line_markers))
            return BID_DUMP;
        if (line[0] != '\0' && !opened && !starts_with(line, line_openings))
            break;
        opened = opened || line[0] != '\0';
        has_data = has_data || (starts_with(line, line_data) && holds_values(line));
    }
    if (cut)
        return 0; /* only its own first line makes a dump of it */
    if (has_data)
        return BID_SQL;
    return sp_name_has_suffix(at->name, ".sql\0") ? BID_NAMED : 0;
}

/* ---- records ----------------------------------------------------------------------------- */
static void pk_append(struct sqldump *dump, size_t *used, struct sp_slice text)
{
    if (text.len > 0)
        memcpy(dump->pk + *used, text.ptr, text.len);
    *used += text.len;
}

/* Tells the primary key, when all its cells are complete. */
static void pk_write(void *ctx, struct sp_row *row, bool whole)
{
    struct sqldump *dump = ctx;
    const struct sql_statement *statement = &dump->statement;
    size_t used = 0;
    for (uint32_t k = 0; row->record.kind == SP_RECORD_SQL && k < statement->pk_count; k++) {
        size_t cell = statement->pk[k] - 1; /* cells are kept in order from the first column */
        struct sp_slice value = sp_row_cell_text(row, cell);
        struct sp_slice name = statement->keys[cell];
        bool complete = whole || cell + 1 < row->cell_count;
        if (!complete || value.len == 0 || value.len > PK_VALUE_MAX ||
            name.len + value.len + 2 > sizeof dump->pk - used)
            return; /* a part of a key is no key */
        if (k > 0)
            pk_append(dump, &used, sp_slice_of(","));
        pk_append(dump, &used, name);
        pk_append(dump, &used, sp_slice_of("="));
        pk_append(dump, &used, value);
    }
    row->record.pk = (struct sp_slice){dump->pk, used};
}

static enum sp_err tuple_begin(struct sqldump *dump, bool in_copy, struct sp_why *why)
{
    enum sp_err err;
    struct sp_slice name = sql_statement_table(&dump->statement);
    struct sql_table *table = sql_tables_get(&dump->tables, name, &err, why);
    if (err != SP_OK)
        return err;
    dump->row.record = (struct sp_record){.kind = SP_RECORD_SQL,
                                          .ordinal = dump->row.record_count + 1,
                                          .row = table == NULL ? 0 : ++table->row_count,
                                          .line = dump->line,
                                          .table = name,
                                          .date_s = INT64_MIN};
    dump->row.keys = dump->statement.keys;
    dump->row.key_count = dump->statement.key_count;
    sp_row_begin(&dump->row);
    return sql_tuple_begin(&dump->tuple, in_copy, why);
}

static enum sp_err document_begin(struct sqldump *dump, struct sp_why *why)
{
    dump->row.record = (struct sp_record){.kind = SP_RECORD_DOCUMENT,
                                          .ordinal = dump->row.record_count + 1,
                                          .line = dump->line,
                                          .date_s = INT64_MIN};
    sp_row_begin(&dump->row);
    return sp_row_cell(&dump->row, 0, dump->line, why);
}

/* A tuple begins: the text before it is the head of its INSERT. The same head again tells
 * nothing new: dumps with one tuple an INSERT would have twice as many records. */
static enum sp_err head_end(struct sqldump *dump, struct sp_why *why)
{
    struct sp_slice text = sp_row_cell_text(&dump->row, 0);
    while (text.len > 0 && text.ptr[text.len - 1] <= ' ')
        text.len--;
    if (!dump->row.active)
        return SP_OK;
    if (text.len > 0 && text.len == dump->head_len && memcmp(text.ptr, dump->head, text.len) == 0) {
        sp_row_drop(&dump->row);
        return SP_OK;
    }
    dump->head_len = text.len <= HEAD_KEPT_MAX ? text.len : 0;
    if (dump->head_len > 0)
        memcpy(dump->head, text.ptr, text.len);
    return sp_row_end(&dump->row, why);
}

/* ---- where the records lie ----------------------------------------------------------------- */
/* Source byte of text[pos], or the one behind text[pos - 1]. The walk itself is not moved. */
static uint64_t dump_origin(const struct sp_walk *walk, size_t pos)
{
    struct sp_walk look = *walk;
    return pos < walk->text.len ? sp_walk_origin(&look, pos) : sp_walk_origin(&look, pos - 1) + 1;
}

static void dump_tell(const struct sqldump *dump, enum sp_extent_kind kind, uint64_t begin,
                      uint64_t end)
{
    const struct sp_extent extent = {.kind = kind,
                                     .table = dump->row.record.table,
                                     .row = dump->row.record.row,
                                     .begin = begin,
                                     .end = end,
                                     .columns = dump->statement.keys,
                                     .column_count = dump->statement.key_count,
                                     .key_columns = dump->statement.pk,
                                     .key_count = dump->statement.pk_count,
                                     .in_copy = dump->statement.copy,
                                     .backslash = dump->statement.backslash};
    if (dump->extents != NULL)
        dump->extents->tell(dump->extents, &extent);
}

/* An INSERT begins where its word does; the byte at `pos` - 1 ended that. */
static void dump_tell_list(struct sqldump *dump, const struct sp_walk *walk, size_t pos)
{
    if (dump->extents == NULL || !dump->statement.begun)
        return;
    dump->statement.begun = false;
    dump_tell(dump, SP_EXTENT_LIST, dump_origin(walk, pos - 1) - dump->statement.token_len, 0);
}

/* ---- text of any cut ---------------------------------------------------------------------- */
/* Before a document begins: white space, and the punctuation between two tuples. */
static bool is_between(const struct sqldump *dump, uint8_t byte)
{
    return byte <= ' ' ||
           ((byte == ',' || byte == ';') && sql_statement_in_values(&dump->statement));
}

static enum sp_err event_take(struct sqldump *dump, enum sql_event event, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (event == SQL_TUPLE) {
        err = head_end(dump, why);
        if (err == SP_OK)
            err = tuple_begin(dump, false, why);
        dump->mode = MODE_TUPLE;
    } else {
        err = sp_row_end(&dump->row, why);
        dump->mode = event == SQL_COPY ? MODE_COPY_WAIT : MODE_OUTSIDE;
    }
    return err;
}

static enum sp_err outside_read(struct sqldump *dump, struct sp_walk *walk, size_t *pos,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    enum sql_event event = SQL_NOTHING;
    while (*pos < walk->text.len && !dump->row.active && err == SP_OK && event == SQL_NOTHING) {
        uint8_t byte = walk->text.ptr[*pos];
        if (is_between(dump, byte)) {
            dump->line += byte == '\n';
            err = sql_statement_read(&dump->statement, byte, &event, why);
            ++*pos;
        } else if (byte == '(' && sql_statement_in_values(&dump->statement)) {
            break; /* the next tuple follows: no document between them */
        } else {
            err = document_begin(dump, why);
        }
    }
    if (event != SQL_NOTHING) { /* a semicolon behind tuples */
        dump_tell(dump, SP_EXTENT_LIST_END, 0, dump_origin(walk, *pos - 1) + 1);
        return SP_OK;
    }
    size_t from = *pos;
    while (*pos < walk->text.len && err == SP_OK && event == SQL_NOTHING) {
        uint8_t byte = walk->text.ptr[(*pos)++];
        dump->line += byte == '\n';
        err = sql_statement_read(&dump->statement, byte, &event, why);
        dump_tell_list(dump, walk, *pos);
    }
    if (event == SQL_END)
        dump_tell(dump, SP_EXTENT_LIST_END, 0, dump_origin(walk, *pos - 1) + 1);
    dump->begin = dump_origin(walk, *pos - 1);
    size_t to = event == SQL_TUPLE ? *pos - 1 : *pos;
    if (err == SP_OK && from < to)
        err = sql_text_append(&dump->row, walk, from, to, why);
    return err == SP_OK && event != SQL_NOTHING ? event_take(dump, event, why) : err;
}

static enum sp_err tuple_read(struct sqldump *dump, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    bool ended;
    bool in_copy = dump->mode == MODE_COPY;
    enum sp_err err = in_copy ? sql_copy_read(&dump->tuple, walk, pos, &ended, why)
                              : sql_tuple_read(&dump->tuple, walk, pos, &ended, why);
    if (err != SP_OK || !ended)
        return err;
    dump->mode = in_copy ? MODE_COPY_ROW : MODE_OUTSIDE;
    dump_tell(dump, SP_EXTENT_RECORD, dump->begin, dump_origin(walk, *pos - 1) + 1);
    return sp_row_end(&dump->row, why);
}

/* The rest of the line of COPY … FROM stdin; is a comment, when there is any. */
static enum sp_err copy_wait_read(struct sqldump *dump, struct sp_walk *walk, size_t *pos,
                                  struct sp_why *why)
{
    enum sp_err err = SP_OK;
    uint8_t byte = walk->text.ptr[*pos];
    if (byte == '\n') {
        ++*pos;
        ++dump->line;
        dump->mode = MODE_COPY_ROW;
        return sp_row_end(&dump->row, why);
    }
    if (byte <= ' ' && !dump->row.active) {
        ++*pos;
        return SP_OK;
    }
    if (!dump->row.active)
        err = document_begin(dump, why);
    size_t from = *pos;
    while (*pos < walk->text.len && walk->text.ptr[*pos] != '\n')
        ++*pos;
    return err == SP_OK ? sql_text_append(&dump->row, walk, from, *pos, why) : err;
}

/* The start of a line of COPY data: "\." ends them. */
static enum sp_err copy_row_read(struct sqldump *dump, struct sp_walk *walk, size_t *pos,
                                 struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (dump->mode == MODE_COPY_ROW && byte == '\\') {
        dump->mode = MODE_COPY_BACKSLASH;
        dump->off = sp_walk_origin(walk, (*pos)++);
        return SP_OK;
    }
    if (dump->mode == MODE_COPY_BACKSLASH && byte == '.') {
        ++*pos;
        dump->mode = MODE_OUTSIDE;
        sql_statement_restart(&dump->statement);
        return SP_OK;
    }
    enum sp_err err = tuple_begin(dump, true, why);
    dump->begin = dump->mode == MODE_COPY_BACKSLASH ? dump->off : dump_origin(walk, *pos);
    if (dump->mode == MODE_COPY_BACKSLASH)
        sql_tuple_resume_escape(&dump->tuple, dump->off);
    dump->mode = MODE_COPY;
    return err;
}

static enum sp_err dump_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct sqldump *dump = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        switch (dump->mode) {
        case MODE_OUTSIDE:
            err = outside_read(dump, &walk, &pos, why);
            break;
        case MODE_TUPLE:
        case MODE_COPY:
            err = tuple_read(dump, &walk, &pos, why);
            break;
        case MODE_COPY_WAIT:
            err = copy_wait_read(dump, &walk, &pos, why);
            break;
        case MODE_COPY_ROW:
        case MODE_COPY_BACKSLASH:
            err = copy_row_read(dump, &walk, &pos, why);
            break;
        }
    }
    return err;
}

/* ---- the extractor ----------------------------------------------------------------------- */
static void dump_free(struct sqldump *dump)
{
    if (dump == NULL)
        return;
    sql_statement_close(&dump->statement);
    sql_tables_clear(&dump->tables);
    sp_cells_free(dump->row.cells_open);
    sp_free(dump);
}

static struct sqldump *dump_new(struct sp_extract *x, struct sp_why *why)
{
    char sample[SP_SAMPLE_BYTES + 1];
    struct sp_slice head = {NULL, 0};
    struct sqldump *dump = sp_alloc(sizeof *dump);
    if (dump == NULL)
        return NULL;
    memset(dump, 0, offsetof(struct sqldump, row));
    sql_tables_init(&dump->tables);
    sp_row_init(&dump->row, x->sink);
    dump->row.prepare = pk_write;
    dump->row.ctx = dump;
    dump->extents = x->extents;
    dump->line = 1;
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    sample[dump_sample(head, (uint8_t *)sample)] = '\0';
    if (sql_statement_open(&dump->statement, &dump->tables, why) != SP_OK ||
        sp_cells_new(&dump->row.cells_open, why) != SP_OK) {
        dump_free(dump);
        return NULL;
    }
    dump->statement.backslash = uses_backslash(sample);
    dump->tuple.backslash = dump->statement.backslash;
    dump->tuple.row = &dump->row;
    dump->tuple.line = &dump->line;
    return dump;
}

/* What the dump did not give: its end, and the content of files that lie in its values. */
static enum sp_err dump_report(struct sp_extract *x, const struct sqldump *dump, struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    if (dump->mode != MODE_OUTSIDE || sql_statement_in_token(&dump->statement)) {
        sp_unread_init(&unread, SP_REASON_TRUNCATED);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "the dump ends within a statement");
        err = sp_extract_unread(x, &unread, why);
    }
    if (err == SP_OK && dump->tuple.binary_count > 0) {
        sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
        unread.partial = true;
        unread.fallback = true;
        (void)snprintf(unread.detail, sizeof unread.detail,
                       "%llu binary values: only their printable runs were read",
                       (unsigned long long)dump->tuple.binary_count);
        err = sp_extract_unread(x, &unread, why);
    }
    return err;
}

enum sp_err sp_sqldump_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct sqldump *dump = dump_new(x, why);
    if (dump == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an SQL dump");
    enum sp_err err = sp_extract_decode(x, true, dump_text, dump, &stream_err, why);
    if (err == SP_OK && (dump->mode == MODE_TUPLE || dump->mode == MODE_COPY))
        err = sql_tuple_finish(&dump->tuple, why);
    if (err == SP_OK)
        err = sp_row_end(&dump->row, why);
    if (err == SP_OK && stream_err == SP_OK)
        err = dump_report(x, dump, why);
    x->done->record_count = dump->row.record_count;
    dump_free(dump);
    return err != SP_OK ? err : stream_err;
}
