#include "ocr/read.h"

#include "extract/flow.h"
#include "extract/pdf_lines.h"
#include "ocr/mrz.h"
#include "ocr/picture.h"
#include "ocr/readings.h"
#include "ocr/recognise.h"

#include <stdarg.h>
#include <sys/mman.h>

enum {
    TRIAL_PIXELS = 2 * 1000 * 1000, /* of a page that is turned to see which way up it is */
    READ_POOR = 80,                 /* percent: below it whole words are wrong */
    READ_TURN = 70,                 /* below it, the page may lie on its side */
    READ_WORDS_MIN = 3,
    READ_NOTHING = 55, /* percent: below it, and with fewer sure words than that, there are none */
    READ_KEPT = 85,    /* percent of the letters of another reading: of fewer, some were lost */
    MISSED_MAX = 5,    /* shapes like letters in no word: the marks of a list, not a word */
};

struct ocr {
    struct sp_extract *x;
    struct sp_flow *flow;
    struct sp_picture picture;
    uint64_t steps;        /* signs of life */
    unsigned letters_most; /* of a reading of the page at hand, the way up that was kept */
};

/* Recognition goes on. */
static bool ocr_watch(void *ctx)
{
    struct ocr *ocr = ctx;
    struct sp_why ignored;
    return ocr->x->sink->ops->progress(ocr->x->sink, ++ocr->steps, &ignored) == SP_OK;
}

static __attribute__((format(printf, 4, 5))) enum sp_err
ocr_unread(struct ocr *ocr, enum sp_reason reason, struct sp_why *why, const char *format, ...)
{
    struct sp_unread unread;
    va_list args;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    va_start(args, format);
    (void)vsnprintf(unread.detail, sizeof unread.detail, format, args);
    va_end(args);
    if (sp_reason_class(reason) == SP_REASON_CLASS_GAP)
        ocr->x->done->state = SP_STATE_PARTIAL;
    return sp_sink_unread(ocr->x->sink, &unread, why);
}

/* ---- one page ----------------------------------------------------------------------------------
 */
/* How much of a page was made out. */
static unsigned long page_score(const struct sp_recognised *read)
{
    return (unsigned long)read->letters * read->confidence * read->confidence;
}

static bool page_lies(const struct sp_recognised *read)
{
    return read->words < READ_WORDS_MIN || read->confidence < READ_TURN;
}

/* No words, or only what specks look like. */
static bool page_is_empty(const struct sp_recognised *read)
{
    return read->words == 0 || (read->confidence < READ_NOTHING && read->sure < READ_WORDS_MIN);
}

/* Reads `page`, and keeps what was read when it is better than *best. */
static enum sp_err page_try(struct ocr *ocr, struct Pix *page, bool thorough,
                            struct sp_recognised *best, bool *better, struct sp_why *why)
{
    struct sp_recognised read;
    *better = false;
    if (page == NULL)
        return SP_OK;
    enum sp_err err = sp_recognise(page, thorough, ocr_watch, ocr, &read, why);
    if (err != SP_OK)
        return err;
    *better = page_score(&read) > page_score(best);
    if (*better) {
        sp_recognised_clear(best);
        *best = read;
    } else {
        sp_recognised_clear(&read);
    }
    return SP_OK;
}

/* A page on its side: which of the four turns gives most? Read in full the way that is found. */
static enum sp_err page_turn(struct ocr *ocr, struct Pix *page, struct sp_recognised *best,
                             struct sp_why *why)
{
    struct sp_recognised trial = {.words = 0};
    int found = 0;
    bool better;
    enum sp_err err = SP_OK;
    for (int quarters = 0; err == SP_OK && quarters < 4; quarters++) {
        struct Pix *turned = sp_page_turn(page, quarters, TRIAL_PIXELS);
        err = page_try(ocr, turned, false, &trial, &better, why);
        found = better ? quarters : found;
        sp_page_free(turned);
    }
    sp_recognised_clear(&trial);
    if (err != SP_OK || found == 0)
        return err;
    ocr->letters_most = 0; /* what was read was letters on their side */
    struct Pix *turned = sp_page_turn(page, found, UINT32_MAX);
    err = page_try(ocr, turned, true, best, &better, why);
    sp_page_free(turned);
    return err;
}

/* Shadows and a grey ground. */
static enum sp_err page_even(struct ocr *ocr, struct Pix *page, struct sp_recognised *best,
                             struct sp_why *why)
{
    bool better;
    struct Pix *even = sp_page_even(page);
    enum sp_err err = page_try(ocr, even, true, best, &better, why);
    sp_page_free(even);
    return err;
}

