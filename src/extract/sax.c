#include "extract/sax.h"

#include "base/mem.h"
#include "extract/decode.h"

#include <expat.h>
#include <string.h>

enum { SAX_BLOCK_BYTES = 1 << 20 }; /* of one call of expat, whose lengths are int */

struct sax {
    XML_Parser parser;
    const struct sp_sax_ops *ops;
    void *ctx;
    unsigned depth;
    bool too_deep;
    enum sp_err err; /* of a callback */
    struct sp_why *why;
};

const char *sp_sax_local(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

const char *sp_sax_attr(const char *const *attrs, const char *name)
{
    for (size_t i = 0; attrs[i] != NULL; i += 2)
        if (strcmp(sp_sax_local(attrs[i]), name) == 0)
            return attrs[i + 1];
    return NULL;
}

static uint64_t sax_offset(const struct sax *sax)
{
    return (uint64_t)XML_GetCurrentByteIndex(sax->parser);
}

static void sax_stop(struct sax *sax)
{
    (void)XML_StopParser(sax->parser, XML_FALSE);
}

static void sax_begin(void *data, const XML_Char *name, const XML_Char **attrs)
{
    struct sax *sax = data;
    if (sax->err != SP_OK)
        return;
    if (++sax->depth > SP_SAX_DEPTH_MAX) {
        sax->too_deep = true;
        sax_stop(sax);
        return;
    }
    sax->err = sax->ops->begin(sax->ctx, sp_sax_local(name), (const char *const *)attrs,
                               sax_offset(sax), sax->why);
    if (sax->err != SP_OK)
        sax_stop(sax);
}

static void sax_end(void *data, const XML_Char *name)
{
    struct sax *sax = data;
    sax->depth--;
    if (sax->err == SP_OK)
        sax->err = sax->ops->end(sax->ctx, sp_sax_local(name), sax_offset(sax), sax->why);
    if (sax->err != SP_OK)
        sax_stop(sax);
}

static void sax_text(void *data, const XML_Char *text, int len)
{
    struct sax *sax = data;
    const struct sp_slice utf8 = {(const uint8_t *)text, (size_t)len};
    if (sax->err == SP_OK)
        sax->err = sax->ops->text(sax->ctx, utf8, sax_offset(sax), sax->why);
    if (sax->err != SP_OK)
        sax_stop(sax);
}

static enum sp_err sax_failed(const struct sax *sax, enum sp_reason *reason, struct sp_why *why)
{
    enum XML_Error error = XML_GetErrorCode(sax->parser);
    if (sax->err != SP_OK)
        return sax->err;
    if (error == XML_ERROR_NO_MEMORY)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read XML");
    bool bomb = error == XML_ERROR_AMPLIFICATION_LIMIT_BREACH;
    if (reason != NULL)
        *reason = bomb            ? SP_REASON_LIMIT_ENTITY
                  : sax->too_deep ? SP_REASON_LIMIT_DEPTH
                                  : SP_REASON_CORRUPT;
    return sp_fail(why, SP_ERR_FORMAT, "line %lu: %s",
                   (unsigned long)XML_GetCurrentLineNumber(sax->parser),
                   sax->too_deep ? "nested too deep" : XML_ErrorString(error));
}

static enum sp_err sax_feed(struct sax *sax, struct sp_stream *stream, enum sp_reason *reason,
                            struct sp_why *why)
{
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(stream, &block, why);
        if (err != SP_OK)
            return err;
        if (block.len == 0)
            return XML_Parse(sax->parser, "", 0, 1) == XML_STATUS_OK ? SP_OK
                                                                     : sax_failed(sax, reason, why);
        while (block.len > 0) {
            size_t len = block.len < SAX_BLOCK_BYTES ? block.len : SAX_BLOCK_BYTES;
            if (XML_Parse(sax->parser, (const char *)block.ptr, (int)len, 0) != XML_STATUS_OK)
                return sax_failed(sax, reason, why);
            block.ptr += len;
            block.len -= len;
        }
    }
}

enum sp_err sp_sax_read(struct sp_stream *stream, const struct sp_sax_ops *ops, void *ctx,
                        enum sp_reason *reason, struct sp_why *why)
{
    static const XML_Memory_Handling_Suite memory = {sp_alloc, sp_realloc, sp_free};
    struct sax sax = {.ops = ops, .ctx = ctx, .why = why};
    sax.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (sax.parser == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read XML");
    XML_SetUserData(sax.parser, &sax);
    XML_SetElementHandler(sax.parser, sax_begin, sax_end);
    XML_SetCharacterDataHandler(sax.parser, sax_text);
    enum sp_err err = sax_feed(&sax, stream, reason, why);
    XML_ParserFree(sax.parser);
    return err;
}

bool sp_office_root(struct sp_slice text, char *name, size_t size)
{
    const uint8_t *sample = text.ptr;
    size_t len = text.len;
    size_t at = 0;
    name[0] = '\0';
    for (;;) {
        const uint8_t *open = len > at ? memchr(sample + at, '<', len - at) : NULL;
        if (open == NULL || open + 1 >= sample + len)
            return false;
        at = (size_t)(open + 1 - sample);
        if (*(open + 1) != '?' && *(open + 1) != '!')
            break;
    }
    size_t used = 0;
    for (; at < len && strchr(" \t\r\n/>", sample[at]) == NULL; at++) {
        if (sample[at] == ':')
            used = 0;
        else if (used + 1 < size)
            name[used++] = (char)sample[at];
    }
    name[used] = '\0';
    static const char *const marks[] = {
        "schemas.openxmlformats.org/", "purl.oclc.org/ooxml/",
        "urn:oasis:names:tc:opendocument:", "schemas.microsoft.com/office/"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memmem(sample, len, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}
