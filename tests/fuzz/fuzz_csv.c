/* See format.h. */
#define FUZZ_FORMAT "csv"
#include "format.h"
