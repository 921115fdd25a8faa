#!/usr/bin/env bash
# A worker that dies, talks nonsense or is not there: its file is reported, the rest is read.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key

# The program in a folder of its own, where another worker can stand beside it.
mkdir "$work/bin" "$work/tree" "$work/packed"
cp "$speur" "$work/bin/speur"
ln -s "$root/patterns" "$work/bin/patterns"
printf 'Mail proef@voorbeeld.example\n' >"$work/tree/brief.txt"
printf 'Mail ander@voorbeeld.example\n' >"$work/packed/brief.txt"
tar -C "$work/packed" -cf "$work/tree/map.tar" brief.txt
tar -C "$work/packed" -cf "$work/tree/nog.tar" brief.txt

# try REASON: the worker's text comes from standard input.
try() {
    local reason=$1
    cat >"$work/bin/speur-worker"
    chmod +x "$work/bin/speur-worker"
    rm -f "$SPEUR_INVENTORY"*
    expect_status 2 "$work/bin/speur" scan -j2 "$work/tree"
    expect_status 0 "$work/bin/speur" export --unread -o "$work/unread.jsonl"
    expect_status 0 "$work/bin/speur" export -o "$work/export.jsonl"
    [ "$(jq -r .reason "$work/unread.jsonl" | sort -u)" = "$reason" ] ||
        fail "$(jq -r .reason "$work/unread.jsonl" | sort | uniq -c | tr '\n' ' ')instead of $reason"
    [ "$(jq -r .path "$work/unread.jsonl" | sort -u | tr '\n' ' ')" = "map.tar nog.tar " ] ||
        fail "other files are named than the two archives"
    # What no worker survives is looked at by the raw pass: the text of the letters is in the archives.
    [ "$(jq -r .path "$work/export.jsonl" | sort -u | tr '\n' ' ')" = "brief.txt map.tar nog.tar " ] ||
        fail "not all letters were found"
}

try crashed <<'WORKER'
#!/bin/sh
echo test >&3
exit 3
WORKER
try crashed <<'WORKER'
#!/bin/sh
echo test >&3
kill -SEGV $$
WORKER
try sandbox <<'WORKER'
#!/bin/sh
echo test >&3
head -c 4096 /dev/zero >&3
cat <&3 >/dev/null
WORKER
try sandbox <<'WORKER'
#!/bin/sh
echo test >&3
printf '\377\377\377\377\007\000\000\000aaaaaaaa' >&3
cat <&3 >/dev/null
WORKER

# The worker that was asked what contains it reads the archives as well.
cat >"$work/bin/speur-worker" <<WORKER
#!/bin/sh
echo started >&2
exec "$build/speur-worker" "\$@"
WORKER
rm -f "$SPEUR_INVENTORY"*
expect_status 0 "$work/bin/speur" scan --no-sandbox -j1 "$work/tree"
[ "$(grep -c '^started$' "$work/err")" = 1 ] || fail "more than one worker was started"

# The time that a worker takes to start is not that of the file: the first one dies, the next is slow.
cat >"$work/bin/speur-worker" <<WORKER
#!/bin/sh
[ -e "$work/second" ] || { touch "$work/second" && echo test >&3 && exit 0; }
sleep 2
exec "$build/speur-worker" "\$@"
WORKER
rm -f "$SPEUR_INVENTORY"*
expect_status 0 "$work/bin/speur" scan --no-sandbox --limit-time 1 -j1 "$work/tree"

# One that hangs before it is ready does not keep anybody from stopping.
cat >"$work/bin/speur-worker" <<'WORKER'
#!/bin/sh
exec sleep 50
WORKER
rm -f "$SPEUR_INVENTORY"*
"$work/bin/speur" scan --no-sandbox "$work/tree" >/dev/null 2>&1 &
pid=$!
sleep 0.5
before=$SECONDS
kill -INT "$pid"
wait "$pid" || true
[ $((SECONDS - before)) -lt 10 ] || fail "a stop was not heard while a worker started"

# None at all is an error of the installation, said before anything is read.
rm "$work/bin/speur-worker"
rm -f "$SPEUR_INVENTORY"*
expect_status 78 "$work/bin/speur" scan "$work/tree"
finish
