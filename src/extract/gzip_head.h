/* What the header of the first gzip member says besides the data. */
#ifndef SP_EXTRACT_GZIP_HEAD_H
#define SP_EXTRACT_GZIP_HEAD_H

#include "extract/extract.h"

/* Pushes name, comment and extra field as records of x's object. */
enum sp_err sp_gzip_push_fields(struct sp_extract *x, struct sp_why *why);
/* Reports a part of the headers as unsupported. */
enum sp_err sp_gzip_unread(struct sp_extract *x, const char *detail, struct sp_why *why);

#endif
