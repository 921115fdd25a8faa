/* See format.h. */
#define FUZZ_FORMAT "mbox"
#include "format.h"
