/* speur-disk at work: a program of another licence (src/disk/LICENSE) that gives what is in a disk
 * image as a tar stream, which a worker reads as any other. Started for each attempt at an image.
 */
#ifndef SP_SCAN_FEED_H
#define SP_SCAN_FEED_H

#include "scan/link.h"

struct sp_feed {
    int pid; /* 0: not running */
    int fd;  /* read end of the pipe with the stream; -1: not open */
};

/* What became of it. */
struct sp_feed_end {
    bool whole;              /* it gave all, or nobody wanted more */
    enum sp_reason unread;   /* else: what that means for the image */
    char detail[SP_WHY_LEN]; /* one line */
};

/* Starts `path` over the image. The descriptor stays the caller's. */
enum sp_err sp_feed_start(const char *path, const struct sp_worker_how *how, int image_fd,
                          struct sp_feed *feed, struct sp_why *why);
/* True when it has not ended and the pipe is empty: whoever reads it waits for it. */
bool sp_feed_is_silent(const struct sp_feed *feed);
/* Closes the pipe and reaps it. `cut`: its reader did not come to the end, so it is killed, and how
 * it ends tells nothing. */
void sp_feed_close(struct sp_feed *feed, bool cut, struct sp_feed_end *end);

/* What contains it on this machine, asked of it. SP_ERR_CONFIG: it cannot be contained, or not even
 * started. */
enum sp_err sp_feed_level(const char *path, const struct sp_worker_how *how,
                          char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why);

#endif
