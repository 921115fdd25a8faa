/* See format.h. */
#define FUZZ_FORMAT "plain"
#include "format.h"
