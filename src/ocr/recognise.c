#include "ocr/recognise.h"

#include "ocr/picture.h"

#include <ctype.h>
#include <leptonica/allheaders.h>
#include <string.h>
#include <tesseract/capi.h>

enum {
    RECOGNISE_TEXT_MAX = 4 << 20, /* bytes: a page of 30 megapixels has fewer letters */
    RECOGNISE_PAGE_S = 240,       /* a page of a newspaper takes some 60 s */
    WORD_UNSURE = 70,             /* percent: below it a digit may be another */
    AGAIN_CONFIDENCE = 55,        /* below it words are specks and lines */
    AGAIN_MISSED = 4              /* shapes in no word that are looked at once more */
};

static TessBaseAPI *recognise_api;
static ETEXT_DESC *recognise_monitor;

struct recognise_call {
    sp_recognise_watch watch;
    void *ctx;
    int64_t end_s;                              /* monotonic */
    BOXA *boxes;                                /* of words so far */
    double sum;                                 /* of their confidence times their length */
    l_int32 zone_top, zone_bottom, zone_height; /* of words with fillers; height: of one of them */
    bool stopped;
};

static int64_t recognise_now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* ---- opening --------------------------------------------------------------------------------- */
static bool recognise_init(const char *languages)
{
    static char debug_file[] = "debug_file";
    char *names[] = {debug_file};
    static char nowhere[] = "/dev/null"; /* it tells of pages on standard error */
    char *values[] = {nowhere};
    return TessBaseAPIInit4(recognise_api, NULL, languages, OEM_LSTM_ONLY, NULL, 0, names, values,
                            1, 0) == 0;
}

/* Reads nothing once, so that all that is opened late has been. */
static void recognise_warm_up(void)
{
    PIX *page = pixCreate(64, 64, 8);
    if (page == NULL)
        return;
    (void)pixSetAllGray(page, 255);
    TessBaseAPISetImage2(recognise_api, page);
    (void)TessBaseAPIRecognize(recognise_api, NULL);
    TessBaseAPIClear(recognise_api);
    pixDestroy(&page);
}

enum sp_err sp_recognise_open(char languages[SP_WORKER_ABOUT_MAX], struct sp_why *why)
{
    /* the first decides where both are sure: English breaks addresses in fewer places */
    static const char *const wanted[] = {"eng+nld", "nld", "eng"};
    recognise_api = TessBaseAPICreate();
    recognise_monitor = TessMonitorCreate();
    if (recognise_api == NULL || recognise_monitor == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for tesseract");
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!recognise_init(wanted[i]))
            continue;
        /* one language that is missing is left out without an error */
        const char *loaded = TessBaseAPIGetInitLanguagesAsString(recognise_api);
        (void)snprintf(languages, SP_WORKER_ABOUT_MAX, "%s", loaded);
        recognise_warm_up();
        return SP_OK;
    }
    return sp_fail(why, SP_ERR_CONFIG,
                   "tesseract has neither Dutch nor English here "
                   "(packages tesseract-ocr-nld, tesseract-ocr-eng)");
}

void sp_recognise_close(void)
{
    if (recognise_api != NULL)
        TessBaseAPIDelete(recognise_api);
    if (recognise_monitor != NULL)
        TessMonitorDelete(recognise_monitor);
    recognise_api = NULL;
    recognise_monitor = NULL;
}

/* ---- words ----------------------------------------------------------------------------------- */
static bool recognise_cancel(void *self, int words)
{
    struct recognise_call *call = self;
    (void)words;
    call->stopped = call->stopped || recognise_now_s() > call->end_s || !call->watch(call->ctx);
    return call->stopped;
}

static unsigned word_length(const char *word)
{
    unsigned count = 0;
    for (const char *at = word; *at != '\0'; at++)
        count += ((unsigned char)*at & 0xC0) != 0x80;
    return count;
}

static bool word_may_be_value(const char *word)
{
    for (const char *at = word; *at != '\0'; at++)
        if (isdigit((unsigned char)*at) || *at == '@')
            return true;
    return false;
}

