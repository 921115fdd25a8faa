#!/usr/bin/env bash
# Errors say what happened, to which file, and what to do; and end with their own status.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register.jsonl

# tells TEXT: the error that was just printed holds it, and nothing stands on stdout.
tells() {
    grep -qF -- "$1" "$work/err" || fail "does not tell '$1': $(head -n 3 "$work/err")"
}

printf 'Mail: %s\n' "$(requested_email)" >"$work/brief.txt"

# usage
expect_status 64 "$speur"
expect_status 64 "$speur" scn "$work"
tells "scan"
expect_status 64 "$speur" scan --invetory x "$work/brief.txt"
tells "--inventory"
expect_status 64 "$speur" scan
expect_status 64 "$speur" scan -j nul "$work/brief.txt"
expect_status 64 "$speur" export --format paper
expect_status 0 "$speur" --help
expect_status 0 "$speur" scan --help
expect_status 0 "$speur" --version

# no input
expect_status 66 "$speur" scan "$work/er is niets"
tells "er is niets"
expect_status 66 "$speur" export --format jsonl --inventory "$work/geen.db"
tells "geen.db"

# no verdict from nothing: no register, no key, an empty register
expect_status 77 "$speur" check "$work/brief.txt"
grep -q VERDICT "$work/out" && fail "a verdict without a register"
expect_status 0 "$speur" register init
expect_status 64 "$speur" register init
tells "not overwritten"
expect_status 77 "$speur" check "$work/brief.txt"
grep -q VERDICT "$work/out" && fail "a verdict from an empty register"
expect_status 0 "$speur" register import --allow-bsn test "$corpus/requests.csv"
expect_status 1 "$speur" check "$work/brief.txt"

# a key that others may read; none; another than the register's
chmod 644 "$SPEUR_KEY"
expect_status 77 "$speur" check "$work/brief.txt"
tells "$SPEUR_KEY"
chmod 600 "$SPEUR_KEY"
expect_status 77 "$speur" check --key "$work/geen sleutel" "$work/brief.txt"
[ ! -e "$work/geen sleutel" ] || fail "a check made a key"
mkdir "$work/ander"
expect_status 0 "$speur" register init --register "$work/ander/register" --key "$work/ander/key"
expect_status 77 "$speur" check --key "$work/ander/key" "$work/brief.txt"
grep -q VERDICT "$work/out" && fail "a verdict with another key"

# an altered register
cp "$SPEUR_REGISTER" "$work/heel"
sed -i '2s/erasure/optout_/' "$SPEUR_REGISTER"
expect_status 65 "$speur" check "$work/brief.txt"
grep -q VERDICT "$work/out" && fail "a verdict from an altered register"
head -n 3 "$work/heel" >"$SPEUR_REGISTER"
expect_status 65 "$speur" check "$work/brief.txt"
cp "$work/heel" "$SPEUR_REGISTER"
expect_status 1 "$speur" check "$work/brief.txt"

# an inventory of a newer speur, none of ours, a damaged one, one that others may read
python3 - "$SPEUR_INVENTORY" "$work" <<'PYTHON'
import shutil, sqlite3, sys

inventory, work = sys.argv[1:]
for name in ("newer", "foreign"):
    source, copy = sqlite3.connect(inventory), sqlite3.connect(f"{work}/{name}.db")
    source.backup(copy)
    copy.execute("PRAGMA user_version=9999" if name == "newer" else "PRAGMA application_id=1")
    copy.commit()
    copy.close()
open(f"{work}/garbage.db", "wb").write(b"dit is geen inventaris\n" * 400)
shutil.copy(f"{work}/garbage.db", f"{work}/open.db")
PYTHON
chmod 600 "$work"/*.db
expect_status 78 "$speur" scan --inventory "$work/newer.db" "$work/brief.txt"
expect_status 65 "$speur" scan --inventory "$work/garbage.db" "$work/brief.txt"
tells "garbage.db"
expect_status 65 "$speur" scan --inventory "$work/foreign.db" "$work/brief.txt"
[ "$(head -c 3 "$work/garbage.db")" = dit ] || fail "a file that is not ours was changed"
cp "$SPEUR_INVENTORY" "$work/leesbaar.db"
chmod 644 "$work/leesbaar.db"
expect_status 77 "$speur" scan --inventory "$work/leesbaar.db" "$work/brief.txt"

# patterns that are not there, or not right
expect_status 66 "$speur" scan --patterns "$work/ander" "$work/brief.txt"
mkdir "$work/patterns"
printf 'id: x\ntype: email\nform: plain\n  regex: (?<value>[\n' >"$work/patterns/stuk.pat"
expect_status 2 "$speur" scan --patterns "$work/patterns" "$work/brief.txt"
tells "stuk.pat"

# what may not be read is a gap, named, and the rest is read all the same
mkdir -p "$work/tree/dicht" "$work/tree/open"
cp "$work/brief.txt" "$work/tree/dicht/"
cp "$work/brief.txt" "$work/tree/open/"
cp "$work/brief.txt" "$work/tree/gesloten.txt"
chmod 0 "$work/tree/dicht" "$work/tree/gesloten.txt"
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    # Everything the program needs must be readable for the user it then is.
    mkdir "$work/user"
    cp "$SPEUR_KEY" "$work/user/key"
    chown -R 65534:65534 "$work/user" "$work/tree"
    chmod 755 "$work"
    as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)
    if ! "${as_user[@]}" test -x "$speur"; then
        say "skipped: the build folder cannot be reached by another user"
        chmod 755 "$work/tree/dicht"
        finish
    fi
else
    mkdir "$work/user"
    cp "$SPEUR_KEY" "$work/user/key"
fi
expect_status 2 "${as_user[@]}" "$speur" scan --inventory "$work/user/i.db" --key "$work/user/key" \
    "$work/tree"
expect_status 0 "${as_user[@]}" "$speur" export --format jsonl --unread \
    --inventory "$work/user/i.db"
[ "$(jq -r 'select(.reason == "permission") | .path' "$work/out" | sort | tr '\n' ' ')" = \
    "dicht gesloten.txt " ] || fail "not told as permission: $(cat "$work/out")"
expect_status 0 "${as_user[@]}" "$speur" export --format jsonl --inventory "$work/user/i.db"
[ "$(jq -r .path "$work/out")" = open/brief.txt ] || fail "the readable file was not read"
chmod 755 "$work/tree/dicht"
finish
