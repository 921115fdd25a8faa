/* speur find --extract: the records in which a person's data is, copied from where the inventory
 * says that they are. The same roots are read again, only those files, into an inventory that lasts
 * as long as this; what was there and could not be copied is told. */
#ifndef SP_APP_EXTRACTION_H
#define SP_APP_EXTRACTION_H

#include "app/app.h"
#include "check/person.h"
#include "report/shown.h"

struct sp_extraction;

/* The session's key, person and systems are borrowed. Makes DIR, 0700, which may be there when it
 * is empty; nothing is read yet. SP_ERR_USAGE: DIR is there and not empty. */
struct sp_extraction_job {
    const char *folder;
    const struct sp_options *options;
    struct sp_session *session; /* with patterns: sp_session_reader */
    const struct sp_person *person;
    const struct sp_systems *systems;
};
enum sp_err sp_extraction_new(const struct sp_extraction_job *job, struct sp_extraction **out,
                              struct sp_why *why);
void sp_extraction_free(struct sp_extraction *extraction); /* NULL is fine */

/* A finding of the person in the session's inventory. In the order of sp_shown_each, root by root.
 */
enum sp_err sp_extraction_want(struct sp_extraction *extraction, const struct sp_shown *shown,
                               struct sp_why *why);
/* Gives up what reading does not need, reads again, and writes DIR/records.jsonl,
 * DIR/not-extracted.jsonl and DIR/README.txt. */
enum sp_err sp_extraction_run(struct sp_extraction *extraction, struct sp_why *why);
/* After it: how many records are in DIR, and how many are told as not extracted. */
uint64_t sp_extraction_copied(const struct sp_extraction *extraction);
uint64_t sp_extraction_missing(const struct sp_extraction *extraction);

#endif
