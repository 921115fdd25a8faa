/* What the files of the register share; nobody else includes it. */
#ifndef SP_STORE_REGISTER_IN_H
#define SP_STORE_REGISTER_IN_H

#include "base/buf.h"
#include "store/register.h"

enum {
    SP_REGISTER_BYTES_MAX = 1024 * 1024 * 1024, /* of the whole file: over a million rows */
    SP_REGISTER_HEAD_MAX = 4096,                /* of the head file */
    SP_REGISTER_HEX_DIGEST = 2 * SP_DIGEST_LEN,
    SP_REGISTER_HEX_TOKEN = 2 * SP_TOKEN_LEN
};

/* What stands before the MAC, and the bytes from there to the end of a line. */
#define SP_REGISTER_MAC_KEY ",\"mac\":\""
enum { SP_REGISTER_MAC_TAIL = sizeof SP_REGISTER_MAC_KEY - 1 + SP_REGISTER_HEX_DIGEST + 2 };

extern const char *const sp_strength_names[SP_STRENGTH_WEAK + 1];

bool sp_row_kind_from_name(struct sp_slice name, enum sp_row_kind *out);
/* Lower-case hexadecimal; `out` holds 2 * len + 1 characters. */
void sp_register_hex(char *out, const uint8_t *bytes, size_t len);
int sp_register_hex_digit(uint8_t c); /* -1: none */
bool sp_register_unhex(struct sp_slice text, uint8_t *out, size_t len);

/* What the head tells: the last row that was written to the end. */
struct sp_register_head {
    uint64_t seq;                  /* 0: no row yet */
    uint8_t digest[SP_DIGEST_LEN]; /* of that row's line; zeros when there is none */
    char key_id[2 * SP_KEY_ID_LEN + 1];
};

/* Appends the row as a line (without newline), chained to the digest of the line before. */
enum sp_err sp_register_row_write(const struct sp_register_row *row, const struct sp_key *key,
                                  const uint8_t prev[SP_DIGEST_LEN], struct sp_buf *out,
                                  struct sp_why *why);
/* Reads a line of ours. *row is the caller's to clear, also after a failure. SP_ERR_ALTERED: its
 * MAC does not hold, or it is not chained to `prev`. SP_ERR_CONFIG: written by a newer speur. */
enum sp_err sp_register_row_read(struct sp_slice line, const struct sp_key *key,
                                 const uint8_t prev[SP_DIGEST_LEN], struct sp_register_row *row,
                                 struct sp_why *why);

enum sp_err sp_register_head_write(const struct sp_register_head *head, const struct sp_key *key,
                                   struct sp_buf *out, struct sp_why *why);
/* SP_ERR_KEY: made with another key. SP_ERR_ALTERED. */
enum sp_err sp_register_head_read(struct sp_slice line, const struct sp_key *key,
                                  struct sp_register_head *head, struct sp_why *why);

struct sp_register {
    char *path, *head_path;
    const struct sp_key *key; /* borrowed */
    struct sp_register_row *rows;
    size_t count, cap;
    size_t live;                  /* identifiers that were not withdrawn */
    uint32_t *index;              /* by the first token of a row: row + 1, 0 none; linear probing */
    size_t index_len;             /* a power of two, or 0 */
    uint64_t bytes;               /* of the whole rows in the file */
    uint64_t torn;                /* bytes of half a row behind them */
    struct sp_register_head head; /* of the last whole row, whatever the file says */
    char head_text[SP_REGISTER_HEAD_SIZE];
};

/* NULL without memory. Nothing is read yet. */
struct sp_register *sp_register_new(const char *path, const struct sp_key *key);
/* Opens the file and takes the lock (LOCK_SH, LOCK_EX), which goes when it is closed. */
enum sp_err sp_register_open_locked(const struct sp_register *reg, int flags, int lock, int *fd,
                                    struct sp_why *why);
/* Reads all anew from the descriptor, which is locked. After a failure some rows may be there. */
enum sp_err sp_register_load(struct sp_register *reg, int fd, struct sp_why *why);
/* Makes room for one more row and its place in the index. */
enum sp_err sp_register_reserve(struct sp_register *reg, struct sp_why *why);
/* The same request, kind, type and tokens. */
bool sp_register_has(const struct sp_register *reg, const struct sp_register_row *row);
/* Whether the identifier was withdrawn, or its last backup expired before `today` ("": never). */
bool sp_register_row_is_over(const struct sp_register_row *row, const char *today);
/* Whether the note is about a row that counts. */
bool sp_register_note_holds(const struct sp_register *reg, const struct sp_register_row *note);
/* Takes the row over, whose line this is. Room was made. A note does to rows what it says. */
enum sp_err sp_register_take(struct sp_register *reg, struct sp_register_row *row,
                             struct sp_slice line, struct sp_why *why);
/* Forgets all rows. */
void sp_register_forget(struct sp_register *reg);
/* Writes the head file anew, and tells the system's log of it. */
enum sp_err sp_register_write_head(struct sp_register *reg, struct sp_why *why);
/* Writes head_text anew. */
void sp_register_tell_head(struct sp_register *reg);

#endif
