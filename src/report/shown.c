#include "report/shown.h"

#include "store/trail.h"

struct shown_walk {
    struct sp_inventory *inventory;
    const struct sp_shown_options *options;
    sp_shown_out out;
    void *ctx;
    struct sp_trail trail;
    struct sp_buf id;          /* bytes that a finding's id is made of */
    struct sp_shown shown;     /* at hand */
    const char *object_system; /* that a column of it, or its path, tells of; or NULL */
};

/* ---- words ---------------------------------------------------------------------------------- */
static const struct {
    enum sp_severity severity;
    const char *category;
} shown_types[SP_TYPE_COUNT] = {
    [SP_TYPE_IBAN] = {SP_SEVERITY_MEDIUM, "bank account"},
    [SP_TYPE_BSN] = {SP_SEVERITY_HIGH, "citizen service number"},
    [SP_TYPE_RSIN] = {SP_SEVERITY_LOW, "number of a legal entity"},
    [SP_TYPE_KVK] = {SP_SEVERITY_LOW, "chamber of commerce number"},
    [SP_TYPE_EMAIL] = {SP_SEVERITY_MEDIUM, "e-mail address"},
    [SP_TYPE_PHONE] = {SP_SEVERITY_MEDIUM, "telephone number"},
    [SP_TYPE_ADDRESS] = {SP_SEVERITY_MEDIUM, "postal address"},
    [SP_TYPE_VAT_NL] = {SP_SEVERITY_LOW, "VAT number"},
    [SP_TYPE_BE_KBO] = {SP_SEVERITY_LOW, "Belgian enterprise number"},
    [SP_TYPE_BE_NRN] = {SP_SEVERITY_HIGH, "Belgian national number"},
    [SP_TYPE_DOB] = {SP_SEVERITY_MEDIUM, "date of birth"},
    [SP_TYPE_IP] = {SP_SEVERITY_LOW, "IP address"},
    [SP_TYPE_MAC] = {SP_SEVERITY_LOW, "device address"},
    [SP_TYPE_PAN] = {SP_SEVERITY_HIGH, "payment card"},
    [SP_TYPE_ID_NL] = {SP_SEVERITY_HIGH, "identity document"},
    [SP_TYPE_MRZ] = {SP_SEVERITY_HIGH, "identity document"},
    [SP_TYPE_PLATE] = {SP_SEVERITY_LOW, "licence plate"},
    [SP_TYPE_BIC] = {SP_SEVERITY_LOW, "bank"},
    [SP_TYPE_CUSTOMER_NO] = {SP_SEVERITY_MEDIUM, "customer number"},
    [SP_TYPE_USERNAME] = {SP_SEVERITY_MEDIUM, "user name"},
    [SP_TYPE_COOKIE] = {SP_SEVERITY_LOW, "cookie"},
    [SP_TYPE_NAME] = {SP_SEVERITY_LOW, "name"},
    [SP_TYPE_HEALTH] = {SP_SEVERITY_HIGH, "health"},
    [SP_TYPE_RELIGION] = {SP_SEVERITY_HIGH, "religion or belief"},
    [SP_TYPE_ETHNICITY] = {SP_SEVERITY_HIGH, "racial or ethnic origin"},
    [SP_TYPE_POLITICS] = {SP_SEVERITY_HIGH, "political opinions"},
    [SP_TYPE_TRADE_UNION] = {SP_SEVERITY_HIGH, "trade union membership"},
    [SP_TYPE_SEXUALITY] = {SP_SEVERITY_HIGH, "sex life or sexual orientation"},
    [SP_TYPE_GENETIC] = {SP_SEVERITY_HIGH, "genetic data"},
    [SP_TYPE_BIOMETRIC] = {SP_SEVERITY_HIGH, "biometric data"},
    [SP_TYPE_CRIMINAL] = {SP_SEVERITY_HIGH, "criminal convictions or offences"},
    [SP_TYPE_SEX] = {SP_SEVERITY_LOW, "sex"},
    [SP_TYPE_PASSWORD] = {SP_SEVERITY_HIGH, "password"},
};

