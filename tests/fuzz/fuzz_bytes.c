/* See format.h. */
#define FUZZ_FORMAT "bytes"
#include "format.h"
