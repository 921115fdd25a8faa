/* Extractors: one file a format, one row in table.c. An extractor reads a stream and pushes
 * records, text, children and unread records into a sink. Nothing here knows patterns,
 * inventories or threads. */
#ifndef SP_EXTRACT_EXTRACT_H
#define SP_EXTRACT_EXTRACT_H

#include "core/budget.h"
#include "core/plan.h"
#include "core/sink.h"
#include "core/stream.h"

enum sp_place {
    SP_PLACE_ANY,   /* small code of our own without a library: the parent may run it */
    SP_PLACE_WORKER /* a parser of somebody else's, or a complex one: only in speur-worker */
};

enum {
    SP_FORMAT_NAME_MAX = 64
}; /* bytes of "gzip+tar" with the final NUL; longer chains are cut */

/* The running account of one job, shared by all that is nested in it. Made by sp_extract_run. */
struct sp_account {
    const struct sp_stream *top; /* the job's own stream */
    uint64_t out_bytes;          /* given out by all decompressors of the job so far */
    uint64_t zero_bytes;         /* of holes delivered so far, at most limits->ratio_free_bytes */
};

struct sp_identity;
struct sp_extents;
struct sp_book;
enum sp_package { SP_PACKAGE_NONE, SP_PACKAGE_DOCUMENT, SP_PACKAGE_SHEETS };
/* A member that somebody only looks at: what is not read of the stream is passed over. */
typedef enum sp_err (*sp_member_look)(void *ctx, const struct sp_object_info *info,
                                      struct sp_stream *stream, struct sp_why *why);

/* Bytes beside the data of an archive, where nothing should be packed. */
enum sp_beside {
    SP_BESIDE_NOT,   /* data of an object */
    SP_BESIDE_NOTE,  /* somebody's own: a comment, an attribute */
    SP_BESIDE_NOBODY /* nobody's: what is no text is told of too */
};

/* What one call of an extractor works on. The caller fills the first part and leaves the second
 * part zero; it must outlive the use of done->format. */
struct sp_extract {
    struct sp_stream *stream;          /* the object's bytes; owned by the caller */
    const struct sp_object_info *info; /* name, declared type */
    struct sp_sink *sink;
    const struct sp_limits *limits;
    uint32_t depth;             /* containers above this object */
    uint64_t top_bytes;         /* size of the top object, for the cumulative ratio; or unknown */
    const struct sp_plan *plan; /* of the members directly below this object; NULL: read all */
    bool inline_children;       /* read every child here, never hand one out (tests, fuzzing) */
    sp_member_look look;        /* gets members instead of a reader; NULL: they are read */
    void *look_ctx;
    enum sp_package package;     /* what members are parts of, see office.c */
    const struct sp_book *book;  /* of the spreadsheet that this is a part of; NULL: none */
    struct sp_extents *extents;  /* told where records lie; NULL: nobody asks */
    struct sp_object_done *done; /* filled by the extractor: format, shape, encoding, counts */

    const struct sp_identity *given;   /* what the object is, when somebody has looked already */
    const struct sp_extractor *chosen; /* who reads the layer at hand */
    bool use_magic;                    /* libmagic may be asked */
    bool known;            /* the type is known and needs no reader: entropy tells nothing */
    enum sp_beside beside; /* the raw pass is in what no member has: what may be told of it */
    bool unspoolable;      /* a spool was tried and was too small */
    uint32_t layers;       /* filters taken off this object so far */
    bool layered;          /* the last extractor was a filter: done tells of what it held */
    struct sp_account *account;
    char format[SP_FORMAT_NAME_MAX]; /* what done->format points to */
};

enum { SP_SAMPLE_BYTES = 8192 }; /* of text: what formats look at to recognise themselves */

/* What all who bid look at, made once. */
struct sp_glance {
    struct sp_slice head;   /* the first bytes, at most SP_HEAD_BYTES */
    struct sp_slice name;   /* may be empty */
    struct sp_slice sample; /* of the head's text as sp_extract_sample gives it; empty: none */
    bool is_text;           /* by all of the head, in whatever encoding */
    uint8_t room[SP_SAMPLE_BYTES];
};
/* `head` and `name` are borrowed, and `*glance` points into itself. */
void sp_glance_at(struct sp_glance *glance, struct sp_slice head, struct sp_slice name);

