/* See format.h. */
#define FUZZ_FORMAT "tar"
#include "format.h"
