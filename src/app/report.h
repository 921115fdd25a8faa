/* The evidence of a check, put together while it runs. */
#ifndef SP_APP_REPORT_H
#define SP_APP_REPORT_H

#include "app/app.h"
#include "check/evidence.h"

struct sp_report {
    bool wanted; /* options->evidence is given */
    const struct sp_options *options;
    const struct sp_session *session;
    const struct sp_register *reg;
    char *register_path;   /* owned */
    struct sp_buf targets; /* JSON: an array under way */
};

/* Borrows all three until the close. Nothing is done by the others when no report is wanted. Fails
 * when the register was rolled back since the last report. */
enum sp_err sp_report_open(struct sp_report *report, const struct sp_options *options,
                           const struct sp_session *session, const struct sp_register *reg,
                           struct sp_why *why);
/* One PATH was judged. */
enum sp_err sp_report_target(struct sp_report *report, const char *path,
                             const struct sp_root_row *row, const struct sp_scan_sum *scanned,
                             const struct sp_verdict_sum *sum, struct sp_why *why);
/* All were: writes and signs it. Lists and decisions lie where the options say; `line` is what
 * stands in the terminal. */
enum sp_err sp_report_write(struct sp_report *report, const struct sp_verdict_options *verdict,
                            const struct sp_verdict_sum *sum, struct sp_slice line,
                            struct sp_why *why);
void sp_report_close(struct sp_report *report);

#endif
