#include "check/evidence.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define EVIDENCE_SIGNATURE_KEY ",\"signature\":\""
enum {
    CHAIN_BYTES_MAX = 512,
    EVIDENCE_HEX_SIGNATURE = 2 * SP_SIGNATURE_LEN,
    EVIDENCE_TAIL = sizeof EVIDENCE_SIGNATURE_KEY - 1 + EVIDENCE_HEX_SIGNATURE + 2
};
static const char chain_mark[] = "speur-evidence-2";
static const char public_mark[] = "speur-public-1 ";

static void evidence_hex(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static bool evidence_unhex(struct sp_slice text, uint8_t *out, size_t len)
{
    if (text.len != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = sp_hex_digit(text.ptr[2 * i]);
        int low = sp_hex_digit(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- the chain ------------------------------------------------------------------------------ */
static enum sp_err chain_body(const struct sp_chain *chain, struct sp_buf *out, struct sp_why *why)
{
    return sp_buf_appendf(out, why, "%s %" PRIu64 " %s %s ", chain_mark, chain->number,
                          chain->number > 0 ? chain->digest : "-", chain->register_head);
}

/* "MARK NUMBER DIGEST HEAD ", which bears our MAC: only another version can have written another
 * form.
 */
static bool chain_fields(char *text, struct sp_chain *chain)
{
    char *rest = NULL;
    const char *mark = strtok_r(text, " ", &rest);
    const char *number = strtok_r(NULL, " ", &rest);
    const char *digest = strtok_r(NULL, " ", &rest);
    const char *head = strtok_r(NULL, " ", &rest);
    if (head == NULL || strcmp(mark, chain_mark) != 0 || strlen(digest) >= sizeof chain->digest ||
        strlen(head) >= sizeof chain->register_head)
        return false;
    chain->number = strtoull(number, NULL, 10);
    memcpy(chain->digest, digest, strlen(digest) + 1);
    memcpy(chain->register_head, head, strlen(head) + 1);
    return true;
}

static enum sp_err chain_parse(struct sp_slice line, const struct sp_key *key,
                               struct sp_chain *chain, const char *path, struct sp_why *why)
{
    char text[CHAIN_BYTES_MAX + 1];
    uint8_t told[SP_DIGEST_LEN];
    uint8_t mac[SP_DIGEST_LEN];
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len <= SP_HEX_DIGEST_LEN || line.len > CHAIN_BYTES_MAX)
        return sp_fail(why, SP_ERR_ALTERED, "%s was altered", path);
    struct sp_slice body = {line.ptr, line.len - SP_HEX_DIGEST_LEN};
    sp_mac(key, body, mac);
    if (!evidence_unhex((struct sp_slice){line.ptr + body.len, SP_HEX_DIGEST_LEN}, told,
                        sizeof told) ||
        !sp_mac_equal(told, mac))
        return sp_fail(why, SP_ERR_ALTERED, "%s was altered", path);
    memcpy(text, body.ptr, body.len);
    text[body.len] = '\0';
    return chain_fields(text, chain)
               ? SP_OK
               : sp_fail(why, SP_ERR_CONFIG, "%s was written by another version of speur", path);
}

enum sp_err sp_chain_open(const char *register_path, const struct sp_key *key,
                          const struct sp_register *reg, struct sp_chain *chain, struct sp_why *why)
{
    struct sp_buf line;
    int fd = -1;
    char *path = sp_private_beside(register_path, ".evidence");
    *chain = (struct sp_chain){.digest = ""};
    if (path == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    sp_buf_init(&line, CHAIN_BYTES_MAX);
    struct sp_why what = {""};
    enum sp_err err = sp_private_open(path, O_RDONLY, &fd, &what);
    bool is_first = err == SP_ERR_NOINPUT;
    if (err == SP_OK)
        err = sp_private_read(fd, path, &line, &what);
    if (err == SP_ERR_LIMIT)
        err = sp_fail(&what, SP_ERR_ALTERED, "%s: not the chain of evidence", path);
    if (err == SP_OK)
        err = chain_parse(sp_buf_slice(&line), key, chain, path, &what);
    if (fd >= 0)
        (void)close(fd);
    sp_buf_clear(&line);
    sp_free(path);
    if (is_first)
        return SP_OK;
    if (err != SP_OK)
        return sp_fail(why, err, "%s", what.text);
    return sp_register_grew_from(reg, chain->register_head)
               ? SP_OK
               : sp_fail(why, SP_ERR_KEY,
                         "the register (row %zu) has not grown from what it was when the last "
                         "evidence was made (row %.*s): it was rolled back",
                         sp_register_count(reg), (int)strcspn(chain->register_head, ":"),
                         chain->register_head);
}

/* Writes the head of the chain anew, durable when it returns. */
static enum sp_err chain_save(const char *register_path, const struct sp_key *key,
                              const struct sp_chain *chain, struct sp_why *why)
{
    struct sp_buf line;
    uint8_t mac[SP_DIGEST_LEN];
    char hex[SP_HEX_DIGEST_LEN + 1];
    char *path = sp_private_beside(register_path, ".evidence");
    if (path == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    sp_buf_init(&line, CHAIN_BYTES_MAX);
    enum sp_err err = chain_body(chain, &line, why);
    if (err == SP_OK) {
        sp_mac(key, sp_buf_slice(&line), mac);
        evidence_hex(hex, mac, sizeof mac);
        err = sp_buf_appendf(&line, why, "%s\n", hex);
    }
    if (err == SP_OK)
        err = sp_private_replace(path, sp_buf_slice(&line), why);
    sp_buf_clear(&line);
    sp_free(path);
    return err;
}

/* ---- a report -------------------------------------------------------------------------------- */
static void evidence_time(struct sp_json *json)
{
    char text[32] = "";
    struct tm parts;
    time_t now = time(NULL);
    if (gmtime_r(&now, &parts) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    sp_json_text(json, "made", text);
}

/* Who ran it: the name where the machine knows one, else the number. */
static void evidence_user(struct sp_json *json)
{
    char room[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    char number[24];
    (void)snprintf(number, sizeof number, "%u", (unsigned)getuid());
    if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) != 0)
        found = NULL;
    sp_json_text(json, "user", found != NULL ? found->pw_name : number);
}

static void evidence_host(struct sp_json *json)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    sp_json_text(json, "host", host);
}

/* What tokens are made with. */
static void evidence_keys(struct sp_json *json, const struct sp_key *ring)
{
    sp_json_key(json, "keys");
    sp_json_array(json);
    for (; ring != NULL; ring = sp_key_older(ring))
        sp_json_item(json, sp_key_id(ring));
    sp_json_array_end(json);
}

static void evidence_begin(struct sp_json *json, const struct sp_evidence_job *job,
                           const struct sp_chain *chain)
{
    sp_json_object(json);
    sp_json_text(json, "speur", SPEUR_VERSION);
    sp_json_text(json, "kind", job->kind);
    evidence_time(json);
    sp_json_number(json, "number", chain->number + 1);
    sp_json_text(json, "previous", chain->number > 0 ? chain->digest : NULL);
    evidence_user(json);
    evidence_host(json);
    sp_json_text(json, "key", sp_key_first_id(job->key)); /* by which it is signed */
    evidence_keys(json, job->key);
    sp_json_text(json, "register", sp_register_head(job->reg));
}

void sp_evidence_coverage(struct sp_json *json, const struct sp_coverage *coverage)
{
    sp_json_key(json, "coverage");
    sp_json_object(json);
    sp_json_number(json, "objects", coverage->objects);
    sp_json_number(json, "read", coverage->objects_read);
    sp_json_number(json, "partial", coverage->objects_partial);
    sp_json_number(json, "skipped", coverage->objects_skipped);
    sp_json_number(json, "unfinished", coverage->objects_open);
    sp_json_number(json, "bytes_read", coverage->bytes_read);
    sp_json_key(json, "unread");
    sp_json_object(json);
    for (unsigned i = 0; i < SP_REASON_COUNT; i++)
        if (coverage->unread[i] > 0)
            sp_json_number(json, sp_reason_name((enum sp_reason)i), coverage->unread[i]);
    sp_json_object_end(json);
    sp_json_object_end(json);
}

void sp_evidence_digest(struct sp_json *json, const char *key, const uint8_t digest[SP_DIGEST_LEN])
{
    char hex[SP_HEX_DIGEST_LEN + 1];
    evidence_hex(hex, digest, SP_DIGEST_LEN);
    sp_json_text(json, key, hex);
}

/* The signature stands before the last brace, and is over all that stands before it. */
static enum sp_err evidence_end(struct sp_json *json, const struct sp_evidence_job *job,
                                struct sp_chain *chain)
{
    uint8_t signature[SP_SIGNATURE_LEN];
    uint8_t digest[SP_DIGEST_LEN];
    char hex[EVIDENCE_HEX_SIGNATURE + 1];
    struct sp_buf *out = json->out;
    sp_json_object_end(json);
    if (json->err != SP_OK)
        return json->err;
    out->len--;
    sp_sign(job->key, sp_buf_slice(out), signature);
    evidence_hex(hex, signature, sizeof signature);
    enum sp_err err = sp_buf_appendf(out, json->why, "%s%s\"}", EVIDENCE_SIGNATURE_KEY, hex);
    if (err != SP_OK)
        return err;
    sp_digest(sp_buf_slice(out), digest);
    evidence_hex(chain->digest, digest, sizeof digest);
    chain->number++;
    return sp_buf_append_byte(out, '\n', json->why);
}

/* Nobody else moves the chain on between reading and writing it. */
static int evidence_lock(const char *register_path)
{
    char *path = sp_private_beside(register_path, ".evidence-lock");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    sp_free(path);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* The register as it is now: since the work began others may have added to it, and made reports.
 * What the work was done with is a part of it. */
static enum sp_err evidence_register(const struct sp_evidence_job *job, struct sp_register **out,
                                     struct sp_why *why)
{
    enum sp_err err = sp_register_open(job->register_path, job->key, out, why);
    if (err == SP_OK && !sp_register_grew_from(*out, sp_register_head(job->reg)))
        err = sp_fail(why, SP_ERR_KEY, "the register was put back while this ran");
    return err;
}

static enum sp_err evidence_chained(const struct sp_evidence_job *job, struct sp_why *why)
{
    struct sp_chain chain;
    struct sp_json json;
    struct sp_buf out;
    struct sp_register *now = NULL;
    sp_buf_init(&out, SP_EVIDENCE_BYTES_MAX);
    enum sp_err err = evidence_register(job, &now, why);
    if (err == SP_OK)
        err = sp_chain_open(job->register_path, job->key, now, &chain, why);
    if (err == SP_OK) {
        sp_json_init(&json, &out, why);
        evidence_begin(&json, job, &chain);
        job->body(&json, job->ctx);
        err = evidence_end(&json, job, &chain);
        (void)snprintf(chain.register_head, sizeof chain.register_head, "%s",
                       sp_register_head(now));
    }
    if (err == SP_OK)
        err = sp_private_replace(job->path, sp_buf_slice(&out), why);
    if (err == SP_OK)
        err = chain_save(job->register_path, job->key, &chain, why);
    sp_register_close(now);
    sp_buf_clear(&out);
    return err;
}

enum sp_err sp_evidence_write(const struct sp_evidence_job *job, struct sp_why *why)
{
    int lock = evidence_lock(job->register_path);
    if (lock < 0)
        return sp_fail(why, SP_ERR_IO, "cannot lock the chain of evidence: %s",
                       strerrordesc_np(errno));
    enum sp_err err = evidence_chained(job, why);
    (void)close(lock);
    return err;
}

bool sp_evidence_holds(struct sp_slice line, const uint8_t public_key[SP_PUBLIC_KEY_LEN],
                       const char **reason)
{
    uint8_t signature[SP_SIGNATURE_LEN];
    const size_t key_len = sizeof EVIDENCE_SIGNATURE_KEY - 1;
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    *reason = "no evidence of speur";
    if (line.len <= EVIDENCE_TAIL || line.ptr[0] != '{')
        return false;
    struct sp_slice body = {line.ptr, line.len - EVIDENCE_TAIL};
    const uint8_t *tail = line.ptr + body.len;
    if (memcmp(tail, EVIDENCE_SIGNATURE_KEY, key_len) != 0 || tail[EVIDENCE_TAIL - 2] != '"' ||
        tail[EVIDENCE_TAIL - 1] != '}' ||
        !evidence_unhex((struct sp_slice){tail + key_len, EVIDENCE_HEX_SIGNATURE}, signature,
                        sizeof signature))
        return false;
    *reason = "it was altered, or signed with another key";
    return sp_signature_holds(public_key, body, signature);
}

bool sp_public_key_read(struct sp_slice line, uint8_t out[SP_PUBLIC_KEY_LEN])
{
    const size_t mark = sizeof public_mark - 1;
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    return line.len > mark && memcmp(line.ptr, public_mark, mark) == 0 &&
           evidence_unhex((struct sp_slice){line.ptr + mark, line.len - mark}, out,
                          SP_PUBLIC_KEY_LEN);
}

enum sp_err sp_public_key_write(const struct sp_key *key, struct sp_buf *out, struct sp_why *why)
{
    uint8_t public_key[SP_PUBLIC_KEY_LEN];
    char hex[2 * SP_PUBLIC_KEY_LEN + 1];
    sp_public_key(key, public_key);
    evidence_hex(hex, public_key, sizeof public_key);
    return sp_buf_appendf(out, why, "%s%s\n", public_mark, hex);
}
