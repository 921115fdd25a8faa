#include "extract/ole.h"

enum {
    FIB_FLAGS = 0x0A,   /* fEncrypted is bit 8, fWhichTblStm bit 9 */
    FIB_VERSION = 0x02, /* nFib */
    FIB_CLX = 0x01A2,   /* fcClx and lcbClx */
    FIB_BYTES = 0x01AA,
    WORD_97 = 0x00C1,
    CLX_PRC = 1, /* properties, passed over */
    CLX_PIECES = 2
};

struct word {
    struct sp_slice main; /* the stream WordDocument */
    struct sp_flow *flow;
};

/* 7 ends a cell; behind another it ends the row. 0x13 to 0x15 stand around fields. */
static char word_mark(unsigned code, bool after_cell)
{
    if (code == 7)
        return after_cell ? '\n' : '\t';
    return code >= 0x13 && code <= 0x15 ? ' ' : '\n';
}

/* Marks of the format become what a reader sees: end of a cell, of a paragraph, of a line. What a
 * field does (HYPERLINK "mailto:…") stands between 0x13 and 0x14 and is text as well. */
static enum sp_err word_run(struct word *word, struct sp_slice bytes, bool wide, struct sp_why *why)
{
    size_t width = wide ? 2 : 1;
    size_t begin = 0;
    bool after_cell = false;
    enum sp_err err = SP_OK;
    for (size_t at = 0; at + width <= bytes.len && err == SP_OK; at += width) {
        unsigned code = wide ? sp_le16(bytes.ptr + at) : bytes.ptr[at];
        if (code >= 0x20 || code == '\t') {
            after_cell = false;
            continue;
        }
        err = sp_ole_text(word->flow, (struct sp_slice){bytes.ptr + begin, at - begin}, wide, why);
        begin = at + width;
        if (err == SP_OK && code == 0x1E) /* a hyphen that does not break */
            err = sp_ole_text(word->flow, sp_slice_of("-"), false, why);
        else if (err == SP_OK && code != 0x1F) /* one that is not shown */
            err = sp_flow_break(word->flow, word_mark(code, after_cell), SP_SIZE_UNKNOWN, why);
        after_cell = code == 7;
    }
    if (err != SP_OK || begin >= bytes.len)
        return err;
    return sp_ole_text(word->flow, (struct sp_slice){bytes.ptr + begin, bytes.len - begin}, wide,
                       why);
}

/* The table of pieces: count + 1 positions in characters, then count descriptors of 8 bytes. */
static enum sp_err word_pieces(struct word *word, struct sp_slice table, bool *whole,
                               struct sp_why *why)
{
    size_t count = table.len < 16 ? 0 : (table.len - 4) / 12;
    enum sp_err err = SP_OK;
    *whole = count > 0;
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        uint32_t begin = sp_le32(table.ptr + 4 * i);
        uint32_t end = sp_le32(table.ptr + 4 * i + 4);
        uint32_t fc = sp_le32(table.ptr + 4 * (count + 1) + 8 * i + 2);
        bool wide = (fc & 0x40000000) == 0;
        uint64_t at = wide ? fc & 0x3FFFFFFF : (fc & 0x3FFFFFFF) / 2;
        uint64_t len = (uint64_t)(end - begin) * (wide ? 2 : 1);
        if (end < begin || at > word->main.len || len > word->main.len - at) {
            *whole = false;
            continue;
        }
        err = word_run(word, (struct sp_slice){word->main.ptr + at, (size_t)len}, wide, why);
    }
    return err;
}

/* Finds the table of pieces in a Clx. */
static bool word_clx(struct sp_slice clx, struct sp_slice *table)
{
    size_t at = 0;
    while (at + 3 <= clx.len && clx.ptr[at] == CLX_PRC)
        at += 3 + (size_t)sp_le16(clx.ptr + at + 1);
    if (at + 5 > clx.len || clx.ptr[at] != CLX_PIECES)
        return false;
    size_t len = sp_le32(clx.ptr + at + 1);
    if (len > clx.len - at - 5)
        return false;
    *table = (struct sp_slice){clx.ptr + at + 5, len};
    return true;
}

static enum sp_err word_read(struct word *word, struct sp_slice table_stream, bool *whole,
                             struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    struct sp_slice pieces;
    size_t at = sp_le32(word->main.ptr + FIB_CLX);
    size_t len = sp_le32(word->main.ptr + FIB_CLX + 4);
    *whole = false;
    if (at > table_stream.len || len > table_stream.len - at ||
        !word_clx((struct sp_slice){table_stream.ptr + at, len}, &pieces))
        return SP_OK;
    sp_flow_begin(word->flow, &record);
    enum sp_err err = word_pieces(word, pieces, whole, why);
    return err == SP_OK ? sp_flow_end(word->flow, why) : err;
}

enum sp_err sp_ole_word(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                        struct sp_why *why)
{
    struct sp_buf main;
    struct sp_buf table;
    bool whole = false;
    size_t max = (size_t)x->limits->spool_max_bytes;
    enum sp_err err = SP_OK;
    sp_buf_init(&main, max + 1);
    sp_buf_init(&table, max + 1);
    bool good = sp_ole_stream(ole, "WordDocument", max, &main) && main.len >= FIB_BYTES;
    unsigned flags = good ? sp_le16(main.data + FIB_FLAGS) : 0;
    if (good && (flags & 0x0100) != 0) {
        err = sp_ole_unread(x, SP_REASON_ENCRYPTED, "a Word document with a password", why);
    } else if (good && sp_le16(main.data + FIB_VERSION) < WORD_97) {
        err = sp_ole_unread(x, SP_REASON_UNSUPPORTED, "Word 95 or older: readable runs only", why);
        whole = err == SP_OK; /* told */
        if (err == SP_OK)
            err = sp_ole_raw(x, sp_buf_slice(&main), why);
    } else if (good &&
               sp_ole_stream(ole, (flags & 0x0200) != 0 ? "1Table" : "0Table", max, &table)) {
        struct word word = {sp_buf_slice(&main), flow};
        err = word_read(&word, sp_buf_slice(&table), &whole, why);
    }
    if (err == SP_OK && !whole && x->done->state == SP_STATE_COMPLETE) {
        err = sp_ole_unread(x, SP_REASON_CORRUPT, "the text of a Word document is damaged", why);
        if (err == SP_OK)
            err = sp_ole_raw(x, sp_buf_slice(&main), why);
    }
    sp_buf_wipe(&main);
    sp_buf_wipe(&table);
    return err;
}
