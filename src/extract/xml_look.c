/* What the first bytes of an XML file say: data or a document of words, and what its records are.
 */
#include "extract/xml_look.h"

#include "extract/formats.h"

#include <string.h>
#include <strings.h>

enum {
    LOOK_DEPTH_MAX = 12, /* elements in each other; deeper ones tell nothing */
    LOOK_NAMES_MAX = 32, /* of children of one element */
    LOOK_NAME_MAX = 64
};

/* Formats whose records are known by name; "" is one record. */
static const struct {
    const char *root, *record;
} look_known[] = {
    {"rss", "item"},   {"RDF", "item"},    {"feed", "entry"}, {"mysqldump", "row"},
    {"Invoice", ""},   {"CreditNote", ""}, {"Order", ""},     {"Document", "Ntry"},
    {"urlset", "url"}, {"pg_dump", "row"}, {"Envelope", ""},
};

/* Roots of documents whose words are split by elements: markup.c joins them. */
static const char *const look_documents[] = {"html",
                                             "svg",
                                             "math",
                                             "worksheet",
                                             "sst",
                                             "workbook",
                                             "Types",
                                             "Relationships",
                                             "document",
                                             "document-content",
                                             "document-meta",
                                             "document-styles",
                                             "manifest",
                                             "sld",
                                             "book",
                                             "article",
                                             "TEI",
                                             "styleSheet",
                                             "chartsheet",
                                             "presentation",
                                             "styles",
                                             "body",
                                             "div",
                                             "p",
                                             "head",
                                             "table",
                                             "plist",
                                             "fonts",
                                             "settings",
                                             "hdr",
                                             "ftr",
                                             "footnotes",
                                             "comments",
                                             "endnotes",
                                             "notes",
                                             "title",
                                             "meta",
                                             "style",
                                             "font",
                                             "span",
                                             "strong",
                                             "br",
                                             "img",
                                             "center",
                                             "blockquote",
                                             "ul",
                                             "ol",
                                             "dl",
                                             "h1",
                                             "h2"};

struct look_level {
    uint32_t names[LOOK_NAMES_MAX]; /* hashes of the names of its children */
    size_t count;
    bool has_text, has_child;
    bool repeats; /* a sibling before it has its name */
};

struct look {
    const uint8_t *text;
    size_t len, at;
    unsigned depth;
    struct look_level levels[LOOK_DEPTH_MAX + 1];
};

struct sp_slice sp_xml_local(struct sp_slice name)
{
    const uint8_t *colon = name.len == 0 ? NULL : memchr(name.ptr, ':', name.len);
    size_t skip = colon == NULL ? 0 : (size_t)(colon - name.ptr) + 1;
    return (struct sp_slice){name.ptr + skip, name.len - skip};
}

static bool look_is_at(const struct look *look, const char *what)
{
    size_t len = strlen(what);
    return look->len - look->at >= len && memcmp(look->text + look->at, what, len) == 0;
}

/* Behind the end of what begins here; all of the text when it does not end. */
static void look_skip(struct look *look, const char *end)
{
    size_t len = strlen(end);
    const uint8_t *found = memmem(look->text + look->at, look->len - look->at, end, len);
    look->at = found == NULL ? look->len : (size_t)(found - look->text) + len;
}

/* Comments, instructions, declarations; false: a tag. */
static bool look_skip_other(struct look *look)
{
    if (look_is_at(look, "<!--"))
        look_skip(look, "-->");
    else if (look_is_at(look, "<![CDATA["))
        look_skip(look, "]]>");
    else if (look_is_at(look, "<?"))
        look_skip(look, "?>");
    else if (look_is_at(look, "<!"))
        look_skip(look, ">");
    else
        return false;
    return true;
}

static struct sp_slice look_name(const struct look *look, size_t at)
{
    size_t end = at;
    while (end < look->len && look->text[end] > ' ' && look->text[end] != '>' &&
           look->text[end] != '/')
        end++;
    return (struct sp_slice){look->text + at, end - at};
}

static uint32_t look_hash(struct sp_slice name)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.ptr[i]) * 16777619;
    return hash;
}

/* A child of the element at hand: true when it has a sibling of that name already. */
static bool look_child(struct look *look, struct sp_slice name)
{
    if (look->depth > LOOK_DEPTH_MAX)
        return false;
    struct look_level *level = &look->levels[look->depth];
    uint32_t hash = look_hash(name);
    level->has_child = true;
    for (size_t i = 0; i < level->count; i++) {
        if (level->names[i] == hash)
            return true;
    }
    if (level->count < LOOK_NAMES_MAX)
        level->names[level->count++] = hash;
    return false;
}

