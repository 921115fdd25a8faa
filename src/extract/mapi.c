#include "extract/mapi.h"

#include <string.h>

enum { LZFU_WINDOW = 4096, LZFU_HEADER = 16 };

static const struct {
    unsigned tag;
    const char *key;
} mapi_keys[] = {
    {0x0037, "Subject"},     {0x0070, "Subject"},    {0x0E1D, "Subject"},
    {0x0C1A, "From"},        {0x0C1F, "From"},       {0x5D01, "From"},
    {0x0042, "From"},        {0x0065, "From"},       {0x5D02, "From"},
    {0x0E02, "Bcc"},         {0x0E03, "Cc"},         {0x0E04, "To"},
    {0x0040, "To"},          {0x0076, "To"},         {0x0044, "To"},
    {0x0078, "To"},          {0x5D07, "To"},         {0x1035, "Message-ID"},
    {0x1042, "In-Reply-To"}, {0x1039, "References"}, {0x007D, "headers"},
    {0x3001, "name"},        {0x3003, "email"},      {0x39FE, "email"},
    {0x403E, "email"},       {0x403F, "email"},      {0x3A00, "account"},
    {0x3A06, "first name"},  {0x3A11, "last name"},  {0x3A16, "company"},
    {0x3A17, "title"},       {0x3A08, "phone"},      {0x3A09, "phone"},
    {0x3A1A, "phone"},       {0x3A1B, "phone"},      {0x3A1C, "mobile phone"},
    {0x3A1D, "phone"},       {0x3A1E, "phone"},      {0x3A1F, "phone"},
    {0x3A21, "phone"},       {0x3A23, "fax"},        {0x3A24, "fax"},
    {0x3A25, "fax"},         {0x3A15, "address"},    {0x3A26, "country"},
    {0x3A27, "city"},        {0x3A28, "province"},   {0x3A29, "street"},
    {0x3A2A, "postcode"},    {0x3A59, "city"},       {0x3A5A, "country"},
    {0x3A5B, "postcode"},    {0x3A5D, "street"},     {0x3A42, "birthday"},
    {0x3707, "file name"},   {0x3704, "file name"},
};

const char *sp_mapi_key(unsigned tag)
{
    for (size_t i = 0; i < sizeof mapi_keys / sizeof *mapi_keys; i++)
        if (mapi_keys[i].tag == tag)
            return mapi_keys[i].key;
    return NULL;
}

int64_t sp_mapi_time(uint64_t filetime)
{
    const uint64_t epoch = UINT64_C(116444736000000000); /* 1970 */
    const uint64_t last = UINT64_C(157469184000000000);  /* 2100 */
    return filetime < epoch || filetime > last ? INT64_MIN
                                               : (int64_t)((filetime - epoch) / 10000000);
}

static uint32_t lzfu_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What the window holds at the start ([MS-OXRTFCP] 2.1.3.1.1). */
static const char lzfu_start[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0"
    "\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct lzfu {
    uint8_t window[LZFU_WINDOW];
    unsigned at;
    struct sp_buf *out;
};

static bool lzfu_put(struct lzfu *lzfu, uint8_t byte)
{
    lzfu->window[lzfu->at] = byte;
    lzfu->at = (lzfu->at + 1) % LZFU_WINDOW;
    return sp_buf_append_byte(lzfu->out, byte, NULL) == SP_OK;
}

/* A reference: 12 bits of place, 4 of length less 2. One to the place at hand is the end. */
static bool lzfu_copy(struct lzfu *lzfu, unsigned reference, bool *end)
{
    unsigned from = reference >> 4;
    unsigned len = (reference & 15) + 2;
    *end = from == lzfu->at;
    for (unsigned i = 0; i < len && !*end; i++)
        if (!lzfu_put(lzfu, lzfu->window[(from + i) % LZFU_WINDOW]))
            return false;
    return true;
}

bool sp_mapi_rtf(struct sp_slice packed, struct sp_buf *out)
{
    struct lzfu lzfu = {.at = sizeof lzfu_start - 1, .out = out};
    if (packed.len < LZFU_HEADER)
        return false;
    const uint8_t *at = packed.ptr + LZFU_HEADER;
    const uint8_t *end = packed.ptr + packed.len;
    if (memcmp(packed.ptr + 8, "MELA", 4) == 0) {
        uint32_t size = lzfu_u32(packed.ptr + 4);
        size_t len = (size_t)(end - at) < size ? (size_t)(end - at) : size;
        return sp_buf_append(out, at, len, NULL) == SP_OK && len == size;
    }
    if (memcmp(packed.ptr + 8, "LZFu", 4) != 0)
        return false;
    memcpy(lzfu.window, lzfu_start, sizeof lzfu_start - 1);
    while (at < end) {
        unsigned flags = *at++;
        for (unsigned bit = 0; bit < 8 && at < end; bit++) {
            bool is_end = false;
            if ((flags >> bit & 1) == 0) {
                if (!lzfu_put(&lzfu, *at++))
                    return false;
                continue;
            }
            if (end - at < 2 || !lzfu_copy(&lzfu, (unsigned)at[0] << 8 | at[1], &is_end))
                return false;
            if (is_end)
                return true;
            at += 2;
        }
    }
    return false;
}
