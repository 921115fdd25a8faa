#!/usr/bin/env bash
# mutants.sh BUILD: 200 mutants of a file of each format.
exec "$(dirname "$0")/../cli/mutants.sh" "$1" 200 "${2-7}"
