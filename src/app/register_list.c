/* register list: the rows, or with --due the requests that wait for an answer. */
#include "app/keeping.h"
#include "base/mem.h"
#include "check/date.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *list_or(const char *text, const char *otherwise)
{
    return text != NULL && text[0] != '\0' ? text : otherwise;
}

static void list_identifier(const struct sp_register_row *row)
{
    (void)printf("%-14s %-12s %-10s %-10s ", sp_request_kind_name(row->kind),
                 sp_type_name(row->type), list_or(row->erased_at, "-"),
                 list_or(row->last_backup_expiry, "never"));
    sp_print_escaped(stdout, list_or(row->scope, "all"));
    if (row->withdrawn)
        (void)fputs(" (withdrawn)", stdout);
    if (row->exempt_basis != NULL && row->exempt_basis[0] != '\0') {
        (void)fputs(" (exempt: ", stdout);
        sp_print_escaped(stdout, row->exempt_basis);
        (void)printf("%s%s)", row->exempt_until[0] != '\0' ? " until " : "", row->exempt_until);
    }
}

static void list_note(const struct sp_register_row *row)
{
    (void)printf("%s %s", sp_row_kind_name(row->row_kind), row->day);
    if (row->of_seq != 0)
        (void)printf(", row %" PRIu64, row->of_seq);
    if (row->until[0] != '\0')
        (void)printf(", until %s", row->until);
    if (row->reason != NULL && row->reason[0] != '\0') {
        (void)fputs(": ", stdout);
        sp_print_escaped(stdout, row->reason);
    }
    if (row->decided_by != NULL && row->decided_by[0] != '\0') {
        (void)fputs(" (", stdout);
        sp_print_escaped(stdout, row->decided_by);
        (void)fputs(")", stdout);
    }
}

static void list_rows(const struct sp_register *reg)
{
    (void)printf("%6s %s\t%-14s %-12s %-10s %-10s %s\n", "seq", "request", "kind", "type", "erased",
                 "expires", "scope");
    for (size_t i = 0; i < sp_register_count(reg); i++) {
        const struct sp_register_row *row = sp_register_row_at(reg, i);
        (void)printf("%6" PRIu64 " ", row->seq);
        sp_print_escaped(stdout, list_or(row->req_id, "-"));
        (void)fputc('\t', stdout);
        if (row->row_kind == SP_ROW_IDENTIFIER)
            list_identifier(row);
        else
            list_note(row);
        (void)printf("\n");
    }
}

/* ---- due ------------------------------------------------------------------------------------- */
/* A request, put together from its rows and notes. */
struct due {
    const char *req_id;
    const char *received, *due, *until; /* until: of an extension, else NULL */
    bool identified, answered, live;
};

struct due_row {
    const struct sp_register_row *row;
};

static int due_by_request(const void *a, const void *b)
{
    const struct sp_register_row *x = ((const struct due_row *)a)->row;
    const struct sp_register_row *y = ((const struct due_row *)b)->row;
    int order = strcmp(x->req_id, y->req_id);
    return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

static const char *due_day(const struct due *due)
{
    return due->until != NULL ? due->until : due->due;
}

/* Without a date last. */
static int due_by_day(const void *a, const void *b)
{
    const struct due *x = a;
    const struct due *y = b;
    bool x_none = due_day(x)[0] == '\0';
    bool y_none = due_day(y)[0] == '\0';
    int order = x_none != y_none ? (int)x_none - (int)y_none : strcmp(due_day(x), due_day(y));
    return order != 0 ? order : strcmp(x->req_id, y->req_id);
}

static void due_take(struct due *due, const struct sp_register_row *row)
{
    switch (row->row_kind) {
    case SP_ROW_IDENTIFIER:
    case SP_ROW_EXPIRED:
        if (row->received[0] != '\0')
            due->received = row->received;
        if (row->due[0] != '\0')
            due->due = row->due;
        due->identified = due->identified || row->identified[0] != '\0';
        due->live = due->live || (row->row_kind == SP_ROW_IDENTIFIER && !row->withdrawn);
        break;
    case SP_ROW_EXTENDED:
        due->until = row->until;
        break;
    case SP_ROW_IDENTIFIED:
        due->identified = true;
        break;
    case SP_ROW_ANSWERED:
        due->answered = true;
        break;
    default:
        break;
    }
}

static void due_print(const struct due *due, const char *today)
{
    int64_t now;
    int64_t day;
    (void)sp_date_parse(sp_slice_of(today), &now);
    sp_print_escaped(stdout, due->req_id);
    (void)printf("\t%-10s %-10s ", list_or(due->received, "-"), list_or(due_day(due), "-"));
    if (!sp_date_parse(sp_slice_of(due_day(due)), &day))
        (void)printf("%-14s", "no date");
    else if (day < now)
        (void)printf("%" PRId64 " days OVERDUE", now - day);
    else
        (void)printf("%" PRId64 " days left", day - now);
    (void)printf("%s%s\n", due->until != NULL ? ", extended" : "",
                 due->identified ? "" : ", not identified");
}

/* Rows sorted by request become requests that are live and not answered, sorted by their day. */
static size_t due_gather(const struct due_row *rows, size_t count, struct due *out)
{
    size_t found = 0;
    for (size_t i = 0; i < count;) {
        struct due due = {.req_id = rows[i].row->req_id, .received = "", .due = ""};
        size_t next = i;
        while (next < count && strcmp(rows[next].row->req_id, due.req_id) == 0)
            due_take(&due, rows[next++].row);
        if (due.live && !due.answered)
            out[found++] = due;
        i = next;
    }
    if (found > 0)
        qsort(out, found, sizeof *out, due_by_day);
    return found;
}

static enum sp_err list_due(const struct sp_register *reg, const char *today, struct sp_why *why)
{
    size_t count = sp_register_count(reg);
    struct due_row *rows = sp_alloc_zero((count + 1) * sizeof *rows);
    struct due *due = sp_alloc_zero((count + 1) * sizeof *due);
    size_t used = 0;
    enum sp_err err = rows == NULL || due == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory for %zu rows", count)
                          : SP_OK;
    for (size_t i = 0; err == SP_OK && i < count; i++)
        if (!sp_row_is_event(sp_register_row_at(reg, i)->row_kind))
            rows[used++].row = sp_register_row_at(reg, i);
    if (err == SP_OK && used > 0)
        qsort(rows, used, sizeof *rows, due_by_request);
    size_t found = err == SP_OK ? due_gather(rows, used, due) : 0;
    if (err == SP_OK)
        (void)printf("request\treceived   due\n");
    for (size_t i = 0; i < found; i++)
        due_print(&due[i], today);
    if (err == SP_OK)
        (void)printf("%zu requests wait for an answer.\n", found);
    sp_free(rows);
    sp_free(due);
    return err;
}

enum sp_err sp_register_verb_list(struct sp_keeping *keeping, struct sp_options *options,
                                  struct sp_why *why)
{
    enum sp_err err = sp_keeping_open(keeping, options, why);
    if (err != SP_OK)
        return err;
    if (options->due)
        return list_due(keeping->reg, keeping->today, why);
    list_rows(keeping->reg);
    (void)printf("%zu rows, head %s\n", sp_register_count(keeping->reg),
                 sp_register_head(keeping->reg));
    return SP_OK;
}
