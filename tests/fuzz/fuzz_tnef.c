/* See format.h. */
#define FUZZ_FORMAT "tnef"
#include "format.h"
