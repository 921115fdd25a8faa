#include "detect/mailtext.h"

#include "detect/punycode.h"

#include "detect/bytes.h"

enum {
    HEADER_LOOK_BYTES = 1024, /* a folded References header is read back this far */
    WORD_MAX = 20
};

/* A list is words between spaces. */
static bool in_list(const char *list, struct sp_slice word)
{
    char needle[WORD_MAX + 3] = " ";
    if (!word.len || word.len > WORD_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        needle[i + 1] = (char)byte_lower(word.ptr[i]);
    needle[word.len + 1] = ' ';
    return strstr(list, needle) != NULL;
}

bool sp_mail_is_tld(struct sp_slice label)
{
    if (label.len > 4 && strncasecmp((const char *)label.ptr, "xn--", 4) == 0)
        return true;
    for (size_t i = 0; i < label.len; i++) {
        if (!byte_is_alpha(label.ptr[i]) && label.ptr[i] < 0x80)
            return false;
    }
    return label.len >= 2;
}

bool sp_mail_is_file_tld(struct sp_slice label)
{
    return in_list(" png jpg jpeg gif webp svg css js json ts scss map ", label);
}

bool sp_mail_is_extension(struct sp_slice label)
{
    return in_list(" eml msg mbox pst ost ics vcf pdf doc docx docm dot odt rtf txt md xls xlsx "
                   "xlsm ods csv tsv ppt pptx odp htm html xml json yml yaml log sql zip gz tgz "
                   "tar bz xz zst rar png jpg jpeg gif tif tiff bmp webp heic svg mp mov bak old "
                   "tmp gpg asc sig part partial wav ",
                   label);
}

static bool key_is_message_id(struct sp_slice key)
{
    return sp_slice_is(key, "message-id") || sp_slice_is(key, "in-reply-to") ||
           sp_slice_is(key, "references") || sp_slice_is(key, "content-id") ||
           sp_slice_is(key, "resent-message-id") || sp_slice_is(key, "thread-index");
}

bool sp_mail_is_message_id(const struct sp_text *text, size_t begin)
{
    const struct sp_text_field *field = sp_text_field_find(text, begin);
    if (field && field->key.len)
        return key_is_message_id(field->key);
    if (begin >= 4 && strncasecmp((const char *)text->data + begin - 4, "cid:", 4) == 0)
        return true;
    size_t low = begin > HEADER_LOOK_BYTES ? begin - HEADER_LOOK_BYTES : 0, line = begin;
    while (line > low) {
        const uint8_t *newline = memrchr(text->data + low, '\n', line - low);
        size_t start = newline ? (size_t)(newline + 1 - text->data) : low;
        const uint8_t *colon = memchr(text->data + start, ':', begin - start);
        bool folded = byte_in(text->data[start], " \t");
        if (!folded || !newline)
            return colon && key_is_message_id((struct sp_slice){
                                text->data + start, (size_t)(colon - text->data) - start});
        line = start - 1; /* a folded line goes on from the one above */
    }
    return false;
}

/* The lower-case letter of the scripts that European names use; others are their own. */
static uint32_t lower_code_point(uint32_t upper)
{
    if ((upper >= 'A' && upper <= 'Z') || (upper >= 0xC0 && upper <= 0xDE && upper != 0xD7) ||
        (upper >= 0x391 && upper <= 0x3A9) || (upper >= 0x410 && upper <= 0x42F))
        return upper + 0x20;
    if ((upper >= 0x100 && upper <= 0x137) || (upper >= 0x14A && upper <= 0x177) ||
        (upper >= 0x1E00 && upper <= 0x1EFF))
        return upper | 1;
    if ((upper >= 0x139 && upper <= 0x148) || (upper >= 0x179 && upper <= 0x17E))
        return upper + (upper & 1);
    return upper == 0x178 ? 0xFF : upper >= 0x400 && upper <= 0x40F ? upper + 0x50 : upper;
}

void sp_mail_append_lower(struct sp_canonical *out, struct sp_slice text)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t code_point = 0;
        uint8_t bytes[4];
        unsigned taken = sp_utf8_decode(text.ptr + pos, text.len - pos, &code_point);
        if (!taken)
            return;
        unsigned len = sp_utf8_encode(lower_code_point(code_point), bytes);
        if (len > sizeof out->bytes - out->len)
            return;
        memcpy(out->bytes + out->len, bytes, len);
        out->len = (uint16_t)(out->len + len);
        pos += taken;
    }
}

void sp_mail_append_domain(struct sp_canonical *out, struct sp_slice domain)
{
    struct sp_canonical lower = {.len = 0};
    sp_mail_append_lower(&lower, domain);
    for (size_t begin = 0, end; begin < lower.len; begin = end + 1) {
        uint8_t room[SP_LABEL_MAX];
        struct sp_slice label = {lower.bytes + begin, lower.len - begin};
        const uint8_t *dot = memchr(label.ptr, '.', label.len);
        label.len = dot == NULL ? label.len : (size_t)(dot - label.ptr);
        end = begin + label.len;
        size_t len = sp_punycode_label(label, room);
        sp_mail_append_lower(out, len > 0 ? (struct sp_slice){room, len} : label);
        if (dot != NULL)
            sp_mail_append_lower(out, (struct sp_slice){dot, 1});
    }
}

unsigned sp_mail_attributes(const struct sp_canonical *address)
{
    static const char roles[] =
        " info sales contact admin support administratie verkoop inkoop klantenservice service "
        "servicedesk helpdesk postmaster webmaster hostmaster abuse noreply no-reply boekhouding "
        "facturen factuur invoice billing finance hr jobs vacatures pers press marketing privacy "
        "fg dpo office kantoor receptie secretariaat balie bestuur team mail post hello hallo "
        "welkom order orders bestelling bestellingen shop webshop nieuwsbrief newsletter events "
        "security it ict beheer root orderdesk planning reserveringen ";
    static const char reserved_tlds[] = " example test invalid localhost ";
    const uint8_t *at = memchr(address->bytes, '@', address->len);
    if (!at)
        return 0;
    struct sp_slice local = {address->bytes, (size_t)(at - address->bytes)};
    struct sp_slice domain = {at + 1, address->len - local.len - 1};
    const uint8_t *dot = memrchr(domain.ptr, '.', domain.len);
    unsigned attributes = in_list(roles, local) ? SP_ATTR_ROLE : 0;
    if (!dot)
        return attributes;
    struct sp_slice tld = {dot + 1, (size_t)(domain.ptr + domain.len - dot) - 1};
    const uint8_t *before = memrchr(domain.ptr, '.', (size_t)(dot - domain.ptr));
    const uint8_t *second = before ? before + 1 : domain.ptr;
    /* RFC 2606: example.com, .net, .org and four top-level domains */
    bool example =
        dot - second == 7 && memcmp(second, "example", 7) == 0 && in_list(" com net org ", tld);
    return attributes | (example || in_list(reserved_tlds, tld) ? SP_ATTR_TEST_VALUE : 0);
}
