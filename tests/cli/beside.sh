#!/usr/bin/env bash
# beside.sh BUILD: what stands beside the data of a tar's member (attributes, odd records of its header) goes where the
# member goes, what stands before all members keeps none of them, and a member without a name can be dropped too.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
printf 'req_id;type;value\nR1;email;weg@example.nl\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work"
cat >tars.py <<'END'
import base64, io, tarfile
WHO = "mail weg@example.nl over de fiets"
def write(path, members, **settings):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, **settings) as tar:
        for name, data, more in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.pax_headers = more.pop("pax", {})
            for key, value in more.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
def member(name, data=b"niets\n", **more):
    return (name, data, more)
def beside(path, pax=None, data=b"niets\n", **more):
    write(path, [member("voor.txt"), member("a", data, pax=pax or {}, **more), member("na.txt")])
TABLE = b"id,email\n1,blijf@example.org\n2,ook@example.org\n"
DIRECTORY = {"type": tarfile.DIRTYPE, "data": b""}
def inner():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("leeg.txt"))
    return out.getvalue()
beside("xattr.tar", {"SCHILY.xattr.user.comment": WHO})
beside("comment.tar", {"comment": WHO})
beside("bsd.tar", {"LIBARCHIVE.xattr.user.comment": base64.b64encode(WHO.encode()).decode().rstrip("=")})
beside("owner.tar", {"uname": "weg@example.nl"})
beside("acl.tar", {"SCHILY.acl.access": "user::rw-,user:weg@example.nl:r--,group::r--"})
beside("label.tar", {"SCHILY.xattr.security.selinux": WHO, "RHT.security.selinux": WHO})
beside("pdf.tar", {"SCHILY.xattr.user.comment": WHO}, b"%PDF-1.4\n%%EOF\n")
beside("table.tar", {"SCHILY.xattr.user.comment": WHO}, TABLE)
beside("inner.tar", {"SCHILY.xattr.user.comment": WHO}, inner())
beside("folder.tar", {"SCHILY.xattr.user.comment": WHO}, **DIRECTORY)
beside("link.tar", {"SCHILY.xattr.user.comment": WHO}, b"", type=tarfile.LNKTYPE, linkname="voor.txt")
# nobody's: lists are as they would be without
beside("plain.tar", {"SCHILY.xattr.user.comment": "over de fiets", "RHT.security.selinux": "system_u:object_r:user_home_t:s0"})
write("links.tar", [member("voor.txt", pax={"SCHILY.xattr.user.comment": "over de fiets"}),
                    member("a", b"", type=tarfile.LNKTYPE, linkname="voor.txt", pax={"SCHILY.xattr.user.comment": "over de fiets"})])
write("global.tar", [member("voor.txt"), member("na.txt")], pax_headers={"comment": WHO})
write("hash.tar", [member("voor.txt"), member("na.txt")], pax_headers={"comment": "5e1b1f8a0c9d4e7f6a5b4c3d2e1f0a9b8c7d6e5f"})
# a member without a name
info = tarfile.TarInfo("")
info.size = len(WHO)
open("nameless.tar", "wb").write(info.tobuf(tarfile.USTAR_FORMAT) + WHO.encode().ljust(512, b"\0") + bytes(1024))
END
python3 tars.py

# lists TAR: where its members go
lists() {
    touch k d h dec # a check that fails writes none
    "$speur" check -q "$1" --keep0 k --drop0 d --hold0 h --decisions dec >out 2>err || true
    printf 'keep=%s drop=%s hold=%s\n' "$(tr '\0' ' ' <k)" "$(tr '\0' ' ' <d)" "$(tr '\0' ' ' <h)"
}
expect() { # TAR LISTS
    rm -f k d h dec
    local got
    got=$(lists "$1")
    [ "$got" = "$2" ] || fail "$1: $got"
}
for one in xattr bsd comment owner acl label pdf; do
    expect $one.tar 'keep=voor.txt na.txt  drop=a  hold='
    expect_status 0 "$speur" filter -q --drop d --records dec <$one.tar
    ! grep -aq 'weg@example.nl' out || fail "$one.tar: filter passes it"
    [ "$(tar -tf out | tr '\n' ' ')" = 'voor.txt na.txt ' ] || fail "$one.tar: filter gives $(tar -tf out)"
done
for one in table inner folder link; do
    name=a
    [ $one != folder ] || name=a/
    expect $one.tar "keep=voor.txt na.txt  drop= hold=$name "
    expect_status 1 "$speur" filter -q --records dec <$one.tar
    ! grep -aq 'weg@example.nl' out || fail "$one.tar: filter passes it"
done
for one in plain links hash; do
    expect_status 0 "$speur" check $one.tar --hold0 h
    [ ! -s h ] || fail "$one.tar: $(tr '\0' ' ' <h) is held"
done
# a header for all members
expect global.tar 'keep= drop= hold=voor.txt na.txt '
expect_status 1 "$speur" filter -q --records dec <global.tar
! grep -aq 'weg@example.nl' out || fail "filter passes a header for all members"
[ "$(tar -tf out | tr '\n' ' ')" = 'voor.txt na.txt ' ] || fail "and drops $(tar -tf out)"
# no name
expect_status 1 "$speur" check -q nameless.tar --drop0 d --decisions dec
printf '\0' | cmp -s - d || fail "the list of what goes: $(od -c d)"
expect_status 0 "$speur" filter -q --drop d <nameless.tar
! grep -aq 'weg@example.nl' out || fail "filter passes a member without a name"
expect_status 1 "$speur" filter -q --records dec <nameless.tar
! grep -aq 'weg@example.nl' out || fail "and by the decisions"
mkdir tree
printf 'blijft\n' >tree/a
expect_status 1 "$speur" prune --root tree --drop0 d
[ -e tree/a ] || fail "prune takes no name for the tree"
# lists of what a folder held, as GNU tar makes them for incremental backups: a letter stands before each name
mkdir level
printf 'niets\n' >level/weg@example.nl
printf 'niets\n' >level/blijf
sleep 0.1
for form in gnu posix; do
    rm -f snar
    tar --format=$form -g snar -cf full.tar level
    sleep 0.1
    date >level/nieuw.$form
    tar --format=$form -g snar -cf since.tar level
    [ "$(tar -tf since.tar | grep -c weg || true)" -eq 0 ] || fail "the file itself is in the second archive"
    expect_status 1 "$speur" check -q since.tar --drop0 d --hold0 h
    [ "$(cat d h | tr '\0' ' ')" = 'level/ ' ] || fail "$form: dropped or held are $(cat d h | tr '\0' ' ')"
    expect_status 1 "$speur" check snar
    grep -q '^HIT ' out || fail "$form: the list beside the archives"
done
python3 - <<'END'
import tarfile, io
text = b"Niets van belang, mail Nog.weg@example.org"  # of type D, and no list
info = tarfile.TarInfo("a")
info.type, info.size = b"D", len(text)
open("nolist.tar", "wb").write(info.tobuf(tarfile.GNU_FORMAT) + text.ljust(512, b"\0") + bytes(1024))
END
"$speur" scan -q nolist.tar >out
[ "$("$speur" export | grep -c '"path":"nolist.tar')" -eq 1 ] || fail "text in the place of a list"
# an attribute of the archive itself
if python3 -c 'import os, sys; os.setxattr("plain.tar", "user.comment", b"mail weg@example.nl over")' 2>err; then
    expect plain.tar 'keep= drop= hold=voor.txt a na.txt '
fi
finish
