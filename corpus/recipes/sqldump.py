"""A mysqldump, as mysqldump writes one: CREATE TABLE, then INSERTs of many rows a line."""

ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\0": "\\0",
    "\x1a": "\\Z",
}

HEAD = """-- MySQL dump 10.19  Distrib 10.3.39-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: {database}
-- ------------------------------------------------------
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;

"""
TAIL = "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n-- Dump completed on {date}\n"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + "".join(ESCAPES.get(c, c) for c in value) + "'"


def column_type(name, key):
    if name == key or name.endswith("_id") or name == "id":
        return "bigint(20) unsigned NOT NULL" + (" AUTO_INCREMENT" if name == key else " DEFAULT 0")
    if name.startswith("date") or name.endswith(("_gmt", "_date", "_registered")):
        return "datetime DEFAULT NULL"
    if name.endswith(("value", "note", "content")):
        return "longtext DEFAULT NULL"
    return "varchar(320) DEFAULT NULL"


def table(name, columns, rows, batch=40):
    """`columns` begins with the primary key. Rows are tuples in that order."""
    key = columns[0]
    made = [f"DROP TABLE IF EXISTS `{name}`;", f"CREATE TABLE `{name}` ("]
    made += [f"  `{column}` {column_type(column, key)}," for column in columns]
    made += [
        f"  PRIMARY KEY (`{key}`)",
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;",
        "",
        f"LOCK TABLES `{name}` WRITE;",
    ]
    for begin in range(0, len(rows), batch):
        tuples = ",".join(
            "(" + ",".join(map(literal, row)) + ")" for row in rows[begin : begin + batch]
        )
        made.append(f"INSERT INTO `{name}` VALUES {tuples};")
    made += ["UNLOCK TABLES;", "", ""]
    return "\n".join(made)


def dump(database, tables, date):
    return HEAD.format(database=database) + "".join(tables) + TAIL.format(date=date)


def php(value):
    """PHP's serialize(): strings carry their length in bytes."""
    if isinstance(value, dict):
        inner = "".join(php(k) + php(v) for k, v in value.items())
        return f"a:{len(value)}:{{{inner}}}"
    if isinstance(value, int):
        return f"i:{value};"
    return f's:{len(value.encode())}:"{value}";'
