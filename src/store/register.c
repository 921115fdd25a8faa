/* The register in memory, and reading its file, which is verified as a whole.
 *
 * An append (register_append.c) writes and syncs its rows, then replaces the head. Killed in
 * between, it leaves whole rows that the head does not know yet, and perhaps half a row. The whole
 * ones count: their MACs and the chain prove them, and honouring a request that was not
 * acknowledged is safe, while an old head put back must not hide requests. The half one is dropped.
 */
#include "store/register_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/private.h"

enum { REGISTER_ROWS_MIN = 64, REGISTER_INDEX_MIN = 256 };

/* ---- rows in memory ------------------------------------------------------------------------ */

static size_t register_slot(const struct sp_register *reg, const struct sp_register_row *row)
{
    uint64_t hash; /* tokens are random already */

    memcpy(&hash, row->tokens[0].bytes, sizeof hash);
    return (size_t)hash & (reg->index_len - 1);
}

static void register_index(struct sp_register *reg, size_t at)
{
    size_t slot = register_slot(reg, &reg->rows[at]);

    if (!reg->rows[at].token_count)
        return; /* a note */
    while (reg->index[slot])
        slot = (slot + 1) & (reg->index_len - 1);
    reg->index[slot] = (uint32_t)at + 1;
}

/* Makes room for one more row and its place in the index. */
enum sp_err sp_register_reserve(struct sp_register *reg, struct sp_why *why)
{
    if (reg->count == reg->cap) {
        size_t cap = reg->cap ? reg->cap * 2 : REGISTER_ROWS_MIN;
        struct sp_register_row *rows = sp_realloc(reg->rows, cap * sizeof *rows);

        if (!rows)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu rows of the register", cap);
        reg->rows = rows;
        reg->cap = cap;
    }
    if ((reg->count + 1) * 2 > reg->index_len) {
        size_t len = reg->index_len ? reg->index_len * 2 : REGISTER_INDEX_MIN;
        uint32_t *index = sp_alloc_zero(len * sizeof *index);

        if (!index)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu rows of the register", len);
        sp_free(reg->index);
        reg->index = index;
        reg->index_len = len;
        for (size_t i = 0; i < reg->count; i++)
            register_index(reg, i);
    }
    return SP_OK;
}

static bool register_same_row(const struct sp_register_row *a, const struct sp_register_row *b)
{
    if (a->kind != b->kind || a->type != b->type || a->token_count != b->token_count ||
        strcmp(a->req_id, b->req_id) != 0)
        return false;
    for (unsigned i = 0; i < a->token_count; i++) {
        if (a->tokens[i].kind != b->tokens[i].kind ||
            memcmp(a->tokens[i].bytes, b->tokens[i].bytes, SP_TOKEN_LEN) != 0)
            return false;
    }
    return true;
}

bool sp_register_has(const struct sp_register *reg, const struct sp_register_row *row)
{
    if (!reg->index_len)
        return false;
    for (size_t slot = register_slot(reg, row); reg->index[slot];
         slot = (slot + 1) & (reg->index_len - 1)) {
        const struct sp_register_row *there = &reg->rows[reg->index[slot] - 1];

        if (!there->withdrawn && register_same_row(there, row))
            return true;
    }
    return false;
}

/* `row` is an identifier, or was one. */
static bool register_note_is_about(const struct sp_register_row *note,
                                   const struct sp_register_row *row)
{
    return (row->row_kind == SP_ROW_IDENTIFIER || row->row_kind == SP_ROW_EXPIRED) &&
           !row->withdrawn && (note->of_seq == 0 || note->of_seq == row->seq) &&
           strcmp(row->req_id, note->req_id) == 0;
}

bool sp_register_note_holds(const struct sp_register *reg, const struct sp_register_row *note)
{
    for (size_t i = 0; i < reg->count; i++) {
        if (reg->rows[i].row_kind == SP_ROW_IDENTIFIER &&
            register_note_is_about(note, &reg->rows[i]))
            return true;
    }
    return false;
}

static enum sp_err register_exempt(struct sp_register_row *row, const struct sp_register_row *note)
{
    char *basis = sp_copy_string(note->reason, strlen(note->reason));

    if (!basis)
        return SP_ERR_NOMEM;
    sp_free(row->exempt_basis);
    row->exempt_basis = basis;
    memcpy(row->exempt_until, note->until, sizeof row->exempt_until);
    return SP_OK;
}

/* What a note does to the rows before it. Terms and answers are looked up when they are listed. */
static enum sp_err register_apply(struct sp_register *reg, const struct sp_register_row *note)
{
    enum sp_err err = SP_OK;

    if (note->row_kind != SP_ROW_WITHDRAWN && note->row_kind != SP_ROW_EXEMPTED)
        return SP_OK;
    for (size_t i = 0; i < reg->count && !err; i++) {
        struct sp_register_row *row = &reg->rows[i];

        if (!register_note_is_about(note, row))
            continue;
        if (note->row_kind == SP_ROW_EXEMPTED) {
            err = register_exempt(row, note);
        } else {
            row->withdrawn = true;
            reg->live -= row->row_kind == SP_ROW_IDENTIFIER;
        }
    }
    return err;
}

