/* Sources: sqlite.org/fileformat2.html (1.3 header, 1.5 freelist, 1.6 b-tree pages, 2.1 records).
 */
#include "extract/sqlite_pages.h"

#include "base/mem.h"
#include "extract/formats.h"
#include "extract/run.h"

#include <string.h>
#include <unistd.h>

enum {
    SQLITE_TEXT_MIN = 6,  /* bytes of text in a row that is guessed */
    SQLITE_BARE_MAX = 64, /* columns of one */
    SQLITE_FREED = 4,     /* bytes of a freed cell that are written over */
    SQLITE_CELL_MAX = 4096,
    SQLITE_DIGITS = 24 /* of an integer, with its line end */
};

static unsigned be16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint64_t be32(const uint8_t *at)
{
    return (uint64_t)be16(at) << 16 | be16(at + 2);
}

struct sqlite_free {
    int fd;
    uint64_t page_count, next; /* of pages, from 1 */
    size_t page_size;
    uint8_t *listed; /* a bit a page: on the freelist */
    uint8_t *page;   /* one, and the room of what is given out of it */
    uint8_t *out;
    size_t out_size;
    bool all;          /* the tables could not be read: every page */
    bool cut;          /* something had no room */
    unsigned encoding; /* of its text: 1 UTF-8, 2 UTF-16LE, 3 UTF-16BE (1.3.13) */
};

static bool free_read(const struct sqlite_free *self, uint64_t number)
{
    if (number < 1 || number > self->page_count)
        return false;
    ssize_t got =
        pread(self->fd, self->page, self->page_size, (off_t)((number - 1) * self->page_size));
    if (got <= 0)
        return false;
    memset(self->page + got, 0, self->page_size - (size_t)got); /* the file ends within it */
    return true;
}

static void free_mark(struct sqlite_free *self, uint64_t number)
{
    if (number >= 1 && number <= self->page_count)
        self->listed[number / 8] |= (uint8_t)(1U << number % 8);
}

/* Trunk pages name leaf pages; a circle ends where a trunk was seen before. */
static void free_list(struct sqlite_free *self, uint64_t trunk)
{
    while (free_read(self, trunk) && (self->listed[trunk / 8] >> trunk % 8 & 1) == 0) {
        uint64_t count = be32(self->page + 4);
        free_mark(self, trunk);
        for (uint64_t i = 0; i < count && 8 + 4 * i + 4 <= self->page_size; i++)
            free_mark(self, be32(self->page + 8 + 4 * i));
        trunk = be32(self->page);
    }
}

/* Pages behind the last one that the header counts, where its count holds (1.3.7). */
static void free_behind(struct sqlite_free *self, const uint8_t *header)
{
    uint64_t counted = be32(header + 28);
    if (counted == 0 || be32(header + 24) != be32(header + 92))
        return;
    for (uint64_t number = counted + 1; number <= self->page_count; number++)
        free_mark(self, number);
}

static void free_take(struct sqlite_free *self, size_t *len, size_t begin, size_t end)
{
    if (begin >= end || end > self->page_size)
        return;
    if (*len + (end - begin) + 1 > self->out_size) {
        self->cut = true;
        return;
    }
    memcpy(self->out + *len, self->page + begin, end - begin);
    *len += end - begin;
    self->out[(*len)++] = 0; /* what stood apart stays apart */
}

/* A varint at page[*at]; what passes the page's end is 0. */
static uint64_t free_varint(const struct sqlite_free *self, size_t *at)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 9 && *at < self->page_size; i++) {
        uint8_t byte = self->page[(*at)++];
        if (i == 8)
            return value << 8 | byte;
        value = value << 7 | (byte & 0x7F);
        if ((byte & 0x80) == 0)
            return value;
    }
    return value;
}

/* Bytes of a value by its serial type (2.1 of the file format). */
static uint64_t free_serial_len(uint64_t serial)
{
    static const uint8_t lengths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return serial < 12 ? lengths[serial] : (serial - 12) / 2;
}

static void free_integer(struct sqlite_free *self, size_t *len, size_t at, uint64_t count)
{
    int64_t value = self->page[at] < 0x80 ? self->page[at] : self->page[at] - 256;
    for (uint64_t i = 1; i < count; i++)
        value = (int64_t)((uint64_t)value << 8 | self->page[at + i]);
    *len += (size_t)snprintf((char *)self->out + *len, SQLITE_DIGITS, "%lld\n", (long long)value);
}

