/* Pictures as grey pages that words can be read from. Leptonica's `struct Pix` is opaque here. */
#ifndef SP_OCR_PICTURE_H
#define SP_OCR_PICTURE_H

#include "speur/err.h"
#include "speur/slice.h"

#include <stdbool.h>

struct Pix;
struct Boxa;

enum sp_picture_state {
    SP_PICTURE_PAGE,    /* one was given */
    SP_PICTURE_END,     /* behind the last page */
    SP_PICTURE_CORRUPT, /* what follows cannot be decoded */
    SP_PICTURE_KIND,    /* no decoder for it here */
    SP_PICTURE_LARGE    /* more pixels than are decoded */
};

struct sp_picture {
    struct sp_slice bytes;  /* borrowed */
    int format;             /* leptonica's; 0: unknown */
    size_t offset;          /* of the next page of a TIFF; its reader's own */
    unsigned pages;         /* given so far */
    bool damaged;           /* the page given last could not be decoded to its end */
    bool moves;             /* an animation, of which one picture is given */
    unsigned width, height; /* pixels, of the page at hand as stored */
};

/* Looks at the first bytes. */
void sp_picture_open(struct sp_slice bytes, struct sp_picture *out);
/* The next page: 8 bits grey, on white, upright by what the file tells, at most 30 megapixels.
 * *out is the caller's, set when SP_PICTURE_PAGE is returned. */
enum sp_picture_state sp_picture_next(struct sp_picture *picture, struct Pix **out);

/* What a page looks like before anything is read of it. */
struct sp_page_look {
    bool is_page;           /* dark strokes on a light, even ground */
    unsigned letters;       /* connected parts of the size of a letter */
    unsigned letter_height; /* pixels, median of them; 0: none */
};
void sp_page_look(struct Pix *page, struct sp_page_look *out);
/* Shapes like letters that are in none of the boxes. */
unsigned sp_page_outside(struct Pix *page, struct Boxa *boxes);
/* A copy in which the boxes are white. NULL: no memory. */
struct Pix *sp_page_without(struct Pix *page, struct Boxa *boxes);
/* The same page, its lines level, with letters of a size that is read best. NULL: no memory. */
struct Pix *sp_page_scale(struct Pix *page, const struct sp_page_look *look);
/* The same page with its ground evened out: shadows of a photograph go. NULL: it cannot. */
struct Pix *sp_page_even(struct Pix *page);
/* Turned clockwise by `quarters`, and no larger than `pixels_max`. NULL: no memory. */
struct Pix *sp_page_turn(struct Pix *page, int quarters, unsigned long pixels_max);
void sp_page_free(struct Pix *page); /* NULL is fine */

#endif
