/* See format.h. */
#define FUZZ_FORMAT "sheet"
#include "format.h"
