/* The tables of an inventory, and how an older one becomes a newer one. */
#ifndef SP_STORE_SCHEMA_H
#define SP_STORE_SCHEMA_H

#include "store/sql.h"

enum { SP_SCHEMA_APPLICATION_ID = 0x53504555 }; /* "SPEU" */

/* Settings of every connection; changes nothing that is stored. */
enum sp_err sp_schema_settings(struct sp_sql *sql, struct sp_why *why);
/* Makes all tables in an empty database, in WAL mode. */
enum sp_err sp_schema_create(struct sp_sql *sql, struct sp_why *why);
/* Checks whose database it is, and brings an older one up to date in one transaction.
 * SP_ERR_ALTERED: not ours, or with more in it than tables of ours. SP_ERR_CONFIG: made by a newer
 * speur, or older and not writable. */
enum sp_err sp_schema_check(struct sp_sql *sql, bool writable, struct sp_why *why);
/* steps[v - 1] leads from version v to v + 1, each in a transaction of its own. */
enum sp_err sp_schema_migrate(struct sp_sql *sql, const char *const *steps, unsigned from,
                              unsigned to, struct sp_why *why);

#endif
