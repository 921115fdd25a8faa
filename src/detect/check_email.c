/* E-mail addresses: the part of RFC 5321, 5322 and 6531 that people use. The candidate is the
 * at-mark (`@`, `%40`, `\u0040`, `[at]`); the local part is read to its left, the domain to its
 * right. A name may hand over a candidate that has the local part already. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/mailtext.h"
#include "detect/number.h"

enum {
    LOCAL_MAX = 64,   /* RFC 5321 4.5.3.1.1 */
    DOMAIN_MAX = 253, /* RFC 1035 */
    LABEL_MAX = 63
};

/* Other readings. In bytes that no parser reads a length or a tag beside the address may look like
 * one of its letters. */
enum {
    MAIL_BEHIND = 1, /* its end belongs to what follows */
    MAIL_BEFORE = 2, /* its first byte to what comes before */
    MAIL_KEYED = 4,  /* what is cut off as a key is a part of it: envelope senders (verp.c) */
    MAIL_ESCAPED = 8 /* it goes on before a backslash: jan\.proef, o\'proef */
};

/* What is read of a candidate. */
struct mail {
    const struct sp_check *check;
    size_t mark, mark_end; /* the at-mark */
    size_t begin, end;     /* the address in the text */
    uint8_t local[LOCAL_MAX + 3];
    size_t local_len;
    uint8_t domain[DOMAIN_MAX + 1];
    size_t domain_len;
    size_t labels;     /* in domain */
    size_t last_label; /* where the last one begins in domain */
    unsigned more;     /* MAIL_*: of what was read */
    bool obfuscated;
    bool clipped; /* more than LOCAL_MAX bytes could belong to the local part */
};

static bool is_local_byte(uint8_t byte)
{
    return byte_is_alnum(byte) || byte >= 0x80 || byte_in(byte, "!#$&'*+=?^_~.-");
}

static bool is_domain_byte(uint8_t byte)
{
    return byte_is_alnum(byte) || byte >= 0x80 || byte == '-';
}

/* A bracketed `dot` with optional spaces: where it ends, or pos. */
static size_t skip_dot_word(const struct sp_text *text, size_t pos)
{
    size_t at = pos;
    while (at < text->len && at - pos < 2 && text->data[at] == ' ')
        at++;
    if (text->len - at < 5 || !byte_in(text->data[at], "[({"))
        return pos;
    at++;
    at += text->data[at] == ' ';
    if (text->len - at < 4)
        return pos;
    if (strncasecmp((const char *)text->data + at, "dot", 3) == 0)
        at += 3;
    else if (strncasecmp((const char *)text->data + at, "punt", 4) == 0)
        at += 4;
    else
        return pos;
    while (at < text->len && text->data[at] == ' ')
        at++;
    if (at >= text->len || !byte_in(text->data[at], "])}"))
        return pos;
    at++;
    while (at < text->len && text->data[at] == ' ')
        at++;
    return at;
}

/* One label; 0 when none of legal form is at pos. */
static size_t label_len(const struct sp_text *text, size_t pos)
{
    size_t end = pos;
    while (end < text->len && end - pos <= LABEL_MAX && is_domain_byte(text->data[end])) {
        if (text->data[end] >= 0x80 && !letter_at(text->data, text->len, end) &&
            (text->data[end] & 0xC0) != 0x80)
            break; /* a bullet, a quotation mark */
        end++;
    }
    while (end > pos && text->data[end - 1] == '-')
        end--;
    if (end - pos > LABEL_MAX || text->data[pos] == '-')
        return 0;
    return end - pos;
}

static void read_domain(struct mail *mail)
{
    const struct sp_text *text = mail->check->text;
    size_t pos = mail->mark_end;
    bool slashed = false;
    for (;;) {
        size_t len = pos < text->len ? label_len(text, pos) : 0;
        if (!len || mail->domain_len + len + 1 > DOMAIN_MAX)
            return;
        if (mail->labels)
            mail->domain[mail->domain_len++] = '.';
        mail->last_label = mail->domain_len;
        memcpy(mail->domain + mail->domain_len, text->data + pos, len);
        mail->domain_len += len;
        mail->labels++;
        pos = mail->end = pos + len;
        size_t slash = pos + 1 < text->len && text->data[pos] == '\\' &&
                       (mail->labels == 1 || slashed); /* voorbeeld\.nl, but no folder .nl */
        slashed = slash != 0;
        size_t dot =
            pos + slash < text->len && text->data[pos + slash] == '.' ? pos + slash + 1 : pos;
        if (dot == pos && mail->obfuscated)
            dot = skip_dot_word(text, pos);
        if (dot == pos)
            return;
        pos = dot;
    }
}

static struct sp_slice last_label(const struct mail *mail)
{
    return (struct sp_slice){mail->domain + mail->last_label, mail->domain_len - mail->last_label};
}

