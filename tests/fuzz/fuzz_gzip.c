/* See format.h. */
#define FUZZ_FORMAT "gzip"
#include "format.h"
