#!/usr/bin/env bash
# office.sh BUILD: documents that real programs made. LibreOffice turns a letter and a table into each format that it writes, qpdf
# locks PDFs; files of Outlook and office come with npm packages, fetched here and never kept. What is planted must be found; of a
# real PST all addresses that readpst finds; 100 mutants of each fixture end well.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
"$root/tests/install" office
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db HOME=$work
python3 "$root/tests/slow/office.py" "$speur" "$work" || fail "not all of it was found, or a parser did not hold"
finish
