/* See format.h. */
#define FUZZ_FORMAT "ole"
#define FUZZ_FILE
#include "format.h"
