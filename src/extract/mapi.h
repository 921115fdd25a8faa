/* Properties of Outlook's items: what PST, MSG and TNEF have in common. Source: Microsoft,
 * [MS-OXPROPS], [MS-OXRTFCP]. */
#ifndef SP_EXTRACT_MAPI_H
#define SP_EXTRACT_MAPI_H

#include "base/buf.h"

enum { /* property tags */
       SP_MAPI_SUBJECT = 0x0037,
       SP_MAPI_SENT = 0x0039, /* a time */
       SP_MAPI_HEADERS = 0x007D,
       SP_MAPI_BODY = 0x1000,
       SP_MAPI_RTF = 0x1009,
       SP_MAPI_HTML = 0x1013,
       SP_MAPI_MESSAGE_ID = 0x1035,
       SP_MAPI_ATTACH_DATA = 0x3701,
       SP_MAPI_ATTACH_SHORT = 0x3704,
       SP_MAPI_ATTACH_LONG = 0x3707,
       SP_MAPI_CODE_PAGE = 0x3FFD
};
enum { /* property types */
       SP_MAPI_LONG = 0x0003,
       SP_MAPI_OBJECT = 0x000D,
       SP_MAPI_STRING8 = 0x001E,
       SP_MAPI_UNICODE = 0x001F,
       SP_MAPI_TIME = 0x0040,
       SP_MAPI_BINARY = 0x0102,
       SP_MAPI_MULTIPLE = 0x1000 /* a bit */
};

/* The key under which a property is shown: that of the mail header or the card, or NULL. */
const char *sp_mapi_key(unsigned tag);
/* Seconds since 1970 of 100 ns since 1601; INT64_MIN when it is none of use. */
int64_t sp_mapi_time(uint64_t filetime);
/* Takes the compression off an RTF body (LZFu, or MELA: none). False: damaged; what could be had is
 * in `out`. */
bool sp_mapi_rtf(struct sp_slice packed, struct sp_buf *out);

#endif
