"""Real dumps of real databases. Called by databases.sh: databases.py SPEUR WORK ORDERS. The servers run as nobody, below
WORK, on sockets only. Prints for each dump how many of the values that the database tells were found, and how many of them
in the right table, row and column."""

import base64
import csv
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time

SPEUR, WORK, ORDERS = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
PREFIX = "fngs_"
HOME = WORK / "data"
AS = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
POSTGRES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
HOME.mkdir()
if AS:
    os.chown(HOME, 65534, 65534)
os.environ["TMPDIR"] = str(HOME)
servers = []
wrong = 0


def run(command, as_nobody=True, **more):
    return subprocess.run((AS if as_nobody else []) + [str(part) for part in command], check=True, cwd=HOME, **more)


# ---- the shop ---------------------------------------------------------------------------------
# name: columns (first the primary key), and what MariaDB holds them in
TABLES = {
    "wc_orders": (["id", "status", "billing_email", "date_created_gmt", "ip_address", "customer_note"],
                  ["bigint", "varchar(20)", "varchar(320)", "datetime", "varchar(100)", "text"]),
    "wc_order_addresses": (["id", "order_id", "address_type", "first_name", "last_name", "city", "email", "phone"],
                           ["bigint", "bigint", "varchar(20)", "text", "text", "text", "varchar(320)", "varchar(100)"]),
    "postmeta": (["meta_id", "post_id", "meta_key", "meta_value"], ["bigint", "bigint", "varchar(255)", "longtext"]),
    "woocommerce_sessions": (["session_id", "session_key", "session_value"], ["bigint", "char(32)", "longtext"]),
    "uploads": (["id", "body"], ["bigint", "longblob"]),
}


def php(value):
    if isinstance(value, dict):
        return f"a:{len(value)}:{{" + "".join(php(k) + php(v) for k, v in value.items()) + "}"
    return f's:{len(value.encode())}:"{value}";'


def rows_of(table):
    for n in range(1, ORDERS + 1):
        mail, phone, ip = f"klant{n}@voorbeeld.example", f"06{10000000 + n}", f"198.51.{n // 250 % 250}.{n % 250 + 1}"
        if table == "wc_orders":
            note = f"Let op: 't is \"dringend\"; pad C:\\temp\\{n}\\\nmail noot{n}@voorbeeld.example, \u00e9\u20ac\U0001f600\t--\r\n"
            yield [n, "wc-completed", mail, "2026-02-03 10:11:12", ip, note]
        elif table == "wc_order_addresses":
            yield [n, n, "billing", "An'na", "O\\'Voorbeeld, jr.", "'s-Hertogenbosch", mail, phone]
        elif table == "postmeta":
            yield [n, n, "_billing_phone" if n % 2 else "_billing_email", phone if n % 2 else mail]
        elif table == "woocommerce_sessions":
            yield [n, f"s{n}", php({"customer": php({"email": mail, "phone": phone}), "cart": {"0": "x'y\"z\\"}})]
        elif n <= ORDERS // 10:
            yield [n, b"\x00\x01\xff'\\ " + f"bijlage{n}@voorbeeld.example".encode() + b" \x00\n\x1a\x80"]


# table.column: type, and how the value in a cell is written in the export
WANTED = {
    "wc_orders.billing_email": ("email", lambda cell: cell),
    "wc_orders.ip_address": ("ip", lambda cell: cell),
    "wc_orders.customer_note": ("email", lambda cell: next(w for w in cell.replace(",", " ").split() if "@" in w)),
    "wc_order_addresses.email": ("email", lambda cell: cell),
    "wc_order_addresses.phone": ("phone", lambda cell: "+31" + cell[1:]),
    "postmeta.meta_value": ("", lambda cell: cell if "@" in cell else "+31" + cell[1:]),
    "woocommerce_sessions.session_value": ("email", lambda cell: cell.split('email";s:')[1].split('"')[1]),
    "uploads.body": ("email", lambda cell: next(w for w in cell.split() if "@" in w)),
}


def told(ask):
    """What the database itself says: {(table, row, column, type, value)}; ask(table, column) gives cells by primary key."""
    wanted = set()
    for place, (kind, written) in WANTED.items():
        table, column = place.split(".")
        for number, cell in enumerate(ask(PREFIX + table, column, TABLES[table][0][0]), 1):
            value = written(cell)
            wanted.add((PREFIX + table, number, column, kind or ("email" if "@" in value else "phone"), value))
    return wanted


