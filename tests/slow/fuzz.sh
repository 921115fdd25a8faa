#!/usr/bin/env bash
# fuzz.sh BUILD [CPU-SECONDS]: each fuzz target for its share of the time (an hour in all by default; parsers of our own
# and the frame decoder twice that of others), executions told. Anything found fails, and is left in build/fuzz-found.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
cd "$root"
total=${2-3600}
own=(wire csv json xml mt940 sqldump log folded markup bytes mbox eml tar zip gzip charset rtf ole tnef officetext sheet patterns validator pdffilter enclosed coda pdf)
others=(plain zlib matcher segment container extract)
share=$((total / (2 * ${#own[@]} + ${#others[@]})))

if ! { cmake --preset fuzz && cmake --build --preset fuzz; } >"$work/build.log" 2>&1; then
    die "the fuzz preset does not build"
fi
tests/fuzz/seeds "$work/seeds"
mkdir -p build/fuzz-found build/fuzz-corpus
# A library that asks for more than a worker may have is refused it, as in a worker.
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1024
for target in "${own[@]}" "${others[@]}"; do
    seconds=$share
    [[ " ${own[*]} " != *" $target "* ]] || seconds=$((2 * share))
    mkdir -p "build/fuzz-corpus/$target"
    kept=()
    flags=()
    [ "$target" != pdf ] || flags=(-detect_leaks=0) # fontconfig keeps what it has read
    [ ! -d "tests/fuzz/corpus/$target" ] || kept=("tests/fuzz/corpus/$target")
    if build/fuzz/fuzz_"$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 -malloc_limit_mb=1000000 \
        "${flags[@]}" -print_final_stats=1 \
        -artifact_prefix="build/fuzz-found/$target-" "build/fuzz-corpus/$target" "${kept[@]}" \
        "$work/seeds/$target" >"$work/$target.log" 2>&1; then
        say "$target: $(sed -n 's/.*number_of_executed_units: *//p' "$work/$target.log") executions in $seconds s"
    else
        fail "$target: $(grep -m1 -E 'SUMMARY|ERROR' "$work/$target.log")"
    fi
done
finish
