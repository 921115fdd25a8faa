/* Name tables of types, confidences, reasons, states and kinds: one place for every word that
 * appears in an export. */
#include "core/object.h"
#include "core/text.h"
#include "speur/finding.h"

#include <strings.h>

static const struct {
    const char *name;
    unsigned version;
    const char *dpv;
    enum sp_mask_rule mask;
} type_table[SP_TYPE_COUNT] = {
#define TYPE_ROW(identifier, name, version, dpv, mask) {name, version, dpv, SP_MASK_##mask},
    SP_TYPES(TYPE_ROW)
#undef TYPE_ROW
};

const char *sp_type_name(enum sp_type type)
{
    return (unsigned)type < SP_TYPE_COUNT ? type_table[type].name : "unknown";
}

const char *sp_type_dpv(enum sp_type type)
{
    return (unsigned)type < SP_TYPE_COUNT ? type_table[type].dpv : "pd:UID";
}

unsigned sp_type_canonical_version(enum sp_type type)
{
    return (unsigned)type < SP_TYPE_COUNT ? type_table[type].version : 0;
}

enum sp_mask_rule sp_type_mask_rule(enum sp_type type)
{
    return (unsigned)type < SP_TYPE_COUNT ? type_table[type].mask : SP_MASK_FIRST1;
}

bool sp_type_is_category(enum sp_type type)
{
    return sp_type_mask_rule(type) == SP_MASK_WHOLE;
}

bool sp_type_from_name(struct sp_slice name, enum sp_type *out)
{
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++) {
        if (sp_slice_is(name, type_table[i].name)) {
            *out = (enum sp_type)i;
            return true;
        }
    }
    return false;
}

static const char *const confidence_names[] = {"none", "low", "medium", "high"};

const char *sp_confidence_name(enum sp_confidence confidence)
{
    return (unsigned)confidence <= SP_CONF_HIGH ? confidence_names[confidence] : "unknown";
}

bool sp_confidence_from_name(const char *name, enum sp_confidence *out)
{
    for (unsigned i = 0; i <= SP_CONF_HIGH; i++) {
        if (strcasecmp(name, confidence_names[i]) == 0) {
            *out = (enum sp_confidence)i;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    enum sp_reason_class class;
} reason_table[SP_REASON_COUNT] = {
#define REASON_ROW(identifier, name, class) {name, SP_REASON_CLASS_##class},
    SP_REASONS(REASON_ROW)
#undef REASON_ROW
};

const char *sp_reason_name(enum sp_reason reason)
{
    return (unsigned)reason < SP_REASON_COUNT ? reason_table[reason].name : "unknown";
}

enum sp_reason_class sp_reason_class(enum sp_reason reason)
{
    return (unsigned)reason < SP_REASON_COUNT ? reason_table[reason].class : SP_REASON_CLASS_GAP;
}

bool sp_reason_from_name(const char *name, enum sp_reason *out)
{
    for (unsigned i = 0; i < SP_REASON_COUNT; i++) {
        if (strcmp(name, reason_table[i].name) == 0) {
            *out = (enum sp_reason)i;
            return true;
        }
    }
    return false;
}

const char *sp_reason_advice(enum sp_reason reason)
{
    switch (reason) {
    case SP_REASON_ENCRYPTED:
        return "open it with its password, or decide by hand";
    case SP_REASON_CORRUPT:
    case SP_REASON_TRUNCATED:
        return "fetch a whole copy, or do not restore it";
    case SP_REASON_PERMISSION:
        return "scan as a user who may read it";
    case SP_REASON_UNSUPPORTED:
    case SP_REASON_OPAQUE:
    case SP_REASON_NEEDS_OCR:
        return "look at it by hand, or accept it with --accept";
    case SP_REASON_CHANGED:
    case SP_REASON_VANISHED:
    case SP_REASON_INTERRUPTED:
    case SP_REASON_STALE:
        return "scan again";
    case SP_REASON_LIMIT_DEPTH:
    case SP_REASON_LIMIT_BYTES:
    case SP_REASON_LIMIT_RATIO:
    case SP_REASON_LIMIT_ENTRIES:
    case SP_REASON_LIMIT_MEMORY:
    case SP_REASON_LIMIT_SPOOL:
        return "raise the limit if you trust the file";
    case SP_REASON_MULTIVOLUME:
    case SP_REASON_COMPANION_MISSING:
        return "bring its other parts together first";
    default:
        return "look at it by hand";
    }
}

static const char *const state_names[SP_STATE_COUNT] = {"open", "complete", "partial", "skipped"};

const char *sp_state_name(enum sp_state state)
{
    return (unsigned)state < SP_STATE_COUNT ? state_names[state] : "unknown";
}

static const char *const record_kind_names[SP_RECORD_KIND_COUNT] = {
    "document", "line", "message", "row", "sql", "name", "bytes", "node", "page"};

const char *sp_record_kind_name(enum sp_record_kind kind)
{
    return (unsigned)kind < SP_RECORD_KIND_COUNT ? record_kind_names[kind] : "unknown";
}
