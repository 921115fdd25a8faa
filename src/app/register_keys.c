/* register new-key and expire: keys that are made, and keys and identifiers that are destroyed. */
#include "app/keeping.h"
#include "store/key_ring.h"

/* ---- telling --------------------------------------------------------------------------------- */
const char *sp_keys_advice(const struct sp_key_use *use)
{
    if (use->destroyed && use->on_ring)
        return "the register says that it was destroyed: speur register expire does it (again)";
    if (!use->on_ring)
        return "not in the key file: no check can be CLEAN; fetch the newest key file, or withdraw "
               "them";
    return NULL;
}

void sp_keys_print(const struct sp_register *reg)
{
    struct sp_key_use uses[SP_KEY_USES_MAX];
    size_t count = sp_register_key_uses(reg, uses);
    for (size_t i = 0; count > 1 && i < count; i++) {
        const char *advice = sp_keys_advice(&uses[i]);
        (void)printf("Key %s%s: %zu identifiers live%s%s\n", uses[i].id, i == 0 ? " (newest)" : "",
                     uses[i].live, advice == NULL ? "" : "; ", advice == NULL ? "" : advice);
    }
}

/* ---- new-key --------------------------------------------------------------------------------- */
enum sp_err sp_register_verb_new_key(struct sp_keeping *keeping, struct sp_options *options,
                                     struct sp_why *why)
{
    char id[SP_KEY_ID_SIZE] = "";
    if (options->dry_run)
        return sp_fail(why, SP_ERR_USAGE, "register new-key takes no --dry-run");
    enum sp_err err = sp_keeping_open(keeping, options, why); /* not beside a register of others */
    if (err == SP_OK)
        err = sp_key_ring_add(keeping->key_path, id, why);
    if (err == SP_OK)
        err = sp_register_note_key(keeping->reg, SP_ROW_KEY_MADE, id, keeping->today, why);
    if (err == SP_OK && !options->quiet)
        (void)printf("Made the key %s: identifiers are enrolled under it from now on. What was "
                     "scanned before is read again.\n"
                     "Make a new kit: older ones do not have this key.\n",
                     id);
    return err;
}

/* ---- expire ---------------------------------------------------------------------------------- */
/* The keys but the newest that no identifier needs, as a list. */
static void expire_keys_list(const struct sp_keeping *keeping, char ids[SP_KEY_IDS_SIZE])
{
    size_t len = 0;
    ids[0] = '\0';
    for (const struct sp_key *key = sp_key_older(keeping->key); key != NULL;
         key = sp_key_older(key))
        if (sp_register_key_live(keeping->reg, sp_key_id(key), keeping->today) == 0)
            len += (size_t)snprintf(ids + len, SP_KEY_IDS_SIZE - len, "%s%s", len > 0 ? " " : "",
                                    sp_key_id(key));
}

static void expire_keys_print(const struct sp_keeping *keeping, const char *ids, const char *done)
{
    for (const struct sp_key *key = keeping->key; key != NULL; key = sp_key_older(key))
        if (sp_key_ids_have(ids, sp_key_id(key)))
            (void)printf("Key %s %s: no identifier is under it.\n", sp_key_id(key), done);
}

/* The note comes first: from then on nobody enrols under the key. Killed behind it, the next expire
 * finds the key still there and destroys it. */
static enum sp_err expire_keys(const struct sp_keeping *keeping, const char *ids,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (const struct sp_key *key = keeping->key; err == SP_OK && key != NULL;
         key = sp_key_older(key))
        if (sp_key_ids_have(ids, sp_key_id(key)) &&
            !sp_register_key_destroyed(keeping->reg, sp_key_id(key)))
            err = sp_register_note_key(keeping->reg, SP_ROW_KEY_DESTROYED, sp_key_id(key),
                                       keeping->today, why);
    return err == SP_OK ? sp_key_ring_drop(keeping->key_path, ids, why) : err;
}

static void expire_print(const struct sp_keeping *keeping, size_t count, const char *ids,
                         bool dry_run)
{
    (void)printf("%zu identifiers %s; %zu are live. Head %s\n", count,
                 dry_run ? "would be destroyed" : "destroyed",
                 sp_register_key_live(keeping->reg, NULL, keeping->today),
                 sp_register_head(keeping->reg));
    expire_keys_print(keeping, ids, dry_run ? "would be destroyed" : "destroyed");
    if (!dry_run && (count > 0 || ids[0] != '\0'))
        (void)printf("Make a new kit, and destroy the kits and copies that are older%s.\n",
                     ids[0] != '\0' ? ": they hold the key" : "");
}

enum sp_err sp_register_verb_expire(struct sp_keeping *keeping, struct sp_options *options,
                                    struct sp_why *why)
{
    char ids[SP_KEY_IDS_SIZE] = "";
    size_t count = 0;
    enum sp_err err = sp_keeping_open(keeping, options, why);
    if (err == SP_OK)
        err = sp_register_expire(keeping->reg, keeping->today, options->dry_run, &count, why);
    if (err == SP_OK)
        expire_keys_list(keeping, ids);
    if (err == SP_OK && !options->dry_run)
        err = expire_keys(keeping, ids, why);
    if (err == SP_OK && !options->quiet)
        expire_print(keeping, count, ids, options->dry_run);
    return err;
}
