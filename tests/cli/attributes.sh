#!/usr/bin/env bash
# attributes.sh BUILD: extended attributes of files in a tree, which rsync -X and tar --xattrs bring back: found, located,
# met by a check, read again when they change.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
mkdir "$work/share"
set_attribute() { # FILE NAME VALUE ENCODING
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], sys.argv[2], sys.argv[3].encode(sys.argv[4]))' "$@"
}
printf 'niets\n' >"$work/share/a.txt"
printf 'mail els@post.example\n' >"$work/share/b.txt"
if ! set_attribute "$work/share/a.txt" user.comment "zie jan@post.example" utf-8 2>"$work/err"; then
    printf 'this file system has no extended attributes: %s\n' "$(tail -n 1 "$work/err")"
    exit 77
fi
set_attribute "$work/share/b.txt" user.SUNWstream "zie piet@post.example" utf-16-le
# more names than fit into a first look
python3 -c 'import os, sys; [os.setxattr(sys.argv[1], f"user.naam{n}", f"veel{n}@post.example".encode()) for n in range(1, 41)]' "$work/share/b.txt"
expect_status 0 "$speur" register init
printf 'req_id;type;value\nA1;email;jan@post.example\nA2;email;piet@post.example\nA3;email;veel40@post.example\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
expect_status 1 "$speur" check "$work/share" --drop0 "$work/drop" --keep0 "$work/keep"
grep -q '^HIT .*A1 .*a.txt!user.comment!@4$' "$work/out" || fail "$(cat "$work/out")"
grep -q '^HIT .*A2 .*b.txt!user.SUNWstream' "$work/out" || fail "UTF-16 in an attribute: $(cat "$work/out")"
grep -q '^HIT .*A3 .*b.txt!user.naam40' "$work/out" || fail "the last of many: $(cat "$work/out")"
[ "$("$speur" export | wc -l)" -eq 43 ] || fail "$("$speur" export | jq -r .locator)"
# what a link says comes back with it
ln -s ../map/jan@post.example.txt "$work/share/koppeling"
expect_status 1 "$speur" check "$work/share" --keep0 "$work/keep"
grep -q '^HIT .*A1 .*koppeling$' "$work/out" || fail "the target of a link: $(cat "$work/out")"
tr '\0' '\n' <"$work/keep" | grep -q koppeling && fail "a link with a hit is kept"
rm "$work/share/koppeling"
set_attribute "$work/share/a.txt" user.comment "niets" utf-8
set_attribute "$work/share/b.txt" user.naam40 "niets" utf-8
set_attribute "$work/share/b.txt" user.SUNWstream "niets" utf-8
expect_status 0 "$speur" check "$work/share"
tail -n 1 "$work/out" | grep -q '^VERDICT: CLEAN$' || fail "$(cat "$work/out")"
finish
