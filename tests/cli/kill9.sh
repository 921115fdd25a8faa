#!/usr/bin/env bash
# kill9.sh BUILD [KILLS]: killed at any moment, the inventory opens, tells what is missing, and the next scan completes it
# to the same export as a scan that was never killed.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
export SPEUR_KEY=$work/key

# Enough work that a kill falls into it.
mkdir "$work/tree"
for copy in $(seq 1 12); do
    cp -a "$corpus/share" "$work/tree/share $copy"
    cp -a "$corpus/site-backup.tar.gz" "$work/tree/backup $copy.tar.gz"
done

export SPEUR_INVENTORY=$work/whole.db
begun=$(date +%s%N)
expect_status 2 "$speur" scan -j 2 "$work/tree"
took_ms=$((($(date +%s%N) - begun) / 1000000))
expect_status 0 "$speur" export --format jsonl --stable -o "$work/whole.jsonl"

# Children are ended by the kernel when their parent is gone.
workers_gone() {
    local pid=$1 waited
    for waited in $(seq 1 50); do
        pgrep -g "$pid" >"$work/tmp/left" || return 0
        sleep 0.1
    done
    fail "workers outlive the program: $(tr '\n' ' ' <"$work/tmp/left") after $waited tries"
}

kills=${2-5}
killed=0
for number in $(seq 1 "$kills"); do
    export SPEUR_INVENTORY=$work/killed.db
    rm -f "$SPEUR_INVENTORY"*
    setsid "$speur" scan -j 2 "$work/tree" >"$work/out" 2>"$work/err" &
    pid=$!
    # Moments spread over the run, none at its very begin or end.
    wait_ms=$((took_ms * (2 * number - 1) / (2 * kills)))
    sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
    kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1))
    wait "$pid" 2>/dev/null || true
    workers_gone "$pid"
    if [ -e "$SPEUR_INVENTORY" ]; then
        expect_status 0 "$speur" export --format jsonl --stable
    fi
    expect_status 2 "$speur" scan -j 2 "$work/tree"
    expect_status 0 "$speur" export --format jsonl --stable
    cmp "$work/whole.jsonl" "$work/out" ||
        fail "killed after $wait_ms ms, the second scan completes to something else"
done
[ "$killed" -gt $((kills / 2)) ] || fail "only $killed of $kills scans were killed as they ran"
finish
