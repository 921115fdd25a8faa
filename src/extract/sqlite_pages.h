/* What the tables of a SQLite database no longer show: pages on the freelist, and the free space
 * within pages, where deleted rows stand until they are written over. */
#ifndef SP_EXTRACT_SQLITE_PAGES_H
#define SP_EXTRACT_SQLITE_PAGES_H

#include "extract/extract.h"

enum { SP_SQLITE_HEADER = 100 }; /* bytes of a database */

/* Gives them as text of the object. all: also of what tables show, as far as pages hold it. */
enum sp_err sp_sqlite_pages(struct sp_extract *x, bool all, struct sp_why *why);

#endif
