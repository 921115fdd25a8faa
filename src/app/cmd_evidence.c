#include "app/app.h"
#include "app/output.h"
#include "base/json_get.h"
#include "base/mem.h"
#include "check/evidence.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum sp_err evidence_read(const char *path, struct sp_buf *out, struct sp_why *why)
{
    sp_buf_reset(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", path, strerrordesc_np(errno));
    enum sp_err err = sp_private_read(fd, path, out, why);
    (void)close(fd);
    return err;
}

/* A report while several are looked at. */
struct verify {
    uint8_t public_key[SP_PUBLIC_KEY_LEN];
    struct sp_buf bytes;
    char before[SP_HEX_DIGEST_LEN + 1]; /* digest of the report before; empty: none */
    bool all_hold;
};

static void verify_print(const char *path, struct sp_slice line)
{
    static const char *const keys[] = {"number", "made", "host", "register", "verdict"};
    sp_print_escaped(stdout, path);
    (void)printf(": holds");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct sp_slice value = sp_json_get(line, keys[i]);
        (void)printf(", %s %.*s", keys[i], (int)value.len, (const char *)value.ptr);
    }
    (void)printf("\n");
}

/* The digest of a report is over its line without the newline. */
static void verify_digest(struct verify *verify, struct sp_slice line)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SP_DIGEST_LEN];
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    sp_digest(line, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        verify->before[2 * i] = digits[digest[i] >> 4];
        verify->before[2 * i + 1] = digits[digest[i] & 15];
    }
    verify->before[SP_HEX_DIGEST_LEN] = '\0';
}

static enum sp_err verify_one(struct verify *verify, const char *path, struct sp_why *why)
{
    const char *reason = NULL;
    enum sp_err err = evidence_read(path, &verify->bytes, why);
    if (err != SP_OK)
        return err;
    struct sp_slice line = sp_buf_slice(&verify->bytes);
    bool holds = sp_evidence_holds(line, verify->public_key, &reason);
    if (holds && verify->before[0] != '\0' && !sp_json_get_is(line, "previous", verify->before)) {
        holds = false;
        reason = "it does not follow the report before it: one between them is missing, or the "
                 "order is another";
    }
    if (holds) {
        verify_print(path, line);
        verify_digest(verify, line);
        return SP_OK;
    }
    verify->all_hold = false;
    sp_print_escaped(stdout, path);
    (void)printf(": DOES NOT HOLD: %s\n", reason);
    return SP_OK;
}

static enum sp_err evidence_verify(const struct sp_options *options, bool *all_hold,
                                   struct sp_why *why)
{
    struct verify verify = {.all_hold = true};
    if (options->pubkey == NULL || options->arg_count < 2)
        return sp_fail(why, SP_ERR_USAGE,
                       "evidence verify wants FILE... and --pubkey FILE: a report that brings its "
                       "own key proves nothing");
    sp_buf_init(&verify.bytes, SP_EVIDENCE_BYTES_MAX);
    enum sp_err err = evidence_read(options->pubkey, &verify.bytes, why);
    if (err == SP_OK && !sp_public_key_read(sp_buf_slice(&verify.bytes), verify.public_key))
        err = sp_fail(why, SP_ERR_KEY, "%s: not a public key of speur", options->pubkey);
    for (int i = 1; err == SP_OK && i < options->arg_count; i++)
        err = verify_one(&verify, options->args[i], why);
    sp_buf_clear(&verify.bytes);
    *all_hold = verify.all_hold;
    return err;
}

static enum sp_err evidence_pubkey(const struct sp_options *options, struct sp_why *why)
{
    struct sp_output output = {.file = NULL};
    struct sp_key *key = NULL;
    struct sp_buf line;
    char *path = NULL;
    sp_buf_init(&line, SP_EVIDENCE_BYTES_MAX);
    enum sp_err err = sp_app_path(SP_PLACE_KEY, options->key, &path, why);
    if (err == SP_OK)
        err = sp_key_open(path, &key, why);
    if (err == SP_OK)
        err = sp_public_key_write(key, &line, why);
    if (err == SP_OK)
        err = sp_output_open(&output, options->output, why);
    if (err == SP_OK) {
        (void)fwrite(line.data, 1, line.len, output.file);
        err = sp_output_commit(&output, why);
    }
    sp_output_close(&output);
    sp_key_free(key);
    sp_free(path);
    sp_buf_clear(&line);
    return err;
}

int sp_cmd_evidence(struct sp_options *options)
{
    struct sp_why why = {""};
    bool all_hold = true;
    const char *verb = options->arg_count > 0 ? options->args[0] : "";
    enum sp_err err;
    if (strcmp(verb, "verify") == 0)
        err = evidence_verify(options, &all_hold, &why);
    else if (strcmp(verb, "pubkey") == 0)
        err = evidence_pubkey(options, &why);
    else
        err = sp_fail(&why, SP_ERR_USAGE, "evidence wants verify or pubkey");
    return err != SP_OK ? sp_complain(err, &why) : all_hold ? 0 : 1;
}
