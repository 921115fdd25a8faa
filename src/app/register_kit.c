/* register kit and unpack: off-site and back. The passphrase comes from a file or standard input.
 */
#include "app/keeping.h"
#include "base/mem.h"
#include "store/kit.h"
#include "store/private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PASSPHRASE_MAX = 4096 };

/* Its first line; the caller wipes it. */
static enum sp_err passphrase_read(const struct sp_options *options, struct sp_buf *out,
                                   struct sp_why *why)
{
    int fd = STDIN_FILENO;
    const char *path = options->passphrase;
    sp_buf_init(out, PASSPHRASE_MAX);
    enum sp_err err = sp_buf_reserve(out, PASSPHRASE_MAX, why); /* never moves */
    if (err == SP_OK && path != NULL)
        err = sp_private_open(path, O_RDONLY, &fd, why);
    if (err == SP_OK)
        err = sp_private_read(fd, path == NULL ? "standard input" : path, out, why);
    if (path != NULL && fd >= 0)
        (void)close(fd);
    const uint8_t *newline = out->len > 0 ? memchr(out->data, '\n', out->len) : NULL;
    if (newline != NULL)
        out->len = (size_t)(newline - out->data);
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->len--;
    return err;
}

enum sp_err sp_register_verb_kit(struct sp_keeping *keeping, struct sp_options *options,
                                 struct sp_why *why)
{
    struct sp_buf passphrase;
    if (options->output == NULL)
        return sp_fail(why, SP_ERR_USAGE,
                       "register kit wants -o FILE, and a passphrase in --passphrase FILE or on "
                       "standard input");
    enum sp_err err = passphrase_read(options, &passphrase, why);
    if (err == SP_OK)
        err = sp_keeping_open(keeping, options, why); /* a kit of a register that does not hold
                                                       * would be found out too late */
    if (err == SP_OK)
        err = sp_kit_write(options->output, keeping->register_path, keeping->key,
                           sp_buf_slice(&passphrase), why);
    if (err == SP_OK && !options->quiet)
        (void)printf("Wrote %s: register (head %s) and key. Keep it off-site, and the passphrase "
                     "elsewhere; rehearse with: speur doctor --restore-day %s\n",
                     options->output, sp_register_head(keeping->reg), options->output);
    sp_buf_wipe(&passphrase);
    return err;
}

/* What the kit held, opened as a check would. */
static enum sp_err unpack_verify(struct sp_keeping *keeping, const char *register_path,
                                 struct sp_why *why)
{
    enum sp_err err = sp_register_open(register_path, keeping->key, &keeping->reg, why);
    if (err == SP_OK)
        (void)printf("The kit holds: %zu rows, %zu identifiers live, head %s\n",
                     sp_register_count(keeping->reg), sp_register_live_count(keeping->reg),
                     sp_register_head(keeping->reg));
    return err;
}

enum sp_err sp_register_verb_unpack(struct sp_keeping *keeping, struct sp_options *options,
                                    struct sp_why *why)
{
    struct sp_buf passphrase;
    if (options->arg_count != 2)
        return sp_fail(why, SP_ERR_USAGE,
                       "register unpack wants one KIT, and a passphrase in --passphrase FILE or on "
                       "standard input");
    enum sp_err err = sp_keeping_paths(keeping, options, why);
    if (err == SP_OK && access(keeping->key_path, F_OK) == 0)
        return sp_fail(why, SP_ERR_USAGE, "%s: there already, not overwritten", keeping->key_path);
    if (err == SP_OK)
        err = passphrase_read(options, &passphrase, why);
    if (err == SP_OK) {
        err = sp_kit_unpack(options->args[1], sp_buf_slice(&passphrase), keeping->register_path,
                            &keeping->key, why);
        sp_buf_wipe(&passphrase);
    }
    if (err == SP_OK)
        err = sp_key_save(keeping->key, keeping->key_path, why);
    return err == SP_OK ? unpack_verify(keeping, keeping->register_path, why) : err;
}

/* The register and its head only, into a folder that is removed; the key stays in memory. */
static enum sp_err rehearse_in(struct sp_keeping *keeping, const struct sp_options *options,
                               const char *folder, struct sp_slice passphrase, struct sp_why *why)
{
    char *path = sp_private_beside(folder, "/register");
    char *head = sp_private_beside(folder, "/register.head");
    enum sp_err err =
        path == NULL || head == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a path") : SP_OK;
    if (err == SP_OK)
        err = sp_kit_unpack(options->restore_day, passphrase, path, &keeping->key, why);
    if (err == SP_OK)
        err = unpack_verify(keeping, path, why);
    if (path != NULL)
        (void)unlink(path);
    if (head != NULL)
        (void)unlink(head);
    sp_free(path);
    sp_free(head);
    return err;
}

enum sp_err sp_kit_rehearse(const struct sp_options *options, struct sp_why *why)
{
    struct sp_keeping keeping = {.key = NULL};
    struct sp_buf passphrase;
    char folder[] = "/tmp/speur-rehearsal-XXXXXX";
    enum sp_err err = passphrase_read(options, &passphrase, why);
    if (err == SP_OK && mkdtemp(folder) == NULL)
        err = sp_fail(why, SP_ERR_IO, "cannot make a folder in /tmp");
    else if (err == SP_OK) {
        err = rehearse_in(&keeping, options, folder, sp_buf_slice(&passphrase), why);
        (void)rmdir(folder);
    }
    sp_buf_wipe(&passphrase);
    sp_keeping_close(&keeping);
    return err;
}