static void drop_last_label(struct mail *mail)
{
    size_t len = mail->domain_len - mail->last_label;
    mail->end -= len + 1;
    mail->end -= mail->check->text->data[mail->end - 1] == '\\';
    mail->domain_len = mail->last_label - 1;
    mail->labels--;
    mail->last_label = mail->domain_len;
    while (mail->last_label > 0 && mail->domain[mail->last_label - 1] != '.')
        mail->last_label--;
}

static void shorten_domain(struct mail *mail, size_t last_len)
{
    size_t gone = mail->domain_len - mail->last_label - last_len;
    mail->domain_len -= gone;
    mail->end -= gone;
}

static bool in_bytes(const struct mail *mail)
{
    return mail->check->text->kind == SP_RECORD_BYTES;
}

/* In bytes that no parser reads, what follows may look like a digit: of a certificate the tag of
 * the next value ('0', X.690), a length, a date. */
static void drop_tag(struct mail *mail)
{
    struct sp_slice last = last_label(mail);
    size_t letters = 0;
    while (letters < last.len && byte_is_alpha(last.ptr[letters]))
        letters++;
    if (last.len > 4 && strncasecmp((const char *)last.ptr, "xn--", 4) == 0)
        return;
    if (in_bytes(mail) && letters >= 2 && letters < last.len && last.ptr[letters] < 0x80)
        shorten_domain(mail, letters);
}

/* Where the last label may end before what follows it: behind a domain that many have, at a
 * capital behind small letters, else before its last letter. Its length when it may not. */
static size_t domain_other_end(const struct mail *mail)
{
    static const char *const common[] = {"com", "org", "net", "nl", "be", "eu", "de", "fr", "uk"};
    struct sp_slice last = last_label(mail);
    size_t small = 0;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        size_t len = strlen(common[i]);
        if (last.len > len && strncasecmp((const char *)last.ptr, common[i], len) == 0)
            return len;
    }
    while (small < last.len && byte_is_lower(last.ptr[small]))
        small++;
    if (small >= 2 && small < last.len && byte_is_upper(last.ptr[small]))
        return small;
    return last.len > 2 ? last.len - 1 : last.len;
}

/* `…@voorbeeld.nl.Volgende zin`: a sentence that begins without a blank. */
static bool is_sentence(const struct mail *mail)
{
    struct sp_slice last = last_label(mail);
    const uint8_t *at = last.ptr - 1;
    size_t small = 0;
    while (at > mail->domain && byte_is_lower(at[-1])) {
        at--;
        small++;
    }
    bool behind_tld = mail->labels > 2 && small >= 2 && small <= 4 && at[-1] == '.';
    return behind_tld && last.len > 1 && byte_is_upper(last.ptr[0]) && byte_is_lower(last.ptr[1]);
}

/* Reads the end in the way that is asked for, and tells whether there is another. */
static void read_end(struct mail *mail)
{
    bool behind = (mail->check->reading & MAIL_BEHIND) != 0;
    if (in_bytes(mail)) {
        size_t len = domain_other_end(mail);
        if (len < mail->domain_len - mail->last_label)
            mail->more |= MAIL_BEHIND;
        if (behind)
            shorten_domain(mail, len);
    } else if (is_sentence(mail)) {
        mail->more |= MAIL_BEHIND;
        if (behind)
            drop_last_label(mail);
    }
}

/* Cuts what is no part of the address and tests the top-level domain. */
static bool domain_holds(struct mail *mail, bool name)
{
    drop_tag(mail);
    while (name && mail->labels > 2 && sp_mail_is_extension(last_label(mail)))
        drop_last_label(mail);
    while (mail->labels > 2 && !sp_mail_is_tld(last_label(mail)) && !mail->obfuscated)
        drop_last_label(mail);
    read_end(mail);
    return mail->labels >= 2 && sp_mail_is_tld(last_label(mail)) &&
           !sp_mail_is_file_tld(last_label(mail));
}