/* One column of a row, a line of its own: side by side two values would read as one. */
static void free_value(struct sqlite_free *self, size_t *len, uint64_t serial, size_t at)
{
    uint64_t size = free_serial_len(serial);
    if (at >= self->page_size)
        return;
    if (size > self->page_size - at)
        size = self->page_size - at; /* the rest is on another page */
    if (*len + size + SQLITE_DIGITS > self->out_size) {
        self->cut = true;
        return;
    }
    if (serial >= 1 && serial <= 6)
        free_integer(self, len, at, size);
    if (serial < 12)
        return;
    memcpy(self->out + *len, self->page + at, (size_t)size);
    *len += (size_t)size;
    if (self->encoding == 3)
        self->out[(*len)++] = 0;
    self->out[(*len)++] = '\n';
    if (self->encoding == 2)
        self->out[(*len)++] = 0;
}

/* A row whose cell begins at *at: its columns, when lengths agree and it ends before `end`. */
static bool free_row(struct sqlite_free *self, size_t *len, size_t *at, size_t end)
{
    size_t next = *at;
    uint64_t payload = free_varint(self, &next);
    (void)free_varint(self, &next); /* rowid */
    size_t header = next;
    uint64_t header_len = free_varint(self, &next);
    uint64_t values = 0;
    bool has_text = false;
    if (payload > end - header || header + payload > end || header_len < 2 || header_len > payload)
        return false;
    while (next < header + header_len) {
        uint64_t serial = free_varint(self, &next);
        values += free_serial_len(serial);
        has_text |= serial > 13 && serial % 2 == 1;
    }
    if (next != header + header_len || header_len + values != payload || !has_text)
        return false;
    size_t value = header + (size_t)header_len;
    next = header;
    (void)free_varint(self, &next);
    while (next < header + header_len) {
        uint64_t serial = free_varint(self, &next);
        free_value(self, len, serial, value);
        value += (size_t)free_serial_len(serial);
    }
    *at = header + (size_t)payload;
    return true;
}

/* Units of UTF-16 in the order of the database: no controls, and more upper bytes than lower ones
 * are zero. */
static bool free_is_wide(const struct sqlite_free *self, size_t at, uint64_t len)
{
    size_t big = self->encoding == 3;
    uint64_t lower = 0, upper = 0;
    if (len % 2 != 0)
        return false;
    for (uint64_t i = 0; i < len; i += 2) {
        uint8_t low = self->page[at + i + big], high = self->page[at + i + 1 - big];
        lower += low == 0;
        upper += high == 0;
        if (high == 0 && low < 0x20 && low != '\t' && low != '\r' && low != '\n')
            return false;
    }
    return lower <= upper;
}

static bool free_is_text(const struct sqlite_free *self, size_t at, uint64_t len)
{
    if (self->encoding == 2 || self->encoding == 3)
        return free_is_wide(self, at, len);
    for (uint64_t i = 0; i < len; i++) {
        uint8_t c = self->page[at + i];
        if (c < 0x20 && c != '\t' && c != '\r' && c != '\n')
            return false;
    }
    return true;
}

/* All columns of text are text, and there is enough of it not to be chance. */
static bool free_columns_hold(const struct sqlite_free *self, size_t types, unsigned count,
                              size_t value)
{
    uint64_t text = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t serial = free_varint(self, &types);
        uint64_t len = free_serial_len(serial);
        if (serial >= 13 && serial % 2 == 1) {
            if (!free_is_text(self, value, len))
                return false;
            text += len;
        }
        value += (size_t)len;
    }
    return text >= SQLITE_TEXT_MIN;
}

/* A row whose first bytes were written over when it was freed: the types of its columns begin at
 * *at, and how many there are shows only by what follows. */
