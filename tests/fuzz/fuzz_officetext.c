/* See format.h. */
#define FUZZ_FORMAT "officetext"
#include "format.h"
