/* The parent's end of the wire, in two files: frames_in.c decodes, pump.c receives and decides
 * who gets what. Nobody else includes this. */
#ifndef SP_WORKER_FRAMES_IN_H
#define SP_WORKER_FRAMES_IN_H

#include "base/limits.h"
#include "worker/frames.h"

enum {
    SP_WIRE_FDS_MAX = 8,   /* descriptors that came in before their CHILD frame was read */
    SP_WIRE_OPEN_MAX = 64, /* objects open at once: deeper than any limit of depth */
    SP_WIRE_FORMAT_MAX = 64,
    SP_WIRE_HEADER_BYTES = 8
};

struct sp_wire_in {
    int socket_fd;    /* borrowed; -1: only for replaying */
    struct sp_buf in; /* bytes received; in.data[pos..] not read yet */
    size_t pos;
    int fds[SP_WIRE_FDS_MAX]; /* received, owned until a CHILD takes them */
    unsigned fd_count;
    struct sp_origin *points; /* of the TEXT being read; SP_FRAME_TEXT_MAX + 1 of them */
    char format[SP_WIRE_FORMAT_MAX], encoding[SP_WIRE_FORMAT_MAX];
    /* order of calls within one job */
    unsigned open; /* objects begun and not ended */
    bool in_record;
    /* of the job being pumped, see pump.c */
    bool mute;               /* what the job's object says of itself was heard before */
    uint64_t bytes;          /* of all frames so far */
    uint64_t progress_bytes; /* as the last PROGRESS told */
    int64_t sign_ms;         /* monotonic: last sign of life that was dealt with */
    struct sp_buf parcel; /* whole frames: objects directly below the job's, kept for another lane;
                           * the last may not have ended */
    size_t parcel_whole;  /* bytes of the objects in it that have ended */
    unsigned parcel_open; /* objects of the last one that are open; 0: none is being kept */
};

/* One whole frame. */
struct sp_frame_view {
    unsigned type;
    struct sp_slice bytes;   /* with its header */
    struct sp_slice payload; /* without */
};

/* The frame at the beginning of `bytes`. *whole false: more bytes are needed. False: no frame. */
bool sp_frame_view(struct sp_slice bytes, struct sp_frame_view *out, bool *whole);

/* Checks a frame other than DONE and calls the sink. *bad: no worker of ours sends that. Fails
 * only when the sink does. */
enum sp_err sp_frame_deliver(struct sp_wire_in *in, const struct sp_frame_view *frame,
                             struct sp_sink *sink, bool *bad, struct sp_why *why);
/* DONE. False: nonsense. */
bool sp_frame_done(struct sp_wire_in *in, const struct sp_frame_view *frame,
                   struct sp_wire_result *result);
/* The ordinal that an OBJECT_BEGIN or CHILD tells; 0: it cannot be read. */
uint64_t sp_frame_ordinal(const struct sp_frame_view *frame);
/* The bytes that a PROGRESS tells; 0: it cannot be read. */
uint64_t sp_frame_progress(const struct sp_frame_view *frame);

#endif
