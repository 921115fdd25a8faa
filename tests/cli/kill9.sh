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

# killed_after MS: false when the scan ended before.
killed_after() {
    setsid "$speur" scan -j 2 "$work/tree" >"$work/out" 2>"$work/err" &
    pid=$!
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
    kill -KILL "$pid" 2>/dev/null || true
    local status=0
    wait "$pid" 2>/dev/null || status=$?
    [ "$status" -eq 137 ]
}

kills=${2-5}
export SPEUR_INVENTORY=$work/killed.db
for number in $(seq 1 "$kills"); do
    # Moments spread over the run, none at its very begin or end. The run that was timed may have been a slow one.
    for tried in $(seq 1 20); do
        rm -f "$SPEUR_INVENTORY"*
        wait_ms=$((took_ms * (2 * number - 1) / (2 * kills)))
        ! killed_after "$wait_ms" || break
        [ "$tried" -lt 20 ] || fail "no scan was killed as it ran"
        took_ms=$((took_ms * 4 / 5))
    done
    workers_gone "$pid"
    if [ -e "$SPEUR_INVENTORY" ]; then
        expect_status 0 "$speur" export --format jsonl --stable
    fi
    expect_status 2 "$speur" scan -j 2 "$work/tree"
    expect_status 0 "$speur" export --format jsonl --stable
    cmp "$work/whole.jsonl" "$work/out" ||
        fail "killed after $wait_ms ms, the second scan completes to something else"
done
finish
