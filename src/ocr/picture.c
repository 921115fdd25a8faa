#include "ocr/picture.h"

#include "base/mem.h"
#include "ocr/exif.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <string.h>

enum {
    PICTURE_BYTES_MAX = 640 << 20,         /* of one decoded page: 160 megapixels in colour */
    PICTURE_PIXELS_MAX = 30 * 1000 * 1000, /* of a page that is read; A3 at 400 dpi is 31 */
    PICTURE_PAGES_MAX = 10000,
    LETTER_LOW = 6,    /* pixels of height: smaller is dust */
    LETTER_HIGH = 160, /* larger is a drawing */
    LETTER_SMALL = 18, /* of the median letter, most of them without ascenders: enlarged below */
    LETTER_GOOD = 22,  /* to this: capitals of some 30 pixels */
    LETTER_LARGE = 64, /* reduced above, to twice the good one */
    ENLARGE_MAX = 4,
    ENLARGED_PIXELS = 8 * 1000 * 1000, /* of what is no page: a photograph has many specks */
    BOX_MORE = 3,     /* pixels: what of a letter reaches over the box of its word */
    GREY_LIGHT = 128, /* levels from here on may be paper */
    GREY_NEAR = 24,   /* levels to both sides that are the same ground */
    STROKE_MAX = 31   /* pixels: what is wider both ways is no stroke */
};

/* Shares of a page. */
#define PAGE_GROUND 0.35F
#define PAGE_STROKES 0.0005F /* a line of text on a page of a book is ten times as much */
#define PAGE_THIN 0.2F       /* of what is black: the rest is a scanner's dark border */

/* ---- decoding -------------------------------------------------------------------------------- */
static bool picture_has(struct sp_slice bytes, const char *mark, size_t reach)
{
    size_t len = bytes.len < reach ? bytes.len : reach;
    return memmem(bytes.ptr, len, mark, strlen(mark)) != NULL;
}

void sp_picture_open(struct sp_slice bytes, struct sp_picture *out)
{
    *out = (struct sp_picture){.bytes = bytes};
    (void)setMsgSeverity(L_SEVERITY_NONE); /* it would speak on standard error */
    if (bytes.len < 16 || findFileFormatBuffer(bytes.ptr, &out->format) != 0)
        out->format = IFF_UNKNOWN;
    out->moves = (out->format == IFF_GIF && picture_has(bytes, "NETSCAPE2.0", bytes.len)) ||
                 (out->format == IFF_PNG && picture_has(bytes, "acTL", 4096)) ||
                 (out->format == IFF_WEBP && picture_has(bytes, "ANIM", 4096));
}

static bool picture_is_tiff(const struct sp_picture *picture)
{
    return L_FORMAT_IS_TIFF(picture->format);
}

/* Formats that leptonica may have a reader for; PostScript and PDF are no pictures. */
static bool picture_is_known(const struct sp_picture *picture)
{
    switch (picture->format) {
    case IFF_BMP:
    case IFF_JFIF_JPEG:
    case IFF_PNG:
    case IFF_PNM:
    case IFF_GIF:
    case IFF_JP2:
    case IFF_WEBP:
        return true;
    default:
        return picture_is_tiff(picture);
    }
}

/* Bytes of the page when it is decoded, by its header; 0: the header cannot be read. */
static unsigned long long picture_claims(struct sp_picture *picture)
{
    l_int32 width = 0, height = 0, depth = 0, samples = 0, format = 0, mapped = 0, dpi = 0;
    int failed;
    if (picture_is_tiff(picture))
        failed = readHeaderMemTiff(picture->bytes.ptr, picture->bytes.len, (int)picture->pages,
                                   &width, &height, &depth, &samples, &dpi, &mapped, &format);
    else
        failed = pixReadHeaderMem(picture->bytes.ptr, picture->bytes.len, &format, &width, &height,
                                  &depth, &samples, &mapped);
    if (failed != 0 || width <= 0 || height <= 0)
        return 0;
    picture->width = (unsigned)width;
    picture->height = (unsigned)height;
    unsigned bits = samples > 1 ? 32 : depth > 0 ? (unsigned)depth : 8;
    return (unsigned long long)width * (unsigned long long)height * bits / 8 + 1;
}

static PIX *picture_decode(struct sp_picture *picture)
{
    const struct sp_slice bytes = picture->bytes;
    l_int32 warnings = 0;
    PIX *pix;
    picture->damaged = false;
    if (picture_is_tiff(picture))
        return pixReadMemFromMultipageTiff(bytes.ptr, bytes.len, &picture->offset);
    if (picture->format != IFF_JFIF_JPEG)
        return pixReadMem(bytes.ptr, bytes.len);
    pix = pixReadMemJpeg(bytes.ptr, bytes.len, 0, 1, &warnings,
                         L_JPEG_READ_LUMINANCE | L_JPEG_CONTINUE_WITH_BAD_DATA);
    picture->damaged = warnings > 0;
    return pix;
}

