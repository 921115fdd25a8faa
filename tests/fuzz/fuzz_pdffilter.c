/* A stream of a PDF through its filters: the first line is its dictionary. More comes out than
 * there is room for never. */
#include "extract/pdf_filter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size == 0 ? NULL : memchr(data, '\n', size);
    if (line == NULL)
        return 0;
    size_t begin = (size_t)(line - data) + 1;
    struct sp_pdf_stream stream = {.dictionary = {data, begin},
                                   .content = {data + begin, (size - begin) / 2},
                                   .rest = {data + begin, size - begin}};
    struct sp_pdf_decoded told;
    struct sp_buf out, room;
    unsigned retries = 1;
    sp_buf_init(&out, ROOM);
    sp_buf_init(&room, ROOM);
    if (sp_pdf_decode(&stream, &retries, &out, &room, &told, NULL) != SP_OK ||
        told.used > size - begin)
        abort();
    sp_buf_clear(&out);
    sp_buf_clear(&room);
    return 0;
}
