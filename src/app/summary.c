/* What a person reads after a scan: how much was read, what was not and why, what was found, and
 * what to do next. */
#include "app/app.h"
#include "store/trail.h"

#include <inttypes.h>

const char *sp_summary_number(uint64_t number, char out[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

const char *sp_summary_bytes(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double size = (double)bytes;
    unsigned unit = 0;
    for (; size >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        size /= 1024;
    (void)snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    return out;
}

/* "2 encrypted, 1 damaged": the gaps by reason. */
static void summary_reasons(FILE *out, const struct sp_coverage *coverage,
                            enum sp_reason_class class)
{
    const char *comma = "";
    char number[32];
    for (unsigned i = 0; i < SP_REASON_COUNT; i++) {
        if (coverage->unread[i] == 0 || sp_reason_class((enum sp_reason)i) != class)
            continue;
        (void)fprintf(out, "%s%s %s", comma, sp_summary_number(coverage->unread[i], number),
                      sp_reason_name((enum sp_reason)i));
        comma = ", ";
    }
}

static uint64_t summary_sum(const struct sp_coverage *coverage, enum sp_reason_class class)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < SP_REASON_COUNT; i++)
        if (sp_reason_class((enum sp_reason)i) == class)
            sum += coverage->unread[i];
    return sum;
}

static void summary_findings(FILE *out, const struct sp_coverage *coverage)
{
    char sure[32], weak[32];
    uint64_t all = 0;
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++) {
        const uint64_t *by = coverage->findings[i];
        uint64_t reported = by[SP_CONF_MEDIUM] + by[SP_CONF_HIGH];
        if (reported + by[SP_CONF_LOW] == 0)
            continue;
        all += reported;
        (void)fprintf(out, "  %-12s %12s", sp_type_name((enum sp_type)i),
                      sp_summary_number(reported, sure));
        if (by[SP_CONF_LOW] > 0)
            (void)fprintf(out, "   and %s less sure", sp_summary_number(by[SP_CONF_LOW], weak));
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "  %-12s %12s\n", "all", sp_summary_number(all, sure));
}

void sp_summary_print(FILE *out, const struct sp_root_row *row, const struct sp_coverage *coverage,
                      const struct sp_scan_sum *sum)
{
    char whole[32], objects[32], unread[32], bytes[32], reused[32];
    uint64_t gaps = summary_sum(coverage, SP_REASON_CLASS_GAP);
    uint64_t not_whole = coverage->objects_unread_gap + coverage->objects_open;
    if (row->complete)
        (void)fprintf(out, "%s of %s objects read whole",
                      sp_summary_number(coverage->objects - not_whole, whole),
                      sp_summary_number(coverage->objects, objects));
    else /* how many there are is not known */
        (void)fprintf(out, "Interrupted: %s objects read whole, the rest not looked at",
                      sp_summary_number(coverage->objects - not_whole, whole));
    if (gaps > 0) {
        (void)fprintf(out, "; %s not: ", sp_summary_number(not_whole, unread));
        summary_reasons(out, coverage, SP_REASON_CLASS_GAP);
    }
    (void)fprintf(out, ".\n");
    if (!row->complete)
        (void)fprintf(out, "Run it again: it goes on where it stopped.\n");
    (void)fprintf(out, "%s read in %s", sp_summary_bytes(coverage->bytes_read, bytes), row->path);
    if (sum->reused > 0)
        (void)fprintf(out, "; %s files were unchanged and not read again",
                      sp_summary_number(sum->reused, reused));
    (void)fprintf(out, ".\n");
    if (summary_sum(coverage, SP_REASON_CLASS_NOTED) > 0) {
        (void)fprintf(out, "Noted: ");
        summary_reasons(out, coverage, SP_REASON_CLASS_NOTED);
        (void)fprintf(out, ".\n");
    }
    if (sum->declared)
        (void)fprintf(out, "Known by its name: nothing was read now (--fresh reads it again).\n");
    else if (strstr(sum->sandbox, "seccomp") == NULL)
        (void)fprintf(out, "Parsers had no sandbox beyond limits of resources (%s).\n",
                      sum->sandbox);
    (void)fprintf(out, "Found:\n");
    summary_findings(out, coverage);
}

/* ---- what was not read, by name -------------------------------------------------------------- */
struct summary_unread {
    FILE *out;
    struct sp_inventory *inventory;
    int64_t root_id;
    size_t most, told, left;
    struct sp_trail trail;
};

static enum sp_err summary_one(void *ctx, int64_t object_id, const struct sp_unread *unread,
                               struct sp_why *why)
{
    struct summary_unread *list = ctx;
    (void)object_id;
    (void)why;
    if (sp_reason_class(unread->reason) != SP_REASON_CLASS_GAP)
        return SP_OK;
    if (list->most != 0 && list->told == list->most) {
        list->left++;
        return SP_OK;
    }
    struct sp_slice locator = sp_trail_locator(&list->trail);
    list->told++;
    (void)fprintf(list->out, "  %-12s %.*s\n", sp_reason_name(unread->reason), (int)locator.len,
                  (const char *)locator.ptr);
    if (unread->detail[0] != '\0')
        (void)fprintf(list->out, "  %-12s   %s; %s\n", "", unread->detail,
                      sp_reason_advice(unread->reason));
    else
        (void)fprintf(list->out, "  %-12s   %s\n", "", sp_reason_advice(unread->reason));
    return SP_OK;
}

static enum sp_err summary_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct summary_unread *list = ctx;
    enum sp_err err = sp_trail_enter(&list->trail, row, why);
    if (err == SP_OK && row->state == SP_STATE_OPEN) {
        struct sp_unread open;
        sp_unread_init(&open, SP_REASON_INTERRUPTED);
        err = summary_one(list, row->id, &open, why);
    }
    return err == SP_OK ? sp_inventory_each_unread(list->inventory, list->root_id, row->id,
                                                   summary_one, list, why)
                        : err;
}

enum sp_err sp_summary_unread(FILE *out, struct sp_inventory *inventory,
                              const struct sp_root_row *row, size_t most, struct sp_why *why)
{
    struct summary_unread list = {
        .out = out, .inventory = inventory, .root_id = row->id, .most = most};
    sp_trail_init(&list.trail);
    if (!row->complete)
        (void)fprintf(out, "  %-12s everything that the walk had not reached\n",
                      sp_reason_name(SP_REASON_INTERRUPTED));
    enum sp_err err = sp_inventory_each_object(inventory, row->id, summary_object, &list, why);
    if (list.left > 0)
        (void)fprintf(out, "  … and %zu more: speur export --unread lists all\n", list.left);
    sp_trail_clear(&list.trail);
    return err;
}
