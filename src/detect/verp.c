/* The address of a person inside one that a mail program made: of the recipient in the envelope
 * sender of bulk mail (VERP), of the sender in one that a forwarder rewrote (SRS).
 *   bounce+jan=voorbeeld.example@lijst.example      list-return-12-jan=voorbeeld.example@…
 *   bounces+613-ab12-jan=voorbeeld.example@…        SRS0=hhh=tt=voorbeeld.example=jan@…  */
#include "detect/bytes.h"
#include "speur/patterns.h"

/* A host name with a dot and letters behind the last one. */
static bool verp_is_domain(struct sp_slice name)
{
    const uint8_t *dot = name.len == 0 ? NULL : memrchr(name.ptr, '.', name.len);
    if (dot == NULL || dot == name.ptr || name.ptr + name.len - dot < 3)
        return false;
    for (const uint8_t *at = dot + 1; at < name.ptr + name.len; at++)
        if (!byte_is_alpha(*at))
            return false;
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_alnum(name.ptr[i]) && !byte_in(name.ptr[i], ".-"))
            return false;
    return true;
}

static bool verp_is_number(struct sp_slice group)
{
    bool digit = false;
    for (size_t i = 0; i < group.len; i++) {
        digit = digit || byte_is_digit(group.ptr[i]);
        if (!byte_is_digit(group.ptr[i]) && !(group.ptr[i] >= 'a' && group.ptr[i] <= 'f') &&
            group.ptr[i] != '.')
            return false;
    }
    return digit;
}

static struct sp_slice verp_behind(struct sp_slice text, const uint8_t *at)
{
    return (struct sp_slice){at + 1, text.len - (size_t)(at + 1 - text.ptr)};
}

/* Without what the list put before it: all up to the last plus and numbers behind it, or, where
 * there is none, all up to the last dash. */
static struct sp_slice verp_person(struct sp_slice local)
{
    const uint8_t *plus = memrchr(local.ptr, '+', local.len);
    const uint8_t *dash;
    if (plus == NULL) {
        dash = memrchr(local.ptr, '-', local.len);
        return dash == NULL ? (struct sp_slice){NULL, 0} : verp_behind(local, dash);
    }
    local = verp_behind(local, plus);
    while (local.len > 0 && (dash = memchr(local.ptr, '-', local.len)) != NULL &&
           verp_is_number((struct sp_slice){local.ptr, (size_t)(dash - local.ptr)}))
        local = verp_behind(local, dash);
    return local;
}

static bool verp_give(struct sp_slice local, struct sp_slice domain, struct sp_canonical *out)
{
    if (local.len == 0 || !verp_is_domain(domain))
        return false;
    memcpy(out->bytes, local.ptr, local.len);
    out->bytes[local.len] = '@';
    memcpy(out->bytes + local.len + 1, domain.ptr, domain.len);
    out->len = (uint16_t)(local.len + 1 + domain.len);
    return true;
}

bool sp_canonical_embedded_mail(const struct sp_canonical *exact, struct sp_canonical *out)
{
    const uint8_t *at = memchr(exact->bytes, '@', exact->len);
    struct sp_slice local = {exact->bytes, at == NULL ? 0 : (size_t)(at - exact->bytes)};
    const uint8_t *equals = local.len == 0 ? NULL : memrchr(local.ptr, '=', local.len);
    if (equals == NULL)
        return false;
    struct sp_slice before = {local.ptr, (size_t)(equals - local.ptr)};
    struct sp_slice behind = verp_behind(local, equals);
    bool srs = local.len > 4 && memcmp(local.ptr, "srs", 3) == 0;
    if (!srs)
        return verp_give(verp_person(before), behind, out);
    const uint8_t *domain = before.len == 0 ? NULL : memrchr(before.ptr, '=', before.len);
    return domain != NULL && verp_give(behind, verp_behind(before, domain), out);
}
