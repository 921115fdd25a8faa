#!/usr/bin/env bash
# As tests/cli/kill9.sh, at many more moments.
set -euo pipefail
exec "$(dirname "$0")/../cli/kill9.sh" "$1" 60
