#!/usr/bin/env bash
# disk.sh BUILD: disk images made by the programs that make them. Each file is there, with its inode and path; deleted files,
# slack and free space are read; partitions; what is damaged, encrypted or lies is told of; speur-disk may die or hang.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
[ -x "$build/speur-disk" ] || { say "skipped: speur-disk was not built"; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
export SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register SPEUR_INVENTORY=$work/inventory
expect_status 0 "$speur" register init
{
    printf 'req_id;type;value\n'
    for who in jan deleted slack free zip stream; do printf 'R-%s;email;%s@klant.example.org\n' $who $who; done
} >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work"

# ---- what goes into them
mkdir -p files/home/jan files/leeg
printf 'nr;email\n1;kees@klant.example.org\n2;piet@klant.example.org\n3;jan@klant.example.org\n' >files/home/jan/klanten.csv
printf 'nr;email\n1;zip@klant.example.org\n' >binnen.csv
zip -q files/home/jan/post.zip binnen.csv
printf 'brief aan deleted@klant.example.org\n' >files/home/jan/verwijderd.txt
seq 200000 | sed 's/^/regel /' >files/home/groot.txt
printf 'niets te vinden\n' >files/home/niets.txt

# planted IMAGE TEXT WHERE: writes TEXT so many bytes behind the place where WHERE stands.
plant() {
    python3 - "$@" <<'PYTHON'
import os, sys
image, text, where, behind = sys.argv[1:]
with open(image, "r+b") as f:
    at = int(where) if where.isdigit() else f.read().index(where.encode()) + len(where)
    f.seek(at + int(behind))
    f.write(os.fsencode(text))
PYTHON
}

make_ext() { # make_ext TYPE IMAGE
    mke2fs -q -t "$1" -b 1024 -d files "$2" 24M >/dev/null
    debugfs -w -R 'rm /home/jan/verwijderd.txt' "$2" 2>/dev/null
}
make_fat() { # make_fat BITS MIB IMAGE
    truncate -s "$2M" "$3"
    mkfs.fat -F "$1" "$3" >/dev/null
    mmd -i "$3" ::/home ::/home/jan ::/leeg
    mcopy -i "$3" files/home/groot.txt files/home/niets.txt ::/home/
    mcopy -i "$3" files/home/jan/* ::/home/jan/
    mdel -i "$3" ::/home/jan/verwijderd.txt
}
make_ntfs() { # make_ntfs IMAGE
    truncate -s 16M "$1"
    mkntfs -q -F "$1" >/dev/null 2>&1
    ntfscp -q "$1" files/home/jan/klanten.csv klanten.csv
    ntfscp -q "$1" files/home/jan/post.zip post.zip
    ntfscp -q "$1" files/home/groot.txt groot.txt
    printf 'stroom stream@klant.example.org\n' >stroom.txt
    ntfscp -q -N geheim "$1" stroom.txt klanten.csv
}
make_ext ext4 ext4.img
make_ext ext2 ext2.img
make_fat 16 20 fat16.img
make_fat 32 40 fat32.img
make_ntfs ntfs.img
for image in ext4.img ext2.img fat16.img fat32.img; do
    plant $image ' slack@klant.example.org ' '3;jan@klant.example.org' 40
done
plant ext4.img ' free@klant.example.org ' 24000000 0
plant fat16.img ' free@klant.example.org ' 15000000 0

# expect STATUS IMAGE <<LINES: the hits of a check of it, in any order.
expect() {
    local status=0
    rm -f inventory*
    "$speur" check "$2" --decisions found --keep0 keep --drop0 drop --hold0 hold >out 2>err || status=$?
    [ $status -eq "$1" ] || fail "$2: status $status instead of $1: $(grep -A20 '^Not read' out)"
    jq -r '.req_id + " " + .locator' found | sort >got
    sed '/^$/d' | sort >want
    diff want got || fail "$2: not these hits"
}
told() { # told IMAGE: "reason locator" of what was not read in the last check
    "$speur" export --unread -o unread
    jq -r '.reason + " " + .locator' unread | sort
}
inode() { # inode IMAGE PATH: as fls of the Sleuth Kit tells it
    fls -r -p "$1" | sed -n "s|^[^ ]* \(\* \)\{0,1\}\([0-9]*\)[-0-9]*:	$2\$|\2|p" | head -n 1
}
at() { # at IMAGE TEXT: byte
    grep -obaF "$2" "$1" | head -n 1 | cut -d: -f1
}

# ---- file systems
for image in ext4.img ext2.img fat16.img fat32.img; do
    free=
    [ $image != ext4.img ] && [ $image != fat16.img ] || free="R-free $image!p0:unallocated!@$(at $image free@klant)"
    expect 1 $image <<END
R-jan $image!p0:$(inode $image home/jan/klanten.csv)/home/jan/klanten.csv![3].email
R-zip $image!p0:$(inode $image home/jan/post.zip)/home/jan/post.zip!binnen.csv![1].email
R-deleted $image!p0:$(inode $image home/jan/verwijderd.txt),deleted/home/jan/verwijderd.txt!1:11
R-deleted $image!p0:unallocated!@$(at $image deleted@klant)
R-slack $image!p0:slack!@$(at $image slack@klant)
$free
END
done
expect 1 ntfs.img <<END
R-jan ntfs.img!p0:64/klanten.csv![3].email
R-zip ntfs.img!p0:65/post.zip!binnen.csv![1].email
R-stream ntfs.img!p0:64/klanten.csv:geheim!1:8
END
[ "$(told)" = "" ] || fail "something of a whole image is told as unread: $(told)"

# Each name that the Sleuth Kit lists is a member, and each file that has a name has its content.
for image in ext4.img ext2.img fat16.img fat32.img ntfs.img; do
    "$build/speur-disk" --no-sandbox 3<$image | cat >stream.tar
    python3 - $image <<'PYTHON' || fail "$image: not all that fls lists"
import re, subprocess, sys, tarfile
image, wrong, members = sys.argv[1], 0, {}
with tarfile.open("stream.tar", errorlevel=2) as tar:
    for m in tar:
        members[m.name.rstrip("/").encode("utf-8", "surrogateescape").decode()] = m
    for line in subprocess.run(["fls", "-r", "-p", image], capture_output=True, text=True, check=True).stdout.splitlines():
        kind, gone, inum, attr, name = re.match(r"(\S+) (\* )?(\d+)(-[-0-9]+)?:\t(.*)$", line).groups()
        if kind[0] in "vV" or "OrphanFile" in name or re.search(r":\$[A-Z]|\$Bad$|\$UpCase:", name):
            continue
        member = members.get(f"p0:{inum}{',deleted' if gone else ''}/{name}")
        if member is None:
            print("missing:", line)
            wrong += 1
        elif kind.endswith("r") and not gone and not name.startswith("$"):
            want = subprocess.run(["icat", image, inum + (attr or "")], capture_output=True, check=True).stdout
            have = tar.extractfile(member).read()
            if have != want:
                print("other content:", line, len(have), len(want))
                wrong += 1
print(image, len(members), "members")
sys.exit(wrong > 0)
PYTHON
done

# ---- in what, and with what
mkdir boom
cp ext4.img boom/schijf.img
zip -q boom/in.zip ntfs.img
gzip -c ntfs.img >boom/ntfs.img.gz
printf 'jan@klant.example.org\n' >files-one.txt
truncate -s 8M boom/een.img
mkfs.fat -F 12 boom/een.img >/dev/null
mcopy -i boom/een.img files-one.txt ::/een.txt
expect 1 boom <<END
R-free schijf.img!p0:unallocated!@24000001
R-jan schijf.img!p0:$(inode ext4.img home/jan/klanten.csv)/home/jan/klanten.csv![3].email
R-zip schijf.img!p0:$(inode ext4.img home/jan/post.zip)/home/jan/post.zip!binnen.csv![1].email
R-deleted schijf.img!p0:$(inode ext4.img home/jan/verwijderd.txt),deleted/home/jan/verwijderd.txt!1:11
R-deleted schijf.img!p0:unallocated!@$(at ext4.img deleted@klant)
R-slack schijf.img!p0:slack!@$(at ext4.img slack@klant)
R-jan in.zip!ntfs.img!p0:64/klanten.csv![3].email
R-zip in.zip!ntfs.img!p0:65/post.zip!binnen.csv![1].email
R-stream in.zip!ntfs.img!p0:64/klanten.csv:geheim!1:8
R-jan ntfs.img.gz!ntfs.img!p0:64/klanten.csv![3].email
R-zip ntfs.img.gz!ntfs.img!p0:65/post.zip!binnen.csv![1].email
R-stream ntfs.img.gz!ntfs.img!p0:64/klanten.csv:geheim!1:8
R-jan een.img!p0:3/een.txt!1:1
END
# An image comes back as a whole: a person decides, also when all in it is of one who was met.
[ "$(tr '\0' '\n' <hold | sort | tr '\n' ' ')" = "een.img in.zip ntfs.img.gz schijf.img " ] ||
    fail "images are not held: hold $(tr '\0' ' ' <hold) drop $(tr '\0' ' ' <drop)"

# An image within an image; one that is larger than a spool is told of and read as bytes.
mkdir outer
cp boom/een.img outer/vm.img
mke2fs -q -t ext4 -d outer outer.img 16M >/dev/null
expect 1 outer.img <<END
R-jan outer.img!p0:12/vm.img!p0:3/een.txt!1:1
END
expect_status 3 "$speur" check --fresh boom/in.zip --limit-spool 1000000
told >reasons
grep -q '^opaque in.zip!ntfs.img$' reasons || fail "an image that is larger than a spool: $(cat reasons)"
grep -q '^HIT .*R-jan ' out || fail "an image that is larger than a spool is not read as bytes"

# ---- tables of partitions
truncate -s 64M gpt.img
sgdisk -o -n 1:2048:+25M -n 2:0:+17M -n 3:0:+2M -n 4:0:+2M gpt.img >/dev/null
first() { sgdisk -i "$1" gpt.img | sed -n 's/^First sector: \([0-9]*\).*/\1/p'; }
dd if=ext4.img of=gpt.img bs=512 seek="$(first 1)" conv=notrunc status=none
dd if=ntfs.img of=gpt.img bs=512 seek="$(first 2)" conv=notrunc status=none
plant gpt.img $'LUKS\xba\xbe' $(($(first 3) * 512)) 0
plant gpt.img ' free@klant.example.org ' $(($(first 4) * 512 + 1000)) 0
plant gpt.img ' slack@klant.example.org ' 60000000 0
cp gpt.img mbr.img
sgdisk -m 1:2:3:4 mbr.img >/dev/null
for image in gpt.img mbr.img; do
    expect 3 $image <<END
R-free $image!p1:unallocated!@24000001
R-jan $image!p1:$(inode ext4.img home/jan/klanten.csv)/home/jan/klanten.csv![3].email
R-zip $image!p1:$(inode ext4.img home/jan/post.zip)/home/jan/post.zip!binnen.csv![1].email
R-deleted $image!p1:$(inode ext4.img home/jan/verwijderd.txt),deleted/home/jan/verwijderd.txt!1:11
R-deleted $image!p1:unallocated!@$(at ext4.img deleted@klant)
R-slack $image!p1:slack!@$(at ext4.img slack@klant)
R-jan $image!p2:64/klanten.csv![3].email
R-zip $image!p2:65/post.zip!binnen.csv![1].email
R-stream $image!p2:64/klanten.csv:geheim!1:8
R-free $image!p4:raw!@1001
R-slack $image!unpartitioned!@60000001
END
    told >reasons
    grep -q "^encrypted $image!p3$" reasons || fail "$image: an encrypted partition is not told: $(cat reasons)"
    grep -q "^unsupported $image!p4$" reasons || fail "$image: a partition of no kind is not told"
    ! grep -q 'p[12]' reasons || fail "$image: $(cat reasons)"
done

# ---- damaged, cut, lying
reasons() { told | cut -d' ' -f1 | sort -u | tr '\n' ' '; }
cp ext4.img super.img
dd if=/dev/zero of=super.img bs=1024 seek=1 count=1 conv=notrunc status=none
cp ext4.img blocks.img
plant blocks.img $'\x7f\x7f' $((1024 + 24)) 0
cp fat32.img boot.img
dd if=/dev/zero of=boot.img bs=512 count=1 conv=notrunc status=none
cp gpt.img copy.img
dd if=/dev/zero of=copy.img bs=512 count=34 conv=notrunc status=none
for image in super.img blocks.img; do
    expect 3 $image <<END
R-jan $image!p0:raw!@$(at $image 'jan@klant')
R-deleted $image!p0:raw!@$(at $image deleted@klant)
R-slack $image!p0:raw!@$(at $image slack@klant)
R-zip $image!p0:raw!@$(at $image 'zip@klant')
R-free $image!p0:raw!@24000001
END
    [[ $(reasons) == *corrupt* || $(reasons) == *unsupported* ]] || fail "$image: told only $(told)"
done
for image in boot.img:1 copy.img:3; do # libtsk knows where their copies are
    rm -f inventory*
    expect_status "${image#*:}" "$speur" check "${image%:*}"
    grep -q '^HIT .*R-jan .*klanten.csv!' out || fail "$image: the copy of what is damaged is not used"
done

# Changes that are only in a journal yet.
cp ext4.img journal.img
debugfs -w -R 'feature needs_recovery' journal.img >/dev/null 2>&1
cp ntfs.img dirty.img
python3 - <<'PYTHON'
import struct
with open("dirty.img", "r+b") as f:
    data = f.read()
    size, per = struct.unpack_from("<HB", data, 11)
    entry = struct.unpack_from("<Q", data, 48)[0] * size * per + 3 * 1024
    at = entry + struct.unpack_from("<H", data, entry + 20)[0]
    while data[at] != 0x70:
        at += struct.unpack_from("<I", data, at + 4)[0]
    f.seek(at + struct.unpack_from("<H", data, at + 20)[0] + 10)
    f.write(b"\x01")
PYTHON
for image in journal.img dirty.img; do
    rm -f inventory*
    expect_status 3 "$speur" check $image
    [ "$(told)" = "stale $image!p0" ] || fail "$image: a journal that was not replayed: $(told)"
done

# The chain of a file that ends before its size: what is missing is told, not taken for zeros.
cp fat16.img chain.img
python3 - <<'PYTHON'
import struct
with open("chain.img", "r+b") as f:
    data = f.read()
    size, per, reserved, fats, sectors = *struct.unpack_from("<HBHB", data, 11), struct.unpack_from("<H", data, 22)[0]
    entry = data.index(b"GROOT   TXT")
    first = struct.unpack_from("<H", data, entry + 26)[0]
    for fat in range(fats):
        f.seek((reserved + fat * sectors) * size + first * 2)
        f.write(b"\xff\xff")
PYTHON
rm -f inventory*
expect_status 3 "$speur" check --fresh chain.img
[ "$(told)" = "corrupt chain.img!p0:$(inode chain.img home/groot.txt)/home/groot.txt" ] || fail "a chain that is cut: $(told)"

head -c 9000000 ext4.img >cut.img
expect_status 3 "$speur" check --fresh cut.img
grep -q '^HIT .*R-jan .*klanten.csv!' out || fail "nothing is read of an image that was cut"
[[ $(reasons) == *truncated* ]] || fail "an image that was cut: $(told)"

cp ext2.img ring.img
debugfs -w -R 'ln /home /home/jan/ring' ring.img 2>/dev/null
expect_status 1 timeout 60 "$speur" check --fresh ring.img
grep -q '^HIT .*R-jan .*home/jan/klanten.csv!' out || fail "a directory within itself"

cp ext4.img size.img
debugfs -w -R 'sif /home/niets.txt size 1099511627776' size.img 2>/dev/null
status=0
timeout 120 "$speur" check --fresh size.img >out 2>err || status=$?
[ $status -eq 1 ] || [ $status -eq 3 ] || fail "a size that lies: status $status"
grep -q '^HIT .*R-jan .*klanten.csv!' out || fail "a size that lies hides the rest"

# ---- speur-disk that fails: the image is told of, and its text is found all the same
mkdir bin
cp "$speur" "$build/speur-worker" bin/
ln -s "$root/patterns" bin/patterns
expect_disk() { # expect_disk REASON [OPTION]...: the program's text comes from standard input
    local reason=$1
    shift
    rm -f bin/speur-disk inventory*
    cat >bin/speur-disk
    chmod +x bin/speur-disk
    expect_status 3 bin/speur check ext4.img "$@"
    grep -q '^HIT .*R-jan ' out || fail "$reason: nothing is found"
    [[ " $(reasons)" == *" $reason "* ]] || fail "$reason is not told: $(told)"
}
expect_disk limit_memory <<'END'
#!/bin/sh
kill -9 $$
END
expect_disk crashed <<'END'
#!/bin/sh
kill -SEGV $$
END
expect_disk crashed <<END
#!/bin/sh
"$build/speur-disk" --no-sandbox 3<&3 | head -c 30000
exit 1
END
expect_disk crashed <<'END'
#!/bin/sh
exit 0
END
expect_disk timeout --limit-time 1 <<'END'
#!/bin/sh
kill -STOP $$
END
[ "$(pgrep -c -f "$work/bin/speur-disk")" = 0 ] || fail "a program that hung was left running"
rm -f bin/speur-disk inventory*
expect_status 3 bin/speur check ext4.img gpt.img boom/in.zip boom/ntfs.img.gz
[ "$(reasons)" = "opaque " ] || fail "without speur-disk: $(told)"
[ "$(told | wc -l)" = 4 ] || fail "without speur-disk: $(told)"
grep -q '^HIT .*R-jan .*ext4.img!@' out || fail "without speur-disk no text is found"
finish
