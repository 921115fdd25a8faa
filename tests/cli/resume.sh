#!/usr/bin/env bash
# resume.sh BUILD [KILLS]: killed within one large archive or mailbox, the next scan goes on behind the members that were
# finished, and ends with the same export as a scan that was never killed.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
kills=${2-3}
! is_sanitized || kills=1
export SPEUR_KEY=$work/key

# Letters, zips of letters (read by themselves), and an archive in the archive, all in one file.
cat >"$work/make.py" <<'PYTHON'
import io, sys, tarfile, zipfile
path, count = sys.argv[1], int(sys.argv[2])

def letter(number):
    words = "graag ontvangen wij de levering van deze week volgens afspraak " * 40
    return f"Beste klant,\n{words}\nMail klant{number}@voorbeeld.example\n".encode()

def packed(number):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(3):
            archive.writestr(f"brief {part}.txt", letter(f"{number}-{part}"))
    return out.getvalue()

def nested(number):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in (("a.txt", letter(f"{number}-a")), ("b.zip", packed(f"{number}-b"))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()

def make_tar():
  with tarfile.open(path, "w:gz", compresslevel=1) as archive:
    for number in range(count):
        name, data = f"brief {number}.txt", letter(number)
        if number % 20 == 7:
            name, data = f"pak {number}.zip", packed(number)
        elif number % 50 == 9:
            name, data = f"map {number}.tar", nested(number)
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
def make_mbox():
  with open(path, "wb") as box:
    for number in range(count * 5):
        box.write(b"From a@b.example Mon Jan  5 10:00:00 2026\nMessage-ID: <%d@mx.example>\nFrom: "
                  b"klant%d@voorbeeld.example\nSubject: vraag\n\n" % (number, number))
        box.write(b"Beste, graag bericht. Groet\n\n")

make_mbox() if path.endswith("mbox") else make_tar()
PYTHON

ask() {
    python3 - "$SPEUR_INVENTORY" "$1" <<'PYTHON'
import sqlite3, sys
# never made here: an inventory that others may read is refused, and the scan that is to be killed would not begin
print(sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True).execute(sys.argv[2]).fetchone()[0])
PYTHON
}

# Members directly in the file that are finished: what a scan goes on behind.
finished="SELECT count(*) FROM object WHERE parent = top AND state <> 0"

# killed_when MEMBERS FILE: scans until so many members are in the inventory; ends it there. Fails when the scan was
# faster.
killed_when() {
    local members=$1 file=$2 pid
    rm -f "$SPEUR_INVENTORY"*
    "$speur" scan -j 2 "$file" >"$work/out" 2>"$work/err" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        if [ "$(ask "$finished" 2>/dev/null || echo 0)" -ge "$members" ]; then
            kill -KILL "$pid" 2>/dev/null || true
            wait "$pid" 2>/dev/null || return 0
            return 1
        fi
        sleep 0.02
    done
    wait "$pid" || true
    return 1
}

# killed_within FILE: the members that were finished stay as they are. How often, and where, is counted in members, not
# in seconds: machines differ. A scan that ends before it could be killed says nothing, and a larger file is taken.
killed_within() {
    local file=$1 count=3000 number members last kept killed=0
    while [ "$killed" -lt "$kills" ] && [ "$count" -lt 1000000 ]; do
        count=$((count * 2))
        killed=0
        python3 "$work/make.py" "$file" "$count"
        export SPEUR_INVENTORY=$work/whole.db
        rm -f "$SPEUR_INVENTORY"*
        expect_status 0 "$speur" scan -j 2 "$file"
        members=$(ask "$finished")
        expect_status 0 "$speur" export --stable -o "$work/whole.jsonl"
        export SPEUR_INVENTORY=$work/killed.db
        for number in $(seq 1 "$kills"); do
            killed_when $((1 + (number - 1) * members / (kills + 1))) "$file" || break
            killed=$((killed + 1))
            last=$(ask "SELECT coalesce(max(id), 0) FROM object")
            expect_status 0 "$speur" scan -j 2 "$file"
            kept=$(ask "$finished AND id <= $last")
            [ "$kept" -gt 0 ] || fail "$(basename "$file"), killed with $last objects: the scan began anew"
            expect_status 0 "$speur" export --stable -o "$work/again.jsonl"
            cmp "$work/whole.jsonl" "$work/again.jsonl" ||
                fail "$(basename "$file"), killed with $last objects: completes to something else"
            [ "$(ask "SELECT count(*) FROM object WHERE state = 0")" -eq 0 ] || fail "something is open"
        done
    done
    [ "$killed" -eq "$kills" ] || fail "$(basename "$file"): no scan could be killed in time"
}
killed_within "$work/groot.tar.gz"
killed_within "$work/groot.mbox"
finish
