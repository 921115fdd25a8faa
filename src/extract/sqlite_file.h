/* How SQLite reads a database that is behind a descriptor: by pread, without a lock, a journal or
 * any other file (sqlite.org/vfs.html). */
#ifndef SP_EXTRACT_SQLITE_FILE_H
#define SP_EXTRACT_SQLITE_FILE_H

#include <sqlite3.h>

#define SP_SQLITE_VFS "speur"

/* The database; a worker reads one at a time. */
struct sp_sqlite_file {
    int fd;
    sqlite3_int64 size; /* bytes */
};

/* To be registered; borrows the file. */
sqlite3_vfs sp_sqlite_vfs(struct sp_sqlite_file *file);

#endif
