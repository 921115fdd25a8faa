/* See format.h. With ASAN_OPTIONS=detect_leaks=0: fontconfig keeps what it has read. */
#define FUZZ_FORMAT "pdf"
#define FUZZ_FILE
#include "format.h"
