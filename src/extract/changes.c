#include "extract/changes.h"

#include "speur/reason.h"

enum { TEXT_MAX = 1 << 18, PIECES_MAX = 1 << 14 };

#define BIT(kind) (1U << (kind))

struct piece {
    enum sp_change kind;
    size_t begin, len;
    uint64_t off;
};

void sp_changes_init(struct sp_changes *changes)
{
    sp_buf_init(&changes->text, TEXT_MAX);
    sp_buf_init(&changes->pieces, PIECES_MAX * sizeof(struct piece));
    changes->kinds = 0;
}

void sp_changes_clear(struct sp_changes *changes)
{
    sp_buf_wipe(&changes->text);
    sp_buf_clear(&changes->pieces);
}

static struct piece *piece_at(const struct sp_changes *changes, size_t index)
{
    return (struct piece *)(void *)changes->pieces.data + index;
}

enum sp_err sp_changes_text(struct sp_changes *changes, enum sp_change kind, struct sp_slice utf8,
                            uint64_t off, bool *full, struct sp_why *why)
{
    size_t count = changes->pieces.len / sizeof(struct piece);
    struct piece *last = count > 0 ? piece_at(changes, count - 1) : NULL;
    const struct piece made = {kind, changes->text.len, utf8.len, off};
    bool follows = last != NULL && last->kind == kind &&
                   (off == SP_SIZE_UNKNOWN ? last->off == off : last->off + last->len == off);
    enum sp_err err = SP_OK;
    *full = utf8.len > TEXT_MAX - changes->text.len || (!follows && count == PIECES_MAX);
    if (*full || utf8.len == 0)
        return SP_OK;
    if (follows)
        last->len += utf8.len;
    else
        err = sp_buf_append(&changes->pieces, &made, sizeof made, why);
    changes->kinds |= BIT(kind);
    return err == SP_OK ? sp_buf_append(&changes->text, utf8.ptr, utf8.len, why) : err;
}

static enum sp_err reading_give(const struct sp_changes *changes, unsigned kinds,
                                sp_changes_out out, void *ctx, struct sp_why *why)
{
    size_t count = changes->pieces.len / sizeof(struct piece);
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        const struct piece *piece = piece_at(changes, i);
        if ((kinds & BIT(piece->kind)) != 0)
            err = out(ctx, (struct sp_slice){changes->text.data + piece->begin, piece->len},
                      piece->off, why);
    }
    return err == SP_OK ? out(ctx, (struct sp_slice){NULL, 0}, SP_SIZE_UNKNOWN, why) : err;
}

enum sp_err sp_changes_give(struct sp_changes *changes, bool has_final, sp_changes_out out,
                            void *ctx, struct sp_why *why)
{
    static const unsigned readings[] = {
        BIT(SP_CHANGE_NONE) | BIT(SP_CHANGE_INSERTED) | BIT(SP_CHANGE_HIDDEN),
        BIT(SP_CHANGE_NONE) | BIT(SP_CHANGE_DELETED) | BIT(SP_CHANGE_HIDDEN),
        BIT(SP_CHANGE_NONE) | BIT(SP_CHANGE_INSERTED),
        BIT(SP_CHANGE_NONE) | BIT(SP_CHANGE_DELETED),
    };
    enum { READINGS = sizeof readings / sizeof readings[0] };
    unsigned shown[READINGS];
    size_t count = 0;
    enum sp_err err = SP_OK;
    if (has_final)
        shown[count++] = changes->kinds & readings[0];
    for (size_t i = has_final; err == SP_OK && i < READINGS; i++) {
        unsigned kinds = changes->kinds & readings[i];
        bool known = kinds == 0 || (changes->kinds & ~BIT(SP_CHANGE_NONE)) == 0;
        for (size_t k = 0; k < count; k++)
            known = known || shown[k] == kinds;
        if (known)
            continue;
        shown[count++] = kinds;
        err = reading_give(changes, kinds, out, ctx, why);
    }
    sp_buf_reset(&changes->text);
    sp_buf_reset(&changes->pieces);
    changes->kinds = 0;
    return err;
}
