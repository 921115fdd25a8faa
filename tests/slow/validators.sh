#!/usr/bin/env bash
# validators.sh BUILD [COUNT]: 100,000 generated values of each type in a column of their own, beside what python-stdnum,
# libphonenumber-js and ibantools say of them (validators.py; the figures are printed, differences that are meant are explained there).
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
"$root/tests/install" validators
export HOME=$work
(cd "$work" && npm install --no-audit --no-fund --silent libphonenumber-js@1 ibantools@4) || die "npm cannot fetch its packages"
/usr/bin/python3 "$root/tests/slow/validators.py" "$speur" "$work" "${2-100000}" || fail "they do not agree"
finish
