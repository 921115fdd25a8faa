/* Every fixed number that bounds memory, time or depth, with its reason. Settable limits are in
 * struct sp_limits (core/budget.h); these are their defaults and the ones nobody sets. */
#ifndef SP_BASE_LIMITS_H
#define SP_BASE_LIMITS_H

enum {
    SP_BLOCK_BYTES = 256 * 1024,      /* one read(2); measured 8.9 GB/s, larger brings nothing */
    SP_HEAD_BYTES = 64 * 1024,        /* what identification may look at */
    SP_FRAME_TEXT_MAX = 64 * 1024,    /* text bytes in one TEXT call or frame */
    SP_FRAME_MAX = 1024 * 1024,       /* one frame on the wire, origin map included */
    SP_WINDOW_OWN_BYTES = 128 * 1024, /* text a window owns; any size gives the same findings */
    SP_WINDOW_MARGIN_BYTES = 4096,    /* lookback and lookahead: longest lead + value + context */
    SP_NAME_MAX_BYTES = 4096,         /* a header name, column name, primary key */
    SP_MEMBER_NAME_MAX_BYTES =
        65536,                 /* a stored name: zip's own limit; no file system takes more */
    SP_FIELD_MAX_COUNT = 4096, /* columns of a row that get a key of their own */
    SP_LINE_LOOK_BYTES = 512   /* context never looks farther along one line */
};

#endif
