#ifndef SP_EXTRACT_XML_LOOK_H
#define SP_EXTRACT_XML_LOOK_H

#include "speur/err.h"
#include "speur/slice.h"

/* What an XML file is, by its first bytes. */
struct sp_xml_form {
    bool is_data;            /* elements hold values; false: words with elements between them */
    const char *record_name; /* local name of elements that are records; "" the file is one; NULL:
                              * by depth */
    unsigned record_depth;   /* of elements that are records, the root has 1; 0: the file is one */
};

/* Of a text of one byte a character (sp_extract_sample). */
void sp_xml_look(const uint8_t *text, size_t len, struct sp_xml_form *form);
/* Without the prefix of its namespace. */
struct sp_slice sp_xml_local(struct sp_slice name);

/* Whether the text declares entities of its own whose text is not the address of a schema: nobody
 * here puts them in, which sp_xml_report tells. */
bool sp_xml_declares(const uint8_t *text, size_t len);
struct sp_extract;
enum sp_err sp_xml_report(struct sp_extract *x, struct sp_why *why);

#endif
