/* The progress bar: a thread that looks at the counters five times a second. It also counts how
 * much there is, while the lanes read already, so that nobody waits for a number. */
#include "app/app.h"
#include "base/mem.h"

#include <inttypes.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_TICK_MS = 200, BAR_JSON_TICKS = 5, BAR_CELLS = 20, BAR_ETA_AFTER_S = 3 };

struct sp_bar {
    pthread_t show, count;
    const char *path;
    const struct sp_scan_options *scan;
    struct sp_progress *progress;
    bool json;
    struct timespec begun;
    atomic_bool ended;
};

static double bar_seconds(const struct sp_bar *bar)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - bar->begun.tv_sec) +
           (double)(now.tv_nsec - bar->begun.tv_nsec) / 1e9;
}

static void bar_eta(const struct sp_bar *bar, uint64_t done, uint64_t total, char out[32])
{
    double seconds = bar_seconds(bar);
    if (!atomic_load(&bar->progress->counted) || done == 0 || seconds < BAR_ETA_AFTER_S) {
        (void)snprintf(out, 32, "ETA --:--");
        return;
    }
    double left = done >= total ? 0 : seconds * ((double)(total - done) / (double)done);
    uint64_t eta_s = (uint64_t)(left + 0.5);
    if (eta_s >= 3600)
        (void)snprintf(out, 32, "ETA %" PRIu64 ":%02" PRIu64 " h", eta_s / 3600, eta_s / 60 % 60);
    else
        (void)snprintf(out, 32, "ETA %02" PRIu64 ":%02" PRIu64, eta_s / 60, eta_s % 60);
}

static void bar_draw(const struct sp_bar *bar)
{
    const struct sp_progress *p = bar->progress;
    char cells[BAR_CELLS + 1];
    char done_text[32], total_text[32], files[32], found[32], unread[32], eta[32];
    uint64_t total = p->bytes_total;
    uint64_t done = p->bytes_done < total || total == 0 ? p->bytes_done : total;
    uint64_t filled = total == 0 ? 0 : done * BAR_CELLS / total;
    for (unsigned i = 0; i < BAR_CELLS; i++)
        cells[i] = i < filled ? '#' : '.';
    cells[BAR_CELLS] = '\0';
    bar_eta(bar, done, total, eta);
    struct winsize size = {0};
    int columns =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    char line[256];
    (void)snprintf(line, sizeof line, "[%s] %s of %s  %s files  %s found  %s unread  %s", cells,
                   sp_summary_bytes(done, done_text), sp_summary_bytes(total, total_text),
                   sp_summary_number(p->files_done, files), sp_summary_number(p->findings, found),
                   sp_summary_number(p->unread, unread), eta);
    (void)fprintf(stderr, "\r%.*s\x1b[K", columns - 1, line);
    (void)fflush(stderr);
}

static void bar_json(const struct sp_bar *bar)
{
    const struct sp_progress *p = bar->progress;
    (void)fprintf(stderr,
                  "{\"bytes_done\":%" PRIu64 ",\"bytes_total\":%" PRIu64 ",\"files_done\":%" PRIu64
                  ",\"files_total\":%" PRIu64 ",\"counted\":%s,\"objects\":%" PRIu64
                  ",\"findings\":%" PRIu64 ",\"unread\":%" PRIu64 ",\"seconds\":%.1f}\n",
                  p->bytes_done, p->bytes_total, p->files_done, p->files_total,
                  p->counted ? "true" : "false", p->objects_done, p->findings, p->unread,
                  bar_seconds(bar));
}

static void *bar_show(void *arg)
{
    struct sp_bar *bar = arg;
    const struct timespec tick = {0, BAR_TICK_MS * 1000000L};
    for (unsigned ticks = 1; !atomic_load(&bar->ended); ticks++) {
        (void)nanosleep(&tick, NULL);
        if (!bar->json)
            bar_draw(bar);
        else if (ticks % BAR_JSON_TICKS == 0)
            bar_json(bar);
    }
    if (bar->json)
        bar_json(bar);
    else
        (void)fprintf(stderr, "\r\x1b[K");
    return NULL;
}

static void *bar_count(void *arg)
{
    const struct sp_bar *bar = arg;
    sp_scan_count(bar->path, bar->scan, bar->progress);
    return NULL;
}

struct sp_bar *sp_bar_begin(const struct sp_options *options, const char *path,
                            const struct sp_scan_options *scan, struct sp_progress *progress)
{
    bool json = options->progress != NULL && strcmp(options->progress, "json") == 0;
    /* before any thread is started. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *term = getenv("TERM");
    bool terminal = isatty(STDERR_FILENO) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
    if (options->quiet || (!json && !terminal))
        return NULL;
    struct sp_bar *bar = sp_alloc_zero(sizeof *bar);
    if (bar == NULL)
        return NULL; /* a bar is a comfort: the scan goes on without */
    bar->path = path;
    bar->scan = scan;
    bar->progress = progress;
    bar->json = json;
    (void)clock_gettime(CLOCK_MONOTONIC, &bar->begun);
    if (pthread_create(&bar->count, NULL, bar_count, bar) != 0) {
        sp_free(bar);
        return NULL;
    }
    if (pthread_create(&bar->show, NULL, bar_show, bar) != 0) {
        (void)pthread_join(bar->count, NULL);
        sp_free(bar);
        return NULL;
    }
    return bar;
}

void sp_bar_end(struct sp_bar *bar)
{
    if (bar == NULL)
        return;
    atomic_store(&bar->ended, true);
    (void)pthread_join(bar->count, NULL);
    (void)pthread_join(bar->show, NULL);
    sp_free(bar);
}
