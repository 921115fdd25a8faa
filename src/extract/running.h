/* A text on its way to the sink, with what is written in it in other spellings behind it, in fields
 * of the same record. Whenever many of these wait they are given, and the text goes on in a field
 * of its own, which begins with its last bytes: no value is lost over the cut. */
#ifndef SP_EXTRACT_RUNNING_H
#define SP_EXTRACT_RUNNING_H

#include "extract/escapes.h"
#include "extract/tail.h"

struct sp_running {
    struct sp_sink *sink;
    bool cut; /* the text goes on in another field */
    struct sp_tail tail;
    struct sp_escapes escapes;
};

void sp_running_init(struct sp_running *running, struct sp_sink *sink);
void sp_running_clear(struct sp_running *running);
/* Pushes the next piece, of the record that is open, cut anywhere between two characters. */
enum sp_err sp_running_push(struct sp_running *running, struct sp_slice utf8,
                            struct sp_origin_map map, struct sp_why *why);
/* The text has ended; the record has not. */
enum sp_err sp_running_end(struct sp_running *running, struct sp_why *why);

#endif
