/* The wire between speur and speur-worker: one stream socket, frames of
 *   u32 payload length (little-endian, <= SP_FRAME_MAX) · u8 type · 3 zero bytes · payload.
 * Integers in payloads are LEB128 varints unless told otherwise; strings are varint length + bytes.
 * Signed times are sent as zig-zag varints.
 *
 * parent -> worker   JOB  one object to read; its descriptor comes with it (SCM_RIGHTS)
 * worker -> parent   OBJECT_BEGIN, OBJECT_END, RECORD_BEGIN, RECORD_END, FIELD, TEXT, UNREAD,
 *                    PROGRESS as the calls of core/sink.h; CHILD with a sealed memfd;
 *                    DONE ends the job.
 * The parent trusts nothing of it: lengths, counts, order, UTF-8 and enumerations are checked, and
 * one violation ends the worker. The worker trusts the parent.
 */
#ifndef SP_WORKER_FRAMES_H
#define SP_WORKER_FRAMES_H

#include "base/buf.h"
#include "base/limits.h"
#include "core/budget.h"
#include "core/plan.h"
#include "core/sink.h"

/* Arguments of speur-worker: what contains it here, on standard output, and no more (one that
 * serves says it on its socket, in a line before its first frame); resource limits only; bytes of
 * address space; bytes of the largest memory file. */
#define SP_WORKER_LEVEL "--level"
#define SP_WORKER_NO_SANDBOX "--no-sandbox"
#define SP_WORKER_MEMORY "--memory"
#define SP_WORKER_SPOOL "--spool"

enum { SP_WORKER_SOCKET = 3 }; /* descriptor on which a worker finds its socket */

enum sp_frame {
    SP_FRAME_JOB = 1,
    SP_FRAME_OBJECT_BEGIN,
    SP_FRAME_OBJECT_END,
    SP_FRAME_RECORD_BEGIN,
    SP_FRAME_RECORD_END,
    SP_FRAME_FIELD,
    SP_FRAME_TEXT,
    SP_FRAME_CHILD,
    SP_FRAME_UNREAD,
    SP_FRAME_PROGRESS,
    SP_FRAME_DONE
};

/* One object to read. */
struct sp_job {
    struct sp_object_info info; /* its slices are borrowed */
    struct sp_limits limits;
    struct sp_plan plan; /* its spans are borrowed */
    uint32_t depth;      /* containers above it */
    uint64_t top_bytes;  /* size of the top object, SP_SIZE_UNKNOWN */
};

/* ---- worker's end (frames_out.c, job.c) ---------------------------------------------------- */
struct sp_wire_sink;
/* Borrows the socket. */
enum sp_err sp_wire_sink_new(int socket_fd, struct sp_wire_sink **out, struct sp_why *why);
void sp_wire_sink_free(struct sp_wire_sink *wire);
struct sp_sink *sp_wire_sink_base(struct sp_wire_sink *wire); /* borrowed */
/* Ends a job: what the object itself was, or why it could not be read, and flushes. */
enum sp_err sp_wire_sink_done(struct sp_wire_sink *wire, enum sp_err result,
                              const struct sp_object_done *done, const char *reason,
                              struct sp_why *why);
/* Sends at once where objects begin and end (sp_plan.careful). Until told otherwise. */
void sp_wire_sink_careful(struct sp_wire_sink *wire, bool careful);
/* What a received job points to: made once, used for one job after the other. */
struct sp_job_room {
    struct sp_buf frame;
    struct sp_span *spans; /* SP_PLAN_SPANS_MAX */
};
enum sp_err sp_job_room_init(struct sp_job_room *room, struct sp_why *why);
void sp_job_room_wipe(struct sp_job_room *room); /* what the last job said */
void sp_job_room_clear(struct sp_job_room *room);
/* Waits for the next job, which points into the room. *fd is the caller's. SP_ERR_STOP: the parent
 * closed the socket. */
enum sp_err sp_wire_receive_job(int socket_fd, struct sp_job *job, int *fd,
                                struct sp_job_room *room, struct sp_why *why);

