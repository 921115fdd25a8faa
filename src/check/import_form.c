#include "check/import_form.h"

#include <strings.h>

static const struct sp_import_column_name own_columns[] = {
    {"req_id", SP_IMPORT_REQ_ID},
    {"kind", SP_IMPORT_KIND},
    {"received", SP_IMPORT_RECEIVED},
    {"identified", SP_IMPORT_IDENTIFIED},
    {"due", SP_IMPORT_DUE},
    {"erased_at", SP_IMPORT_ERASED_AT},
    {"origin", SP_IMPORT_ORIGIN},
    {"type", SP_IMPORT_TYPE},
    {"value", SP_IMPORT_VALUE},
    {"strength", SP_IMPORT_STRENGTH},
    {"scope", SP_IMPORT_SCOPE},
    {"exempt_basis", SP_IMPORT_EXEMPT_BASIS},
    {"exempt_until", SP_IMPORT_EXEMPT_UNTIL},
    {"last_backup_expiry", SP_IMPORT_LAST_BACKUP_EXPIRY},
    {NULL, SP_IMPORT_COLUMN_COUNT}};

/* MailChimp's unsubscribed_*.csv of an audience export. */
static const struct sp_import_column_name mailchimp_columns[] = {{"Email Address", SP_IMPORT_VALUE},
                                                                 {"UNSUB_TIME", SP_IMPORT_RECEIVED},
                                                                 {NULL, SP_IMPORT_COLUMN_COUNT}};

/* A list of closed accounts, as a shop's or a helpdesk's administrator exports it. */
static const struct sp_import_column_name account_columns[] = {
    {"email", SP_IMPORT_VALUE},
    {"closed_at", SP_IMPORT_ERASED_AT},
    {"req_id", SP_IMPORT_REQ_ID},
    {"scope", SP_IMPORT_SCOPE},
    {"last_backup_expiry", SP_IMPORT_LAST_BACKUP_EXPIRY},
    {NULL, SP_IMPORT_COLUMN_COUNT}};

static const struct sp_import_form import_forms[] = {
    {.name = "requests",
     .wants = {"req_id", "type", "value"},
     .columns = own_columns,
     .tells_unknown = true},
    {.name = "MailChimp's unsubscribed members",
     .wants = {"Email Address", "UNSUB_TIME"},
     .columns = mailchimp_columns,
     .constants =
         {[SP_IMPORT_KIND] = "optout", [SP_IMPORT_TYPE] = "email", [SP_IMPORT_ORIGIN] = "opt_out"},
     .prefix = "mailchimp-"},
    {.name = "closed accounts",
     .wants = {"email", "closed_at"},
     .columns = account_columns,
     .constants = {[SP_IMPORT_KIND] = "erasure",
                   [SP_IMPORT_TYPE] = "email",
                   [SP_IMPORT_ORIGIN] = "account_closed"},
     .prefix = "account-"},
};
enum { IMPORT_FORMS = sizeof import_forms / sizeof *import_forms };

static bool form_name_is(struct sp_slice name, const char *header)
{
    return name.len == strlen(header) && strncasecmp((const char *)name.ptr, header, name.len) == 0;
}

static const char *form_missing(const struct sp_import_form *form, const struct sp_slice *header,
                                size_t count)
{
    for (size_t want = 0; form->wants[want] != NULL; want++) {
        bool found = false;
        for (size_t i = 0; i < count && !found; i++)
            found = header[i].len > 0 && form_name_is(header[i], form->wants[want]);
        if (!found)
            return form->wants[want];
    }
    return NULL;
}

const struct sp_import_form *sp_import_form_find(const struct sp_slice *header, size_t count,
                                                 const char **missing)
{
    for (size_t i = 0; i < IMPORT_FORMS; i++)
        if (form_missing(&import_forms[i], header, count) == NULL)
            return &import_forms[i];
    *missing = form_missing(&import_forms[0], header, count);
    return NULL;
}

int sp_import_form_column(const struct sp_import_form *form, struct sp_slice name)
{
    for (const struct sp_import_column_name *row = form->columns; row->header != NULL; row++)
        if (name.len > 0 && form_name_is(name, row->header))
            return (int)row->column;
    return -1;
}
