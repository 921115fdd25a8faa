# shellcheck shell=bash
# The common part of the scripts: sourced, never run.
#   tests/cli/*.sh   one argument, the build folder; each says what failed and ends with 1 then
#   corpus/demo, tests/all, tests/bench/run   use say, quietly and the places

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
failures=0

say() {
    printf '%s\n' "$*"
}

# A section of a longer script.
section() {
    printf '\n== %s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# One expectation that did not hold; the script goes on and ends with 1.
fail() {
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

finish() {
    if [ "$failures" -gt 0 ]; then
        printf '%s: %d expectation(s) did not hold\n' "$(basename "$0")" "$failures"
        exit 1
    fi
    printf '%s: all expectations hold\n' "$(basename "$0")"
    exit 0
}

# A script that forgets to finish fails all the same.
ended() {
    local status=$?
    rm -rf "$work"
    [ "$status" -ne 0 ] || [ "$failures" -eq 0 ] || exit 1
}

# expect_status WANTED COMMAND...: runs it with its output in $work/out and $work/err.
expect_status() {
    local wanted=$1 got=0
    shift
    "$@" >"$work/out" 2>"$work/err" || got=$?
    if [ "$got" -ne "$wanted" ]; then
        fail "exit status $got instead of $wanted: $*"
        head -n 5 "$work/err" | sed 's/^/    /'
    fi
}

# The program in a build folder, a private work folder, and no trace of the user's own settings.
# Sanitizers leave 77, 65 and their like to speur.
use_build() {
    build=$(cd "$1" && pwd)
    speur=$build/speur
    [ -x "$speur" ] || die "no program in $build: build it first"
    work=$(mktemp -d "${TMPDIR:-/tmp}/speur-test.XXXXXX")
    trap 'ended' EXIT
    export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache
    export TMPDIR=$work/tmp NO_COLOR=1 LC_ALL=C.UTF-8
    mkdir -p "$TMPDIR"
    unset SPEUR_INVENTORY SPEUR_KEY SPEUR_REGISTER SPEUR_PATTERNS
    export ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=99} UBSAN_OPTIONS=${UBSAN_OPTIONS:-exitcode=99}
    export LSAN_OPTIONS=${LSAN_OPTIONS:-exitcode=99} TSAN_OPTIONS=${TSAN_OPTIONS:-exitcode=99:ignore_noninstrumented_modules=1}
}

# Built with a sanitizer: ten times slower, and without the filter of system calls.
is_sanitized() {
    [ "$(nm "$speur" 2>/dev/null | grep -c ' [Tt] __[at]san_init$')" -gt 0 ]
}

# The corpus, built once and shared by all scripts (a lock: ctest may run them side by side).
use_corpus() {
    corpus=$root/corpus/out
    "$root/corpus/build" --if-needed "$corpus" >/dev/null
}

# Register and key with the requests of the corpus, in $work/keep.
use_register() {
    mkdir -p "$work/keep"
    export SPEUR_REGISTER=$work/keep/register.jsonl SPEUR_KEY=$work/keep/key
    expect_status 0 "$speur" register init
    expect_status 0 "$speur" register import --allow-bsn "test of the corpus" "$corpus/requests.csv"
}

# An e-mail address of somebody who asked to be forgotten.
requested_email() {
    awk -F';' '$2 == "erasure" && $5 == "email" { print tolower($6); exit }' "$corpus/requests.csv"
}
