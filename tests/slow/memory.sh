#!/usr/bin/env bash
# memory.sh BUILD: resident memory does not grow with what is read (memory.py; the figures are printed).
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db
python3 "$root/tests/slow/memory.py" "$speur" "$work" || fail "memory grows, or is too much"
finish
