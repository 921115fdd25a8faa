#!/usr/bin/env bash
# iso.sh BUILD: what lies in an ISO 9660 image and in none of its files: strings of the volume, files without a record of a
# directory, boot images, what is behind a file's end. What is in a file is not found twice.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
command -v genisoimage >/dev/null || {
    printf 'genisoimage is not installed\n'
    exit 77
}
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
printf 'req_id;type;value\nR1;email;weg@example.nl\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work"
mkdir -p files/map/dieper
printf 'niets\n' >files/a.txt
printf 'mail weg@example.nl\n' >files/map/dieper/b.txt
mkdir leeg
printf 'niets\n' >leeg/a.txt
make_iso() { # FILE FOLDER OPTION...
    local file=$1 folder=$2
    shift 2
    genisoimage -quiet "$@" -o "$file" "$folder" 2>err || fail "genisoimage: $(cat err)"
}
for form in '' -R '-J -R' -J; do
    # shellcheck disable=SC2086
    make_iso once.iso files $form
    expect_status 1 "$speur" check once.iso
    [ "$(grep -c '^HIT ' out)" -eq 1 ] || fail "form '$form': $(grep '^HIT ' out)"
    # shellcheck disable=SC2086
    make_iso hidden.iso files $form -hide b.txt -hide-joliet b.txt
    expect_status 1 "$speur" check hidden.iso
    grep -q '^HIT .*R1 .*hidden.iso!@[0-9]' out || fail "form '$form', hidden: $(grep '^HIT ' out)"
    at=$(sed -n 's/^HIT .*hidden.iso!@\([0-9]*\).*/\1/p' out | head -n 1)
    [ "$(dd if=hidden.iso bs=1 skip="$at" count=14 status=none)" = weg@example.nl ] || fail "form '$form': its place"
    # shellcheck disable=SC2086
    make_iso plain.iso leeg $form
    expect_status 0 "$speur" check plain.iso
done
make_iso half.iso files -J -R -hide b.txt
expect_status 1 "$speur" check half.iso
make_iso half.iso files -J -hide-joliet b.txt
expect_status 1 "$speur" check half.iso
make_iso string.iso leeg -publisher weg@example.nl
expect_status 1 "$speur" check string.iso
head -c 2048 /dev/zero >leeg/boot.img
printf 'mail weg@example.nl\n' | dd of=leeg/boot.img bs=1 seek=700 conv=notrunc status=none
make_iso boot.iso leeg -b boot.img -no-emul-boot -c boot.cat -hide boot.img -hide boot.cat
expect_status 1 "$speur" check boot.iso
rm leeg/boot.img
printf 'mail weg@example.nl\n' | gzip >leeg/c.gz
make_iso packed.iso leeg -hide c.gz
expect_status 2 "$speur" check packed.iso
rm leeg/c.gz
# behind a file's end, in its last sector
make_iso slack.iso leeg
python3 - <<'END'
data = bytearray(open("slack.iso", "rb").read())
at = data.index(b"niets\n") + 100
data[at:at + 20] = b"mail weg@example.nl\n"
open("slack.iso", "wb").write(data)
END
expect_status 1 "$speur" check slack.iso
# one that cannot be sought in
make_iso plain.iso leeg
gzip -k plain.iso
expect_status 0 "$speur" check plain.iso.gz
expect_status 2 "$speur" check --limit-spool 100000 plain.iso.gz
grep -q limit_spool out || fail "too large for a spool: $(cat out)"
finish