def check(name, dump, wanted, columns=True, records=True):
    global wrong
    for old in WORK.glob("inventory.db*"):
        old.unlink()
    env = dict(os.environ, SPEUR_KEY=str(WORK / "key"), SPEUR_INVENTORY=str(WORK / "inventory.db"))
    begun = time.monotonic()
    scan = subprocess.run([SPEUR, "scan", "-q", "--keep-values", dump], env=env, stdout=subprocess.PIPE, check=False)
    took = time.monotonic() - begun
    subprocess.run([SPEUR, "export", "--show-values", "--min-confidence", "low", "-o", WORK / "found.jsonl"], env=env, check=True)
    found, values = set(), set()
    for line in open(WORK / "found.jsonl", encoding="utf-8"):
        row = json.loads(line)
        record, column = row["record"], row["record"]["column"]
        column = column.split(".")[0] if isinstance(column, str) else None
        found.add((record["table"], record["row"], column, row["type"], row["canonical"]))
        values.add((row["type"], row["canonical"]))
    if not columns:
        found = {(table, row, None, kind, value) for table, row, _, kind, value in found}
        wanted = {(table, row, None, kind, value) for table, row, _, kind, value in wanted}
    if any("." in (table or "") for table, *_ in found):  # public.fngs_wc_orders
        found = {((table or "").split(".")[-1], *rest) for table, *rest in found}
    have = sum((kind, value) in values for *_, kind, value in wanted)
    right = len(wanted & found)
    size = os.path.getsize(dump)
    print(f"{name:<42}{size / 1e6:>7.1f} MB {took:>6.2f} s {len(wanted):>7} told {have:>7} found {right:>7} in place"
          f"{'' if scan.returncode == 0 else f'  status {scan.returncode}'}", flush=True)
    if have < len(wanted) or (records and right < len(wanted)):
        wrong += 1
        for miss in sorted(wanted - found)[:3]:
            near = [f for f in found if f[3:] == miss[3:]][:3]
            print(f"  FAILED: {miss}: {near or 'not found'}")
    if records and scan.returncode != 0:
        wrong += 1
        print("  FAILED: something was not read:", scan.stdout.decode()[:500])


# ---- after a restore ----------------------------------------------------------------------------
ERASED = (3, 77, 500)
EXEMPT = 11  # the tax office wants this one's rows
# what the SQL makes of a cell of theirs; a serialised value stays, and is told
NEUTRAL = {"wc_orders.billing_email": "deleted@site.invalid", "wc_order_addresses.email": "deleted@site.invalid",
           "wc_order_addresses.phone": "[deleted]", "postmeta.meta_value": "[deleted]",
           "wc_order_addresses.city": "'s-Hertogenbosch"}