struct sp_extractor {
    const char *name;
    enum sp_place place;
    enum sp_shape shape;
    bool needs_seek; /* wants sp_stream_fd() >= 0: a child of it is spooled into a memfd */
    bool streams;    /* with needs_seek: reads a stream too when it is too large to spool */
    /* 0 = not mine .. 100 = certain, from the first bytes and the name. */
    int (*bid)(const struct sp_glance *at);
    /* SP_OK also when the content was bad: that is told by unread records and done->state.
     * SP_ERR_FORMAT (the parser gave up) and a failure of x->stream are turned into an unread
     * record by sp_extract_run, see formats.h. Anything else ends the job: SP_ERR_NOMEM,
     * SP_ERR_IO on the sink, SP_ERR_STOP. */
    enum sp_err (*extract)(struct sp_extract *x, struct sp_why *why);
};

/* THE table of formats, ended by a NULL name. Order decides between equal bids. */
extern const struct sp_extractor sp_extractors[];

/* Who reads this? Our own bids first; when none reaches 50 and `use_magic`, libmagic is asked
 * (worker only). Never NULL: the last resort is the raw byte pass. *unread_reason is set to a
 * reason (or SP_REASON_COUNT for none) when the format is known and no reader exists
 * (unsupported, opaque, multivolume, needs_ocr …): the raw pass then reads it AND the reason is
 * reported; detail (at most 160 bytes) names the format. */
struct sp_identity {
    const struct sp_extractor *extractor;
    enum sp_reason unread_reason; /* SP_REASON_COUNT: none */
    char detail[160];
    bool is_disk; /* an image that speur-disk reads, where it is; unread_reason is for elsewhere */
    bool sure;    /* false: only libmagic could tell more, and it was not asked */
};
void sp_identify(struct sp_slice head, struct sp_slice name, uint64_t size_bytes, bool use_magic,
                 struct sp_identity *out);
/* The same for an object from a descriptor: looks at its end as well, where a zip file behind a
 * program or a script, and what is packed behind a text, show. The stream's position stays. */
void sp_identify_stream(struct sp_stream *stream, struct sp_slice head, struct sp_slice name,
                        bool use_magic, struct sp_identity *out);
/* Says so when a name promises a format (.gz, .zip, .pdf) and the object was identified as text or
 * bytes only. Not for what lies below a filter: the name is that of the whole. */
void sp_identify_promise(struct sp_slice name, struct sp_identity *out);
/* Names of formats that are known by their first bytes and have no reader, one after the other;
 * NULL behind the last. */
const char *sp_extract_known_name(size_t index);
#define SP_MIME_MESSAGE "message/rfc822"
/* What a mail declares to be a message is read as one, also when its headers are few or unknown. */
void sp_identify_declared(const struct sp_object_info *info, struct sp_identity *out);
/* A picture of which the words are wanted: handed out with this type by who has looked at it, and
 * read by speur-ocr. No file can declare it: a type of MIME has a slash. */
#define SP_MIME_PICTURE "picture"
bool sp_mime_is_picture(const char *mime);
/* A declared type that decides who reads an object, as a constant to be kept with it; or NULL. */
const char *sp_mime_kept(const char *mime);
/* Loads libmagic's database for this thread. Workers call it before lockdown. */
enum sp_err sp_magic_open(struct sp_why *why);
void sp_magic_close(void);
enum { SP_MAGIC_MIME_MAX = 128 };
/* libmagic's second opinion, a MIME type; 0.7 to 1 ms a look, so in the worker only. False when
 * the database is not loaded, or it does not know. */
bool sp_magic_mime(struct sp_slice head, char mime[SP_MAGIC_MIME_MAX]);

/* Reads the object whose info is x->info from x->stream: takes off filters (gzip, bzip2, xz,
 * zstd, lz4) layer by layer, identifies, extracts, falls back to the raw pass when a parser
 * fails, and fills x->done. The one entry for the parent, the worker and nested members.
 * Names are NOT pushed as text here: the receiver of an object knows its names. */
enum sp_err sp_extract_run(struct sp_extract *x, bool use_magic, struct sp_why *why);

/* Reads all of x->stream by the raw byte pass, without a look at what it is: for an object that no
 * parser survived. Says nothing of that itself. */
enum sp_err sp_extract_raw(struct sp_extract *x, struct sp_why *why);

/* For containers: reads one member or part from `stream` as an object below the current one.
 * Streams text formats and archives in place; spools the others into a sealed memfd and hands
 * them out as a child; what is larger than the spool limit and cannot be streamed is read by the
 * raw pass and reported as limit_spool. Checks depth and ratio. Consumes the stream. */
enum sp_err sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                              struct sp_stream *stream, struct sp_why *why);

#endif
