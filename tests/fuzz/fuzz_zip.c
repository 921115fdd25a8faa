/* See format.h. */
#define FUZZ_FORMAT "zip"
#include "format.h"