/* Counts a word, and keeps where it stands. */
static void word_count(struct sp_recognised *out, const char *word, float confidence, double *sum)
{
    unsigned length = word_length(word);
    if (length < 2)
        return;
    out->words++;
    out->letters += length;
    *sum += (double)confidence * length;
    out->sure += confidence >= WORD_UNSURE && length > 2;
    if (confidence >= WORD_UNSURE)
        return;
    out->unsure++;
    out->unsure_values += word_may_be_value(word);
}

static enum sp_err word_append(struct sp_buf *text, const TessPageIterator *at, const char *word,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool paragraph = text->len > 0 && TessPageIteratorIsAtBeginningOf(at, RIL_PARA) != 0;
    bool line = text->len > 0 && TessPageIteratorIsAtBeginningOf(at, RIL_TEXTLINE) != 0;
    if (paragraph)
        err = sp_buf_append_string(text, "\n\n", why);
    else if (text->len > 0)
        err = sp_buf_append_byte(text, line ? '\n' : ' ', why);
    return err == SP_OK ? sp_buf_append_string(text, word, why) : err;
}

/* Words with fillers stand in a machine-readable zone. */
static void zone_note(struct recognise_call *call, const char *word, l_int32 top, l_int32 bottom)
{
    if (strstr(word, "<<") == NULL && strstr(word, "\xC2\xAB") == NULL)
        return;
    if (call->zone_height == 0 || top < call->zone_top)
        call->zone_top = top;
    if (bottom > call->zone_bottom)
        call->zone_bottom = bottom;
    call->zone_height = bottom - top;
}

/* All words in the order in which they are read, and where they stand. */
static enum sp_err recognise_words(struct recognise_call *call, struct sp_recognised *out,
                                   struct sp_why *why)
{
    TessResultIterator *words = TessBaseAPIGetIterator(recognise_api);
    enum sp_err err = SP_OK;
    bool more = words != NULL;
    while (more && err == SP_OK) {
        const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(words);
        char *word = TessResultIteratorGetUTF8Text(words, RIL_WORD);
        int left, top, right, bottom;
        if (word != NULL && word[strspn(word, " \n")] != '\0') {
            err = word_append(&out->text, at, word, why);
            word_count(out, word, TessResultIteratorConfidence(words, RIL_WORD), &call->sum);
            if (TessPageIteratorBoundingBox(at, RIL_WORD, &left, &top, &right, &bottom) != 0) {
                (void)boxaAddBox(call->boxes, boxCreate(left, top, right - left, bottom - top),
                                 L_INSERT);
                zone_note(call, word, top, bottom);
            }
        }
        TessDeleteText(word);
        more = TessResultIteratorNext(words, RIL_WORD) != 0;
    }
    if (words != NULL)
        TessResultIteratorDelete(words);
    out->confidence = out->letters == 0 ? 0 : (unsigned)(call->sum / out->letters);
    return err;
}

/* One pass over a page. */
static enum sp_err recognise_pass(struct recognise_call *call, PIX *page, TessPageSegMode mode,
                                  struct sp_recognised *out, struct sp_why *why)
{
    TessMonitorSetCancelFunc(recognise_monitor, recognise_cancel);
    TessMonitorSetCancelThis(recognise_monitor, call);
    TessBaseAPISetPageSegMode(recognise_api, mode);
    TessBaseAPISetImage2(recognise_api, page);
    TessBaseAPISetSourceResolution(recognise_api, 300);
    bool failed = TessBaseAPIRecognize(recognise_api, recognise_monitor) != 0;
    enum sp_err err = recognise_words(call, out, why);
    out->stopped = out->stopped || failed || call->stopped;
    TessBaseAPIClear(recognise_api);
    return err;
}

