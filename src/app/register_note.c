/* Notes about a request: it is withdrawn, exempt, identified, extended or answered. */
#include "app/keeping.h"
#include "base/mem.h"
#include "check/date.h"
#include "check/evidence.h"

#include <inttypes.h>

/* A verb, its row, and what it must have beside --req. */
struct note_form {
    const char *verb;
    enum sp_row_kind kind;
    bool wants_reason;
    bool wants_until;
    const char *done; /* what is said afterwards */
};
static const struct note_form note_forms[] = {
    {"withdraw", SP_ROW_WITHDRAWN, true, false, "Withdrawn: it no longer counts in a check."},
    {"exempt", SP_ROW_EXEMPTED, true, false, "Exempt: listed by a check, not dropped."},
    {"identified", SP_ROW_IDENTIFIED, false, false, "Noted."},
    {"extend", SP_ROW_EXTENDED, true, true, "Extended: tell the person why, within the term."},
    {"answer", SP_ROW_ANSWERED, false, false, "Noted as answered."},
};

static const struct note_form *note_form_of(const char *verb)
{
    const struct note_form *form = note_forms;
    while (strcmp(form->verb, verb) != 0)
        form++; /* the table of verbs names no other */
    return form;
}

static enum sp_err note_date(const char *option, const char *text, char out[SP_DATE_LEN + 1],
                             struct sp_why *why)
{
    int64_t days;
    if (text == NULL)
        return SP_OK;
    if (!sp_date_parse(sp_slice_of(text), &days))
        return sp_fail(why, SP_ERR_USAGE, "--%s wants a date, YYYY-MM-DD", option);
    sp_date_format(days, out);
    return SP_OK;
}

static enum sp_err note_text(const char *text, char **out, struct sp_why *why)
{
    *out = sp_copy_string(text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
    return *out == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a note") : SP_OK;
}

static enum sp_err note_fill(const struct note_form *form, const struct sp_options *options,
                             const char *today, struct sp_register_row *row, struct sp_why *why)
{
    if (options->req_id == NULL)
        return sp_fail(why, SP_ERR_USAGE, "register %s wants --req ID", form->verb);
    if (form->wants_reason && (options->reason == NULL || options->reason[0] == '\0'))
        return sp_fail(why, SP_ERR_USAGE, "register %s wants --reason TEXT", form->verb);
    if (form->wants_until && options->until == NULL)
        return sp_fail(why, SP_ERR_USAGE, "register %s wants --until DATE", form->verb);
    row->row_kind = form->kind;
    row->of_seq = options->seq;
    enum sp_err err = note_date("until", options->until, row->until, why);
    if (err == SP_OK)
        err = note_date("date", options->date == NULL ? today : options->date, row->day, why);
    if (err == SP_OK)
        err = note_text(options->req_id, &row->req_id, why);
    if (err == SP_OK)
        err = note_text(options->reason, &row->reason, why);
    return err == SP_OK ? note_text(options->by, &row->decided_by, why) : err;
}

/* What an answer rests on: the request, its day, and what was registered for it. */
static void note_evidence(struct sp_json *json, void *ctx)
{
    const struct sp_register_row *row = ctx;
    sp_json_text(json, "note", sp_row_kind_name(row->row_kind));
    sp_json_text(json, "request", row->req_id);
    sp_json_text(json, "day", row->day);
    sp_json_text(json, "until", row->until);
    sp_json_text(json, "reason", row->reason);
    sp_json_text(json, "decided_by", row->decided_by);
}

enum sp_err sp_register_verb_note(struct sp_keeping *keeping, struct sp_options *options,
                                  struct sp_why *why)
{
    const struct note_form *form = note_form_of(options->args[0]);
    struct sp_register_row row = {0};
    size_t added = 0;
    enum sp_err err = note_fill(form, options, keeping->today, &row, why);
    if (err == SP_OK)
        err = sp_keeping_open(keeping, options, why);
    if (err == SP_OK && !options->dry_run)
        err = sp_register_append(keeping->reg, &row, 1, &added, why);
    const struct sp_evidence_job job = {.path = options->evidence,
                                        .kind = options->args[0],
                                        .register_path = keeping->register_path,
                                        .key = keeping->key,
                                        .reg = keeping->reg,
                                        .body = note_evidence,
                                        .ctx = &row};
    if (err == SP_OK && options->evidence != NULL && !options->dry_run)
        err = sp_evidence_write(&job, why);
    if (err == SP_OK && !options->quiet)
        (void)printf("%s\n", options->dry_run ? "It would be noted." : form->done);
    sp_register_row_clear(&row);
    return err;
}
