/* The text window: normalised UTF-8, where each byte came from, and its fields and records.
 * This is all that detectors see; they know no files. */
#ifndef SP_CORE_TEXT_H
#define SP_CORE_TEXT_H

#include "speur/slice.h"

/* One point of an origin map. From text byte `text_pos` up to the next point, text byte
 * `text_pos + k` stems from source byte `source_off + k`. Source offsets may go back (the raw pass
 * gives wide runs behind narrow ones). Where the source has other widths
 * (UTF-16, windows-1252, dropped characters) there is a point after each such character. */
struct sp_origin {
    uint32_t text_pos;   /* byte in the text, ascending; the first point is at 0 */
    uint64_t source_off; /* byte in the leaf's decoded stream, before charset conversion;
                          * SP_SIZE_UNKNOWN: not known from here on */
};

struct sp_origin_map {
    const struct sp_origin *points; /* borrowed; count >= 1 unless the offset is unknown */
    size_t count;                   /* 0: no offset in the source is known */
};

/* Source byte of a text byte; SP_SIZE_UNKNOWN when the map is empty. */
uint64_t sp_origin_find(struct sp_origin_map map, uint32_t text_pos);
/* The points of what stands from text byte `from` on, for a text that begins there; gives their
 * number, at most map.count. `out` may be where they lie. */
size_t sp_origin_cut(struct sp_origin_map map, uint32_t from, struct sp_origin *out);

/* The unit of meaning, in which weak identifiers meet. Stored: append only. */
enum sp_record_kind {
    SP_RECORD_DOCUMENT, /* a document where there is nothing smaller */
    SP_RECORD_LINE,     /* a line of a log */
    SP_RECORD_MESSAGE,  /* a mail: headers and text parts together */
    SP_RECORD_ROW,      /* a row of a CSV file */
    SP_RECORD_SQL,      /* a tuple of an INSERT, a row of COPY */
    SP_RECORD_NAME,     /* names are text too: path, member, attachment */
    SP_RECORD_BYTES,    /* printable runs of a file that no parser read */
    SP_RECORD_NODE,     /* an element of JSON or XML: a field's part is its path in it */
    SP_RECORD_PAGE,     /* of a PDF; row: its number */
    SP_RECORD_KIND_COUNT
};
/* Ordinal of the record that is an object's own name. */
#define SP_RECORD_ORDINAL_NAME UINT32_MAX
const char *sp_record_kind_name(enum sp_record_kind kind);

/* A field of a record in the window: a cell, a header line, a column of a tuple. */
struct sp_text_field {
    uint32_t begin;       /* first byte in the text */
    uint32_t end;         /* one past the last byte */
    uint32_t record;      /* index into records */
    uint32_t column;      /* ordinal from 1; 0 where there are no columns */
    struct sp_slice key;  /* column header, SQL column, header name; empty when unknown. UTF-8 */
    struct sp_slice part; /* MIME part path ("1.2") or empty */
    uint64_t line;        /* line on which the field starts, from 1; 0 unknown */
};

struct sp_text_record {
    uint32_t begin;
    uint32_t end;     /* what has arrived; the record may go on in the next window */
    uint64_t ordinal; /* from 1 within the object: message, row, line */
    enum sp_record_kind kind;
    struct sp_slice table; /* SQL table, sheet; or empty */
};

/* Where was looked last: values come in order, so the next is mostly there or one farther. */
struct sp_text_near {
    size_t field, record; /* indexes, of any value */
};

enum { SP_TEXT_COLUMNS_MAX = 64 };

/* What columns of a table are by their values: for each ordinal a bit a pattern. */
struct sp_text_columns {
    uint64_t labels[SP_TEXT_COLUMNS_MAX]; /* [0] is unused */
};

/* A window over the text of one object. Fields are separated by one U+001F, records by one
 * newline; both are hard delimiters. Flowing text has one record and no fields.
 * Windows overlap: a window OWNS the matches that start in [own_begin, own_end); the bytes
 * before and after are there for context and for the ends of matches. */
struct sp_text {
    const uint8_t *data; /* valid UTF-8, normalised (see core/charset.h) */
    size_t len;          /* < 4 GiB */
    size_t own_begin;
    size_t own_end;
    bool first; /* the text's beginning is in this window: nothing was before data[0] */
    bool last;  /* the text's end is in this window: nothing follows data[len-1] */
    enum sp_record_kind kind;
    const struct sp_text_field *fields; /* ascending, not overlapping; may be NULL */
    size_t field_count;
    const struct sp_text_record *records; /* ascending; at least one */
    size_t record_count;
    const struct sp_text_columns *columns; /* NULL: nothing is known of them */
    struct sp_text_near *near; /* of the thread that reads the text; NULL: nothing is remembered */
};

#define SP_TEXT_FIELD_SEPARATOR 0x1F

/* The field that contains text byte `pos`, or NULL. */
const struct sp_text_field *sp_text_field_find(const struct sp_text *text, size_t pos);
const struct sp_text_record *sp_text_record_find(const struct sp_text *text, size_t pos);

#endif
