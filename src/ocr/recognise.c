#include "ocr/recognise.h"

#include "ocr/picture.h"

#include <ctype.h>
#include <leptonica/allheaders.h>
#include <string.h>
#include <tesseract/capi.h>

enum {
    RECOGNISE_TEXT_MAX = 4 << 20, /* bytes: a page of 30 megapixels has fewer letters */
    RECOGNISE_PAGE_S = 240,       /* a page of a newspaper takes some 60 s */
    WORD_GUESSED = 25,            /* percent: below it a word is specks and lines */
    WORD_UNSURE = 70,             /* below it a digit may be another */
    WORD_FILL_MAX = 3             /* a box of letters reaches so many pixels over its word's */
};

static TessBaseAPI *recognise_api;
static ETEXT_DESC *recognise_monitor;

struct recognise_call {
    sp_recognise_watch watch;
    void *ctx;
    int64_t end_s; /* monotonic */
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
    static const char *const wanted[] = {"nld+eng", "nld", "eng"};
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

/* All words in the order in which they are read; boxes get the places of those that count. */
static enum sp_err recognise_words(struct sp_recognised *out, BOXA *boxes, struct sp_why *why)
{
    TessResultIterator *words = TessBaseAPIGetIterator(recognise_api);
    double sum = 0;
    enum sp_err err = SP_OK;
    bool more = words != NULL;
    while (more && err == SP_OK) {
        const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(words);
        char *word = TessResultIteratorGetUTF8Text(words, RIL_WORD);
        float confidence = TessResultIteratorConfidence(words, RIL_WORD);
        int left, top, right, bottom;
        if (word != NULL && word[strspn(word, " \n")] != '\0' && confidence >= WORD_GUESSED) {
            err = word_append(&out->text, at, word, why);
            word_count(out, word, confidence, &sum);
        }
        if (TessPageIteratorBoundingBox(at, RIL_WORD, &left, &top, &right, &bottom) != 0 &&
            confidence >= WORD_GUESSED)
            (void)boxaAddBox(boxes, boxCreate(left, top, right - left, bottom - top), L_INSERT);
        TessDeleteText(word);
        more = TessResultIteratorNext(words, RIL_WORD) != 0;
    }
    if (words != NULL)
        TessResultIteratorDelete(words);
    out->confidence = out->letters == 0 ? 0 : (unsigned)(sum / out->letters);
    return err;
}

/* ---- what is in no word ---------------------------------------------------------------------- */
/* Whites out the words, and counts what is left that looks like letters. */
static unsigned recognise_missed(PIX *page, BOXA *boxes)
{
    struct sp_page_look look = {.letters = 0};
    PIX *rest = pixCopy(NULL, page);
    for (int i = 0; rest != NULL && i < boxaGetCount(boxes); i++) {
        l_int32 x, y, width, height;
        (void)boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
        BOX *box = boxCreate(x - WORD_FILL_MAX, y - WORD_FILL_MAX, width + 2 * WORD_FILL_MAX,
                             height + 2 * WORD_FILL_MAX);
        if (box != NULL)
            (void)pixSetInRect(rest, box);
        boxDestroy(&box);
    }
    if (rest != NULL)
        sp_page_look(rest, &look);
    pixDestroy(&rest);
    return look.letters;
}

enum sp_err sp_recognise(struct Pix *page, sp_recognise_watch watch, void *ctx,
                         struct sp_recognised *out, struct sp_why *why)
{
    struct recognise_call call = {
        .watch = watch, .ctx = ctx, .end_s = recognise_now_s() + RECOGNISE_PAGE_S};
    *out = (struct sp_recognised){.words = 0};
    sp_buf_init(&out->text, RECOGNISE_TEXT_MAX);
    TessMonitorSetCancelFunc(recognise_monitor, recognise_cancel);
    TessMonitorSetCancelThis(recognise_monitor, &call);
    TessBaseAPISetImage2(recognise_api, page);
    TessBaseAPISetSourceResolution(recognise_api, 300);
    bool failed = TessBaseAPIRecognize(recognise_api, recognise_monitor) != 0;
    BOXA *boxes = boxaCreate(0);
    enum sp_err err = boxes == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for words") : SP_OK;
    if (err == SP_OK)
        err = recognise_words(out, boxes, why);
    if (err == SP_OK)
        out->missed = recognise_missed(page, boxes);
    out->stopped = failed || call.stopped;
    boxaDestroy(&boxes);
    TessBaseAPIClear(recognise_api);
    if (err != SP_OK)
        sp_recognised_clear(out);
    return err;
}

void sp_recognised_clear(struct sp_recognised *recognised)
{
    sp_buf_wipe(&recognised->text);
}
