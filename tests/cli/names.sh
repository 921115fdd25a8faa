#!/usr/bin/env bash
# File names are attacker-controlled: control characters, line breaks, escape sequences and bidi
# marks never reach a terminal or break a line of any output.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
use_register
export SPEUR_INVENTORY=$work/inventory.db

names=($'rood \e[31m alarm.txt' $'regel\neinde.txt' $'terug\rslag.txt' $'bel\a.txt'
    $'bidi \u202etxt.exe' $'c1 \u009b31m.txt' $'latin1 \xe9.txt' $'tab\tin.txt' '!uitroep 100%.txt'
    $'isolaat \u2066x\u2069.txt' '"aanhaling", en \ streep.txt' '-n')
mkdir -p "$work/tree" "$work/packed"
for folder in "$work/tree" "$work/packed"; do
    for name in "${names[@]}"; do
        printf 'Mail %s of bel 06-12345678\n' "$(requested_email)" >"$folder/$name"
    done
done
# The same names as members; and names that cannot be read, so that messages name them.
tar -C "$work/packed" -czf "$work/tree/namen.tar.gz" .
(cd "$work/packed" && zip -q -P geheim $'../tree/slot\e[5m\n\u202e.zip' -- ./-n)

expect_status 2 "$speur" scan -v "$work/tree"
cat "$work/out" "$work/err" >"$work/scan.text"
expect_status 3 "$speur" check "$work/tree" --decisions "$work/decisions.text"
cat "$work/out" "$work/err" >"$work/check.text"
expect_status 0 "$speur" export --format jsonl -o "$work/export.text"
expect_status 0 "$speur" export --format jsonl --unread -o "$work/unread.text"
expect_status 66 "$speur" scan $'/geen\e[31m\nmap'
cat "$work/out" "$work/err" >"$work/missing.text"

python3 - "$work"/*.text <<'PYTHON' || fail "a name came out unescaped"
import pathlib, sys, unicodedata

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
wrong = 0
for path in map(pathlib.Path, sys.argv[1:]):
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as told:
        print(f"{path.name}: {told}")
        wrong += 1
        continue
    for number, line in enumerate(text.split("\n"), 1):
        bad = {c for c in line if unicodedata.category(c) == "Cc" or c in BIDI}
        if bad:
            print(f"{path.name}:{number}: {sorted(map(ascii, bad))} in {line[:160]!a}")
            wrong += 1
sys.exit(1 if wrong else 0)
PYTHON
lines=$(wc -l <"$work/export.text")
wanted=$((2 * 2 * ${#names[@]})) # two values, in the tree and in the archive
[ "$lines" -ge "$wanted" ] || fail "$lines findings instead of $wanted"
jq -e . "$work/export.text" "$work/decisions.text" "$work/unread.text" >"$TMPDIR/jq" ||
    fail "an odd name breaks the JSON"
finish
