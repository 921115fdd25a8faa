/* See format.h. */
#define FUZZ_FORMAT "zlib"
#include "format.h"
