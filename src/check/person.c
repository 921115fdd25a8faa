#include "check/person.h"

#include "base/mem.h"
#include "check/cells.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

static unsigned person_head(const uint8_t *token)
{
    return (unsigned)token[0] << 8 | token[1];
}

static enum sp_err person_add_tokens(struct sp_person *person, const struct sp_register_row *row,
                                     struct sp_why *why)
{
    if (person->count + row->token_count > SP_PERSON_TOKENS_MAX)
        return sp_fail(why, SP_ERR_LIMIT, "more than %d identifiers",
                       SP_PERSON_TOKENS_MAX / SP_KEY_MAX);
    for (unsigned i = 0; i < row->token_count; i++) {
        struct sp_person_token *token = &person->tokens[person->count++];
        memcpy(token->bytes, row->tokens[i].bytes, SP_TOKEN_LEN);
        token->kind = (enum sp_token_kind)row->tokens[i].kind;
        token->type = row->type;
        unsigned head = person_head(token->bytes);
        person->seen[head / 8] |= (uint8_t)(1U << head % 8);
    }
    return SP_OK;
}

/* Tokens under each key: a root may have been scanned before the newest was made. */
static enum sp_err person_add(struct sp_person *person, enum sp_type type, struct sp_slice value,
                              const struct sp_key *ring, enum sp_region region, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (const struct sp_key *key = ring; err == SP_OK && key != NULL; key = sp_key_older(key)) {
        struct sp_register_row row = {0};
        err = sp_enrol(key, type, value, region, &row, why);
        if (err == SP_OK)
            err = person_add_tokens(person, &row, why);
        sp_register_row_clear(&row);
    }
    person->identifiers++;
    person->types |= UINT64_C(1) << type;
    return err;
}

/* One line; the reason never repeats the value. */
static enum sp_err person_line(struct sp_person *person, const struct sp_slice *fields,
                               size_t count, const struct sp_key *key, enum sp_region region,
                               const char *given, struct sp_why *why)
{
    enum sp_type type;
    struct sp_slice name = count >= 2 ? fields[0] : sp_slice_of(given == NULL ? "" : given);
    if (count == 1 && given == NULL)
        return sp_fail(why, SP_ERR_FORMAT, "not of the form type;value (or say --type)");
    if (!sp_type_from_name(name, &type))
        return sp_fail(why, SP_ERR_FORMAT, "no such type of identifier");
    return person_add(person, type, fields[count >= 2 ? 1 : 0], key, region, why);
}

static enum sp_err person_bytes(int fd, struct sp_buf *bytes, struct sp_why *why)
{
    enum sp_err err = sp_buf_reserve(bytes, SP_PERSON_BYTES_MAX, why);
    ssize_t got = 1;
    while (err == SP_OK && got != 0) {
        if (bytes->len == SP_PERSON_BYTES_MAX)
            return sp_fail(why, SP_ERR_LIMIT, "a person has more than %d bytes of identifiers",
                           SP_PERSON_BYTES_MAX);
        got = read(fd, bytes->data + bytes->len, SP_PERSON_BYTES_MAX - bytes->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot read the identifiers: errno %d", errno);
        bytes->len += (size_t)got;
    }
    return err;
}

static bool person_is_header(const struct sp_slice *fields, size_t count)
{
    return count >= 2 && sp_slice_is(fields[0], "type") && sp_slice_is(fields[1], "value");
}

static enum sp_err person_lines(struct sp_cells *cells, const struct sp_key *key,
                                enum sp_region region, const char *type, struct sp_person *person,
                                struct sp_why *why)
{
    struct sp_slice fields[SP_CELLS_FIELDS_MAX];
    struct sp_why what = {""};
    const char *refused = NULL;
    size_t count = 0;
    for (uint64_t line = 1; sp_cells_next(cells, fields, &count, &refused); line++) {
        if (line == 1 && refused == NULL && person_is_header(fields, count))
            continue;
        enum sp_err err = refused != NULL
                              ? sp_fail(&what, SP_ERR_FORMAT, "%s", refused)
                              : person_line(person, fields, count, key, region, type, &what);
        if (err != SP_OK)
            return sp_fail(why, err, "identifier on line %" PRIu64 ": %s", cells->line, what.text);
    }
    return person->identifiers > 0 ? SP_OK : sp_fail(why, SP_ERR_USAGE, "no identifier was given");
}

enum sp_err sp_person_read(int fd, const struct sp_key *key, enum sp_region region,
                           const char *type, struct sp_person *person, struct sp_why *why)
{
    struct sp_buf bytes;
    *person = (struct sp_person){.count = 0};
    struct sp_cells *cells = sp_alloc_zero(sizeof *cells);
    if (cells == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for identifiers");
    sp_buf_init(&bytes, SP_PERSON_BYTES_MAX);
    enum sp_err err = person_bytes(fd, &bytes, why);
    if (err == SP_OK) {
        sp_cells_init(cells, bytes.data, bytes.len);
        err = person_lines(cells, key, region, type, person, why);
    }
    sp_wipe(cells, sizeof *cells);
    sp_free(cells);
    sp_buf_wipe(&bytes);
    return err;
}

const struct sp_person_token *sp_person_find(const struct sp_person *person,
                                             const uint8_t token[SP_TOKEN_LEN])
{
    unsigned head = person_head(token);
    if ((person->seen[head / 8] >> head % 8 & 1) == 0)
        return NULL;
    for (size_t i = 0; i < person->count; i++)
        if (memcmp(person->tokens[i].bytes, token, SP_TOKEN_LEN) == 0)
            return &person->tokens[i];
    return NULL;
}
