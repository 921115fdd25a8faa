/* See format.h. */
#define FUZZ_FORMAT "folded"
#include "format.h"
