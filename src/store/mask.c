/* Masks: what a person may see of a value to recognise it, one rule a type (speur/finding.h).
 * A rule whose form does not fit the value shows nothing rather than too much. */
#include "store/seal.h"

#include "base/utf8.h"

static const char mask_stars[] = "***";
enum {
    MASK_LAST = 3,      /* characters shown at the end */
    MASK_LAST_FROM = 8, /* values with fewer characters show none of them */
    MASK_TLD_MAX = 24,  /* bytes; longer top-level domains are not shown */
    MASK_GROUP_MAX = 4, /* characters of the first group of an IPv6 address */
    MASK_YEAR_DIGITS = 4,
    MASK_POSTCODE_MAX = 6 /* digits */
};

/* A mask under way. Everything that goes in is whole and printable, or the mask fails. */
struct mask {
    char *out; /* SP_MASK_LEN bytes */
    size_t len;
    bool failed; /* the value does not have the form of its rule: show nothing */
};

static void mask_put(struct mask *mask, const void *bytes, size_t len)
{
    if (len >= SP_MASK_LEN - mask->len) {
        mask->failed = true;
        return;
    }
    memcpy(mask->out + mask->len, bytes, len);
    mask->len += len;
}

static void mask_put_stars(struct mask *mask)
{
    mask_put(mask, mask_stars, sizeof mask_stars - 1);
}

/* Bytes of the first character, 0 when it is not one that may be shown. */
static size_t mask_char_len(struct sp_slice text)
{
    uint32_t point;
    unsigned len = text.len ? sp_utf8_decode(text.ptr, text.len, &point) : 0;

    if (!len || point < 0x20 || (point >= 0x7F && point < 0xA0))
        return 0;
    return len;
}

static void mask_put_first(struct mask *mask, struct sp_slice text)
{
    size_t len = mask_char_len(text);

    if (len)
        mask_put(mask, text.ptr, len);
    else
        mask->failed = true;
}

/* Characters in the text; 0 when one of them may not be shown. */
static size_t mask_count(struct sp_slice text)
{
    size_t count = 0;

    while (text.len) {
        size_t len = mask_char_len(text);

        if (!len)
            return 0;
        text.ptr += len;
        text.len -= len;
        count++;
    }
    return count;
}

static void mask_last3(struct mask *mask, struct sp_slice text)
{
    size_t count = mask_count(text);

    mask_put_stars(mask);
    if (count < MASK_LAST_FROM)
        return;
    for (; count > MASK_LAST; count--) {
        size_t len = mask_char_len(text);

        text.ptr += len;
        text.len -= len;
    }
    mask_put(mask, text.ptr, text.len);
}

static void mask_country_last3(struct mask *mask, struct sp_slice text)
{
    if (text.len < MASK_LAST_FROM || text.ptr[0] < 'A' || text.ptr[0] > 'Z' || text.ptr[1] < 'A' ||
        text.ptr[1] > 'Z') {
        mask->failed = true;
        return;
    }
    mask_put(mask, text.ptr, 2);
    mask_last3(mask, text);
}

static void mask_first1(struct mask *mask, struct sp_slice text)
{
    /* Of a value of one character the first is everything. */
    if (mask_char_len(text) < text.len)
        mask_put_first(mask, text);
    mask_put_stars(mask);
}

/* given|surname */
static void mask_name(struct mask *mask, struct sp_slice text)
{
    const uint8_t *bar = memchr(text.ptr, '|', text.len);
    size_t given = bar == NULL ? text.len : (size_t)(bar - text.ptr);
    mask_first1(mask, (struct sp_slice){text.ptr, given});
    if (bar == NULL)
        return;
    mask_put(mask, " ", 1);
    mask_first1(mask, (struct sp_slice){bar + 1, text.len - given - 1});
}

static size_t mask_digits(struct sp_slice text)
{
    size_t count = 0;

    while (count < text.len && text.ptr[count] >= '0' && text.ptr[count] <= '9')
        count++;
    return count;
}

