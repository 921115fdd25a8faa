/* Where extractors push what they find in a file. Extractors know no patterns and no database;
 * the same extractor writes to a worker's wire or straight into a lane of the parent.
 *
 * Order of calls, checked by the wire's receiver (anything else is a protocol error):
 *   object_begin ( record_begin ( field? text )* record_end | object_begin … object_end | child
 *                | unread )* object_end
 * The object that a job is about is open when the extractor is called: it begins and ends only
 * objects below it, and returns what it has to say of its own in struct sp_object_done.
 */
#ifndef SP_CORE_SINK_H
#define SP_CORE_SINK_H

#include "core/object.h"
#include "core/text.h"
#include "speur/err.h"

struct sp_record {
    enum sp_record_kind kind;
    uint64_t ordinal;           /* from 1 within its object; 0 for a CSV header row */
    uint64_t row;               /* number within its table, from 1; 0 = same as ordinal */
    uint64_t line;              /* line where it starts, from 1; 0 unknown */
    struct sp_slice table;      /* SQL table; or empty */
    struct sp_slice pk;         /* "id=1041" when the primary key is known; or empty. UTF-8 */
    struct sp_slice message_id; /* of a mail, without <>; or empty */
    int64_t date_s;             /* the record's own date, seconds since 1970; INT64_MIN unknown */
};

#define SP_LINE_NONE UINT64_MAX

/* Begins a field: the texts that follow belong to it until the next field or the record's end. */
struct sp_field {
    struct sp_slice key;  /* UTF-8; column header, SQL column, mail header; or empty */
    struct sp_slice part; /* MIME part path or empty */
    uint32_t column;      /* ordinal from 1, or 0 */
    uint64_t line;        /* where it starts, from 1; 0: counted from the record's start;
                           * SP_LINE_NONE: its line ends are not those of the source */
};

struct sp_sink;

struct sp_sink_ops {
    enum sp_err (*object_begin)(struct sp_sink *, const struct sp_object_info *, struct sp_why *);
    enum sp_err (*object_end)(struct sp_sink *, const struct sp_object_done *, struct sp_why *);
    enum sp_err (*record_begin)(struct sp_sink *, const struct sp_record *, struct sp_why *);
    enum sp_err (*record_end)(struct sp_sink *, struct sp_why *);
    enum sp_err (*field)(struct sp_sink *, const struct sp_field *, struct sp_why *);
    /* At most SP_FRAME_TEXT_MAX bytes of valid, normalised UTF-8; map.text_pos counts from the
     * first byte of this text. A value may be split over two texts of one field or record. */
    enum sp_err (*text)(struct sp_sink *, struct sp_slice utf8, struct sp_origin_map map,
                        struct sp_why *);
    /* An object of its own that any free worker may read: takes over `fd` (a sealed memfd, or a
     * file) also on failure. Counts as one complete object of this parent. */
    enum sp_err (*child)(struct sp_sink *, const struct sp_object_info *, int fd, struct sp_why *);
    /* About the innermost open object. */
    enum sp_err (*unread)(struct sp_sink *, const struct sp_unread *, struct sp_why *);
    /* Tells how far a long read has come (bytes of the job's own stream); may be NULL. */
    enum sp_err (*progress)(struct sp_sink *, uint64_t bytes, struct sp_why *);
};

/* Embed as the first member of what implements it. */
struct sp_sink {
    const struct sp_sink_ops *ops;
};

/* Takes all and keeps nothing; closes the descriptors of children. */
extern const struct sp_sink_ops sp_sink_mute_ops;

/* Shorthands that call through ops. */
enum sp_err sp_sink_object_begin(struct sp_sink *, const struct sp_object_info *, struct sp_why *);
enum sp_err sp_sink_object_end(struct sp_sink *, const struct sp_object_done *, struct sp_why *);
enum sp_err sp_sink_record_begin(struct sp_sink *, const struct sp_record *, struct sp_why *);
enum sp_err sp_sink_record_end(struct sp_sink *, struct sp_why *);
enum sp_err sp_sink_field(struct sp_sink *, const struct sp_field *, struct sp_why *);
enum sp_err sp_sink_text(struct sp_sink *, struct sp_slice utf8, struct sp_origin_map map,
                         struct sp_why *);
enum sp_err sp_sink_child(struct sp_sink *, const struct sp_object_info *, int fd, struct sp_why *);
enum sp_err sp_sink_unread(struct sp_sink *, const struct sp_unread *, struct sp_why *);
/* An unread record from its parts; detail may be NULL. */
enum sp_err sp_sink_unread_reason(struct sp_sink *, enum sp_reason reason, const char *detail,
                                  uint64_t bytes_read, uint64_t bytes_expected, struct sp_why *);

#endif