/* A tag at `at`: `/`, a name, attributes. False: cut. */
static bool look_tag(struct look *look, bool *closes, bool *empty, struct sp_slice *name)
{
    size_t begin = look->at + 1;
    *closes = begin < look->len && look->text[begin] == '/';
    *name = sp_xml_local(look_name(look, begin + *closes));
    uint8_t quote = 0;
    for (look->at = begin; look->at < look->len; look->at++) {
        uint8_t byte = look->text[look->at];
        if (quote == 0 && byte == '>')
            break;
        if (quote == 0 && (byte == '"' || byte == '\''))
            quote = byte;
        else if (byte == quote)
            quote = 0;
    }
    if (look->at >= look->len)
        return false;
    *empty = look->text[look->at - 1] == '/';
    look->at++;
    return true;
}

static bool name_is_known(struct sp_slice name, struct sp_xml_form *form)
{
    for (size_t i = 0; i < sizeof look_known / sizeof *look_known; i++) {
        if (sp_slice_equal(name, sp_slice_of(look_known[i].root))) {
            form->record_name = look_known[i].record;
            return true;
        }
    }
    return false;
}

static bool name_is_document(struct sp_slice name)
{
    for (size_t i = 0; i < sizeof look_documents / sizeof *look_documents; i++) {
        if (name.len == strlen(look_documents[i]) &&
            strncasecmp((const char *)name.ptr, look_documents[i], name.len) == 0)
            return true;
    }
    return false;
}

/* Text between tags. */
static void look_text(struct look *look)
{
    bool words = false;
    for (; look->at < look->len && look->text[look->at] != '<'; look->at++)
        words = words || look->text[look->at] > ' ';
    if (words && look->depth <= LOOK_DEPTH_MAX)
        look->levels[look->depth].has_text = true;
}

/* Elements that repeat and hold others, or attributes alone, are records: the outermost ones. */
static void look_record(struct sp_xml_form *form, unsigned depth)
{
    if (form->record_depth == 0 || depth < form->record_depth)
        form->record_depth = depth;
}

/* One tag; false: the text says no more, or it is no data. */
static bool look_step(struct look *look, struct sp_xml_form *form, bool *known)
{
    bool closes, empty;
    struct sp_slice name;
    size_t begin = look->at;
    if (!look_tag(look, &closes, &empty, &name))
        return false;
    bool attributes = memchr(look->text + begin, '=', look->at - begin) != NULL;
    if (closes) {
        look->depth -= look->depth > 0;
        return true;
    }
    if (look->depth == 0) {
        *known = name_is_known(name, form);
        form->is_data = *known || (name.len > 0 && !name_is_document(name));
    }
    bool repeats = look->depth > 0 && look_child(look, name);
    if (look->depth <= LOOK_DEPTH_MAX && look->levels[look->depth].repeats)
        look_record(form, look->depth);
    if (empty) {
        if (repeats && attributes)
            look_record(form, look->depth + 1);
        return form->is_data;
    }
    look->depth++;
    if (look->depth <= LOOK_DEPTH_MAX) {
        memset(&look->levels[look->depth], 0, sizeof *look->levels);
        look->levels[look->depth].repeats = repeats;
    }
    return form->is_data;
}

void sp_xml_look(const uint8_t *text, size_t len, struct sp_xml_form *form)
{
    struct look look = {.text = text, .len = len};
    bool known = false, goes_on = true;
    *form = (struct sp_xml_form){.record_name = NULL};
    while (goes_on && look.at < look.len) {
        look_text(&look);
        if (look.at >= look.len || look_skip_other(&look))
            continue;
        unsigned depth = look.depth;
        goes_on = look_step(&look, form, &known);
        bool mixed = depth > 0 && depth <= LOOK_DEPTH_MAX && look.levels[depth].has_text &&
                     look.levels[depth].has_child;
        if (depth == 0 && look.levels[0].has_text)
            form->is_data = false; /* words before the first element */
        if (mixed && !known)
            form->is_data = false;
        goes_on = goes_on && form->is_data;
    }
    if (known)
        form->record_depth = 0;
}

bool sp_xml_declares(const uint8_t *text, size_t len)
{
    static const char mark[] = "<!ENTITY";
    const uint8_t *at = memmem(text, len, mark, sizeof mark - 1);
    while (at != NULL) {
        size_t left = len - (size_t)(at - text);
        const uint8_t *end = memchr(at, '>', left);
        size_t own = end == NULL ? left : (size_t)(end - at);
        if (memmem(at, own, "http://", 7) == NULL && memmem(at, own, "https://", 8) == NULL)
            return true;
        at = memmem(at + 1, left - 1, mark, sizeof mark - 1);
    }
    return false;
}

enum sp_err sp_xml_report(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_UNDECODABLE);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "entities that the document declares");
    return sp_extract_unread(x, &unread, why);
}