enum sp_severity sp_severity_of(enum sp_type type, unsigned attributes)
{
    if ((attributes & (SP_ATTR_TEST_VALUE | SP_ATTR_PUBLIC | SP_ATTR_SERVICE)) != 0)
        return SP_SEVERITY_LOW;
    return (attributes & SP_ATTR_EMBEDS_BSN) != 0 ? SP_SEVERITY_HIGH : shown_types[type].severity;
}

const char *sp_severity_name(enum sp_severity severity)
{
    static const char *const names[] = {"low", "medium", "high"};
    return names[severity];
}

const char *sp_type_category(enum sp_type type)
{
    return shown_types[type].category;
}

/* ---- a finding ------------------------------------------------------------------------------ */
/* The same finding at the same place has the same id in every scan. It is computed from the
 * keyed token, so that it tells no more than that. */
static enum sp_err shown_id(struct shown_walk *walk, struct sp_why *why)
{
    static const char digits[] = "0123456789abcdef";
    struct sp_shown *shown = &walk->shown;
    uint8_t digest[SP_DIGEST_LEN];
    sp_buf_reset(&walk->id);
    enum sp_err err = sp_buf_append_string(&walk->id, shown->root->path, why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&walk->id, shown->locator, why);
    if (err == SP_OK)
        err = sp_buf_append_u64(&walk->id, shown->finding->offset, why);
    if (err == SP_OK)
        err = sp_buf_append(&walk->id, shown->finding->tokens[0].bytes, SP_TOKEN_LEN, why);
    sp_digest(sp_buf_slice(&walk->id), digest);
    for (size_t i = 0; i < SP_TOKEN_LEN; i++) {
        shown->id[2 * i] = digits[digest[i] >> 4];
        shown->id[2 * i + 1] = digits[digest[i] & 15];
    }
    shown->id[SP_SHOWN_ID_LEN] = '\0';
    return err;
}

/* A table tells first, then the column, then what else of the object does. */
static const char *shown_system(const struct shown_walk *walk)
{
    const struct sp_systems *systems = walk->options->systems;
    const char *found = sp_systems_by_table(systems, walk->shown.record->table);
    if (found == NULL)
        found = sp_systems_by_column(systems, walk->shown.finding->key);
    return found == NULL ? walk->object_system : found;
}

static bool shown_is_wanted(const struct shown_walk *walk, const struct sp_kept_finding *finding)
{
    if (finding->confidence < walk->options->min_confidence)
        return false;
    if (walk->options->wants == NULL)
        return true;
    for (unsigned i = 0; i < finding->token_count; i++)
        if (walk->options->wants(walk->options->wants_ctx,
                                 (struct sp_slice){finding->tokens[i].bytes, SP_TOKEN_LEN}))
            return true;
    return false;
}

static enum sp_err shown_finding(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                 const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index;
    struct shown_walk *walk = ctx;
    if (!shown_is_wanted(walk, finding))
        return SP_OK;
    struct sp_shown *shown = &walk->shown;
    shown->record = record;
    shown->finding = finding;
    shown->path = sp_buf_slice(&walk->trail.path);
    enum sp_err err = sp_trail_place(&walk->trail, record, finding, &shown->locator, why);
    if (shown->locator.len == 0)
        shown->locator = shown->path;
    if (err == SP_OK)
        err = shown_id(walk, why);
    shown->system_name = shown_system(walk);
    return err == SP_OK ? walk->out(walk->ctx, shown, why) : err;
}

static enum sp_err shown_segment(void *ctx, int64_t object_id, const struct sp_segment_view *view,
                                 struct sp_why *why)
{
    const struct shown_walk *walk = ctx;
    (void)object_id;
    bool wanted = walk->options->wants == NULL ||
                  walk->options->wants(walk->options->wants_ctx, view->tokens);
    return wanted ? sp_segment_each(view, shown_finding, ctx, why) : SP_OK;
}

/* ---- the system of an object ---------------------------------------------------------------- */
static enum sp_err shown_look_finding(void *ctx, uint32_t index,
                                      const struct sp_kept_record *record,
                                      const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index, (void)record, (void)why;
    struct shown_walk *walk = ctx;
    if (walk->object_system == NULL)
        walk->object_system = sp_systems_by_column(walk->options->systems, finding->key);
    return SP_OK;
}