static int hex_value(uint8_t byte)
{
    if (byte_is_digit(byte))
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte that %XX ending before pos stands for; -1: none ends there. */
static int percent_before(const struct sp_text *text, size_t pos)
{
    if (pos < 3 || text->data[pos - 3] != '%')
        return -1;
    int high = hex_value(text->data[pos - 2]), low = hex_value(text->data[pos - 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Whether the local part goes on before a backslash, what was read of it begins at `at`: right
 * before the at-mark, else in another reading, as the address may begin behind it as well. */
static bool is_escaped(struct mail *mail, size_t at)
{
    if (at == sizeof mail->local)
        return true;
    if (!byte_in(mail->local[at], ".'+-_"))
        return false;
    mail->more |= MAIL_ESCAPED;
    return (mail->check->reading & MAIL_ESCAPED) != 0;
}

/* Reads the local part backwards into the end of `local`. */
static void read_local(struct mail *mail, size_t from)
{
    const struct sp_text *text = mail->check->text;
    size_t pos = from, at = sizeof mail->local;
    while (pos > 0) {
        int coded = percent_before(text, pos);
        uint8_t byte = coded < 0 ? text->data[pos - 1] : (uint8_t)coded;
        if (byte == '\\' && is_escaped(mail, at)) {
            pos--;
            continue;
        }
        if (coded >= 0 && !byte_in(byte, "+.-_"))
            break; /* a coded delimiter */
        if (coded < 0 && (!is_local_byte(byte) || byte == '%'))
            break;
        if (byte >= 0x80 && (byte & 0xC0) != 0x80 && !letter_at(text->data, text->len, pos - 1))
            break;
        mail->clipped = at == sizeof mail->local - LOCAL_MAX;
        if (mail->clipped)
            break;
        mail->local[--at] = byte;
        pos -= coded < 0 ? 1 : 3;
    }
    mail->local_len = sizeof mail->local - at;
    memmove(mail->local, mail->local + at, mail->local_len);
    mail->begin = pos;
}

/* Drops the first `count` bytes of the local part. Coded bytes in it are counted in the text. */
static void drop_local(struct mail *mail, size_t count)
{
    const struct sp_text *text = mail->check->text;
    mail->local_len -= count;
    memmove(mail->local, mail->local + count, mail->local_len);
    for (; count; count--) {
        while (text->data[mail->begin] == '\\' && mail->begin + 1 < mail->mark)
            mail->begin++;
        mail->begin += text->data[mail->begin] == '%' ? 3 : 1;
    }
}

/* Whether a key may be the address of somebody in the envelope: SRS0=hhh=tt=voorbeeld.example=jan,
 * bounces-jan=voorbeeld.example, prvs=tag=jan (verp.c). */
static bool is_envelope(const struct mail *mail, size_t cut)
{
    static const char *const marks[] = {"SRS0", "SRS1", "prvs="};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t len = strlen(marks[i]);
        if (mail->local_len > len && strncasecmp((const char *)mail->local, marks[i], len) == 0)
            return true;
    }
    return memchr(mail->local, '-', cut) != NULL &&
           memchr(mail->local + cut, '.', mail->local_len - cut) != NULL;
}

/* `key=` before the address: letters, digits and what joins them, no plus as in VERP. */
static size_t key_prefix(struct mail *mail)
{
    size_t cut = 0;
    for (size_t i = 0; i < mail->local_len; i++) {
        uint8_t byte = mail->local[i];
        if (byte == '=')
            cut = i + 1;
        else if (byte == '+')
            break;
    }
    if (cut == 0 || !is_envelope(mail, cut))
        return cut;
    mail->more |= MAIL_KEYED;
    return (mail->check->reading & MAIL_KEYED) != 0 ? 0 : cut;
}

/* Behind what a format puts before a value: ^FD of a label printer (ZPL), the star of X12, COM+ of
 * EDIFACT. */
static size_t format_prefix(const struct mail *mail)
{
    const uint8_t *local = mail->local;
    size_t cut = 0;
    for (size_t i = 0; i < mail->local_len; i++) {
        if (local[i] == '*')
            cut = i + 1;
        else if (local[i] == '^')
            cut = i + 1 + (mail->local_len - i > 3 && memcmp(local + i + 1, "FD", 2) == 0 ? 2 : 0);
    }
    const uint8_t *segment = memmem(local, mail->local_len, "'COM+", 5);
    if (segment != NULL)
        cut = (size_t)(segment - local) + 5;
    else if (mail->local_len > 4 && memcmp(local, "COM+", 4) == 0)
        cut = 4;
    return cut;
}

/* Cuts what stands before the address: keys, quotation marks, leading punctuation. */
static void trim_local(struct mail *mail)
{
    size_t key = key_prefix(mail), format = format_prefix(mail);
    size_t cut = key > format ? key : format;
    for (size_t i = cut; i < mail->local_len; i++) {
        uint8_t byte = mail->local[i];
        bool quote = byte == '\'' && (i == cut || !byte_is_alpha(mail->local[i - 1]));
        if (quote || byte == '?' || byte == '&')
            cut = i + 1;
    }
    while (cut < mail->local_len && !byte_is_alnum(mail->local[cut]) && mail->local[cut] < 0x80 &&
           mail->local[cut] != '_')
        cut++;
    const struct sp_text *text = mail->check->text;
    bool italic = mail->end < text->len && text->data[mail->end] == '_'; /* Markdown */
    while (italic && cut < mail->local_len && mail->local[cut] == '_')
        cut++;
    drop_local(mail, cut);
    if (in_bytes(mail) && cut == 0 && mail->local_len > 1) {
        mail->more |= MAIL_BEFORE;
        if ((mail->check->reading & MAIL_BEFORE) != 0)
            drop_local(mail, 1);
    }
    /* A first byte that continues a character means that a symbol was cut in two. */
    while (mail->local_len && (mail->local[0] & 0xC0) == 0x80)
        drop_local(mail, 1);
}

static bool is_git(const struct mail *mail)
{
    return mail->local_len == 3 && memcmp(mail->local, "git", 3) == 0;
}

/* `://user:pw@`, `user@host:/path`, `user@host@host`: a name for a machine, which may be an address
 * all the same. */
static bool is_login(const struct mail *mail)
{
    const struct sp_text *text = mail->check->text;
    size_t low = mail->begin > 96 ? mail->begin - 96 : 0, pos = mail->begin;
    while (pos > low && text->data[pos - 1] > ' ' &&
           !byte_in(text->data[pos - 1], "/?\"'<>,;()&|#=[{"))
        pos--;
    if (pos >= 3 && memcmp(text->data + pos - 3, "://", 3) == 0)
        return true;
    if (mail->end < text->len && text->data[mail->end] == '@')
        return true;
    return mail->end + 1 < text->len && text->data[mail->end] == ':' &&
           (text->data[mail->end + 1] == '/' || is_git(mail));
}

/* The candidate is the at-mark, or, in names, an address whose local part is given. */
static bool find_mark(struct mail *mail)
{
    const struct sp_check *check = mail->check;
    const uint8_t *data = check->text->data;
    mail->mark = check->begin;
    if (byte_in(data[check->begin], "[({")) {
        mail->obfuscated = true;
        mail->mark_end = check->end;
        return true;
    }
    const uint8_t *at = memchr(data + check->begin, '@', check->end - check->begin);
    if (at)
        mail->mark = (size_t)(at - data);
    mail->mark_end = at ? mail->mark + 1 : check->end;
    return at || byte_in(data[check->begin], "%\\&");
}

static bool read_sides(struct mail *mail)
{
    const struct sp_check *check = mail->check;
    const struct sp_text *text = check->text;
    size_t from = mail->mark;
    while (mail->obfuscated && from > 0 && mail->mark - from < 2 && text->data[from - 1] == ' ')
        from--;
    while (mail->obfuscated && mail->mark_end < text->len && mail->mark_end - check->end < 2 &&
           text->data[mail->mark_end] == ' ')
        mail->mark_end++;
    read_domain(mail);
    if (!mail->labels)
        return false;
    read_local(mail, from);
    if (mail->mark > check->begin) { /* the local part was given */
        if (mail->begin > check->begin)
            return false;
        while (mail->begin < check->begin && mail->local_len > 0)
            drop_local(mail, 1); /* coded bytes are three of text */
    }
    size_t read_len = mail->local_len;
    trim_local(mail);
    if (mail->clipped && mail->local_len == read_len)
        return false; /* too long for an address */
    return mail->local_len > 0 && mail->local[mail->local_len - 1] != '.' &&
           !memmem(mail->local, mail->local_len, "..", 2);
}

/* Message-IDs are made of time and process numbers; those that are not may be an address. */
static bool looks_machine_made(const struct mail *mail)
{
    size_t digits = 0;
    for (size_t i = 0; i < mail->local_len; i++)
        digits += byte_is_digit(mail->local[i]);
    return digits >= 6;
}

bool sp_check_email(struct sp_check *check)
{
    struct mail mail = {.check = check};
    bool name = sp_boundary_of(check, false).name;
    if (!find_mark(&mail) || !read_sides(&mail) || !domain_holds(&mail, name))
        return false;
    const struct sp_text *text = check->text;
    if (is_login(&mail)) {
        if (is_git(&mail))
            return false;
        check->other = true;
    }
    if (sp_mail_is_message_id(text, mail.begin)) {
        if (looks_machine_made(&mail))
            return false;
        check->base = check->label = SP_CONF_LOW; /* a check must see it, a report need not */
    }
    struct sp_canonical *canonical = &check->canonical;
    canonical->len = 0;
    sp_mail_append_lower(canonical, (struct sp_slice){mail.local, mail.local_len});
    sp_mail_append_lower(canonical, (struct sp_slice){(const uint8_t *)"@", 1});
    sp_mail_append_domain(canonical, (struct sp_slice){mail.domain, mail.domain_len});
    check->attributes |= sp_mail_attributes(canonical);
    if (mail.obfuscated)
        check->attributes |= SP_ATTR_OBFUSCATED;
    check->more = mail.more;
    check->value_begin = mail.begin;
    check->value_end = mail.end;
    return true;
}
