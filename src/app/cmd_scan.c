#include "app/app.h"

enum { SCAN_UNREAD_SHOWN = 10, SCAN_STATUS_GAPS = 2 };

static int scan_report(struct sp_session *session, const struct sp_options *options,
                       const struct sp_root_row *row, const struct sp_scan_sum *sum)
{
    struct sp_why why = {""};
    struct sp_coverage coverage;
    enum sp_err err = sp_inventory_coverage(session->inventory, row->id, &coverage, &why);
    if (err != SP_OK)
        return sp_complain(err, &why);
    bool gaps = coverage.objects_unread_gap + coverage.objects_open > 0 || !sum->complete;
    bool refused = session->patterns_refused > 0; /* told when they were read */
    if (!options->quiet) {
        sp_summary_print(stdout, row, &coverage, sum);
        if (gaps) {
            (void)printf("Not read, so personal data may lie there:\n");
            err = sp_summary_unread(stdout, session->inventory, row,
                                    options->verbose ? 0 : SCAN_UNREAD_SHOWN, &why);
        }
        (void)printf("Next: speur export shows each finding (masked); speur check says what may be "
                     "restored.\n");
    }
    if (err != SP_OK)
        return sp_complain(err, &why);
    return gaps || refused ? SCAN_STATUS_GAPS : 0;
}

int sp_cmd_scan(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_session session;
    if (options->arg_count == 0) {
        (void)fprintf(stderr, "speur: scan wants a PATH (or - for standard input)\n");
        return sp_err_exit_status(SP_ERR_USAGE);
    }
    enum sp_err err = sp_session_open(&session, options, true, &why);
    if (err == SP_OK)
        err = sp_app_contain(&session, options, &why);
    int status = err == SP_OK ? 0 : sp_complain(err, &why);
    for (int i = 0; err == SP_OK && i < options->arg_count; i++) {
        struct sp_scan_sum sum;
        const struct sp_root_row *row;
        struct sp_why scan_why = {""};
        enum sp_err scan_err =
            sp_session_scan(&session, options, options->args[i], &sum, &row, &scan_why);
        /* one PATH that fails does not keep the others from being scanned */
        int one = scan_err == SP_OK ? scan_report(&session, options, row, &sum)
                                    : sp_complain(scan_err, &scan_why);
        status = one > status ? one : status;
        if (sp_app_stop)
            break;
    }
    sp_session_close(&session);
    return status;
}
