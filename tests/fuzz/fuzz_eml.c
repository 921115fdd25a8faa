/* See format.h. */
#define FUZZ_FORMAT "eml"
#include "format.h"
