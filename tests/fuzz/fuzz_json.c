/* See format.h. */
#define FUZZ_FORMAT "json"
#include "format.h"
