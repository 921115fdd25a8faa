/* Force-included everywhere: calls that cannot be used safely are compile errors. */
#ifndef SP_BASE_BANNED_H
#define SP_BASE_BANNED_H

#ifndef SP_ALLOW_BANNED
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef SP_BANNED_AFTER /* a library's header that has such a word as the name of a field */
#include SP_BANNED_AFTER
#endif
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atoll
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam tempnam system popen
#endif

#endif
