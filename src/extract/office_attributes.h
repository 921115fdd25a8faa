/* Attributes of office documents whose value is text of somebody: by what they are called, and, of
 * those nobody thought of, by what they look like. */
#ifndef SP_EXTRACT_OFFICE_ATTRIBUTES_H
#define SP_EXTRACT_OFFICE_ATTRIBUTES_H

#include <stdbool.h>

/* `element` is a local name, `name` as it stands, perhaps with a prefix. */
bool sp_office_attribute_is_text(const char *element, const char *name, const char *value);

#endif
