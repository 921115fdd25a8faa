#include "extract/pdf_picture.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>

enum {
    POINTS_INCH = 72,
    PICTURE_DPI = 300,
    PICTURE_PIXELS_MAX = 40 * 1000 * 1000,
    PICTURE_HEAD_MAX = 48, /* bytes before the pixels of a PNM file */
    FONT_PAGES = 64,       /* whose fonts are asked for at once */
    SHARE_MIN = 8,         /* an eighth of the page */
    SIDE_MIN = 36,         /* points: half an inch */
    AREA_MIN = 7200        /* square points: 9 square centimetres, a fifth of an identity card */
};

static double image_area(const PopplerRectangle *at)
{
    return fabs(at->x2 - at->x1) * fabs(at->y2 - at->y1);
}

static bool image_is_large(const PopplerRectangle *at)
{
    return fabs(at->x2 - at->x1) >= SIDE_MIN && fabs(at->y2 - at->y1) >= SIDE_MIN &&
           image_area(at) >= AREA_MIN;
}

/* Images that cover much of the page together are one picture in strips or tiles. */
static bool images_are_one(PopplerPage *page, GList *images)
{
    double width, height, area = 0;
    poppler_page_get_size(page, &width, &height);
    for (GList *at = images; at != NULL; at = at->next)
        area += image_area(&((PopplerImageMapping *)at->data)->area);
    return area >= width * height / SHARE_MIN;
}

enum sp_pdf_shows sp_pdf_shows(PopplerPage *page, bool blank)
{
    if (blank)
        return SP_PDF_SHOWS_PAGE;
    GList *images = poppler_page_get_image_mapping(page);
    bool counts = images_are_one(page, images);
    for (GList *at = images; at != NULL && !counts; at = at->next)
        counts = image_is_large(&((PopplerImageMapping *)at->data)->area);
    poppler_page_free_image_mapping(images);
    return counts ? SP_PDF_SHOWS_PICTURES : SP_PDF_SHOWS_NOTHING;
}

/* ---- text that is none ----------------------------------------------------------------------- */
/* Characters of the text from *at on that are said to be of one font. */
static void glyphs_take(struct sp_pdf_glyphs *glyphs, const uint8_t **at, int count, bool unmapped)
{
    for (; count > 0 && **at != '\0'; count--) {
        uint32_t code;
        unsigned len = sp_utf8_decode(*at, strlen((const char *)*at), &code);
        sp_pdf_glyph(glyphs, len == 0 ? 0xFFFD : code, unmapped);
        *at += len == 0 ? 1 : len;
    }
}

bool sp_pdf_is_lost(PopplerPage *page, const char *text, const struct sp_pdf_fonts *fonts)
{
    struct sp_pdf_glyphs glyphs = {.all = 0};
    const uint8_t *at = (const uint8_t *)text;
    int index = 0;
    GList *list = fonts == NULL ? NULL : poppler_page_get_text_attributes(page);
    for (GList *one = list; one != NULL; one = one->next) {
        const PopplerTextAttributes *run = one->data;
        if (run->font_name == NULL || !sp_pdf_fonts_has(fonts, run->font_name))
            continue;
        glyphs_take(&glyphs, &at, run->start_index - index, false);
        glyphs_take(&glyphs, &at, run->end_index + 1 - run->start_index, true);
        index = run->end_index + 1;
    }
    glyphs_take(&glyphs, &at, INT32_MAX, false);
    poppler_page_free_text_attributes(list);
    return sp_pdf_glyphs_lost(&glyphs);
}

bool sp_pdf_lacks_fonts(PopplerDocument *document)
{
    bool lacks = false;
    PopplerFontsIter *iter = NULL;
    PopplerFontInfo *info = poppler_font_info_new(document);
    while (!lacks && poppler_font_info_scan(info, FONT_PAGES, &iter)) {
        if (iter != NULL) {
            do {
                lacks = lacks ||
                        (poppler_fonts_iter_get_font_type(iter) >= POPPLER_FONT_TYPE_CID_TYPE0 &&
                         !poppler_fonts_iter_is_embedded(iter));
            } while (poppler_fonts_iter_next(iter));
        }
        poppler_fonts_iter_free(iter);
        iter = NULL;
    }
    g_object_unref(info);
    return lacks;
}

