#!/usr/bin/env bash
# changing.sh BUILD: a tree that changes while it is scanned. The scan is stopped while it reads the first file; what it
# finds changed when it goes on has a record, nothing outside is read, and what did not change is read whole.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"

# As somebody whom permissions bind.
mkdir "$work/bin" "$work/own" "$work/outside"
cp "$speur" "$build/speur-worker" "$work/bin/"
cp -r "$root/patterns" "$work/bin/patterns"
tree=$work/own/tree
mkdir -p "$tree/d"
as=()
if [ "$(id -u)" -eq 0 ]; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$work"
fi
export SPEUR_KEY=$work/own/key SPEUR_INVENTORY=$work/own/inventory.db

letter() { printf 'Mail %s@voorbeeld.example over de levering.\n' "$1"; }
letter xbuiten >"$work/outside/e.txt"
head -c 400000000 /dev/zero | tr '\0' 'a' >"$tree/a.txt"
for name in b c f g h i k; do
    letter "$name$name" >"$tree/$name.txt"
done
letter ee >"$tree/d/e.txt"
tar -C "$tree" -cf "$tree/j.tar" b.txt
[ ${#as[@]} -eq 0 ] || chown -R 65534:65534 "$work/own"

# stopped_in NAME: begins a scan and stops it while it reads that file.
stopped_in() {
    "${as[@]}" "$work/bin/speur" scan -q -j 1 "$tree" >"$work/out" 2>"$work/err" &
    scan=$!
    reads() { [ -n "$(find "/proc/$scan/fd" -lname "*tree/$1" 2>/dev/null)" ]; }
    for _ in $(seq 1 2000); do
        ! reads "$1" || break
        sleep 0.005
    done
    kill -STOP "$scan"
    reads "$1" || fail "it was not reading $1 when it was stopped"
}

# goes_on: the scan ends, with something unread.
goes_on() {
    local status=0
    kill -CONT "$scan"
    wait "$scan" || status=$?
    [ "$status" -eq 2 ] || fail "exit status $status: $(cat "$work/err")"
    expect_status 0 "${as[@]}" "$work/bin/speur" export --unread --stable
}

stopped_in a.txt
letter later >>"$tree/a.txt"
rm "$tree/b.txt"
ln -sf "$work/outside/e.txt" "$tree/c.txt"
mv "$tree/d" "$tree/was-d"
ln -s "$work/outside" "$tree/d"
chmod 0 "$tree/f.txt"
letter gnieuw >"$tree/g.txt"
letter hmeer >>"$tree/h.txt"
rm "$tree/i.txt"
mkfifo "$tree/i.txt"
goes_on
told() { jq -r --arg path "$1" 'select(.path == $path) | .reason' "$work/out" | sort -u | tr '\n' ' '; }
for row in "a.txt:changed" "b.txt:vanished" "c.txt:changed" "i.txt:changed"; do
    [ "$(told "${row%:*}")" = "${row#*:} " ] || fail "${row%:*}: told $(told "${row%:*}")instead of ${row#*:}"
done
[[ $(told d/e.txt) =~ ^(changed|vanished)\ $ ]] || fail "d/e.txt: told $(told d/e.txt)"
if [ "$(id -u)" -eq 0 ]; then
    [ "$(told f.txt)" = "permission " ] || fail "f.txt: told $(told f.txt)instead of permission"
fi
for whole in g.txt h.txt j.tar k.txt; do
    [ -z "$(told "$whole")" ] || fail "$whole: told $(told "$whole")"
done
expect_status 0 "${as[@]}" "$work/bin/speur" export --min-confidence low
[ "$(jq -r .masked "$work/out" | grep -c '^x\*\*\*@')" -eq 0 ] || fail "something outside of the tree was read"
[ "$(jq -r 'select(.path == "g.txt") | .masked' "$work/out")" = 'g***@v***.example' ] || fail "g.txt as it is now was not read"
[ "$(jq -r 'select(.path == "h.txt") | .masked' "$work/out" | wc -l)" -eq 2 ] || fail "h.txt as it is now was not read"

# The next scan reads again what had changed, and nothing else.
chmod 644 "$tree/f.txt"
rm "$tree/i.txt"
expect_status 0 "${as[@]}" "$work/bin/speur" scan -j 1 "$tree"
grep -q 'unchanged and not read again' "$work/out" || fail "everything was read again"

# changed_within NAME COMMAND...: a file, or an archive that a worker reads, changes while it is read.
changed_within() {
    local name=$1
    shift
    stopped_in "$name"
    "$@"
    goes_on
    [[ " $(told "$name")" =~ \ (changed|truncated|corrupt|vanished)\  ]] || fail "$name, $*: told $(told "$name")"
}

rm -rf "$tree"
mkdir "$tree"
head -c 300000000 /dev/zero | tr '\0' 'b' >"$work/own/lang.txt"
tar -C "$work/own" -cf "$work/own/lang.tar" lang.txt
letter mm >"$work/own/other"
for name in lang.txt lang.tar; do
    for change in "truncate -s 1000000 $tree/$name" "rm $tree/$name" "cp $work/own/other $tree/$name" \
        "dd if=/dev/zero of=$tree/$name bs=1M seek=250 count=1 conv=notrunc status=none" \
        "mv $work/own/third $tree/$name"; do
        cp "$work/own/$name" "$tree/$name"
        cp "$work/own/other" "$work/own/third"
        [ ${#as[@]} -eq 0 ] || chown -R 65534:65534 "$work/own"
        rm -f "$SPEUR_INVENTORY"*
        read -ra command <<<"$change"
        changed_within "$name" "${command[@]}"
    done
done
finish
