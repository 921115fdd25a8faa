/* Values as PHP's serialize() writes them: a:2:{s:5:"email";s:15:"jan@example.com";…}.
 * Source: the PHP manual, serialize(); ext/standard/var_unserializer.re. */
#ifndef SP_EXTRACT_PHP_READ_H
#define SP_EXTRACT_PHP_READ_H

#include "extract/json_read.h"

bool sp_php_looks(struct sp_slice text);
/* Pushes the values of a text as fields under their names. What is not as it should be is text. */
enum sp_err sp_php_read(struct sp_json_in *json, struct sp_slice text, struct sp_origin_map map,
                        struct sp_why *why);

#endif