static void mask_year(struct mask *mask, struct sp_slice text)
{
    if (mask_digits(text) == MASK_YEAR_DIGITS)
        mask_put(mask, text.ptr, MASK_YEAR_DIGITS);
    mask_put_stars(mask);
}

/* "NL:1234AB:12:A", "BE:2580:1::street": the digits in front of the second field. A foreign
 * postcode that begins with a letter shows nothing. */
static void mask_postcode(struct mask *mask, struct sp_slice text)
{
    const uint8_t *colon = text.len ? memchr(text.ptr, ':', text.len) : NULL;

    if (colon) {
        struct sp_slice code = {colon + 1, text.len - (size_t)(colon + 1 - text.ptr)};
        size_t digits = mask_digits(code);

        if (digits && digits <= MASK_POSTCODE_MAX)
            mask_put(mask, code.ptr, digits);
    }
    mask_put_stars(mask);
}

static bool mask_is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

/* The first group with its separator: "192.***", "2001:***", "aa:***". */
static void mask_first_group(struct mask *mask, struct sp_slice text)
{
    size_t len = 0;

    while (len < text.len && len <= MASK_GROUP_MAX && mask_is_hex(text.ptr[len]))
        len++;
    if (len && len <= MASK_GROUP_MAX && len < text.len &&
        (text.ptr[len] == '.' || text.ptr[len] == ':'))
        mask_put(mask, text.ptr, len + 1);
    mask_put_stars(mask);
}

static struct sp_slice mask_after_last(struct sp_slice text, char mark)
{
    const uint8_t *at = text.len ? memrchr(text.ptr, mark, text.len) : NULL;

    if (!at)
        return (struct sp_slice){NULL, 0};
    return (struct sp_slice){at + 1, text.len - (size_t)(at + 1 - text.ptr)};
}

static void mask_email(struct mask *mask, struct sp_slice text)
{
    struct sp_slice domain = mask_after_last(text, '@');
    struct sp_slice tld = mask_after_last(domain, '.');

    if (!domain.len || domain.len + 1 == text.len) {
        mask->failed = true;
        return;
    }
    mask_put_first(mask, text);
    mask_put_stars(mask);
    mask_put(mask, "@", 1);
    mask_put_first(mask, domain);
    mask_put_stars(mask);
    if (tld.len && tld.len <= MASK_TLD_MAX && mask_digits(tld) < tld.len && mask_count(tld)) {
        mask_put(mask, ".", 1);
        mask_put(mask, tld.ptr, tld.len);
    }
}

static void mask_by_rule(struct mask *mask, enum sp_mask_rule rule, struct sp_slice text)
{
    switch (rule) {
    case SP_MASK_COUNTRY_LAST3:
        mask_country_last3(mask, text);
        return;
    case SP_MASK_LAST3:
        mask_last3(mask, text);
        return;
    case SP_MASK_EMAIL:
        mask_email(mask, text);
        return;
    case SP_MASK_POSTCODE_DIGITS:
        mask_postcode(mask, text);
        return;
    case SP_MASK_YEAR:
        mask_year(mask, text);
        return;
    case SP_MASK_FIRST_GROUP:
        mask_first_group(mask, text);
        return;
    case SP_MASK_FIRST1:
        mask_first1(mask, text);
        return;
    case SP_MASK_NAME:
        mask_name(mask, text);
        return;
    case SP_MASK_WHOLE:
        break;
    }
    mask->failed = true; /* show nothing */
}

void sp_mask(enum sp_type type, const struct sp_canonical *canonical, bool hint,
             char out[SP_MASK_LEN])
{
    struct mask mask = {out, 0, false};

    if (hint)
        mask_by_rule(&mask, sp_type_mask_rule(type),
                     (struct sp_slice){canonical->bytes, canonical->len});
    if (!hint || mask.failed) {
        mask.len = 0;
        mask_put_stars(&mask);
    }
    memset(out + mask.len, 0, SP_MASK_LEN - mask.len);
}
