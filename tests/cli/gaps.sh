#!/usr/bin/env bash
# gaps.sh BUILD: bytes of an archive that no member has. Text in them is found, packed data in them is told of, and what
# ordinary programs leave there is neither.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
printf 'req_id;type;value\nR1;email;weg@example.nl\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
mkdir "$work/files"
cd "$work/files"
cat >../make.py <<'END'
import bz2, gzip, io, os, random, struct, subprocess, tarfile, zipfile, zlib
WHO = b"mail weg@example.nl over de fiets\n"
GZIP, BZIP2 = gzip.compress(WHO * 3), bz2.compress(WHO * 3)
def raw(data):
    deflate = zlib.compressobj(9, 8, -15)
    return deflate.compress(data) + deflate.flush()
RANDOM = random.Random(1)
RAW = raw(WHO + b"".join(b"regel %d\n" % RANDOM.randrange(10**9) for _ in range(400)))
def put(name, data):
    open(name, "wb").write(data)
def tar(size, kind=b"0", name="a.txt", link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info.tobuf(tarfile.USTAR_FORMAT)
def block(data, fill=b""):
    return data + (fill + bytes(512))[:-len(data) % 512]
ENDING = bytes(1024)
FILE = tar(6) + block(b"niets\n")
def pax(records):
    body = b""
    for key, value in records:
        rest = b" " + key + b"=" + value + b"\n"
        length = len(rest) + 2
        body += b"%d" % length + rest if len(b"%d" % length) == 2 else b"%d" % (length + 1) + rest
    return body
# behind a member's end, in its last block; behind the end
put("hit-padding.tar", tar(6) + block(b"niets\n", WHO) + FILE + ENDING)
put("hit-padding-last.tar", FILE + tar(6) + block(b"niets\n", WHO) + ENDING)
put("hit-behind.tar", FILE + ENDING + block(WHO) + ENDING)
put("odd-padding.tar", tar(6) + block(b"niets\n", GZIP) + FILE + ENDING)
put("odd-behind.tar", FILE + ENDING + block(GZIP) + ENDING)
# long names: of another member, with more behind the NUL, behind its length
put("hit-long.tar", tar(8 + len(WHO), b"L", "././@LongLink") + block(b"a.txt\0\0\0" + WHO) + FILE + ENDING)
put("hit-long-padding.tar", tar(6, b"L", "././@LongLink") + block(b"a.txt\0", bytes(4) + WHO) + FILE + ENDING)
put("hit-link.tar", tar(len(WHO), b"K", "././@LongLink") + block(WHO) + FILE + ENDING)
put("hit-solaris.tar", tar(len(WHO), b"X", "x") + block(WHO) + FILE + ENDING)
put("hit-paxlink.tar", tar(len(pax([(b"linkpath", WHO)])), b"x", "x") + block(pax([(b"linkpath", WHO)])) + FILE + ENDING)
put("hit-paxtwice.tar", tar(len(pax([(b"path", WHO)])), b"x", "x") + block(pax([(b"path", WHO)])) +
    tar(len(pax([(b"path", b"naam-van-het-bestand.txt")])), b"x", "x") + block(pax([(b"path", b"naam-van-het-bestand.txt")])) + FILE + ENDING)
for kind in b"LKX":
    put("odd-body-%c.tar" % kind, tar(len(GZIP), bytes([kind]), "d.gz") + block(GZIP) + FILE + ENDING)
# zip
def zipped(extra=b"", comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("a.txt")
        info.extra = extra
        archive.writestr(info, b"niets\n")
        archive.writestr("b.txt", b"niets\n" * 50)
        archive.comment = comment
    return out.getvalue()
def between(data, where):
    whole = bytearray(zipped())
    at = whole.rindex(b"PK\3\4") if where == "members" else whole.index(b"PK\1\2")
    directory = whole.index(b"PK\1\2")
    second = whole.index(b"PK\1\2", directory + 4)
    if where == "members":
        whole[second + 42:second + 46] = struct.pack("<I", struct.unpack("<I", whole[second + 42:second + 46])[0] + len(data))
    end = whole.index(b"PK\5\6")
    whole[end + 16:end + 20] = struct.pack("<I", directory + len(data))
    return bytes(whole[:at]) + data + bytes(whole[at:])
def field(number, data):
    return struct.pack("<HH", number, len(data)) + data
for where in "members", "directory":
    put(f"hit-{where}.zip", between(WHO, where))
    put(f"odd-gzip-{where}.zip", between(GZIP, where))
    put(f"odd-bzip2-{where}.zip", between(BZIP2, where))
    put(f"odd-deflate-{where}.zip", between(RAW, where))
    put(f"odd-short-{where}.zip", between(raw(b"mail aan weg@example.nl over de fiets"), where))
put("hit-behind.zip", zipped() + WHO)
put("odd-gzip-behind.zip", zipped() + GZIP)
put("odd-bzip2-behind.zip", zipped() + BZIP2)
put("odd-deflate-behind.zip", zipped() + RAW)
put("hit-field.zip", zipped(field(0x6666, WHO)))
put("hit-time-field.zip", zipped(field(0x5455, b"\3" + WHO * 2)))
put("odd-field.zip", zipped(field(0x6666, GZIP)))
# what is ordinary: times, owners, growth, alignment, the signature of an app
put("clean-fields.zip", zipped(field(0x5455, b"\3abcdefgh") + field(0x7875, b"\1\4\xe8\3\0\0\4\xe8\3\0\0") +
    field(0xA220, b"\x28\xa0\0\0" + bytes(400)) + field(0xD935, b"\4\0" + bytes(6))))
put("clean-comment.zip", zipped(comment=b"gemaakt voor de vereniging"))
put("odd-far.zip", between(bytes(9000) + raw(b"mail aan weg@example.nl over de fiets"), "members"))
put("clean-zeros.zip", between(bytes(5000), "members"))
blob = random.Random(2).randbytes(4000)
size = struct.pack("<Q", len(blob) + 24)
put("clean-app.apk", between(size + blob + size + b"APK Sig Block 42", "directory"))
put("clean.tar", FILE + tar(5) + block(b"niets") + ENDING + bytes(9216))
# frames of zstd and lz4 with somebody's own data: before the others, between and behind them
def skippable(data):
    return struct.pack("<II", 0x184D2A55, len(data)) + data
TOOLS = {"zst": [["zstd", "-c"], ["zstd", "-c", "--no-check", "-19"], ["zstd", "-c", "--no-content-size"]],
         "lz4": [["lz4", "-c"], ["lz4", "-c", "-BX", "-B4"], ["lz4", "-c", "--no-frame-crc", "--content-size"], ["lz4", "-c", "-l"]]}
for suffix, tools in TOOLS.items():
    for number, tool in enumerate(tools):
        def packed(data):
            return subprocess.run(tool, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        if "-l" not in tool: # the old form ends with the file
            put(f"hit-before-{number}.{suffix}", skippable(b"x" * 9000 + WHO) + packed(b"niets\n"))
            put(f"hit-between-{number}.{suffix}", packed(b"niets\n") + skippable(WHO) + packed(b"niets\n"))
            put(f"hit-after-{number}.{suffix}", packed(b"x" * 5000) + skippable(b"") + skippable(WHO))
            put(f"odd-after-{number}.{suffix}", packed(b"x" * 5000) + skippable(GZIP))
            # libarchive refuses lz4 that begins with one, which is told
            first = skippable(struct.pack("<I", 900)) if suffix == "zst" else b""
            put(f"clean-sizes-{number}.{suffix}", first + packed(b"x" * 5000) + skippable(bytes(40)))
        put(f"clean-{number}.{suffix}", packed(b"niets\n" * 9000))
put("hit-huge.zst", subprocess.run(["zstd", "-c"], input=b"niets\n" * 900000, stdout=subprocess.PIPE, check=True).stdout + skippable(WHO))
END
for tool in zstd lz4; do
    command -v $tool >/dev/null || {
        printf '%s is not installed\n' $tool
        exit 77
    }
done
python3 ../make.py
for file in hit-*; do
    "$speur" check "$file" >"$work/out" 2>"$work/err" || true
    grep -q '^HIT .*R1' "$work/out" || fail "$file: $(tail -n 1 "$work/out")"
done
for file in odd-*; do
    "$speur" check "$file" >"$work/out" 2>"$work/err" || true
    tail -n 1 "$work/out" | grep -q INCOMPLETE || fail "$file: $(tail -n 1 "$work/out")"
done
for file in clean*; do
    expect_status 0 "$speur" check "$file"
    [ ! -s "$work/err" ] || fail "$file: $(cat "$work/err")"
done
finish
