/* Addresses of machines. IPv4; IPv6: RFC 4291, written as RFC 5952; EUI-48. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

#include <arpa/inet.h>

enum { VERSION_LOOK = 24 }; /* bytes before a value in which a product name stands */

/* 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737) */
static bool is_documentation(const uint8_t octets[4])
{
    static const uint8_t nets[3][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}};
    for (size_t i = 0; i < 3; i++) {
        if (memcmp(octets, nets[i], 3) == 0)
            return true;
    }
    return false;
}

/* This network, loopback, multicast and reserved; 255.x are netmasks. */
static bool is_no_host(const uint8_t octets[4])
{
    return octets[0] == 0 || octets[0] == 127 || octets[0] >= 224;
}

/* `v1.2.3.4`, `Product/1.2.3.4`, and words that announce a version or a section. */
static bool is_version(const struct sp_check *check)
{
    static const char *const words[] = {"versie", "version", "release", "artikel", "build", "v."};
    const struct sp_text *text = check->text;
    size_t begin = check->begin;
    if (begin >= 2 && text->data[begin - 1] == '/' && letter_before(text->data, begin - 1))
        return true;
    size_t low = begin > VERSION_LOOK ? begin - VERSION_LOOK : 0;
    while (begin > low && byte_in(text->data[begin - 1], " :=.\"'"))
        begin--;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);
        if (begin - low >= len &&
            strncasecmp((const char *)text->data + begin - len, words[i], len) == 0)
            return true;
    }
    return false;
}

/* A dot or digit beside it makes it an OID or another number; a port may follow. */
static bool ip4_bounded(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t begin = check->begin, end = check->end;
    if (begin > 0 && (byte_is_alnum(text->data[begin - 1]) || byte_in(text->data[begin - 1], "_.")))
        return false;
    if (end >= text->len)
        return true;
    if (byte_in(text->data[end], ".-") && end + 1 < text->len)
        return !byte_is_digit(text->data[end + 1]);
    return text->data[end] != '_' && !byte_is_alnum(text->data[end]);
}

static bool check_ip4(struct sp_check *check, const char *typed)
{
    uint8_t octets[4];
    if (inet_pton(AF_INET, typed, octets) != 1 || is_no_host(octets) || !ip4_bounded(check) ||
        is_version(check))
        return false;
    if (is_documentation(octets))
        check->attributes |= SP_ATTR_TEST_VALUE;
    sp_canonical_set(&check->canonical, typed, strlen(typed));
    return true;
}

static bool ip6_bounded(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t begin = check->begin, end = check->end;
    if (begin > 0 &&
        (byte_is_alnum(text->data[begin - 1]) || byte_in(text->data[begin - 1], "_:.")))
        return false;
    return end >= text->len || (!byte_is_alnum(text->data[end]) && !byte_in(text->data[end], "_:"));
}

static bool check_ip6(struct sp_check *check, const char *typed)
{
    static const uint8_t documentation[4] = {0x20, 0x01, 0x0D, 0xB8}; /* RFC 3849 */
    uint8_t bytes[16], zero[15] = {0};
    char form[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, typed, bytes) != 1 || !ip6_bounded(check) ||
        (memcmp(bytes, zero, 15) == 0 && bytes[15] <= 1) || bytes[0] == 0xFF)
        return false;
    /* `::` with one short group is code (std::a), not an address. */
    if (strlen(typed) < 6 || !inet_ntop(AF_INET6, bytes, form, sizeof form))
        return false;
    if (memcmp(bytes, documentation, 4) == 0)
        check->attributes |= SP_ATTR_TEST_VALUE;
    sp_canonical_set(&check->canonical, form, strlen(form));
    return true;
}

bool sp_check_ip(struct sp_check *check)
{
    char typed[INET6_ADDRSTRLEN];
    size_t len = check->end - check->begin;
    if (len >= sizeof typed)
        return false;
    memcpy(typed, check->text->data + check->begin, len);
    typed[len] = '\0';
    return strchr(typed, ':') ? check_ip6(check, typed) : check_ip4(check, typed);
}

/* Six pairs with one separator, or three groups of four. A longer chain is a fingerprint. */
bool sp_check_mac(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t begin = check->begin, end = check->end, count = 0;
    uint8_t hex[12];
    bool zero = true, ones = true, separated = false;
    for (size_t pos = begin; pos < end; pos++) {
        uint8_t lower = text->data[pos] | 0x20;
        if (!byte_is_alnum(text->data[pos])) {
            separated = true;
            continue;
        }
        if (count == sizeof hex)
            return false;
        hex[count++] = lower;
        zero = zero && lower == '0';
        ones = ones && lower == 'f';
    }
    if (count != sizeof hex || zero || ones)
        return false;
    if (begin > 0 &&
        (byte_is_alnum(text->data[begin - 1]) || byte_in(text->data[begin - 1], ":-_.")))
        return false;
    if (end < text->len && (byte_is_alnum(text->data[end]) || byte_in(text->data[end], ":-_")))
        return false;
    if (!separated) {
        check->base = SP_CONF_NONE;
        check->label = SP_CONF_MEDIUM;
    }
    check->canonical.len = 0;
    for (size_t i = 0; i < sizeof hex; i++) {
        if (i && i % 2 == 0)
            check->canonical.bytes[check->canonical.len++] = ':';
        check->canonical.bytes[check->canonical.len++] = hex[i];
    }
    return true;
}