/* What the layout took for a picture, or passed over: words wherever they stand. */
static enum sp_err recognise_rest(struct recognise_call *call, PIX *page, struct sp_recognised *out,
                                  struct sp_why *why)
{
    out->missed = sp_page_outside(page, call->boxes);
    if (out->stopped || out->missed < AGAIN_MISSED ||
        (out->words > 0 && out->confidence < AGAIN_CONFIDENCE))
        return SP_OK;
    PIX *rest = sp_page_without(page, call->boxes);
    if (rest == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a page");
    enum sp_err err = recognise_pass(call, rest, PSM_SPARSE_TEXT, out, why);
    pixDestroy(&rest);
    if (err == SP_OK)
        out->missed = sp_page_outside(page, call->boxes);
    return err;
}

/* ---- zones ----------------------------------------------------------------------------------- */
/* Reads the zone with nothing but its own characters, and its letters `height` pixels high. */
static enum sp_err zone_pass(struct recognise_call *call, PIX *zone, l_int32 height,
                             struct sp_buf *out, struct sp_why *why)
{
    float factor = (float)height / (float)call->zone_height;
    PIX *sized = pixScale(zone, factor, factor);
    if (sized == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a zone");
    TessBaseAPISetPageSegMode(recognise_api, PSM_SINGLE_BLOCK);
    TessBaseAPISetImage2(recognise_api, sized);
    TessBaseAPISetSourceResolution(recognise_api, 300);
    TessMonitorSetCancelFunc(recognise_monitor, recognise_cancel);
    TessMonitorSetCancelThis(recognise_monitor, call);
    enum sp_err err = SP_OK;
    char *text = TessBaseAPIRecognize(recognise_api, recognise_monitor) == 0
                     ? TessBaseAPIGetUTF8Text(recognise_api)
                     : NULL;
    if (text != NULL)
        err = sp_buf_append_string(out, text, why);
    if (text != NULL && err == SP_OK)
        err = sp_buf_append_string(out, "\n-\n", why); /* no line of the next pass belongs to it */
    TessDeleteText(text);
    TessBaseAPIClear(recognise_api);
    pixDestroy(&sized);
    return err;
}

/* Fillers are no word of any language, and come out as letters: at which size they do not differs
 * from print to print. The check digits say which reading is right. */
static enum sp_err recognise_zone(struct recognise_call *call, PIX *page, struct sp_recognised *out,
                                  struct sp_why *why)
{
    static const l_int32 heights[] = {16, 20, 27};
    l_int32 above = call->zone_height * 3; /* a line without fillers may stand there */
    BOX *box = boxCreate(0, call->zone_top > above ? call->zone_top - above : 0, pixGetWidth(page),
                         call->zone_bottom - call->zone_top + 2 * above);
    PIX *zone = box == NULL ? NULL : pixClipRectangle(page, box, NULL);
    enum sp_err err = zone == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a zone") : SP_OK;
    (void)TessBaseAPISetVariable(recognise_api, "tessedit_char_whitelist",
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<");
    for (size_t i = 0; err == SP_OK && i < sizeof heights / sizeof *heights; i++)
        err = zone_pass(call, zone, heights[i], &out->zone, why);
    (void)TessBaseAPISetVariable(recognise_api, "tessedit_char_whitelist", "");
    pixDestroy(&zone);
    boxDestroy(&box);
    return err;
}

enum sp_err sp_recognise(struct Pix *page, bool thorough, sp_recognise_watch watch, void *ctx,
                         struct sp_recognised *out, struct sp_why *why)
{
    struct recognise_call call = {.watch = watch,
                                  .ctx = ctx,
                                  .end_s = recognise_now_s() + RECOGNISE_PAGE_S,
                                  .boxes = boxaCreate(0)};
    *out = (struct sp_recognised){.words = 0};
    sp_buf_init(&out->text, RECOGNISE_TEXT_MAX);
    sp_buf_init(&out->zone, RECOGNISE_TEXT_MAX);
    if (call.boxes == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for words");
    enum sp_err err = recognise_pass(&call, page, PSM_AUTO, out, why);
    if (err == SP_OK && thorough)
        err = recognise_rest(&call, page, out, why);
    if (err == SP_OK && thorough && !out->stopped && call.zone_height > 0)
        err = recognise_zone(&call, page, out, why);
    boxaDestroy(&call.boxes);
    if (err != SP_OK)
        sp_recognised_clear(out);
    return err;
}

void sp_recognised_clear(struct sp_recognised *recognised)
{
    sp_buf_wipe(&recognised->text);
    sp_buf_wipe(&recognised->zone);
}