/* ---- grey and upright ------------------------------------------------------------------------ */
/* Replaces *pix by what was made of it; NULL stays NULL. */
static void picture_become(PIX **pix, PIX *made)
{
    pixDestroy(pix);
    *pix = made;
}

static void picture_upright(PIX **pix, unsigned orientation)
{
    /* Exif: 1 as is, 2 mirrored, 3 half a turn, 4 mirrored upside down, 5 to 8 on their side */
    static const struct {
        int quarters;
        bool mirrored;
    } turns[] = {{0, false}, {0, false}, {0, true}, {2, false}, {2, true},
                 {1, true},  {1, false}, {3, true}, {3, false}};
    if (*pix != NULL && turns[orientation].quarters != 0)
        picture_become(pix, pixRotateOrth(*pix, turns[orientation].quarters));
    if (*pix != NULL && turns[orientation].mirrored)
        picture_become(pix, pixFlipLR(NULL, *pix));
}

static void picture_grey(PIX **pix)
{
    if (*pix != NULL && pixGetSpp(*pix) == 4) /* what is clear shows white paper */
        picture_become(pix, pixAlphaBlendUniform(*pix, 0xFFFFFF00));
    if (*pix != NULL)
        picture_become(pix, pixConvertTo8(*pix, 0));
}

static void picture_fit(PIX **pix, unsigned long pixels_max)
{
    if (*pix == NULL)
        return;
    double pixels = (double)pixGetWidth(*pix) * (double)pixGetHeight(*pix);
    if (pixels <= (double)pixels_max)
        return;
    float factor = (float)sqrt((double)pixels_max / pixels);
    picture_become(pix, pixScale(*pix, factor, factor));
}

enum sp_picture_state sp_picture_next(struct sp_picture *picture, struct Pix **out)
{
    bool more = picture->pages == 0 || (picture_is_tiff(picture) && picture->offset != 0);
    if (!picture_is_known(picture))
        return SP_PICTURE_KIND;
    if (!more || picture->pages >= PICTURE_PAGES_MAX)
        return more ? SP_PICTURE_LARGE : SP_PICTURE_END;
    unsigned long long claims = picture_claims(picture);
    if (claims == 0)
        return SP_PICTURE_CORRUPT;
    if (claims > PICTURE_BYTES_MAX)
        return SP_PICTURE_LARGE;
    PIX *pix = picture_decode(picture);
    if (pix == NULL)
        return SP_PICTURE_CORRUPT;
    picture_grey(&pix);
    if (picture->format == IFF_JFIF_JPEG)
        picture_upright(&pix, sp_exif_orientation(picture->bytes));
    picture_fit(&pix, PICTURE_PIXELS_MAX);
    *out = pix;
    picture->pages += pix != NULL;
    return pix == NULL ? SP_PICTURE_LARGE : SP_PICTURE_PAGE;
}

/* ---- looks ----------------------------------------------------------------------------------- */
/* Of the grey levels: is much near the commonest light one? */
static bool look_is_even(PIX *page)
{
    NUMA *levels = pixGetGrayHistogram(page, 4);
    l_float32 at, all = 0, near = 0, most = 0;
    int ground = 255;
    for (int i = 0; levels != NULL && i < 256; i++) {
        (void)numaGetFValue(levels, i, &at);
        all += at;
        if (at > most && i >= GREY_LIGHT) {
            most = at;
            ground = i;
        }
    }
    for (int i = 0; levels != NULL && i < 256; i++) {
        (void)numaGetFValue(levels, i, &at);
        near += i > ground - GREY_NEAR && i < ground + GREY_NEAR ? at : 0;
    }
    numaDestroy(&levels);
    return near > all * PAGE_GROUND;
}

/* Of what is dark: is it strokes rather than areas? */
static bool look_is_stroked(PIX *black)
{
    l_int32 all = 0, wide = 0;
    PIX *areas = pixOpenBrick(NULL, black, STROKE_MAX, STROKE_MAX);
    (void)pixCountPixels(black, &all, NULL);
    if (areas != NULL)
        (void)pixCountPixels(areas, &wide, NULL);
    pixDestroy(&areas);
    float thin = (float)(all - wide);
    float page = (float)pixGetWidth(black) * (float)pixGetHeight(black);
    return thin > page * PAGE_STROKES && thin > (float)all * PAGE_THIN;
}

