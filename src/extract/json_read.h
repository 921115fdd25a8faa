/* JSON as it comes: a state machine over decoded text that never gives up, and writes fields into a
 * row. What is no JSON is text where it stands. */
#ifndef SP_EXTRACT_JSON_READ_H
#define SP_EXTRACT_JSON_READ_H

#include "core/intern.h"
#include "extract/json_bytes.h"
#include "extract/json_path.h"
#include "extract/row.h"

enum sp_json_state {
    SP_JSON_BETWEEN, /* before a token */
    SP_JSON_STRING,
    SP_JSON_ESCAPE, /* behind a backslash */
    SP_JSON_HEX,    /* in the four digits of \u */
    SP_JSON_BARE    /* a number, a word, or what is no JSON */
};

enum { SP_JSON_NAME_MAX = 1024 }; /* bytes; a longer name is read as text */

struct sp_json_in {
    enum sp_json_state state;
    bool lines;            /* several values at the top: each is a record */
    bool wants_key;        /* the next string of an object is a name */
    bool in_key;           /* the string at hand is one */
    bool has_bare;         /* the bare token at hand is a field already */
    uint64_t line;         /* of the next byte, from 1 */
    uint64_t roots;        /* values at the top so far */
    bool others;           /* objects under names that are numbers and the like, side by side: one
                            * record is of several people */
    uint64_t record_depth; /* containers around the element that is the record; 0: none is */
    size_t record_path;    /* length of its path */
    bool record_scalar;    /* the record is one value, no container */
    uint32_t unit;         /* the surrogate that waits for its other half, or 0 */
    uint32_t code;         /* digits of \u so far */
    unsigned digits;
    uint64_t escape_off; /* source byte of the backslash */
    uint64_t key_off;    /* source byte of the name at hand */
    size_t key_len;
    uint8_t key[SP_JSON_NAME_MAX];
    size_t word_len; /* of the bare token, as far as it may be a literal */
    char word[8];
    struct sp_intern *names; /* keys and pointers, until they were sent */
    struct sp_json_path path;
    struct sp_json_bytes bytes; /* of the array at hand */
    struct sp_row *row;
    /* of a value that is JSON within a record: all fields belong to that */
    bool within;
    struct sp_row_cell cell; /* whose text it is: key, part, column and line go on from there */
};

/* Whether the first tokens of a text stand as the grammar has them. *roots: values at the top that
 * began. *whole: the text ends behind a value. */
bool sp_json_looks(const uint8_t *text, size_t len, unsigned *roots, bool *whole);
/* Ready for a document; borrows row and names. */
void sp_json_in_init(struct sp_json_in *json, struct sp_row *row, struct sp_intern *names);
/* Takes decoded text of any cut. A sp_text_out. */
enum sp_err sp_json_in_text(void *json, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why);
/* For other readers that walk json->path (php_read.c): the value at hand is a field, `named` by its
 * path, else by that of what it is within; a name of a value, which is searched when it may be a
 * value itself. */
enum sp_err sp_json_in_field(struct sp_json_in *json, bool named, struct sp_why *why);
enum sp_err sp_json_in_name(struct sp_json_in *json, struct sp_slice name, uint64_t off,
                            struct sp_why *why);
/* The text has ended. *open: within a value. */
enum sp_err sp_json_in_end(struct sp_json_in *json, bool *open, struct sp_why *why);

#endif
