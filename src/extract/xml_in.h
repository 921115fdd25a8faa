/* Inside of what reads XML: xml.c (the whole), xml_read.c (the states of its bytes) and
 * xml_record.c (elements, and the records and documents that they are). */
#ifndef SP_EXTRACT_XML_IN_H
#define SP_EXTRACT_XML_IN_H

#include "base/buf.h"
#include "extract/entity.h"
#include "extract/extract.h"
#include "extract/json_read.h"
#include "extract/xml_look.h"

enum {
    SP_XML_NAME_MAX = 256,   /* bytes of a name; longer ones are cut */
    SP_XML_MARK_MAX = 16,    /* bytes behind < that tell what begins */
    SP_XML_DOCUMENTS_MAX = 8 /* in one record; more are read as text */
};

enum sp_xml_state {
    SP_XML_TEXT,
    SP_XML_OPEN,      /* behind <, what begins is not clear yet */
    SP_XML_NAME,      /* of a tag */
    SP_XML_TAG,       /* behind it, between attributes */
    SP_XML_ATTRIBUTE, /* name of one */
    SP_XML_EQUALS,    /* behind that */
    SP_XML_VALUE,     /* of an attribute, in quotes */
    SP_XML_COMMENT,
    SP_XML_CDATA,
    SP_XML_OTHER, /* instruction or declaration */
};

/* A document that was embedded. */
struct sp_xml_document {
    struct sp_buf bytes;
    char name[SP_XML_NAME_MAX];
};

struct sp_xml_in {
    struct sp_extract *x;
    struct sp_xml_form form;
    enum sp_xml_state state;
    uint64_t depth;        /* elements that are open */
    uint64_t record_depth; /* of the one that is the record; 0: none */
    uint64_t record_row;   /* in its parent */
    uint64_t parent_depth; /* of the last record's parent */
    uint64_t children;     /* handed out so far */
    bool has_cell;         /* the text at hand has a field */
    bool cdata_ended;      /* just now: text that follows at once goes on in that field */
    bool declares;         /* entities of its own, which are not put in */
    bool closes, empty;    /* the tag at hand */
    bool names_itself;     /* its attribute `name` says what it holds: <field name="email"> */
    bool embeds;           /* the text at hand is a document in base64 */
    uint8_t quote;
    unsigned brackets; /* of a declaration */
    size_t mark_len;   /* what may be the end of a comment or CDATA, or the beginning of a tag */
    char mark[SP_XML_MARK_MAX];
    uint64_t open_off;
    size_t name_len, attribute_len, value_len;
    uint8_t name[SP_XML_NAME_MAX], attribute[SP_XML_NAME_MAX], value[SP_XML_NAME_MAX];
    size_t entity_len; /* 0: no & is open */
    uint8_t entity[SP_ENTITY_MAX];
    uint64_t entity_off;
    char file_name[SP_XML_NAME_MAX]; /* of the document that follows */
    uint32_t sextets;                /* of base64 */
    unsigned sextet_count;
    bool document_cut; /* told when the record has ended */
    size_t document_count;
    struct sp_xml_document documents[SP_XML_DOCUMENTS_MAX];
    struct sp_intern *names;
    struct sp_json_in json; /* its path and fields */
    struct sp_row row;
};

/* ---- xml_record.c --------------------------------------------------------------------------- */
/* The name that was read, without its prefix and a character that was cut. */
struct sp_slice sp_xml_name_of(const uint8_t *bytes, size_t len);
/* xml->name begins an element; a tag has ended, which may begin or end one. */
enum sp_err sp_xml_element_open(struct sp_xml_in *xml, struct sp_why *why);
enum sp_err sp_xml_tag_finish(struct sp_xml_in *xml, struct sp_why *why);
/* Ends the record at hand, if any, and hands out its documents. */
enum sp_err sp_xml_record_end(struct sp_xml_in *xml, struct sp_why *why);

/* ---- xml_read.c ----------------------------------------------------------------------------- */
/* Takes decoded text of any cut: a sp_text_out. */
enum sp_err sp_xml_text(void *xml, struct sp_slice utf8, struct sp_origin_map map,
                        struct sp_why *why);
/* A reference that was open has ended. */
enum sp_err sp_xml_entity_end(struct sp_xml_in *xml, bool with_semicolon, struct sp_why *why);

#endif