static int look_compare(const void *a, const void *b)
{
    const unsigned *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* What is dark, by one threshold for all of the page; NULL: no memory. */
static PIX *look_black(PIX *page)
{
    PIX *black = NULL;
    l_int32 width = pixGetWidth(page), height = pixGetHeight(page);
    if (pixOtsuAdaptiveThreshold(page, width < 16 ? 16 : width, height < 16 ? 16 : height, 0, 0,
                                 0.1F, NULL, &black) != 0)
        return NULL;
    return black;
}

/* Heights of what may be letters, sorted, between low and high; the caller frees them. */
static unsigned *look_heights(PIX *black, unsigned low, unsigned high, size_t *count)
{
    BOXA *all = black == NULL ? NULL : pixConnCompBB(black, 8);
    int boxes = all == NULL ? 0 : boxaGetCount(all);
    unsigned *heights = sp_alloc((size_t)(boxes + 1) * sizeof *heights);
    *count = 0;
    for (int i = 0; heights != NULL && i < boxes; i++) {
        l_int32 width, height;
        (void)boxaGetBoxGeometry(all, i, NULL, NULL, &width, &height);
        if (height >= (int)low && height <= (int)high && width <= 4 * height && width > 1)
            heights[(*count)++] = (unsigned)height;
    }
    if (heights != NULL)
        qsort(heights, *count, sizeof *heights, look_compare);
    boxaDestroy(&all);
    return heights;
}

static void look_at(PIX *black, struct sp_page_look *out)
{
    size_t count;
    unsigned *heights = look_heights(black, LETTER_LOW, LETTER_HIGH, &count);
    out->letters = (unsigned)count;
    out->letter_height = count == 0 ? 0 : heights[count / 2];
    sp_free(heights);
}

void sp_page_look(struct Pix *page, struct sp_page_look *out)
{
    PIX *black = look_black(page);
    *out = (struct sp_page_look){.is_page =
                                     black != NULL && look_is_even(page) && look_is_stroked(black)};
    look_at(black, out);
    pixDestroy(&black);
}

/* ---- what is in no word ------------------------------------------------------------------------
 */
/* Each box, a little larger, cleared or made white. */
static void boxes_fill(PIX *pix, BOXA *boxes, bool white)
{
    for (int i = 0; i < boxaGetCount(boxes); i++) {
        l_int32 x, y, width, height;
        (void)boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
        BOX *box =
            boxCreate(x - BOX_MORE, y - BOX_MORE, width + 2 * BOX_MORE, height + 2 * BOX_MORE);
        if (box != NULL)
            (void)(white ? pixSetInRect(pix, box) : pixClearInRect(pix, box));
        boxDestroy(&box);
    }
}

unsigned sp_page_outside(struct Pix *page, struct Boxa *boxes)
{
    struct sp_page_look look = {.letters = 0};
    size_t count = 0;
    PIX *black = look_black(page);
    if (black == NULL)
        return 0;
    look_at(black, &look);
    boxes_fill(black, boxes, false);
    sp_free(look_heights(black, look.letter_height * 3 / 5, look.letter_height * 11 / 5, &count));
    pixDestroy(&black);
    return (unsigned)count;
}

struct Pix *sp_page_without(struct Pix *page, struct Boxa *boxes)
{
    PIX *rest = pixCopy(NULL, page);
    if (rest != NULL)
        boxes_fill(rest, boxes, true);
    return rest;
}

/* ---- other sizes and turns ------------------------------------------------------------------- */
struct Pix *sp_page_scale(struct Pix *page, const struct sp_page_look *look)
{
    float factor = 1;
    if (look->letter_height > 0 && look->letter_height < LETTER_SMALL)
        factor = (float)LETTER_GOOD / (float)look->letter_height;
    else if (look->letter_height > LETTER_LARGE)
        factor = 2 * (float)LETTER_GOOD / (float)look->letter_height;
    if (factor > ENLARGE_MAX)
        factor = ENLARGE_MAX;
    double pixels = (double)pixGetWidth(page) * (double)pixGetHeight(page);
    double pixels_max = look->is_page ? PICTURE_PIXELS_MAX : ENLARGED_PIXELS;
    if (factor > 1 && pixels * (double)(factor * factor) > pixels_max)
        factor = pixels > pixels_max ? 1 : (float)sqrt(pixels_max / pixels);
    PIX *scaled = pixScale(page, factor, factor);
    PIX *straight = scaled == NULL ? NULL : pixDeskew(scaled, 0);
    if (straight != NULL)
        picture_become(&scaled, straight);
    if (scaled != NULL)
        (void)pixSetResolution(scaled, 300, 300); /* by the size of its letters it has */
    return scaled;
}

struct Pix *sp_page_even(struct Pix *page)
{
    PIX *even = pixBackgroundNormSimple(page, NULL, NULL);
    if (even != NULL)
        (void)pixSetResolution(even, 300, 300);
    return even;
}

struct Pix *sp_page_turn(struct Pix *page, int quarters, unsigned long pixels_max)
{
    PIX *turned = pixRotateOrth(page, quarters);
    picture_fit(&turned, pixels_max);
    return turned;
}

void sp_page_free(struct Pix *page)
{
    pixDestroy(&page);
}
