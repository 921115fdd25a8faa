/* See format.h. */
#define FUZZ_FORMAT "rtf"
#include "format.h"
