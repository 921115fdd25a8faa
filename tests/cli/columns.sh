#!/usr/bin/env bash
# Columns: a header that says so gives all numbers that pass, one that says otherwise none; where it
# says nothing, the values tell, if nearly all of twenty or more different ones pass one check.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
mkdir "$work/keep" "$work/share"
export SPEUR_KEY=$work/keep/key SPEUR_INVENTORY=$work/keep/inventory
python3 - "$work/share" <<'END'
import pathlib, random, sys
share, rng = pathlib.Path(sys.argv[1]), random.Random(3)
def bsn():
    while True:
        eight = f"{rng.randrange(10_000_000, 79_999_999):08d}"
        rest = sum(int(c) * (9 - i) for i, c in enumerate(eight)) % 11
        if rest < 10:
            return eight + str(rest)
def table(name, header, values, rows=None):
    lines = [f"nr;{header};plaats"] + [f"{i};{v};Tiel" for i, v in enumerate(values)]
    (share / f"{name}.csv").write_text("\n".join(lines) + "\n")
right = [bsn() for _ in range(600)]
table("bsn", "bsn", right)
table("order", "ordernummer", right)
table("stil", "veld7", right)
table("sheet", "veld", right[:25])
table("kort", "veld", right[:15])
table("eender", "veld", [right[i % 5] for i in range(300)])
table("half", "veld", [r if i % 3 else "12345678" + str(i % 10) for i, r in enumerate(right)])
table("random", "veld", [f"{rng.randrange(10**8, 10**9)}" for _ in range(600)])
table("later", "veld", [""] * 150 + right[:400])
END
count() { # FILE: BSNs of medium confidence or more
    jq -r --arg f "$1.csv" 'select(.path == $f and .type == "bsn") | .type' "$work/found" | wc -l
}
for threads in 1 8; do
    rm -f "$SPEUR_INVENTORY"
    expect_status 0 "$speur" scan -j "$threads" "$work/share"
    expect_status 0 "$speur" export --stable --output "$work/found"
    for expected in bsn:600 order:0 stil:600 sheet:25 kort:0 eender:0 half:0 random:0 later:400; do
        [ "$(count "${expected%:*}")" = "${expected#*:}" ] ||
            fail "${expected%:*}: $(count "${expected%:*}") instead of ${expected#*:}"
    done
    sed 's/"id":"[^"]*",//' "$work/found" >"$work/found.$threads"
done
cmp "$work/found.1" "$work/found.8" || fail "one and eight threads"
finish
