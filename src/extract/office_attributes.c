/* Sources: ECMA-376 part 1, 17 and 18; OpenDocument 1.3 part 3, 19. */
#include "extract/office_attributes.h"

#include <stddef.h>
#include <string.h>

enum {
    DIGITS_MIN = 9, /* of an identifier; with other signs between them */
    VALUE_MAX = 1 << 16
};

/* Text wherever they stand. */
static const char *const names[] = {
    "descr",         "tooltip",     "alias",   "instr",    "href",        "author",
    "string-value",  "displayText", "string",  "title",    "prompt",      "promptTitle",
    "error",         "errorTitle",  "display", "location", "description", "label",
    "current-value", "placeholder", "user",    "comment",  "text",        NULL};

/* Outlines of drawings: numbers, and in VML at-marks. */
static const char *const outlines[] = {"d", "points", "path", "eqn", "enhanced-path", NULL};

/* Of these, what stands in quotes: the rest is cells. */
static const char *const formulas[] = {"formula", "expression", "condition", NULL};

/* Text of this element only. */
static const struct {
    const char *element, *name;
} pairs[] = {
    {"listItem", "value"},
    {"default", "val"},
    {"listEntry", "val"},
    {"helpText", "val"},
    {"statusText", "val"},
    {"name", "val"},
    {"tblCaption", "val"},
    {"tblDescription", "val"},
    {"tag", "val"},
    {"docPart", "val"},
    {"filter", "val"},
    {"customFilter", "val"},
    {"inputCells", "val"},
    {"scenario", "name"},
    {"cNvPr", "name"},
    {"cSld", "name"},
    {"table", "name"},
    {"section", "name"},
    {"bookmark", "name"},
    {"bookmark-start", "name"},
    {"bookmarkStart", "name"},
    {"database-range", "name"},
    {"filter-condition", "value"},
    {"change-track-table-cell", "value"},
    {"text", "value"},
    {"textarea", "value"},
    {"formatted-text", "value"},
    {"hidden", "value"},
    {"option", "value"},
    {"item", "label"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Signs of a number of somebody; letters of a GUID or a colour are none of them, but those of an
 * IBAN before its digits. */
static bool looks_numbered(const char *value)
{
    size_t digits = 0, others = 0;
    for (; *value != '\0' && digits + others < VALUE_MAX; value++) {
        digits += is_digit(*value);
        others += !is_digit(*value);
    }
    return digits >= DIGITS_MIN && others > 0 && digits > others;
}

/* {5C22544A-7EE6-4342-B048-85BDC9FD1C3A}, 2026-01-01T00:00:00Z, and lists of measures. */
static bool is_technical(const char *value)
{
    size_t len = strlen(value);
    bool date = len >= 19 && value[4] == '-' && value[7] == '-' && value[10] == 'T';
    return value[0] == '{' || date || strspn(value, "0123456789.,;:()%-+ ") == len;
}

static bool is_in(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

bool sp_office_attribute_is_text(const char *element, const char *name, const char *value)
{
    const char *colon = strchr(name, ':');
    if (value[0] == '\0' || strncmp(name, "xmlns", 5) == 0)
        return false;
    name = colon == NULL ? name : colon + 1;
    if (is_in(name, formulas) && strchr(value, '"') != NULL)
        return true;
    if (is_in(name, names))
        return true;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (strcmp(name, pairs[i].name) == 0 && strcmp(element, pairs[i].element) == 0)
            return true;
    if (is_in(name, outlines))
        return false;
    return strchr(value, '@') != NULL || strstr(value, "%40") != NULL ||
           (looks_numbered(value) && !is_technical(value));
}
