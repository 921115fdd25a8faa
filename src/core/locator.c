#include "core/locator.h"

#include "base/utf8.h"
#include "speur/reason.h"

#include <inttypes.h>

/* Characters of the grammar inside a name are escaped too, where they would be read as such. */
static const char locator_special[] = "!";

static enum sp_err locator_message(struct sp_buf *out, uint64_t ordinal, struct sp_slice id,
                                   struct sp_why *why)
{
    enum sp_err err = sp_buf_appendf(out, why, "%" PRIu64, ordinal);
    if (err == SP_OK && id.len > 0)
        err = sp_buf_append_byte(out, '<', why);
    if (err == SP_OK && id.len > 0)
        err = sp_escape(out, id, "!<>", why);
    if (err == SP_OK && id.len > 0)
        err = sp_buf_append_byte(out, '>', why);
    return err;
}

enum sp_err sp_locator_object(struct sp_buf *out, enum sp_step step, uint64_t ordinal,
                              struct sp_slice name, struct sp_slice part, struct sp_why *why)
{
    enum sp_err err = step == SP_STEP_FILE ? SP_OK : sp_buf_append_byte(out, '!', why);
    if (err != SP_OK)
        return err;
    if (step == SP_STEP_MESSAGE)
        return locator_message(out, ordinal, name, why);
    if (step == SP_STEP_PART) {
        err = sp_escape(out, part, "!:", why);
        if (err == SP_OK && part.len > 0 && name.len > 0)
            err = sp_buf_append_byte(out, ':', why);
    }
    if (err == SP_OK && part.len == 0 && name.len == 0) /* a member without a name */
        return sp_buf_appendf(out, why, "#%" PRIu64, ordinal);
    return err != SP_OK ? err : sp_escape(out, name, locator_special, why);
}

/* A cell of a sheet: Blad1!C12. */
static enum sp_err locator_cell(struct sp_buf *out, const struct sp_place_in *place,
                                struct sp_why *why)
{
    char cell[SP_CELL_NAME_MAX];
    sp_cell_name(place->column, place->row, cell);
    enum sp_err err = sp_escape(out, place->table, "![", why);
    if (err == SP_OK)
        err = sp_buf_append_byte(out, '!', why);
    return err == SP_OK ? sp_buf_append_string(out, cell, why) : err;
}

void sp_cell_name(uint32_t column, uint64_t row, char out[SP_CELL_NAME_MAX])
{
    char letters[8];
    size_t len = 0;
    for (; column > 0 && len < sizeof letters; column = (column - 1) / 26)
        letters[len++] = (char)('A' + (column - 1) % 26);
    size_t at = 0;
    while (len > 0)
        out[at++] = letters[--len];
    (void)snprintf(out + at, SP_CELL_NAME_MAX - at, "%" PRIu64, row);
}

static enum sp_err locator_row(struct sp_buf *out, const struct sp_place_in *place,
                               struct sp_why *why)
{
    if (place->kind == SP_RECORD_ROW && place->table.len > 0 && place->column > 0)
        return locator_cell(out, place, why);
    enum sp_err err = sp_escape(out, place->table, "![", why);
    if (err == SP_OK)
        err = sp_buf_appendf(out, why, "[%" PRIu64 "]", place->row);
    if (err != SP_OK || (place->key.len == 0 && place->column == 0))
        return err;
    err = sp_buf_append_byte(out, '.', why);
    if (err == SP_OK && place->key.len > 0)
        return sp_escape(out, place->key, locator_special, why);
    return err != SP_OK ? err : sp_buf_appendf(out, why, "%" PRIu32, place->column);
}

static enum sp_err locator_node(struct sp_buf *out, const struct sp_place_in *place,
                                struct sp_why *why)
{
    enum sp_err err = sp_escape(out, place->table, "![", why);
    if (err == SP_OK)
        err = sp_buf_appendf(out, why, "[%" PRIu64 "]", place->row);
    return err == SP_OK ? sp_escape(out, place->part, locator_special, why) : err;
}

static enum sp_err locator_text(struct sp_buf *out, const struct sp_place_in *place,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (place->key.len > 0) { /* a header */
        err = sp_escape(out, place->key, "!@", why);
        if (err == SP_OK && place->part.len > 0)
            err = sp_buf_append_byte(out, '@', why);
        return err != SP_OK || place->part.len == 0 ? err : sp_escape(out, place->part, "!", why);
    }
    if (place->part.len > 0) {
        err = sp_escape(out, place->part, "!:", why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, ':', why);
    }
    if (err == SP_OK && place->line == 0 && place->offset != SP_SIZE_UNKNOWN)
        return sp_buf_appendf(out, why, "@%" PRIu64, place->offset);
    if (err == SP_OK)
        err = sp_buf_appendf(out, why, "%" PRIu64 ":%" PRIu32, place->line, place->line_column);
    return err;
}

enum sp_err sp_locator_place(struct sp_buf *out, const struct sp_place_in *place,
                             struct sp_why *why)
{
    if (place->kind == SP_RECORD_NAME)
        return SP_OK;
    enum sp_err err = sp_buf_append_byte(out, '!', why);
    if (err != SP_OK)
        return err;
    switch (place->kind) {
    case SP_RECORD_ROW:
    case SP_RECORD_SQL:
        return locator_row(out, place, why);
    case SP_RECORD_PAGE:
        err = sp_buf_appendf(out, why, "p%" PRIu64 ":", place->row);
        return err == SP_OK ? locator_text(out, place, why) : err;
    case SP_RECORD_NODE:
        return locator_node(out, place, why);
    case SP_RECORD_BYTES:
        return sp_buf_appendf(out, why, "@%" PRIu64, place->offset);
    default:
        return locator_text(out, place, why);
    }
}