static bool free_bare_row(struct sqlite_free *self, size_t *len, size_t *at, size_t end)
{
    uint64_t values = 0;
    size_t next = *at;
    for (unsigned count = 1; count <= SQLITE_BARE_MAX && next < end; count++) {
        uint64_t serial = free_varint(self, &next);
        if (serial == 10 || serial == 11)
            return false; /* no such type */
        values += free_serial_len(serial);
        if (values > end - next)
            return false;
        bool fills = values == end - next; /* of one column that proves it */
        if ((count < 2 && !fills) || !free_columns_hold(self, *at, count, next))
            continue;
        size_t types = *at;
        size_t value = next;
        for (unsigned i = 0; i < count; i++) {
            serial = free_varint(self, &types);
            free_value(self, len, serial, value);
            value += (size_t)free_serial_len(serial);
        }
        *at = value;
        return true;
    }
    return false;
}

/* At the border of a cell: whole, or without the four bytes that a freed block has written over;
 * those of the `first` cell are left out already. One more of them goes with a rowid of three
 * bytes. */
static bool free_cell(struct sqlite_free *self, size_t *len, size_t *at, size_t end, bool first,
                      bool *guessed)
{
    static const uint8_t lost_of_first[] = {0, 1, 4, 5};
    static const uint8_t lost_of_next[] = {4, 5, 0, 1};
    const uint8_t *lost = first ? lost_of_first : lost_of_next;
    *guessed = false;
    if (free_row(self, len, at, end))
        return true;
    for (size_t i = 0; i < sizeof lost_of_first; i++) {
        size_t next = *at + lost[i];
        if (next < end && free_bare_row(self, len, &next, end)) {
            *at = next;
            *guessed = true;
            return true;
        }
    }
    return false;
}

/* Free space: rows as far as they can be told, and what is between them as it is, where columns
 * stand side by side. */
static void free_range(struct sqlite_free *self, size_t *len, size_t begin, size_t end)
{
    size_t raw = begin;
    bool border = true;
    if (end > self->page_size)
        return;
    for (size_t at = begin; at < end;) {
        size_t next = at;
        bool guessed = false;
        bool found = border ? free_cell(self, len, &next, end, at == begin, &guessed)
                            : free_row(self, len, &next, end);
        border = found;
        if (!found) {
            at++;
            continue;
        }
        if (*len > 0)
            self->out[*len - 1] = 0; /* a row ends */
        if (!guessed) {              /* a guess may be wrong, and its bytes are given once more */
            free_take(self, len, raw, at);
            raw = next;
        }
        at = next;
    }
    free_take(self, len, raw, end);
}

/* The rows of a leaf page of a table, by its cell pointers. */
static size_t free_rows(struct sqlite_free *self, size_t header)
{
    size_t len = 0;
    const uint8_t *page = self->page + header;
    unsigned count = be16(page + 3);
    for (unsigned i = 0; i < count && header + 8 + 2 * (size_t)i + 2 <= self->page_size; i++) {
        size_t at = be16(page + 8 + 2 * (size_t)i);
        (void)free_varint(self, &at); /* payload */
        (void)free_varint(self, &at); /* rowid */
        size_t begin = at;
        size_t value = begin + (size_t)free_varint(self, &at);
        size_t end = value;
        while (at < end && at < self->page_size && value <= self->page_size) {
            uint64_t serial = free_varint(self, &at);
            free_value(self, &len, serial, value);
            value += (size_t)free_serial_len(serial);
        }
        if (len > 0)
            self->out[len - 1] = 0; /* a row ends */
    }
    return len;
}

/* A cell that was freed at the border of the cells, `end`, belongs to the space before them now;
 * what was written over its first bytes is still its length. Where it begins; `end`: there is none.
 */
static size_t free_lowest(const struct sqlite_free *self, size_t begin, size_t end)
{
    if (end > self->page_size || begin > end)
        return end;
    for (size_t at = end - begin > SQLITE_CELL_MAX ? end - SQLITE_CELL_MAX : begin;
         at + SQLITE_FREED < end; at++) {
        size_t types = at + SQLITE_FREED;
        if (at + be16(self->page + at + 2) != end)
            continue;
        size_t none = 0, next = types, after = types + 1;
        struct sqlite_free look = *self;
        look.out_size = 0; /* gives nothing */
        if (free_bare_row(&look, &none, &next, end) || free_bare_row(&look, &none, &after, end))
            return at;
    }
    return end;
}

/* The free space of a b-tree page, between pointers and cells and in freed cells, behind `used`
 * bytes of output; returns how many more. */
