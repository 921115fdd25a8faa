/* What a dump told about its tables: columns and primary key by CREATE TABLE, rows seen so far.
 * Bounded: what does not fit is forgotten, and its rows have no column names. */
#ifndef SP_EXTRACT_SQL_TABLES_H
#define SP_EXTRACT_SQL_TABLES_H

#include "base/buf.h"

enum {
    SQL_TABLES_MAX = 16384,
    SQL_COLUMNS_MAX = 262144,          /* of all tables together */
    SQL_NAMES_MAX_BYTES = 8 * 1048576, /* all names together */
    SQL_PK_MAX = 4                     /* columns of a primary key that are told */
};

struct sql_name {
    size_t at; /* in sql_tables.names */
    size_t len;
};

struct sql_table {
    struct sql_name name;
    size_t column_first; /* in sql_tables.columns */
    size_t column_count;
    uint32_t pk[SQL_PK_MAX]; /* column ordinals from 1 */
    uint32_t pk_count;
    uint64_t row_count; /* tuples seen */
};

struct sql_tables {
    struct sp_buf names;
    struct sp_buf tables;  /* struct sql_table[] */
    struct sp_buf columns; /* struct sql_name[] */
    size_t found;          /* index found last: dumps come table by table */
};

void sql_tables_init(struct sql_tables *tables);
void sql_tables_clear(struct sql_tables *tables);
/* The table of this name, made when it is new. NULL when the limits are reached (*err SP_OK) or
 * memory is out. The pointer holds until the next call. */
struct sql_table *sql_tables_get(struct sql_tables *tables, struct sp_slice name, enum sp_err *err,
                                 struct sp_why *why);
/* Forgets the columns and the key of a table: a CREATE TABLE begins. */
void sql_table_reset(struct sql_tables *tables, struct sql_table *table);
/* Adds a column to the table that was reset last. */
enum sp_err sql_table_add(struct sql_tables *tables, struct sql_table *table,
                          struct sp_slice column, struct sp_why *why);
/* Name of column `ordinal` (from 1); borrowed until names are added. */
struct sp_slice sql_table_column(const struct sql_tables *tables, const struct sql_table *table,
                                 size_t ordinal);
/* Makes the column a part of the primary key. Unknown names are passed over. */
void sql_table_add_pk(struct sql_tables *tables, struct sql_table *table, struct sp_slice column);

#endif
