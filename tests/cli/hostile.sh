#!/usr/bin/env bash
# hostile.sh BUILD: files that mean harm (tests/hostile/make): each is told of as expected, what is planted in it is found,
# nothing hangs, nothing is written elsewhere, and no byte of theirs reaches the terminal.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key
limit_s=120
! is_sanitized || limit_s=900

(cd "$work" && python3 "$root/tests/hostile/make" "$work" >/dev/null)
cd "$work"
picture() { find tree -printf '%p %y %s %m %T@ %l\0' | sort -z; }
picture >tree.before
for threads in 1 8; do
    export SPEUR_INVENTORY=$work/$threads.db
    begun=$SECONDS
    status=0
    timeout "$limit_s" "$speur" scan -v -j "$threads" tree >"$work/out.$threads" 2>"$work/err.$threads" || status=$?
    [ "$status" -eq 2 ] || fail "$threads lanes: exit status $status after $((SECONDS - begun)) s"
    expect_status 0 "$speur" export --stable --min-confidence low -o "$work/found.$threads.jsonl"
    expect_status 0 "$speur" export --stable --unread -o "$work/unread.$threads.jsonl"
done
cmp found.1.jsonl found.8.jsonl || fail "lanes change what is found"
cmp unread.1.jsonl unread.8.jsonl || fail "lanes change what is unread"

python3 - <<'PYTHON' || fail "not as expected"
import collections, json, sys
told, found = collections.defaultdict(set), set()
for line in open("unread.1.jsonl", encoding="utf-8"):
    row = json.loads(line)
    told[row["path"]].add(row["reason"])
for line in open("found.1.jsonl", encoding="utf-8"):
    row = json.loads(line)
    if row["type"] == "email" and row["masked"] == "v***@v***.example":
        found.add(row["path"])
wrong = 0
for line in open("expected.tsv", encoding="utf-8"):
    path, reasons, wanted = line.rstrip("\n").split("\t")
    have = told[path]
    may = set() if reasons == "-" else set(reasons.split("|"))
    told_right = have <= may and bool(have) == bool(may)
    if not told_right or (wanted != "-" and (wanted == "yes") != (path in found)):
        print(f"{path}: told {sorted(have)}, expected {reasons}; found {path in found}, expected {wanted}")
        wrong += 1
sys.exit(wrong > 0)
PYTHON

# Links, pipes, sockets and devices are told of and not opened; the deepest file is read.
for noted in lus buiten fifo s nul; do
    [ -e "tree/namen/$noted" ] || [ "$noted" = nul ] || fail "tree/namen/$noted was not made"
    [ -e "tree/namen/$noted" ] || continue # a device needs rights that not every container gives
    grep -q "\"namen/$noted\".*\"noted\"" unread.1.jsonl || fail "namen/$noted is not noted"
done
grep -q 'map/map/brief.txt' found.1.jsonl || fail "the deepest letter is not found"
grep -q 'gaten.img' found.1.jsonl || fail "the letter before the hole is not found"
# No control character but newline comes out, and nothing went where names pointed.
for shown in out.1 err.1 found.1.jsonl unread.1.jsonl; do
    ! LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n' <"$shown") || fail "$shown holds control characters"
done
for outside in /tmp/speur-buiten /etc/speur-buiten "$work/b" "$work/speur-buiten"; do
    [ ! -e "$outside" ] || fail "$outside was written"
done
[ -z "$(ls -A "$TMPDIR")" ] || fail "temporary files are left"
find . -newer key -type f ! -name '*.db*' ! -name 'out*' ! -name 'err*' ! -name '*.jsonl' ! -path './tree*' >left
[ "$(grep -vx './left\|./expected.tsv' left)" = "" ] || fail "written besides the inventory: $(cat left)"
picture >tree.after
cmp tree.before tree.after || fail "something in the tree was changed"
finish