static enum sp_err page_recognise(struct ocr *ocr, struct Pix *page,
                                  const struct sp_page_look *look, struct sp_recognised *out,
                                  struct sp_why *why)
{
    bool better;
    struct Pix *sized = sp_page_scale(page, look);
    if (sized == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a page");
    enum sp_err err = page_try(ocr, sized, true, out, &better, why);
    ocr->letters_most = page_is_empty(out) ? 0 : out->letters;
    if (err == SP_OK && page_lies(out) && !out->stopped)
        err = page_turn(ocr, sized, out, why);
    if (err == SP_OK && (!look->is_page || page_lies(out)) && !out->stopped)
        err = page_even(ocr, sized, out, why);
    sp_page_free(sized);
    return err;
}

/* ---- what is told of it ------------------------------------------------------------------------
 */
static enum sp_err page_text(struct ocr *ocr, const struct sp_recognised *read, bool of_several,
                             struct sp_why *why)
{
    const unsigned number = ocr->picture.pages;
    const struct sp_record record = {.kind = of_several ? SP_RECORD_PAGE : SP_RECORD_DOCUMENT,
                                     .ordinal = number,
                                     .row = number,
                                     .line = 1,
                                     .date_s = INT64_MIN};
    struct sp_buf others;
    sp_buf_init(&others, 2 * read->text.max);
    sp_flow_begin(ocr->flow, &record);
    enum sp_err err = sp_ocr_readings(sp_buf_slice(&read->text), &others, why);
    if (err == SP_OK)
        err = sp_mrz_readings(sp_buf_slice(&read->zone), &others, why);
    if (err == SP_OK)
        err = sp_pdf_lines(ocr->flow, sp_buf_slice(&read->text), why);
    if (err == SP_OK && others.len > 0)
        err = sp_flow_field(ocr->flow, (struct sp_slice){NULL, 0}, (struct sp_slice){NULL, 0}, why);
    if (err == SP_OK)
        err = sp_flow_text(ocr->flow, sp_buf_slice(&others), SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = sp_flow_end(ocr->flow, why);
    sp_buf_wipe(&others);
    return err;
}

/* Words that could not be made out. */
static enum sp_err page_doubts(struct ocr *ocr, const struct sp_recognised *read,
                               const struct sp_page_look *look, struct sp_why *why)
{
    const unsigned page = ocr->picture.pages;
    if (read->stopped)
        return ocr_unread(ocr, SP_REASON_TIMEOUT, why, "page %u takes too long to read", page);
    if (page_is_empty(read)) {
        return ocr_unread(ocr, look->is_page ? SP_REASON_NEEDS_OCR : SP_REASON_PHOTO, why,
                          look->is_page ? "page %u looks written, but no words could be made out"
                                        : "page %u: no words in it",
                          page);
    }
    if (read->confidence < READ_POOR)
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why,
                          "page %u was hardly readable: %u%% sure of %u words", page,
                          read->confidence, read->words);
    if (read->unsure_values > 0)
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why,
                          "page %u: %u of %u words with digits or an at-mark are unsure", page,
                          read->unsure_values, read->words);
    if (read->letters < ocr->letters_most * READ_KEPT / 100)
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why,
                          "page %u: readings differ, of %u and %u letters", page, read->letters,
                          ocr->letters_most);
    if (read->missed > MISSED_MAX)
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why,
                          "page %u: %u shapes like letters are in no word", page, read->missed);
    return SP_OK;
}

static enum sp_err ocr_page(struct ocr *ocr, struct Pix *page, bool of_several, struct sp_why *why)
{
    struct sp_recognised read = {.words = 0};
    struct sp_page_look look;
    enum sp_err err = SP_OK;
    sp_page_look(page, &look);
    if (ocr->picture.damaged)
        err = ocr_unread(ocr, SP_REASON_CORRUPT, why, "page %u cannot be decoded to its end",
                         ocr->picture.pages);
    if (err == SP_OK)
        err = page_recognise(ocr, page, &look, &read, why);
    if (err == SP_OK)
        err = page_text(ocr, &read, of_several, why);
    if (err == SP_OK)
        err = page_doubts(ocr, &read, &look, why);
    sp_recognised_clear(&read);
    return err;
}

/* ---- all pages ---------------------------------------------------------------------------------
 */
/* Why there is no further page. */
static enum sp_err ocr_end(struct ocr *ocr, enum sp_picture_state state, struct sp_why *why)
{
    const struct sp_picture *picture = &ocr->picture;
    switch (state) {
    case SP_PICTURE_CORRUPT:
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why, "page %u cannot be decoded",
                          picture->pages + 1);
    case SP_PICTURE_KIND:
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why, "a kind of picture without a decoder");
    case SP_PICTURE_LARGE:
        return ocr_unread(ocr, SP_REASON_NEEDS_OCR, why, "page %u is too large: %u by %u",
                          picture->pages + 1, picture->width, picture->height);
    default:
        return picture->moves ? ocr_unread(ocr, SP_REASON_NEEDS_OCR, why,
                                           "only the first picture of an animation was read")
                              : SP_OK;
    }
}

static enum sp_err ocr_pages(struct ocr *ocr, struct sp_why *why)
{
    enum sp_picture_state state = SP_PICTURE_PAGE;
    enum sp_err err = SP_OK;
    while (err == SP_OK && state == SP_PICTURE_PAGE) {
        struct Pix *page = NULL;
        state = sp_picture_next(&ocr->picture, &page);
        (void)ocr_watch(ocr);
        if (state == SP_PICTURE_PAGE)
            err = ocr_page(ocr, page, ocr->picture.offset != 0 || ocr->picture.pages > 1, why);
        sp_page_free(page);
    }
    return err == SP_OK ? ocr_end(ocr, state, why) : err;
}

enum sp_err sp_ocr_read(struct sp_extract *x, struct sp_why *why)
{
    struct ocr ocr = {.x = x};
    uint64_t size = sp_stream_size(x->stream);
    *x->done = (struct sp_object_done){
        .state = SP_STATE_COMPLETE, .format = "ocr", .shape = SP_SHAPE_DOCUMENT};
    void *map = size == 0 || size > INT32_MAX
                    ? MAP_FAILED
                    : mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, sp_stream_fd(x->stream), 0);
    if (map == MAP_FAILED)
        return ocr_unread(&ocr, SP_REASON_NEEDS_OCR, why, "too large to be opened");
    sp_picture_open((struct sp_slice){map, (size_t)size}, &ocr.picture);
    enum sp_err err = sp_flow_new(x->sink, &ocr.flow, why);
    if (err == SP_OK)
        err = ocr_pages(&ocr, why);
    x->done->bytes_read = size;
    x->done->record_count = ocr.flow == NULL ? 0 : sp_flow_records(ocr.flow);
    sp_flow_free(ocr.flow);
    (void)munmap(map, (size_t)size);
    return err;
}
