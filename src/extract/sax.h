/* XML of documents, by expat: elements, attributes and text as they come, with their place in the
 * source. Nothing is fetched, no entity that a document defines is expanded without expat's own
 * limit of amplification, and depth is limited. */
#ifndef SP_EXTRACT_SAX_H
#define SP_EXTRACT_SAX_H

#include "extract/extract.h"

enum { SP_SAX_DEPTH_MAX = 256 };

/* Names are local: without a prefix. Values are UTF-8. `off`: source byte. Whatever they return
 * other than SP_OK ends the reading. */
struct sp_sax_ops {
    /* attrs: name, value, name, value, … NULL */
    enum sp_err (*begin)(void *ctx, const char *name, const char *const *attrs, uint64_t off,
                         struct sp_why *why);
    enum sp_err (*end)(void *ctx, const char *name, uint64_t off, struct sp_why *why);
    enum sp_err (*text)(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why);
};

/* Reads the stream to its end. SP_ERR_FORMAT: it is not well-formed, too deep, or an entity bomb
 * (*reason, when not NULL, tells which); a failure of the stream is returned as it is. */
enum sp_err sp_sax_read(struct sp_stream *stream, const struct sp_sax_ops *ops, void *ctx,
                        enum sp_reason *reason, struct sp_why *why);

/* Whether a sample (sp_extract_sample) is XML of an office document, by its namespaces; `name`
 * becomes the local name of its root element. */
bool sp_office_root(struct sp_slice text, char *name, size_t size);

/* The name without its prefix. */
const char *sp_sax_local(const char *name);
/* The attribute of this local name, or NULL. */
const char *sp_sax_attr(const char *const *attrs, const char *name);

#endif
