/* The end of rows: the file is written anew without the tokens of those that died. */
#include "store/register_in.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/private.h"

bool sp_register_row_is_over(const struct sp_register_row *row, const char *today)
{
    return row->withdrawn ||
           (row->last_backup_expiry[0] && strcmp(row->last_backup_expiry, today) < 0);
}

static bool expire_is_over(const struct sp_register_row *row, const char *today)
{
    return row->row_kind == SP_ROW_IDENTIFIER && sp_register_row_is_over(row, today);
}

/* What is left of it: who asked for what, and when; nothing that tells a value. */
static void expire_row(struct sp_register_row *row)
{
    row->row_kind = SP_ROW_EXPIRED;
    row->token_count = 0;
    row->attributes = 0;
}

static enum sp_err expire_note(struct sp_register_row *note, const struct sp_key *key,
                               const char *today, size_t count, struct sp_why *why)
{
    char reason[64];

    *note = (struct sp_register_row){.row_kind = SP_ROW_DESTROYED};
    snprintf(reason, sizeof reason, "%zu identifiers", count);
    snprintf(note->key_id, sizeof note->key_id, "%s", sp_key_id(key));
    snprintf(note->day, sizeof note->day, "%s", today);
    note->reason = sp_copy_string(reason, strlen(reason));
    return note->reason ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "no memory for a row of the register");
}

/* A line for each row, chained anew; *head is that of the last. */
static enum sp_err expire_lines(struct sp_register *reg, struct sp_register_row *note,
                                const char *today, struct sp_buf *lines, struct sp_why *why)
{
    uint8_t prev[SP_DIGEST_LEN] = {0};
    enum sp_err err = SP_OK;

    for (size_t i = 0; i <= reg->count && !err; i++) {
        struct sp_register_row *row = i < reg->count ? &reg->rows[i] : note;
        size_t begin = lines->len;

        if (expire_is_over(row, today))
            expire_row(row);
        row->rewritten = i < reg->count; /* heads that were noted before stay true */
        row->seq = i + 1;
        err = sp_register_row_write(row, reg->key, prev, lines, why);
        if (err)
            break;
        sp_digest((struct sp_slice){lines->data + begin, lines->len - begin}, prev);
        err = sp_buf_append_byte(lines, '\n', why);
    }
    return err;
}

static enum sp_err expire_write(struct sp_register *reg, int fd, const char *today, size_t count,
                                struct sp_why *why)
{
    struct sp_register_row note;
    struct sp_buf lines;
    enum sp_err err = expire_note(&note, reg->key, today, count, why);

    sp_buf_init(&lines, SP_REGISTER_BYTES_MAX);
    if (!err)
        err = expire_lines(reg, &note, today, &lines, why);
    if (!err)
        err = sp_private_replace(reg->path, sp_buf_slice(&lines), why);
    if (!err) {
        int renewed = -1;

        err = sp_private_open(reg->path, O_RDONLY, &renewed, why);
        if (!err)
            err = sp_register_load(reg, renewed, why);
        if (renewed >= 0)
            close(renewed);
    } else if (sp_register_load(reg, fd, NULL) != SP_OK) {
        sp_register_forget(reg);
    }
    if (!err)
        err = sp_register_write_head(reg, why);
    sp_register_row_clear(&note);
    sp_buf_clear(&lines);
    return err;
}

enum sp_err sp_register_expire(struct sp_register *reg, const char *today, bool dry_run,
                               size_t *count, struct sp_why *why)
{
    int fd = -1;
    enum sp_err err = sp_register_open_locked(reg, O_RDWR, LOCK_EX, &fd, why);

    *count = 0;
    if (!err)
        err = sp_register_load(reg, fd, why);
    for (size_t i = 0; i < reg->count && !err; i++)
        *count += expire_is_over(&reg->rows[i], today);
    if (!err && *count && !dry_run)
        err = expire_write(reg, fd, today, *count, why);
    if (fd >= 0)
        close(fd);
    return err;
}
