/* See format.h. */
#define FUZZ_FORMAT "xml"
#include "format.h"
