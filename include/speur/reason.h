/* Why something was not read. Two classes: a GAP may hide personal data and makes a check
 * INCOMPLETE; NOTED is told in the account, but nothing to read was missed. */
#ifndef SPEUR_REASON_H
#define SPEUR_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(identifier, name, class). The numbers are stored in inventories: append only. */
#define SP_REASONS(X)                                                                              \
    X(ENCRYPTED, "encrypted", GAP)                                                                 \
    X(CORRUPT, "corrupt", GAP)                                                                     \
    X(TRUNCATED, "truncated", GAP)                                                                 \
    X(UNSUPPORTED, "unsupported", GAP)                                                             \
    X(OPAQUE, "opaque", GAP)                                                                       \
    X(MULTIVOLUME, "multivolume", GAP)                                                             \
    X(UNDECODABLE, "undecodable", GAP)                                                             \
    X(LIMIT_DEPTH, "limit_depth", GAP)                                                             \
    X(LIMIT_BYTES, "limit_bytes", GAP)                                                             \
    X(LIMIT_RATIO, "limit_ratio", GAP)                                                             \
    X(LIMIT_ENTRIES, "limit_entries", GAP)                                                         \
    X(LIMIT_MEMORY, "limit_memory", GAP)                                                           \
    X(LIMIT_SPOOL, "limit_spool", GAP)                                                             \
    X(LIMIT_ENTITY, "limit_entity", GAP)                                                           \
    X(LIMIT_MATCH, "limit_match", GAP)                                                             \
    X(TIMEOUT, "timeout", GAP)                                                                     \
    X(CRASHED, "crashed", GAP)                                                                     \
    X(SANDBOX, "sandbox", GAP)                                                                     \
    X(PERMISSION, "permission", GAP)                                                               \
    X(CHANGED, "changed", GAP)                                                                     \
    X(VANISHED, "vanished", GAP)                                                                   \
    X(OFFLINE, "offline", GAP)                                                                     \
    X(IO_ERROR, "io_error", GAP)                                                                   \
    X(NEEDS_OCR, "needs_ocr", GAP)                                                                 \
    X(COMPANION_MISSING, "companion_missing", GAP)                                                 \
    X(INTERRUPTED, "interrupted", GAP)                                                             \
    X(STALE, "stale", GAP)                                                                         \
    X(KEY_MISSING, "key_missing", GAP)                                                             \
    X(SHARD_MISSING, "shard_missing", GAP)                                                         \
    X(NOT_SEARCHED, "not_searched", GAP)                                                           \
    X(REGISTER_GAP, "register_gap", GAP)                                                           \
    X(SPECIAL, "special", NOTED)                                                                   \
    X(NOT_FOLLOWED, "not_followed", NOTED)                                                         \
    X(EXCLUDED, "excluded", NOTED)                                                                 \
    X(PHOTO, "photo", NOTED)

enum sp_reason {
#define SP_REASON_ENUM(identifier, name, class) SP_REASON_##identifier,
    SP_REASONS(SP_REASON_ENUM)
#undef SP_REASON_ENUM
        SP_REASON_COUNT
};

enum sp_reason_class { SP_REASON_CLASS_GAP, SP_REASON_CLASS_NOTED };

/* The name used in exports, rules of acceptance and messages. Never NULL. */
const char *sp_reason_name(enum sp_reason reason);
enum sp_reason_class sp_reason_class(enum sp_reason reason);
/* False when no reason has that name. */
bool sp_reason_from_name(const char *name, enum sp_reason *out);
/* What a person should do about it, one short English sentence. Never NULL. */
const char *sp_reason_advice(enum sp_reason reason);

/* The class in force: a check treats `excluded` as a gap unless it was accepted. */

#define SP_SIZE_UNKNOWN UINT64_MAX

#endif
