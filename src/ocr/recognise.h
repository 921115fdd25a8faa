/* Words of a page, by tesseract. */
#ifndef SP_OCR_RECOGNISE_H
#define SP_OCR_RECOGNISE_H

#include "base/buf.h"
#include "worker/serve.h"

struct Pix;

/* Called while a page is read, with a number that grows. False: stop reading. */
typedef bool (*sp_recognise_watch)(void *ctx);

struct sp_recognised {
    struct sp_buf text;     /* UTF-8, lines as they stand, an empty one between paragraphs */
    struct sp_buf zone;     /* a machine-readable zone read anew, some times; or empty */
    unsigned words;         /* of two characters and more */
    unsigned letters;       /* characters of them */
    unsigned sure;          /* words that were read rather than guessed, of three and more */
    unsigned unsure;        /* words of which a letter may be another */
    unsigned unsure_values; /* those of them with digits or an at-mark */
    unsigned confidence;    /* percent, mean over characters of words; 0: no words */
    unsigned missed;        /* shapes like letters, in no word */
    bool stopped;           /* the watch said so, or it took too long */
};

/* Loads the languages that are installed, of Dutch and English, and says which: "nld+eng".
 * Afterwards no file is needed. SP_ERR_CONFIG: none is there. */
enum sp_err sp_recognise_open(char languages[SP_WORKER_ABOUT_MAX], struct sp_why *why);
void sp_recognise_close(void);
/* Reads a page of 8 bits; `thorough`: once more what is in no word. `out` is initialised by the
 * call; its text is to be wiped. SP_ERR_NOMEM, SP_ERR_LIMIT: more text than a page can have. */
enum sp_err sp_recognise(struct Pix *page, bool thorough, sp_recognise_watch watch, void *ctx,
                         struct sp_recognised *out, struct sp_why *why);
void sp_recognised_clear(struct sp_recognised *recognised);

#endif
