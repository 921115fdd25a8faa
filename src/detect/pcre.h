/* The one place that includes PCRE2: 8-bit code units, patterns and text as bytes. */
#ifndef SP_DETECT_PCRE_H
#define SP_DETECT_PCRE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
