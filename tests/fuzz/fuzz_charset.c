/* Every decoder over bytes in pieces: text that comes out is valid UTF-8 with ascending origins.
 * The first byte chooses the encoding, the second the pieces. */
#include "core/charset.h"
#include "judge.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    sp_charset_load();
    return 0;
}

static enum sp_err charset_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                struct sp_why *why)
{
    (void)ctx, (void)why;
    assert(sp_utf8_valid(utf8));
    for (size_t i = 0; i < map.count; i++)
        assert(map.points[i].text_pos <= utf8.len &&
               (i == 0 || map.points[i].text_pos >= map.points[i - 1].text_pos));
    return SP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"iso-2022-jp", "gb18030", "shift_jis", "euc-kr",
                                        "koi8-r",      "utf-7",   "big5",      "iso-8859-15"};
    struct sp_decoder *decoder = NULL;
    struct sp_why why;
    size_t bom_len;
    bool looks_text;
    if (size < 3)
        return 0;
    unsigned which = data[0] % (SP_ENC_NAMED + 8);
    enum sp_encoding encoding = which < SP_ENC_NAMED ? (enum sp_encoding)which : SP_ENC_NAMED;
    size_t step = (size_t)(data[1] % 60) + 1;
    (void)sp_encoding_detect((struct sp_slice){data + 2, size - 2}, &bom_len, &looks_text);
    if (sp_decoder_new(encoding, encoding == SP_ENC_NAMED ? names[which - SP_ENC_NAMED] : NULL,
                       &decoder, &why) != SP_OK)
        return 0;
    for (size_t at = 2; at < size; at += step) {
        size_t len = size - at < step ? size - at : step;
        if (sp_decoder_push(decoder, (struct sp_slice){data + at, len}, at - 2, at + len == size,
                            charset_text, NULL, &why) != SP_OK)
            break;
    }
    sp_decoder_free(decoder);
    return 0;
}
