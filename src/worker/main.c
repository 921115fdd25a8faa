/* speur-worker: opens what others made, where it can do no harm. Reads jobs from its socket,
 * answers with frames, has no patterns, no keys and no database. Started by speur, not by hand. */
#include "extract/extract.h"
#include "extract/mail.h"
#include "worker/serve.h"

static enum sp_err main_open(char about[SP_WORKER_ABOUT_MAX], struct sp_why *why)
{
    (void)about; /* doctor knows what it opens */
    sp_mail_init();
    return sp_magic_open(why);
}

static enum sp_err main_read(struct sp_extract *x, struct sp_why *why)
{
    return sp_extract_run(x, true, why);
}

int main(int argc, char **argv)
{
    static const struct sp_worker_program program = {
        .name = "speur-worker", .open = main_open, .read = main_read, .close = sp_magic_close};
    return sp_worker_main(argc, argv, &program);
}
