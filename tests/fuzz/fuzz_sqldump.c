/* See format.h. */
#define FUZZ_FORMAT "sqldump"
#include "format.h"
