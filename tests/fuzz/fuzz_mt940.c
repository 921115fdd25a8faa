/* See format.h. */
#define FUZZ_FORMAT "mt940"
#include "format.h"