enum sp_err sp_register_take(struct sp_register *reg, struct sp_register_row *row,
                             struct sp_slice line, struct sp_why *why)
{
    enum sp_err err = row->row_kind == SP_ROW_IDENTIFIER ? SP_OK : register_apply(reg, row);

    if (err)
        return sp_fail(why, err, "no memory for a row of the register");
    reg->live += row->row_kind == SP_ROW_IDENTIFIER;
    reg->head.seq = row->seq;
    sp_digest(line, reg->head.digest);
    if (!row->rewritten)
        memcpy(row->first_digest, reg->head.digest, sizeof row->first_digest);
    reg->rows[reg->count] = *row;
    *row = (struct sp_register_row){0};
    register_index(reg, reg->count);
    reg->count++;
    return SP_OK;
}

void sp_register_forget(struct sp_register *reg)
{
    while (reg->count)
        sp_register_row_clear(&reg->rows[--reg->count]);
    reg->live = 0;
    if (reg->index_len)
        memset(reg->index, 0, reg->index_len * sizeof *reg->index);
}

void sp_register_tell_head(struct sp_register *reg)
{
    char hex[SP_REGISTER_HEX_DIGEST + 1];

    sp_register_hex(hex, reg->head.digest, SP_DIGEST_LEN);
    snprintf(reg->head_text, sizeof reg->head_text, "%" PRIu64 ":%s", reg->head.seq, hex);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Reads one line and the row in it, which must be the next. */
static enum sp_err register_load_line(struct sp_register *reg, struct sp_slice line,
                                      struct sp_why *why)
{
    struct sp_register_row row;
    struct sp_why what = {""};
    enum sp_err err = sp_register_reserve(reg, why);

    if (err)
        return err;
    err = sp_register_row_read(line, reg->key, reg->head.digest, &row, &what);
    if (!err && (row.seq != reg->head.seq + 1 ||
                 (row.token_count == 0) != (row.row_kind != SP_ROW_IDENTIFIER)))
        err = sp_fail(&what, SP_ERR_ALTERED, "rows of the register were removed or moved");
    if (!err)
        err = sp_register_take(reg, &row, line, &what);
    if (!err)
        return SP_OK;
    sp_register_row_clear(&row);
    return sp_fail(why, err, "%s: line %" PRIu64 ": %s", reg->path, reg->head.seq + 1, what.text);
}

/* All lines of the file; `told` is the head as stored. */
static enum sp_err register_load_lines(struct sp_register *reg, struct sp_slice bytes,
                                       const struct sp_register_head *told, struct sp_why *why)
{
    bool seen = told->seq == 0;
    bool same = seen;

    while (bytes.len) {
        const uint8_t *newline = memchr(bytes.ptr, '\n', bytes.len);
        struct sp_slice line = {bytes.ptr, newline ? (size_t)(newline - bytes.ptr) : bytes.len};
        enum sp_err err;

        if (!newline)
            break;
        err = register_load_line(reg, line, why);
        if (err)
            return err;
        if (reg->head.seq == told->seq) {
            /* Killed between the file that was written anew and its head, that row had another
             * digest before: as it tells, under its MAC. */
            same = sp_mac_equal(reg->head.digest, told->digest) ||
                   sp_mac_equal(reg->rows[reg->count - 1].first_digest, told->digest);
            seen = true;
        }
        reg->bytes += line.len + 1;
        bytes.ptr += line.len + 1;
        bytes.len -= line.len + 1;
    }
    reg->torn = bytes.len;
    if (!seen)
        return sp_fail(why, SP_ERR_ALTERED,
                       "%s: rows at the end are missing (the head knows %" PRIu64
                       ", there are %" PRIu64 ")",
                       reg->path, told->seq, reg->head.seq);
    if (!same)
        return sp_fail(why, SP_ERR_ALTERED, "%s: not the register of its head", reg->path);
    return SP_OK;
}

static enum sp_err register_read_head(const struct sp_register *reg, struct sp_register_head *head,
                                      struct sp_why *why)
{
    struct sp_slice line;
    struct sp_buf bytes;
    enum sp_err err;
    int fd = -1;

    sp_buf_init(&bytes, SP_REGISTER_HEAD_MAX);
    err = sp_private_open(reg->head_path, O_RDONLY, &fd, why);
    if (err == SP_ERR_NOINPUT)
        err = sp_fail(why, SP_ERR_ALTERED,
                      "%s: missing, so nobody can tell whether rows were removed", reg->head_path);
    if (!err)
        err = sp_private_read(fd, reg->head_path, &bytes, why);
    if (err == SP_ERR_LIMIT)
        err = sp_fail(why, SP_ERR_ALTERED, "%s: not the head of a register", reg->head_path);
    line = sp_buf_slice(&bytes);
    if (line.len && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (!err)
        err = sp_register_head_read(line, reg->key, head, why);
    if (fd >= 0)
        close(fd);
    sp_buf_clear(&bytes);
    return err;
}

/* Reads all anew from the descriptor, which is locked. */
enum sp_err sp_register_load(struct sp_register *reg, int fd, struct sp_why *why)
{
    struct sp_register_head told;
    struct sp_buf bytes;
    enum sp_err err;

    sp_register_forget(reg);
    reg->head = (struct sp_register_head){0};
    reg->bytes = reg->torn = 0;
    sp_buf_init(&bytes, SP_REGISTER_BYTES_MAX);
    err = register_read_head(reg, &told, why);
    if (!err && lseek(fd, 0, SEEK_SET) != 0)
        err = sp_private_fail(why, SP_ERR_IO, reg->path, "read it", errno);
    if (!err)
        err = sp_private_read(fd, reg->path, &bytes, why);
    if (!err)
        err = register_load_lines(reg, sp_buf_slice(&bytes), &told, why);
    sp_register_tell_head(reg);
    sp_buf_clear(&bytes);
    return err;
}

/* Whether the path still leads to what was opened: it may have been written anew meanwhile. */
static bool register_is_current(const struct sp_register *reg, int fd)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat(reg->path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static enum sp_err register_lock(const struct sp_register *reg, int flags, int lock, int *fd,
                                 struct sp_why *why)
{
    enum sp_err err = sp_private_open(reg->path, flags, fd, why);

    if (err == SP_ERR_NOINPUT)
        return SP_ERR_KEY; /* no register: exit status 77 */
    if (err)
        return err;
    while (flock(*fd, lock) != 0) {
        if (errno == EINTR)
            continue;
        err = sp_private_fail(why, SP_ERR_IO, reg->path, "lock it", errno);
        close(*fd);
        *fd = -1;
        return err;
    }
    return SP_OK;
}

enum sp_err sp_register_open_locked(const struct sp_register *reg, int flags, int lock, int *fd,
                                    struct sp_why *why)
{
    enum sp_err err = register_lock(reg, flags, lock, fd, why);

    while (!err && !register_is_current(reg, *fd)) {
        close(*fd);
        *fd = -1;
        err = register_lock(reg, flags, lock, fd, why);
    }
    return err;
}

struct sp_register *sp_register_new(const char *path, const struct sp_key *key)
{
    struct sp_register *reg = sp_alloc_zero(sizeof *reg);

    if (!reg)
        return NULL;
    reg->key = key;
    reg->path = sp_copy_string(path, strlen(path));
    reg->head_path = sp_private_beside(path, ".head");
    if (reg->path && reg->head_path)
        return reg;
    sp_register_close(reg);
    return NULL;
}

enum sp_err sp_register_open(const char *path, const struct sp_key *key, struct sp_register **out,
                             struct sp_why *why)
{
    struct sp_register *reg = sp_register_new(path, key);
    int fd = -1;
    enum sp_err err = SP_OK;

    if (!reg)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a register");
    err = sp_register_open_locked(reg, O_RDONLY, LOCK_SH, &fd, why);
    if (!err)
        err = sp_register_load(reg, fd, why);
    if (fd >= 0)
        close(fd);
    if (err) {
        sp_register_close(reg);
        return err;
    }
    *out = reg;
    return SP_OK;
}

void sp_register_close(struct sp_register *reg)
{
    if (!reg)
        return;
    sp_register_forget(reg);
    sp_free(reg->rows);
    sp_free(reg->index);
    sp_free(reg->path);
    sp_free(reg->head_path);
    sp_free(reg);
}

size_t sp_register_count(const struct sp_register *reg)
{
    return reg->count;
}

size_t sp_register_live_count(const struct sp_register *reg)
{
    return reg->live;
}

const struct sp_register_row *sp_register_row_at(const struct sp_register *reg, size_t index)
{
    assert(index < reg->count);
    return &reg->rows[index];
}

const char *sp_register_head(const struct sp_register *reg)
{
    return reg->head_text;
}

bool sp_register_grew_from(const struct sp_register *reg, const char *head)
{
    uint8_t digest[SP_DIGEST_LEN];
    char *end = NULL;
    uint64_t seq = strtoull(head, &end, 10);

    if (*end != ':' || seq > reg->count ||
        !sp_register_unhex(sp_slice_of(end + 1), digest, sizeof digest))
        return false;
    return seq == 0 || sp_mac_equal(reg->rows[seq - 1].first_digest, digest);
}

enum sp_err sp_register_expect(const struct sp_register *reg, const char *head, struct sp_why *why)
{
    uint8_t digest[SP_DIGEST_LEN];
    size_t digits = strspn(head, "0123456789");

    if (!digits || head[digits] != ':' ||
        !sp_register_unhex(sp_slice_of(head + digits + 1), digest, sizeof digest))
        return sp_fail(why, SP_ERR_USAGE,
                       "--expect-head wants SEQ:DIGEST, as register list prints");
    if (!sp_register_grew_from(reg, head))
        return sp_fail(why, SP_ERR_KEY,
                       "the register (row %" PRIu64
                       ") is older than the expected head, or has not grown from it",
                       reg->head.seq);
    return SP_OK;
}
