/* The only user of iconv: charsets by name, where we have no decoder of our own. */
#include "core/charset.h"

#include "core/named.h"
#include "core/normalise.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 40 }; /* longest IANA charset name */

static bool name_allowed(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.:()+-";
    size_t len = strnlen(name, NAME_MAX_BYTES + 1);
    return len > 0 && len <= NAME_MAX_BYTES && strspn(name, allowed) == len;
}

/* RFC 1642 and RFC 2152. */
static const char *const utf7_names[] = {"utf7",
                                         "unicode-1-1-utf-7",
                                         "unicode-2-0-utf-7",
                                         "x-unicode-1-1-utf-7",
                                         "x-unicode-2-0-utf-7",
                                         "csunicode11utf7",
                                         "unicode11utf7"};

/* What iconv calls it. */
static const char *name_known(const char *name)
{
    for (size_t i = 0; i < sizeof utf7_names / sizeof *utf7_names; i++) {
        if (strcasecmp(name, utf7_names[i]) == 0)
            return "UTF-7";
    }
    return name;
}

/* gcc's analyzer takes (iconv_t)-1 for memory that is lost. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
void *sp_named_open(const char *name)
{
    if (name == NULL || !name_allowed(name))
        return NULL;
    iconv_t named = iconv_open("UCS-4LE", name_known(name));
    return named == (iconv_t)-1 ? NULL : named;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

void sp_named_close(void *named)
{
    if (named != NULL)
        (void)iconv_close(named);
}

int sp_named_convert(void *named, const uint8_t *ptr, size_t count,
                     uint32_t made[SP_NAMED_BYTES_MAX], size_t *made_count, size_t *left)
{
    char in[SP_NAMED_BYTES_MAX];
    memcpy(in, ptr, count);
    char *from = in;
    char *to = (char *)made;
    size_t room = SP_NAMED_BYTES_MAX * sizeof made[0];
    *left = count;
    size_t status = iconv(named, &from, left, &to, &room);
    *made_count = SP_NAMED_BYTES_MAX - room / sizeof made[0];
    return status == (size_t)-1 ? errno : 0;
}

size_t sp_named_finish(void *named, uint32_t made[SP_NAMED_BYTES_MAX])
{
    char *to = (char *)made;
    size_t room = SP_NAMED_BYTES_MAX * sizeof made[0];
    if (iconv(named, NULL, NULL, &to, &room) == (size_t)-1)
        return 0;
    return SP_NAMED_BYTES_MAX - room / sizeof made[0];
}

bool sp_named_table(void *named, uint32_t table[256])
{
    bool whole = true;
    for (unsigned byte = 0; byte < 256 && whole; byte++) {
        uint8_t in = (uint8_t)byte;
        uint32_t made[SP_NAMED_BYTES_MAX];
        size_t made_count;
        size_t left;
        int status = sp_named_convert(named, &in, 1, made, &made_count, &left);
        table[byte] = status == EILSEQ ? SP_CODE_INVALID : made[0];
        whole = status == EILSEQ || (status == 0 && made_count == 1);
    }
    (void)iconv(named, NULL, NULL, NULL, NULL);
    return whole;
}

/* What mail and documents of this part of the world name, and what costs little to have. */
static const char *const loaded_names[] = {
    "ISO-8859-1",               /* of passwords, in poppler */
    "UTF-16BE",     "UTF-16LE", /* of values of forms, in poppler; of properties, in libgsf */
    "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-9",
    "ISO-8859-10",  "ISO-8859-13",  "ISO-8859-14",  "ISO-8859-15",  "ISO-8859-16",  "WINDOWS-1250",
    "WINDOWS-1251", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257",
    "WINDOWS-1258", "ISO-8859-6",   "ISO-8859-8",   "KOI8-R",       "KOI8-U",       "IBM437",
    "IBM850",       "IBM852",       "IBM858",       "MACINTOSH",    "UTF-7",        "GB2312",
    "GBK",          "GB18030",      "BIG5",         "BIG5-HKSCS",   "SHIFT_JIS",    "CP932",
    "EUC-JP",       "ISO-2022-JP",  "EUC-KR",       "CP949",        "ISO-2022-KR",  "TIS-620",
    "IBM037",       "IBM500",       "IBM1047",      "IBM1140",      "IBM273",
};
/* Kept open until the process ends: closing would unload them again. */
static iconv_t loaded[sizeof loaded_names / sizeof loaded_names[0]];

void sp_charset_load(void)
{
    for (size_t i = 0; i < sizeof loaded_names / sizeof loaded_names[0]; i++) {
        if (loaded[i] == NULL)
            loaded[i] = iconv_open("UCS-4LE", loaded_names[i]);
    }
}