def restored(name, dump, load, keys, cell):
    """Takes persons out of a dump: the filtered dump loads, and lacks exactly their rows; the whole dump with the SQL of
    --emit gives the same, and keeps an exempt person's rows without how to reach them. load(database, files) loads into a new
    database, keys(database, table) gives its keys, cell(database, table, column, key) one cell as text."""
    global wrong
    env = dict(os.environ, SPEUR_KEY=str(WORK / "key"), SPEUR_INVENTORY=str(WORK / "check.db"), SPEUR_REGISTER=str(WORK / "register"))
    if not (WORK / "register").exists():
        subprocess.run([SPEUR, "register", "init", "-q"], env=env, check=True)
        for n in (*ERASED, EXEMPT):
            for kind, value in (("email", f"klant{n}@voorbeeld.example"), ("phone", f"06{10000000 + n}")):
                subprocess.run([SPEUR, "register", "add", "-q", "--req", f"R{n}", "--type", kind], env=env, check=True,
                               input=value.encode())
        subprocess.run([SPEUR, "register", "exempt", "-q", "--req", f"R{EXEMPT}", "--reason", "AWR art. 52", "--until",
                        "2099-01-01"], env=env, check=True, stdout=subprocess.DEVNULL)
    decisions, filtered, undo = WORK / "decisions", WORK / "filtered.sql", WORK / "undo.sql"
    status = subprocess.run([SPEUR, "check", "-q", "--fresh", dump, "--decisions", decisions], env=env, check=False,
                            stdout=subprocess.DEVNULL).returncode
    with open(dump, "rb") as source, open(filtered, "wb") as out:
        done = subprocess.run([SPEUR, "filter", "-q", "--records", decisions, "--emit", f"sql={undo}", "--anonymise-exempt"], stdin=source, stdout=out,
                              stderr=subprocess.PIPE, check=False)
    told = undo.read_text(encoding="utf-8", errors="replace").count("\n-- stays: ") if undo.exists() else 0
    if status != 1 or done.returncode != 1 or told != 1:  # the session
        wrong += 1
        print(f"  FAILED: {name}: check {status}, filter {done.returncode}, {told} stay: {done.stderr.decode()[:300]}")
        return
    load("gefilterd", [filtered])
    load("heel", [dump, undo])
    for table in TABLES:
        everything = set(range(1, (ORDERS // 10 if table == "uploads" else ORDERS) + 1))
        for database in ("gefilterd", "heel"):
            gone = everything - keys(database, PREFIX + table)
            if gone != (set() if table == "uploads" else set(ERASED)):
                wrong += 1
                print(f"  FAILED: {name}: {database}.{table} lacks {sorted(gone)[:9]}")
    for place, neutral in NEUTRAL.items():
        table, column = place.split(".")
        was, now = (cell(database, PREFIX + table, column, EXEMPT) for database in ("gefilterd", "heel"))
        if now != neutral or (was == now) != (column == "city") or \
                cell("heel", PREFIX + table, column, EXEMPT + 1) != cell("gefilterd", PREFIX + table, column, EXEMPT + 1):
            wrong += 1
            print(f"  FAILED: {name}: {place} of an exempt person: {was!r} became {now!r}")
    print(f"{name:<42} filtered and loaded, and undone in a whole one: {len(ERASED)} persons, {4 * len(ERASED)} rows; one exempt person made anonymous", flush=True)


# ---- MariaDB ----------------------------------------------------------------------------------
def mariadb():
    folder, socket = HOME / "mariadb", HOME / "mariadb.sock"
    run(["mariadb-install-db", "--no-defaults", f"--datadir={folder}", "--auth-root-authentication-method=normal"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = subprocess.Popen(AS + ["mariadbd", "--no-defaults", f"--datadir={folder}", f"--socket={socket}", "--skip-networking",
                                    "--skip-grant-tables", "--character-set-server=utf8mb4"],
                              cwd=HOME, stdout=subprocess.DEVNULL, stderr=open(HOME / "mariadb.log", "wb"))
    servers.append(server)
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "--default-character-set=utf8mb4"]
    for _ in range(300):
        if subprocess.run(client + ["-e", "SELECT 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            break
        time.sleep(0.1)
    script = ["CREATE DATABASE winkel; USE winkel; SET autocommit=0;"]
    for table, (columns, kinds) in TABLES.items():
        fields = ", ".join(f"`{c}` {k}" for c, k in zip(columns, kinds))
        script.append(f"CREATE TABLE `{PREFIX}{table}` ({fields}, PRIMARY KEY (`{columns[0]}`)) ENGINE=InnoDB;")
        values = ["(" + ",".join(str(v) if isinstance(v, int) else "0x" + (v if isinstance(v, bytes) else v.encode()).hex()
                                 for v in row) + ")" for row in rows_of(table)]
        for at in range(0, len(values), 500):
            script.append(f"INSERT INTO `{PREFIX}{table}` VALUES {','.join(values[at:at + 500])};")
    script.append("COMMIT;")
    run(client, as_nobody=False, input="\n".join(script).encode())

    def ask(table, column, key):
        done = run(client + ["-N", "-B", "--raw", "winkel", "-e",
                             f"SELECT REPLACE(TO_BASE64(`{column}`), '\\n', '') FROM `{table}` ORDER BY `{key}`"],
                   as_nobody=False, stdout=subprocess.PIPE)
        return [base64.b64decode(line).decode("utf-8", "replace") for line in done.stdout.decode().split("\n") if line]

    wanted = told(ask)
    for options, columns in (([], True), (["--skip-extended-insert"], True), (["--complete-insert"], True),
                             (["--hex-blob"], True), (["--skip-opt"], True), (["--compact"], True),
                             (["--no-create-info", "--complete-insert"], True), (["--no-create-info"], False),
                             (["--default-character-set=latin1"], True), (["--compatible=ansi"], True),
                             (["--replace", "--single-transaction", "--routines", "--triggers"], True), (["--databases"], True)):
        dump = WORK / "mariadb.sql"
        with open(dump, "wb") as out:
            run(["mariadb-dump", "--no-defaults", f"--socket={socket}"] + options + ["winkel"], as_nobody=False, stdout=out)
        check("mariadb-dump " + " ".join(options), dump, wanted, columns)
    def load(database, files):
        run(client + ["-e", f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}"], as_nobody=False)
        for file in files:
            with open(file, "rb") as source:
                run(client + [database], as_nobody=False, stdin=source)

    def keys(database, table):
        done = run(client + ["-N", "-B", database, "-e", f"SELECT * FROM `{table}`"], as_nobody=False, stdout=subprocess.PIPE)
        return {int(line.split(b"\t")[0]) for line in done.stdout.split(b"\n") if line.split(b"\t")[0].isdigit()}

    def cell(database, table, column, key):
        name = TABLES[table[len(PREFIX):]][0][0]
        return run(client + ["-N", "-B", "--raw", database, "-e", f"SELECT `{column}` FROM `{table}` WHERE `{name}` = {key}"],
                   as_nobody=False, stdout=subprocess.PIPE).stdout.decode().rstrip("\n")

    for options in ([], ["--complete-insert", "--hex-blob"], ["--skip-extended-insert"]):
        with open(WORK / "mariadb.sql", "wb") as out:
            run(["mariadb-dump", "--no-defaults", f"--socket={socket}"] + options + ["winkel"], as_nobody=False, stdout=out)
        restored("mariadb-dump " + " ".join(options), WORK / "mariadb.sql", load, keys, cell)
    with open(WORK / "mariadb.xml", "wb") as out:
        run(["mariadb-dump", "--no-defaults", f"--socket={socket}", "--xml", "winkel"] + [PREFIX + t for t in TABLES if t != "uploads"],
            as_nobody=False, stdout=out)
    check("mariadb-dump --xml", WORK / "mariadb.xml", {w for w in wanted if "uploads" not in w[0]})


# ---- PostgreSQL -------------------------------------------------------------------------------
def postgres():
    folder = HOME / "postgres"
    run([POSTGRES / "initdb", "-D", folder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"],
        stdout=subprocess.DEVNULL)
    run([POSTGRES / "pg_ctl", "-D", folder, "-w", "-l", HOME / "postgres.log", "-o", f"-k {HOME} -c listen_addresses=''", "start"],
        stdout=subprocess.DEVNULL)
    servers.append(folder)
    kinds = {"datetime": "timestamp", "longtext": "text", "longblob": "bytea"}
    client = [POSTGRES / "psql", "-q", "-h", HOME, "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
    for table, (columns, types) in TABLES.items():
        fields = ", ".join(f'"{c}" {kinds.get(k, k)}' for c, k in zip(columns, types))
        with open(HOME / "rows.csv", "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([["\\x" + v.hex() if isinstance(v, bytes) else v for v in row] for row in rows_of(table)])
        run(client + ["-c", f'CREATE TABLE {PREFIX}{table} ({fields}, PRIMARY KEY ("{columns[0]}"))', "-c",
                      f"\\copy {PREFIX}{table} FROM '{HOME}/rows.csv' CSV"], as_nobody=False)

    def ask(table, column, _key):  # a dump has the order in which rows lie
        cell = f'encode("{column}", \'base64\')' if column == "body" else f"encode(convert_to(\"{column}\", 'UTF8'), 'base64')"
        done = run(client + ["-At", "-c", f"SELECT replace({cell}, E'\\n', '') FROM {table} ORDER BY ctid"],
                   as_nobody=False, stdout=subprocess.PIPE)
        return [base64.b64decode(line).decode("utf-8", "replace") for line in done.stdout.decode().split("\n") if line]

    wanted = told(ask)
    for options in ([], ["--inserts"], ["--column-inserts"], ["--rows-per-insert=500"], ["--data-only"], ["--clean", "--create"],
                    ["--quote-all-identifiers", "--no-owner"], ["--inserts", "--on-conflict-do-nothing"]):
        dump = WORK / "postgres.sql"
        with open(dump, "wb") as out:
            run([POSTGRES / "pg_dump", "-h", HOME, "-U", "postgres"] + options + ["postgres"], as_nobody=False, stdout=out)
        check("pg_dump " + " ".join(options), dump, wanted)
    def load(database, files):
        run(client + ["-c", f"DROP DATABASE IF EXISTS {database}", "-c", f"CREATE DATABASE {database}"], as_nobody=False)
        for file in files:
            run(client + ["-d", database, "-f", file], as_nobody=False, stdout=subprocess.DEVNULL)

    def keys(database, table):
        key = TABLES[table[len(PREFIX):]][0][0]
        done = run(client + ["-d", database, "-At", "-c", f'SELECT "{key}" FROM {table}'], as_nobody=False, stdout=subprocess.PIPE)
        return {int(line) for line in done.stdout.split()}

    def cell(database, table, column, key):
        name = TABLES[table[len(PREFIX):]][0][0]
        return run(client + ["-d", database, "-At", "-c", f'SELECT "{column}" FROM {table} WHERE "{name}" = {key}'],
                   as_nobody=False, stdout=subprocess.PIPE).stdout.decode().rstrip("\n")

    for options in ([], ["--inserts"], ["--column-inserts"], ["--rows-per-insert=500"]):
        with open(WORK / "postgres.sql", "wb") as out:
            run([POSTGRES / "pg_dump", "-h", HOME, "-U", "postgres"] + options + ["postgres"], as_nobody=False, stdout=out)
        restored("pg_dump " + " ".join(options), WORK / "postgres.sql", load, keys, cell)
    for options in (["-Fc"], ["-Ft"]):  # read as far as it can be, and told of: never as if it were all
        dump = WORK / "postgres.dump"
        with open(dump, "wb") as out:
            run([POSTGRES / "pg_dump", "-h", HOME, "-U", "postgres"] + options + ["postgres"], as_nobody=False, stdout=out)
        check("pg_dump " + " ".join(options), dump, set() if options == ["-Fc"] else {w for w in wanted if "uploads" not in w[0]},
              records=False)
        for line in subprocess.run([SPEUR, "export", "--unread", "--inventory", WORK / "inventory.db"], stdout=subprocess.PIPE,
                                   check=True).stdout.decode().splitlines()[:3]:
            print("   ", json.loads(line)["reason"], json.loads(line)["detail"])


# ---- SQLite -----------------------------------------------------------------------------------
def sqlite():
    base = sqlite3.connect(WORK / "shop.sqlite")
    for table, (columns, _) in TABLES.items():
        names = ", ".join(f'"{c}"' for c in columns[1:])
        base.execute(f'CREATE TABLE {PREFIX}{table} ("{columns[0]}" INTEGER PRIMARY KEY, {names})')
        base.executemany(f"INSERT INTO {PREFIX}{table} VALUES ({','.join('?' * len(columns))})", rows_of(table))
    base.commit()

    def ask(table, column, key):
        return [cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell
                for (cell,) in base.execute(f'SELECT "{column}" FROM {table} ORDER BY {key}')]

    wanted = told(ask)
    base.close()
    for name, command in (("sqlite3 .dump", ".dump"), ("sqlite3 .mode insert", ".mode insert x\nSELECT 1;\n.dump")):
        with open(WORK / "sqlite.sql", "wb") as out:
            run(["sqlite3", WORK / "shop.sqlite"], as_nobody=False, input=command.encode(), stdout=out)
        check(name, WORK / "sqlite.sql", wanted)

    def load(database, files):
        (WORK / f"{database}.sqlite").unlink(missing_ok=True)
        for file in files:
            run(["sqlite3", "-bail", WORK / f"{database}.sqlite", f".read {file}"], as_nobody=False)

    def keys(database, table):
        with sqlite3.connect(WORK / f"{database}.sqlite") as opened:
            return {row[0] for row in opened.execute(f"SELECT * FROM {table}")}

    def cell(database, table, column, key):
        with sqlite3.connect(WORK / f"{database}.sqlite") as opened:
            name = TABLES[table[len(PREFIX):]][0][0]
            return opened.execute(f'SELECT "{column}" FROM {table} WHERE "{name}" = ?', (key,)).fetchone()[0]

    with open(WORK / "sqlite.sql", "wb") as out:
        run(["sqlite3", WORK / "shop.sqlite"], as_nobody=False, input=b".dump", stdout=out)
    restored("sqlite3 .dump", WORK / "sqlite.sql", load, keys, cell)


try:
    mariadb()
    postgres()
    sqlite()
finally:
    for server in servers:
        if isinstance(server, pathlib.Path):
            run([POSTGRES / "pg_ctl", "-D", server, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL)
        else:
            server.terminate()
            server.wait()
sys.exit(wrong > 0)