static size_t free_unused(struct sqlite_free *self, size_t header, size_t used)
{
    size_t len = used;
    const uint8_t *page = self->page + header;
    unsigned type = page[0];
    size_t at = be16(page + 1);
    if (type != 2 && type != 5 && type != 10 && type != 13)
        return 0;
    size_t pointers = header + (type == 2 || type == 5 ? 12 : 8) + 2 * (size_t)be16(page + 3);
    size_t cells = be16(page + 5);
    cells = cells == 0 ? self->page_size : cells;
    const size_t used_from = cells;
    for (size_t cell = free_lowest(self, pointers, cells); cell < cells;
         cell = free_lowest(self, pointers, cells)) {
        free_range(self, &len, cell + SQLITE_FREED, cells);
        cells = cell;
    }
    free_range(self, &len, pointers, cells);
    if (cells < used_from) /* where cells began was guessed */
        free_take(self, &len, pointers, used_from);
    for (unsigned i = 0; at != 0 && at + 4 <= self->page_size && i < self->page_size / 4; i++) {
        size_t size = be16(self->page + at + 2);
        size_t next = be16(self->page + at);
        free_range(self, &len, at + 4, at + size);
        if (next <= at)
            break;
        at = next;
    }
    return len - used;
}

/* What a page that no table shows holds. */
static size_t free_page(struct sqlite_free *self, size_t header)
{
    size_t len = 0;
    if (self->page[header] != 13) {
        free_take(self, &len, 0, self->page_size);
        return len;
    }
    len = free_rows(self, header);
    return len + free_unused(self, header, len);
}

static enum sp_err free_next(void *ctx, struct sp_slice *out, struct sp_why *why)
{
    struct sqlite_free *self = ctx;
    (void)why;
    *out = (struct sp_slice){NULL, 0};
    for (; out->len == 0 && self->next <= self->page_count; self->next++) {
        if (!free_read(self, self->next))
            continue;
        bool listed = (self->listed[self->next / 8] >> self->next % 8 & 1) != 0;
        size_t header = self->next == 1 ? SP_SQLITE_HEADER : 0;
        size_t len = listed || self->all ? free_page(self, header) : free_unused(self, header, 0);
        *out = (struct sp_slice){self->out, len};
    }
    return SP_OK;
}

static enum sp_err free_tell_cut(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_MEMORY);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "a page of a database that holds too much");
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_sqlite_pages(struct sp_extract *x, bool all, struct sp_why *why)
{
    static const struct sp_source_ops ops = {free_next, NULL};
    struct sqlite_free self = {.fd = sp_stream_fd(x->stream), .next = 1, .all = all};
    uint8_t header[SP_SQLITE_HEADER];
    struct sp_stream *outer = x->stream;
    struct sp_stream *stream = NULL;
    if (pread(self.fd, header, sizeof header, 0) != (ssize_t)sizeof header)
        return SP_OK;
    self.page_size = be16(header + 16) == 1 ? 65536 : be16(header + 16);
    if (self.page_size < 512 || (self.page_size & (self.page_size - 1)) != 0)
        return all ? sp_extract_raw_rest(x, why) : SP_OK;
    self.encoding = header[59];
    self.page_count = (sp_stream_size(x->stream) + self.page_size - 1) / self.page_size;
    self.listed = sp_alloc_zero((size_t)(self.page_count / 8) + 1);
    self.page = sp_alloc(self.page_size);
    self.out_size = 8 * self.page_size + (size_t)2 * SQLITE_DIGITS;
    self.out = sp_alloc(self.out_size);
    enum sp_err err = self.listed == NULL || self.page == NULL || self.out == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory for the pages of a database")
                          : SP_OK;
    if (err == SP_OK) {
        free_list(&self, be32(header + 32));
        free_behind(&self, header);
        err = sp_stream_open(&ops, &self, &stream, why);
    }
    if (err == SP_OK) {
        x->stream = stream;
        err = sp_extract_raw_rest(x, why);
        x->stream = outer;
    }
    if (err == SP_OK && self.cut)
        err = free_tell_cut(x, why);
    sp_stream_close(stream);
    sp_free(self.listed);
    sp_free(self.page);
    sp_free(self.out);
    return err;
}
