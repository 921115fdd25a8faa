/* See format.h. */
#define FUZZ_FORMAT "coda"
#include "format.h"