static enum sp_err shown_look_segment(void *ctx, int64_t object_id,
                                      const struct sp_segment_view *view, struct sp_why *why)
{
    (void)object_id;
    struct shown_walk *walk = ctx;
    return walk->object_system == NULL ? sp_segment_each(view, shown_look_finding, ctx, why)
                                       : SP_OK;
}

/* The system of an object as a whole: a column that only one system has tells for all the others. A
 * dump holds many tables, so each speaks for itself there. */
static enum sp_err shown_object_system(struct shown_walk *walk, const struct sp_object_row *row,
                                       struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool dump = row->format != NULL && strstr(row->format, "sqldump") != NULL;
    walk->object_system = NULL;
    if (sp_systems_count(walk->options->systems) == 0)
        return SP_OK;
    if (row->shape == SP_SHAPE_RECORDS && !dump)
        err = sp_inventory_each_segment(walk->inventory, row->id, NULL, shown_look_segment, walk,
                                        why);
    if (walk->object_system == NULL)
        walk->object_system =
            sp_systems_by_path(walk->options->systems, sp_trail_locator(&walk->trail));
    return err;
}

/* ---- what was not read ----------------------------------------------------------------------- */
static enum sp_err shown_unread(void *ctx, int64_t object_id, const struct sp_unread *unread,
                                struct sp_why *why)
{
    (void)object_id;
    struct shown_walk *walk = ctx;
    walk->shown.unread = unread;
    walk->shown.path = sp_buf_slice(&walk->trail.path);
    walk->shown.locator = sp_trail_locator(&walk->trail);
    if (walk->shown.locator.len == 0)
        walk->shown.locator = walk->shown.path;
    return walk->out(walk->ctx, &walk->shown, why);
}

/* A file that an interrupted scan left open has no row that says so: this is it. */
static enum sp_err shown_open(struct shown_walk *walk, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_INTERRUPTED);
    unread.partial = true;
    return shown_unread(walk, 0, &unread, why);
}

/* A walk that did not reach its end: what lies behind has no object that could say so. */
static enum sp_err shown_interrupted(struct shown_walk *walk, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_INTERRUPTED);
    (void)snprintf(unread.detail, sizeof unread.detail, "the scan did not reach its end");
    unread.partial = true;
    enum sp_err err = sp_buf_append_byte(&walk->trail.path, '.', why);
    if (err == SP_OK)
        err = shown_unread(walk, 0, &unread, why);
    sp_buf_reset(&walk->trail.path);
    return err;
}

static enum sp_err shown_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct shown_walk *walk = ctx;
    walk->shown.object = row;
    enum sp_err err = sp_trail_enter(&walk->trail, row, why);
    if (err != SP_OK)
        return err;
    if (!walk->options->unread) {
        err = shown_object_system(walk, row, why);
        return err == SP_OK
                   ? sp_inventory_each_segment(walk->inventory, row->id, walk->options->values_key,
                                               shown_segment, walk, why)
                   : err;
    }
    if (row->state == SP_STATE_OPEN)
        err = shown_open(walk, why);
    return err == SP_OK ? sp_inventory_each_unread(walk->inventory, walk->shown.root->id, row->id,
                                                   shown_unread, walk, why)
                        : err;
}

enum sp_err sp_shown_each(struct sp_inventory *inventory, const struct sp_root_row *root,
                          const struct sp_shown_options *options, sp_shown_out out, void *ctx,
                          struct sp_why *why)
{
    struct shown_walk walk = {.inventory = inventory,
                              .options = options,
                              .out = out,
                              .ctx = ctx,
                              .shown = {.root = root}};
    sp_trail_init(&walk.trail);
    sp_buf_init(&walk.id, SIZE_MAX);
    enum sp_err err = options->unread && !root->complete ? shown_interrupted(&walk, why) : SP_OK;
    if (err == SP_OK)
        err = sp_inventory_each_object(inventory, root->id, shown_object, &walk, why);
    sp_trail_clear(&walk.trail);
    sp_buf_clear(&walk.id);
    return err;
}
