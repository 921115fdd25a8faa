/* The last line of a check: its verdict, and what was taken on somebody's word. */
#include "check/verdict.h"

#include <inttypes.h>

/* Appends ", " or the opening bracket. */
static enum sp_err line_next(struct sp_buf *out, bool *begun, struct sp_why *why)
{
    enum sp_err err = sp_buf_append_string(out, *begun ? ", " : " (accepted: ", why);
    *begun = true;
    return err;
}

static enum sp_err line_gaps(const struct sp_verdict_sum *sum, struct sp_buf *out, bool *begun,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < SP_REASON_COUNT && err == SP_OK; i++) {
        if (sum->accepted_by_reason[i] == 0)
            continue;
        err = line_next(out, begun, why);
        if (err == SP_OK)
            err = sp_buf_appendf(out, why, "%" PRIu64 " %s", sum->accepted_by_reason[i],
                                 sp_reason_name((enum sp_reason)i));
    }
    if (err == SP_OK && sum->gaps_accepted > 0)
        err = sp_buf_appendf(out, why, " in %" PRIu64 " %s", sum->accept_rules_used,
                             sum->accept_rules_used == 1 ? "rule" : "rules");
    return err;
}

enum sp_err sp_verdict_line(const struct sp_verdict_sum *sum, struct sp_buf *out,
                            struct sp_why *why)
{
    static const char *const names[] = {"CLEAN", "HITS", "INCOMPLETE", "HITS INCOMPLETE"};
    bool begun = false;
    enum sp_err err = sp_buf_appendf(out, why, "VERDICT: %s", names[sum->status & 3U]);
    if (err == SP_OK)
        err = line_gaps(sum, out, &begun, why);
    if (err == SP_OK && sum->reviews_accepted > 0) {
        err = line_next(out, &begun, why);
        if (err == SP_OK)
            err = sp_buf_appendf(out, why, "%" PRIu64 " REVIEW", sum->reviews_accepted);
    }
    if (err == SP_OK && sum->register_empty) {
        err = line_next(out, &begun, why);
        if (err == SP_OK)
            err = sp_buf_append_string(out, "empty register", why);
    }
    if (err == SP_OK && begun)
        err = sp_buf_append_byte(out, ')', why);
    return err;
}