/* ---- drawing --------------------------------------------------------------------------------- */
/* Nothing is drawn beside the pictures that count. */
static void picture_clip(PopplerPage *page, cairo_t *cairo)
{
    GList *images = poppler_page_get_image_mapping(page);
    bool all = images_are_one(page, images);
    for (GList *at = images; at != NULL; at = at->next) {
        const PopplerRectangle *image = &((PopplerImageMapping *)at->data)->area;
        if (all || image_is_large(image))
            cairo_rectangle(cairo, fmin(image->x1, image->x2), fmin(image->y1, image->y2),
                            fabs(image->x2 - image->x1), fabs(image->y2 - image->y1));
    }
    poppler_page_free_image_mapping(images);
    cairo_clip(cairo);
}

static double picture_scale(double width, double height)
{
    double scale = (double)PICTURE_DPI / POINTS_INCH;
    double pixels = width * height * scale * scale;
    return pixels > PICTURE_PIXELS_MAX ? scale * sqrt(PICTURE_PIXELS_MAX / pixels) : scale;
}

static cairo_surface_t *picture_draw(PopplerPage *page, enum sp_pdf_shows shows)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    if (!(width >= 1 && height >= 1))
        return NULL;
    double scale = picture_scale(width, height);
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    if (shows == SP_PDF_SHOWS_PICTURES)
        picture_clip(page, cairo);
    poppler_page_render(page, cairo);
    bool well = cairo_status(cairo) == CAIRO_STATUS_SUCCESS &&
                cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    if (well)
        return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

/* ---- grey ------------------------------------------------------------------------------------ */
/* Luma of one pixel, ITU-R BT.601. */
static uint8_t picture_grey(const uint8_t *at)
{
    uint32_t pixel;
    memcpy(&pixel, at, sizeof pixel);
    return (
        uint8_t)((299 * (pixel >> 16 & 0xFF) + 587 * (pixel >> 8 & 0xFF) + 114 * (pixel & 0xFF)) /
                 1000);
}

/* The file, as bytes of the caller; *len 0: all of it is white. NULL: no memory. */
static uint8_t *picture_bytes(cairo_surface_t *surface, size_t *len)
{
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    uint8_t darkest = 255;
    uint8_t *out = sp_alloc(PICTURE_HEAD_MAX + (size_t)width * (size_t)height);
    if (out == NULL)
        return NULL;
    *len = (size_t)snprintf((char *)out, PICTURE_HEAD_MAX, "P5\n%d %d\n255\n", width, height);
    for (int y = 0; y < height; y++) {
        const uint8_t *row = pixels + (size_t)y * (size_t)stride;
        for (int x = 0; x < width; x++) {
            uint8_t grey = picture_grey(row + 4 * (size_t)x);
            darkest = grey < darkest ? grey : darkest;
            out[(*len)++] = grey;
        }
    }
    if (darkest == 255)
        *len = 0;
    return out;
}

enum sp_err sp_pdf_picture(PopplerPage *page, enum sp_pdf_shows shows, uint64_t max_bytes,
                           struct sp_spool *out, struct sp_why *why)
{
    *out = (struct sp_spool){.fd = -1};
    cairo_surface_t *surface = picture_draw(page, shows);
    if (surface == NULL)
        return sp_fail(why, SP_ERR_LIMIT, "a page cannot be drawn");
    size_t len = 0;
    struct sp_stream *stream = NULL;
    uint8_t *bytes = picture_bytes(surface, &len);
    cairo_surface_destroy(surface);
    enum sp_err err =
        bytes == NULL ? sp_fail(why, SP_ERR_LIMIT, "no memory for a page that is drawn") : SP_OK;
    if (err == SP_OK && len > 0)
        err = sp_stream_open_memory((struct sp_slice){bytes, len}, &stream, why);
    if (err == SP_OK && len > 0)
        err = sp_spool_fill(stream, max_bytes, out, why);
    if (err == SP_OK && len > 0 && !out->whole) {
        sp_spool_clear(out);
        err = sp_fail(why, SP_ERR_LIMIT, "a page that is drawn is too large");
    }
    sp_stream_close(stream);
    sp_free(bytes);
    return err;
}
