/* See format.h. */
#define FUZZ_FORMAT "pdf"
#define FUZZ_FILE
#include "format.h"
