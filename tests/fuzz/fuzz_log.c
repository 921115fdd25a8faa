/* See format.h. */
#define FUZZ_FORMAT "log"
#include "format.h"
