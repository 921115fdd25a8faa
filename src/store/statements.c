#include "store/statements.h"

/* The columns of an object, in the order of batch_flush.c (writing) and inventory_read.c. */
#define OBJECT_COLUMNS                                                                             \
    "id, root, scan, top, parent, unit, ordinal, depth, step, node, state, shape, name, part, "    \
    "link, format, encoding, size, bytes_read, records, mtime_s, owner, grp, mode, dev, ino, "     \
    "stat_size, mtime_ns, ctime_ns"
/* Column 29 when reading. */
#define FIRST_SEEN ", (SELECT started_s FROM scan WHERE scan.id = object.first_scan)"
#define OBJECT_PUT                                                                                 \
    "INSERT INTO object(" OBJECT_COLUMNS                                                           \
    ", first_scan) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "                          \
    "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, "   \
    "?3) "                                                                                         \
    "ON CONFLICT(id) DO "

const char *const sp_statements[SP_STATEMENT_COUNT] = {
    [SP_STMT_BEGIN] = "BEGIN IMMEDIATE",
    [SP_STMT_COMMIT] = "COMMIT",
    [SP_STMT_ROLLBACK] = "ROLLBACK",

    [SP_STMT_SCHEMA] = "SELECT type, sql FROM sqlite_schema",
    [SP_STMT_ROOT_PUT] = "INSERT INTO root(path, is_tree, last_scan) VALUES(?1, ?2, 0) "
                         "ON CONFLICT(path) DO UPDATE SET is_tree = excluded.is_tree",
    [SP_STMT_ROOT_FIND] =
        "SELECT id, EXISTS(SELECT 1 FROM object WHERE parent = 0 AND object.root = "
        "root.id) FROM root WHERE path = ?1",
    [SP_STMT_SCAN_NEW] =
        "INSERT INTO scan(root, started_s, ended_s, complete, patterns, key_ids, version, sandbox, "
        "keep_values, types, names) VALUES(?1, ?2, NULL, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SP_STMT_SCAN_END] = "UPDATE scan SET ended_s = ?2, complete = ?3 WHERE id = ?1",
    [SP_STMT_ROOT_SCANNED] = "UPDATE root SET last_scan = ?2 WHERE id = ?1",
    [SP_STMT_REGISTER_SEEN] = "SELECT head FROM register_seen WHERE id = 1",
    [SP_STMT_REGISTER_SEE] =
        "INSERT OR REPLACE INTO register_seen(id, seq, head) VALUES(1, ?1, ?2)",
    [SP_STMT_FILES_NOT_SEEN] =
        "SELECT id FROM object WHERE parent = 0 AND root = ?1 AND scan <> ?2 LIMIT ?3",
    /* The next object that others lie in, and whether its own row is there. */
    [SP_STMT_TOP_AFTER] =
        "SELECT top, EXISTS(SELECT 1 FROM object AS file WHERE file.id = child.top) "
        "FROM object AS child WHERE parent <> 0 AND top > ?1 ORDER BY top LIMIT 1",

    /* Files of this name, and whether the scan that read them looked for all that this one does. */
    [SP_STMT_FILE_FIND] =
        "SELECT object.id, state, dev, ino, stat_size, mtime_ns, ctime_ns, "
        "old.patterns = now.patterns AND (now.names IS NULL OR old.names IS now.names) AND "
        "old.keep_values >= now.keep_values, " /* values kept before need not be thrown away */
        "old.key_ids, now.key_ids "
        "FROM object JOIN scan AS old ON old.id = object.first_scan JOIN scan AS now ON now.id = "
        "?3 "
        "WHERE object.parent = 0 AND object.root = ?1 AND object.name = ?2",
    [SP_STMT_FILE_SEEN] = "UPDATE object SET scan = ?2 WHERE id = ?1",
    [SP_STMT_FILE_RESUMED] = "UPDATE object SET scan = ?2, first_scan = ?2 WHERE id = ?1",
    [SP_STMT_TOP_REASONS] = "SELECT DISTINCT reason FROM unread WHERE top = ?1",
    [SP_STMT_TOP_OBJECTS] = "SELECT id FROM object WHERE top = ?1 AND parent <> 0",
    [SP_STMT_SEGMENTS_REMOVE] = "DELETE FROM segment WHERE id BETWEEN ?1 AND ?2",
    [SP_STMT_OBJECTS_REMOVE] = "DELETE FROM object WHERE top = ?1 AND parent <> 0",
    [SP_STMT_FILE_REMOVE] = "DELETE FROM object WHERE id = ?1",
    [SP_STMT_UNREAD_REMOVE] = "DELETE FROM unread WHERE top = ?1",

    /* Of a file that was not finished (state 0 is SP_STATE_OPEN). The rest: the file itself, and
     * all that does not hang below one of its finished members. */
    [SP_STMT_PARENT] = "SELECT parent FROM object WHERE id = ?1",
    [SP_STMT_TOP_UNREAD] = "SELECT object, reason FROM unread WHERE top = ?1 AND object <> ?1",
    [SP_STMT_MEMBER_REOPEN] = "UPDATE object SET state = 0 WHERE id = ?1",
    [SP_STMT_MEMBERS_DONE] = "SELECT ordinal FROM object WHERE top = ?1 AND parent = ?1 AND "
                             "parent <> 0 AND state <> 0 ORDER BY ordinal",
    [SP_STMT_MEMBERS_REOPEN] = "UPDATE object SET state = 0 WHERE top = ?1 AND parent = ?1 AND "
                               "parent <> 0 AND ordinal > ?2",
    [SP_STMT_TOP_REST] =
        "WITH RECURSIVE kept(id) AS (SELECT id FROM object WHERE top = ?1 AND parent = ?1 AND "
        "parent <> 0 AND state <> 0 UNION ALL SELECT object.id FROM kept JOIN object ON "
        "object.top = ?1 AND object.parent = kept.id AND object.parent <> 0) "
        "SELECT ?1 UNION ALL SELECT id FROM object WHERE top = ?1 AND parent <> 0 AND "
        "id NOT IN (SELECT id FROM kept)",
    [SP_STMT_OBJECT_REMOVE] = "DELETE FROM object WHERE id = ?2 AND top = ?1",
    [SP_STMT_OBJECT_UNREAD_REMOVE] = "DELETE FROM unread WHERE top = ?1 AND object = ?2",

    [SP_STMT_OBJECT_BEGUN] = OBJECT_PUT "NOTHING",
    [SP_STMT_OBJECT_ENDED] =
        OBJECT_PUT "UPDATE SET root = excluded.root, scan = excluded.scan, top = excluded.top, "
                   "parent = excluded.parent, unit = excluded.unit, ordinal = excluded.ordinal, "
                   "depth = excluded.depth, step = excluded.step, node = excluded.node, "
                   "state = excluded.state, shape = excluded.shape, name = excluded.name, "
                   "part = excluded.part, link = excluded.link, format = excluded.format, "
                   "encoding = excluded.encoding, size = excluded.size, "
                   "bytes_read = excluded.bytes_read, records = excluded.records, "
                   "mtime_s = excluded.mtime_s, owner = excluded.owner, grp = excluded.grp, "
                   "mode = excluded.mode, dev = excluded.dev, ino = excluded.ino, "
                   "stat_size = excluded.stat_size, mtime_ns = excluded.mtime_ns, "
                   "ctime_ns = excluded.ctime_ns",
    [SP_STMT_SEGMENT_PUT] =
        "INSERT OR REPLACE INTO segment(id, findings_count, tokens_count, counts, tokens, "
        "findings, records, strings, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SP_STMT_UNREAD_PUT] =
        "INSERT INTO unread(top, object, reason, detail, bytes_read, bytes_expected, partial, "
        "fallback) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    /* Objects below a file that are open (0), partial (2), or skipped (3) without a word why. */
    [SP_STMT_TOP_UNFINISHED] =
        "SELECT EXISTS(SELECT 1 FROM object WHERE top = ?1 AND parent <> 0 AND state <> 1 AND "
        "(state <> 3 OR NOT EXISTS(SELECT 1 FROM unread WHERE unread.top = ?1 AND "
        "unread.object = object.id)))",
    [SP_STMT_TOP_FINISH] = "UPDATE object SET state = ?2 WHERE id = ?1",

    [SP_STMT_ROOTS] =
        "SELECT root.id, path, is_tree, complete, scan.id, started_s, ended_s, patterns, key_ids, "
        "types, keep_values, names FROM root JOIN scan ON scan.id = root.last_scan ORDER BY path",
    [SP_STMT_FILES] =
        "SELECT " OBJECT_COLUMNS FIRST_SEEN " FROM object WHERE parent = 0 AND root = ?1 "
        "ORDER BY name, id",
    [SP_STMT_CHILDREN] =
        "SELECT " OBJECT_COLUMNS FIRST_SEEN " FROM object WHERE parent <> 0 AND top = ?1 AND "
        "parent = ?2 ORDER BY ordinal, name, id",
    [SP_STMT_SEGMENTS] =
        "SELECT id, findings_count, tokens_count, tokens, findings, records, strings, sealed "
        "FROM segment WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    [SP_STMT_ROOT_TOKENS] =
        "SELECT segment.id, findings_count, tokens_count, tokens FROM segment CROSS JOIN object "
        "ON object.id = segment.id >> 20 WHERE object.root = ?1",
    [SP_STMT_UNREAD_OF_ROOT] =
        "SELECT unread.object, reason, detail, unread.bytes_read, bytes_expected, partial, "
        "fallback FROM unread CROSS JOIN object ON object.id = unread.top WHERE object.root = ?1 "
        "ORDER BY unread.top, unread.object, unread.id",
    [SP_STMT_UNREAD_OF_OBJECT] =
        "SELECT object, reason, detail, bytes_read, bytes_expected, partial, fallback FROM unread "
        "WHERE top = (SELECT object.top FROM object WHERE object.id = ?1) AND object = ?1 "
        "ORDER BY id",
    [SP_STMT_COVERAGE_STATES] =
        "SELECT state, count(*), sum(CASE WHEN parent = 0 THEN bytes_read ELSE 0 END) FROM object "
        "WHERE root = ?1 GROUP BY state",
    [SP_STMT_COVERAGE_COUNTS] = "SELECT counts FROM segment CROSS JOIN object "
                                "ON object.id = segment.id >> 20 WHERE object.root = ?1",
    [SP_STMT_COVERAGE_REASONS] =
        "SELECT unread.object, reason FROM unread CROSS JOIN object ON object.id = unread.top "
        "WHERE object.root = ?1 ORDER BY unread.top, unread.object",
};
