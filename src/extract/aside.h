/* What stands beside the data of a member: attributes, odd records of its header. It becomes an
 * object of the member's own name, before the member, so that wherever the one goes in a restore
 * the other goes too. */
#ifndef SP_EXTRACT_ASIDE_H
#define SP_EXTRACT_ASIDE_H

#include "extract/extract.h"

struct sp_aside {
    struct sp_extract *outer;   /* borrowed: of the archive */
    struct sp_object_info info; /* of the object, when it is open */
    uint64_t *count;            /* borrowed: ordinals of members go on from it */
    struct sp_object_done done; /* of the object */
    struct sp_extract x;        /* its own */
    bool open;                  /* a note came */
    bool passed_over;           /* it was read by an earlier attempt */
};

/* Begins no object yet. Slices of `info` must live until the end. */
void sp_aside_init(struct sp_aside *aside, struct sp_extract *x, const struct sp_object_info *info,
                   uint64_t *count);
/* The same for what is said of all members that follow: a part of the archive called `name`. */
void sp_aside_init_all(struct sp_aside *aside, struct sp_extract *x, const char *name,
                       uint64_t *count);
/* Reads a note by the raw pass, see sp_extract_note. The first one begins the object. */
enum sp_err sp_aside_note(struct sp_aside *aside, struct sp_slice raw, struct sp_why *why);
/* The same for an attribute. Labels of the system, which each member of an archive may have, make
 * no object when no value of a person can stand in them. */
enum sp_err sp_aside_attribute(struct sp_aside *aside, struct sp_slice name, struct sp_slice value,
                               struct sp_why *why);
/* A note that makes no object, as nobody's value is in it; it goes into the object when there is
 * one already, else into the archive's. */
enum sp_err sp_aside_label(struct sp_aside *aside, struct sp_slice raw, struct sp_why *why);
/* Something that was not read, told of the object or, while there is none, of the archive's. */
enum sp_err sp_aside_unread(struct sp_aside *aside, const struct sp_unread *unread,
                            struct sp_why *why);
/* Ends the object, when there is one. */
enum sp_err sp_aside_end(struct sp_aside *aside, struct sp_why *why);

#endif
