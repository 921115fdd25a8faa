/* Rules of acceptance as written on the command line: REASON:GLOB:WHO:UNTIL:WHY. A glob and a why
 * may hold colons (locators do), so the rule is read from its date: the first field that is
 * a date and has a WHO in front of it. */
#include "check/date.h"
#include "check/verdict.h"

/* Cuts `text` at its next colon and gives what follows, or NULL. */
static char *accept_cut(char *text)
{
    char *colon = strchr(text, ':');
    if (colon == NULL)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

/* The ':' in front of the UNTIL field, or NULL. */
static char *accept_until(char *text)
{
    int64_t days;
    for (char *colon = strchr(text, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
        struct sp_slice field = {(const uint8_t *)colon + 1, SP_DATE_LEN};
        bool long_enough = strlen(colon + 1) > SP_DATE_LEN;
        bool has_who = memchr(text, ':', (size_t)(colon - text)) != NULL;
        if (long_enough && has_who && colon[1 + SP_DATE_LEN] == ':' && sp_date_parse(field, &days))
            return colon;
    }
    return NULL;
}

/* Cuts GLOB:WHO at its last colon; gives WHO. */
static char *accept_who(char *glob)
{
    char *colon = strrchr(glob, ':');
    if (colon == NULL)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

static enum sp_err accept_reason(const char *name, enum sp_reason *reason, struct sp_why *why)
{
    if (!sp_reason_from_name(name, reason))
        return sp_fail(why, SP_ERR_USAGE, "accept rule: no such reason");
    if (sp_reason_class(*reason) == SP_REASON_CLASS_NOTED && *reason != SP_REASON_EXCLUDED)
        return sp_fail(why, SP_ERR_USAGE, "accept rule: %s is no gap, nothing is to be accepted",
                       sp_reason_name(*reason));
    return SP_OK;
}

enum sp_err sp_accept_parse(char *text, const char *today, struct sp_accept *out,
                            struct sp_why *why)
{
    struct sp_accept rule = {0};
    char *rest = accept_cut(text);
    char *until = rest == NULL ? NULL : accept_until(rest);
    if (until == NULL)
        return sp_fail(why, SP_ERR_USAGE,
                       "accept rule: must be REASON:GLOB:WHO:UNTIL:WHY, UNTIL as YYYY-MM-DD");
    enum sp_err err = accept_reason(text, &rule.reason, why);
    if (err != SP_OK)
        return err;
    *until = '\0';
    rule.until = until + 1;
    until[1 + SP_DATE_LEN] = '\0';
    rule.why_text = until + 2 + SP_DATE_LEN;
    rule.glob = rest;
    rule.who = accept_who(rest);
    if (rule.who == NULL || rule.who[0] == '\0' || rule.glob[0] == '\0' || rule.why_text[0] == '\0')
        return sp_fail(why, SP_ERR_USAGE, "accept rule: GLOB, WHO and WHY must not be empty");
    if (strncmp(rule.until, today, SP_DATE_LEN) < 0)
        return sp_fail(why, SP_ERR_USAGE, "accept rule: ended on %s", rule.until);
    *out = rule;
    return SP_OK;
}