/* ---- parent's end (frames_in.c, pump.c, job.c) ---------------------------------------------- */
/* Sends a job; the descriptor stays the caller's. SP_ERR_IO: the worker is gone. */
enum sp_err sp_wire_send_job(int socket_fd, const struct sp_job *job, int fd, struct sp_why *why);

struct sp_wire_in;
/* socket_fd -1: for sp_wire_replay only. */
enum sp_err sp_wire_in_new(int socket_fd, struct sp_wire_in **out, struct sp_why *why);
void sp_wire_in_free(struct sp_wire_in *in);

enum sp_wire_end {
    SP_WIRE_DONE,     /* the job ended as it should */
    SP_WIRE_LOST,     /* end of file: the worker died */
    SP_WIRE_SILENT,   /* no sign of life for quiet_ms */
    SP_WIRE_NONSENSE, /* a frame that no worker of ours sends, or more than its file can hold */
    SP_WIRE_STOPPED   /* *stop was set */
};
struct sp_wire_result {
    enum sp_wire_end end;
    /* what DONE said */
    enum sp_err worker_err;     /* of the extractor, SP_OK when it ran to its end */
    struct sp_object_done done; /* format and encoding point into the wire's own memory */
    char reason[SP_WHY_LEN];    /* why worker_err, or what was nonsense */
    enum sp_reason unread;      /* what any other end than SP_OK means for the object; told by who
                                 * started the worker (scan/link.c) */
    /* of the objects directly below the job's, which come in ascending order */
    uint64_t done_last; /* ordinal of the last that ended or was handed back; 0: none */
    uint64_t begun;     /* ordinal of the one that was open at the end; 0: none */
};

/* Takes objects directly below the job's off the pump's hands, for another lane. */
struct sp_wire_relay {
    bool (*wanted)(void *ctx); /* asked before each object; may be NULL: never */
    /* Whole frames of whole objects, at most SP_PARCEL_MAX_BYTES; *frames is taken over and left
     * empty. */
    enum sp_err (*take)(void *ctx, struct sp_buf *frames, struct sp_why *why);
    void *ctx;
};
enum {
    SP_PARCEL_BYTES = 128 * 1024,          /* from here on a parcel is handed over */
    SP_PARCEL_MAX_BYTES = 2 * SP_FRAME_MAX /* an object that is larger is read by who pumps */
};

struct sp_wire_watch {
    int quiet_ms; /* a worker that gives no sign of life for so long has ended; time in the sink
                   * does not count, nor does PROGRESS that makes none */
    const volatile int *stop; /* looked at at least every 200 ms; may be NULL */
    uint64_t bytes_max;       /* of all frames; 0: no ceiling */
    bool mute; /* drop what the job's object says of itself before the first object below it: it
                * said so in an earlier attempt */
    struct sp_wire_relay relay;
};
/* Reads frames of one job and calls the sink, until DONE or an end of another kind. Fails only
 * when the sink fails. */
enum sp_err sp_wire_pump(struct sp_wire_in *in, struct sp_sink *sink,
                         const struct sp_wire_watch *watch, struct sp_wire_result *result,
                         struct sp_why *why);
/* Calls the sink for what a relay took; result->end is DONE or NONSENSE. `in` may be one that is
 * not pumping at the time. */
enum sp_err sp_wire_replay(struct sp_wire_in *in, struct sp_slice frames, struct sp_sink *sink,
                           struct sp_wire_result *result, struct sp_why *why);

/* ---- both ends (job.c): payload coding of object_info and object_done ------------------------ */
enum sp_err sp_frame_put_info(struct sp_buf *out, const struct sp_object_info *info,
                              struct sp_why *why);
/* mime (or NULL) is copied to mime_out, which info->mime then points to. */
enum { SP_FRAME_MIME_MAX = 128 };
void sp_frame_get_info(struct sp_reader *reader, struct sp_object_info *info,
                       char mime_out[SP_FRAME_MIME_MAX]);
uint64_t sp_frame_zigzag(int64_t value);
int64_t sp_frame_unzigzag(uint64_t value);

#endif
