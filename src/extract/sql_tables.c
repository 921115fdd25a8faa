#include "extract/sql_tables.h"

#include <string.h>

void sql_tables_init(struct sql_tables *tables)
{
    sp_buf_init(&tables->names, SQL_NAMES_MAX_BYTES);
    sp_buf_init(&tables->tables, SQL_TABLES_MAX * sizeof(struct sql_table));
    sp_buf_init(&tables->columns, SQL_COLUMNS_MAX * sizeof(struct sql_name));
    tables->found = 0;
}

void sql_tables_clear(struct sql_tables *tables)
{
    sp_buf_clear(&tables->names);
    sp_buf_clear(&tables->tables);
    sp_buf_clear(&tables->columns);
}

static struct sql_table *table_at(const struct sql_tables *tables, size_t index)
{
    return (struct sql_table *)(void *)tables->tables.data + index;
}

static struct sp_slice name_of(const struct sql_tables *tables, struct sql_name name)
{
    if (name.len == 0)
        return (struct sp_slice){NULL, 0};
    return (struct sp_slice){tables->names.data + name.at, name.len};
}

/* Keeps a name. SP_ERR_LIMIT: the names are full. */
static enum sp_err name_add(struct sql_tables *tables, struct sp_slice name, struct sql_name *out,
                            struct sp_why *why)
{
    *out = (struct sql_name){tables->names.len, name.len};
    return sp_buf_append(&tables->names, name.ptr, name.len, why);
}

struct sql_table *sql_tables_get(struct sql_tables *tables, struct sp_slice name, enum sp_err *err,
                                 struct sp_why *why)
{
    size_t count = tables->tables.len / sizeof(struct sql_table);
    *err = SP_OK;
    for (size_t i = 0; i < count; i++) {
        size_t index = (tables->found + i) % count;
        if (sp_slice_equal(name_of(tables, table_at(tables, index)->name), name)) {
            tables->found = index;
            return table_at(tables, index);
        }
    }
    struct sql_table table = {.column_count = 0};
    *err = name_add(tables, name, &table.name, why);
    if (*err == SP_OK)
        *err = sp_buf_append(&tables->tables, &table, sizeof table, why);
    if (*err == SP_ERR_LIMIT)
        *err = SP_OK; /* this table is not remembered */
    else if (*err == SP_OK)
        tables->found = count;
    return tables->tables.len / sizeof table > count ? table_at(tables, count) : NULL;
}

void sql_table_reset(struct sql_tables *tables, struct sql_table *table)
{
    table->column_first = tables->columns.len / sizeof(struct sql_name);
    table->column_count = 0;
    table->pk_count = 0;
}

enum sp_err sql_table_add(struct sql_tables *tables, struct sql_table *table,
                          struct sp_slice column, struct sp_why *why)
{
    struct sql_name name;
    enum sp_err err = name_add(tables, column, &name, why);
    if (err == SP_OK)
        err = sp_buf_append(&tables->columns, &name, sizeof name, why);
    if (err == SP_OK)
        table->column_count++;
    return err == SP_ERR_LIMIT ? SP_OK : err;
}

struct sp_slice sql_table_column(const struct sql_tables *tables, const struct sql_table *table,
                                 size_t ordinal)
{
    const struct sql_name *columns = (const void *)tables->columns.data;
    return name_of(tables, columns[table->column_first + ordinal - 1]);
}

void sql_table_add_pk(struct sql_tables *tables, struct sql_table *table, struct sp_slice column)
{
    for (uint32_t i = 1; i <= table->column_count && table->pk_count < SQL_PK_MAX; i++) {
        if (sp_slice_equal(sql_table_column(tables, table, i), column)) {
            table->pk[table->pk_count++] = i;
            return;
        }
    }
}
