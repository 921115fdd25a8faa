/* The walk over a tree: sorted, so that two scans see the same order; links are not followed,
 * other file systems not entered unless asked for; nothing is passed over in silence. */
#ifndef SP_SCAN_WALK_H
#define SP_SCAN_WALK_H

#include "scan/lane.h"

/* Offers every file to the queue, doing one itself whenever the queue is full; keeps what is no
 * file. The lane is the walker's own. SP_ERR_STOP when stopped. */
enum sp_err sp_walk(struct sp_lane *lane, struct sp_why *why);

/* Offers the files that the options name instead, in that order. */
enum sp_err sp_walk_only(struct sp_lane *lane, struct sp_why *why);

/* True when a glob of the options matches the path or its last component. */
bool sp_walk_is_excluded(const struct sp_scan_options *options, const char *path);

#endif
