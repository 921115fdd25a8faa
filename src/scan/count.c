/* A look ahead for the progress bar: how much there is. Opens nothing but directories. */
#include "scan/scan.h"

#include <fts.h>
#include <sys/stat.h>

void sp_scan_count(const char *path, const struct sp_scan_options *options,
                   struct sp_progress *progress)
{
    char *const paths[] = {strdup(path), NULL};
    int flags = FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW;
    if (options->one_file_system)
        flags |= FTS_XDEV;
    FTS *tree = paths[0] == NULL ? NULL : fts_open(paths, flags, NULL);
    while (tree != NULL && (options->stop == NULL || *options->stop == 0)) {
        const FTSENT *entry = fts_read(tree);
        if (entry == NULL)
            break;
        if (entry->fts_info != FTS_F)
            continue;
        atomic_fetch_add_explicit(&progress->files_total, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&progress->bytes_total, (uint64_t)entry->fts_statp->st_size,
                                  memory_order_relaxed);
    }
    if (tree != NULL)
        (void)fts_close(tree);
    free(paths[0]);
    atomic_store(&progress->counted, true);
}
