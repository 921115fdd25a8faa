#!/usr/bin/env bash
# databases.sh BUILD [ORDERS]: MariaDB, PostgreSQL and SQLite, started here, hold a shop of 10,000 orders; each is dumped with
# the usual options. What the database itself says must be found, in the right table, row and column.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
"$root/tests/install" databases
chmod 755 "$work"
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/bin python3 "$root/tests/slow/databases.py" "$speur" "$work" "${2-10000}" ||
    fail "not all of it was found"
finish
