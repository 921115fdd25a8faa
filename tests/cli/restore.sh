#!/usr/bin/env bash
# Each restore tool with hostile names and their look-alikes: nothing erased comes back, nothing
# innocent is lost. Real backups by the tools themselves.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_REGISTER=$work/register.jsonl SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db
expect_status 0 "$speur" register init
printf 'wis.mij@voorbeeld.example' | expect_status 0 "$speur" register add --req R-1 --type email

python3 "$root/tests/cases/restore.py" "$speur" "$work/case" || fail "a restore tool leaks or loses"
finish
