/* See format.h. */
#define FUZZ_FORMAT "markup"
#include "format.h"
