#!/usr/bin/env bash
# ocr.sh BUILD: words of pictures are found at their place, whatever the picture lies in; what cannot be made out is told of.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
if [ ! -x "$build/speur-ocr" ] || ! "$build/speur-ocr" --level >/dev/null 2>&1; then
    say "speur-ocr was not built, or has no languages: left out"
    exit 77
fi
command -v convert >/dev/null || die "ImageMagick is missing: tests/install test"
export SPEUR_KEY=$work/key SPEUR_INVENTORY=$work/inventory.db SPEUR_REGISTER=$work/register
tree=$work/tree
mkdir "$tree"
# an idle worker may be at work for long under a sanitizer
patience=(--limit-time 300)

# page FILE EMAIL [CONVERT-ARGUMENTS...]: a letter at 150 dpi, 11 points.
page() {
    local file=$1 email=$2
    shift 2
    convert -size 1000x640 xc:white -font DejaVu-Sans -pointsize 23 -fill black -annotate +70+90 'Geachte mevrouw Jansen,' \
        -annotate +70+150 'Hierbij uw gegevens zoals besproken op 3 maart.' -annotate +70+230 "E-mail: $email" \
        -annotate +70+280 'BSN: 111222333' -annotate +70+330 'IBAN: NL91 ABNA 0417 1643 00' \
        -annotate +70+380 'Telefoon: 06-12345678' -annotate +70+480 'Met vriendelijke groet,' "$@" "$file"
}
page "$tree/a.png" png@example.org
page "$tree/a.jpg" jpeg@example.org -quality 60
page "$work/1.tif" eerste@example.org -alpha off -depth 8
page "$work/2.tif" tweede@example.org -alpha off -depth 8
convert "$work/1.tif" "$work/2.tif" -compress lzw "$tree/a.tif"
page "$tree/a.gif" gif@example.org
page "$work/a.png" bmp@example.org
convert "$work/a.png" -alpha off -type truecolor "bmp3:$tree/a.bmp"
convert "$work/a.png" "$tree/doorzichtig.bmp" # 32 bits a pixel, which its decoder does not know
page "$tree/zij.png" zijwaarts@example.org -rotate 270
page "$tree/scheef.jpg" scheef@example.org -background white -rotate 3 -quality 60
page "$work/scan.jpg" scan@example.org -colorspace gray -resize 150% -quality 70
python3 "$root/tests/cases/pictures.py" scan.pdf "$tree/scan.pdf" "$work/scan.jpg" 'Zie de scan op de volgende bladzijde.'
page "$work/kaart.jpg" geplakt@example.org -colorspace gray -quality 80
python3 "$root/tests/cases/pictures.py" form.pdf "$tree/formulier.pdf" "$work/kaart.jpg" 'Naam: gewoon@example.org'
page "$work/lint.png" stroken@example.org -resize 150%
convert "$work/lint.png" -colorspace gray -crop 1500x30 +repage -quality 85 "$work/strip-%03d.jpg"
python3 "$root/tests/cases/pictures.py" strips.pdf "$tree/stroken.pdf" "$work/strip-000.jpg" 'Onder de scan staat tekst.'
page "$work/doc.png" inword@example.org
python3 "$root/tests/cases/pictures.py" docx "$tree/brief.docx" "$work/doc.png"
page "$work/mail.png" inmail@example.org
python3 "$root/tests/cases/pictures.py" mail "$tree/bericht.eml" "$work/mail.png"
page "$work/zip.png" inzip@example.org
(cd "$work" && zip -q "$tree/a.zip" zip.png)
page "$work/gz.png" ingzip@example.org
gzip -c "$work/gz.png" >"$tree/a.png.gz"
# not to be read
convert -seed 7 -size 900x700 plasma:tomato-steelblue -blur 0x6 -quality 80 "$tree/foto.jpg"
page "$tree/wazig.png" wazig@example.org -blur 0x6
page "$work/heel.jpg" half@example.org -quality 90
head -c "$(($(stat -c %s "$work/heel.jpg") * 6 / 10))" "$work/heel.jpg" >"$tree/half.jpg"
python3 "$root/tests/cases/pictures.py" bomb "$tree/bom.png" 20000
page "$tree/kapot.png" kapot@example.org
printf 'kapot' | dd of="$tree/kapot.png" bs=1 seek=200 conv=notrunc status=none

expect_status 2 "$speur" scan -q "${patience[@]}" --keep-values "$tree"
is_sanitized || [ ! -s "$work/err" ] || fail "a library speaks: $(head -n 3 "$work/err")"
expect_status 0 "$speur" export --show-values --min-confidence low -o "$work/found.jsonl"
expect_status 0 "$speur" export --unread -o "$work/unread.jsonl"
# found TYPE VALUE LOCATOR: at that place, or behind its beginning.
found() {
    jq -es --arg type "$1" --arg value "$2" --arg place "$3" \
        'any(.[]; .type == $type and .canonical == $value and (.locator | startswith($place)))' "$work/found.jsonl" >/dev/null ||
        fail "$1 $2 is not at $3"
}
told() {
    jq -es --arg place "$1" --arg reason "$2" 'any(.[]; .locator == $place and .reason == $reason)' "$work/unread.jsonl" >/dev/null ||
        fail "$1: $2 is not told"
}
silent() {
    [ -z "$(jq -c --arg path "$1" 'select(.path == $path)' "$work/unread.jsonl" | tee -a "$work/silent")" ] ||
        fail "$1 was read, but is told of: $(tail -n 1 "$work/silent")"
}
found email png@example.org 'a.png!words!4:9'
found bsn 111222333 'a.png!words!'
found iban NL91ABNA0417164300 'a.png!words!'
found phone +31612345678 'a.png!words!'
found email jpeg@example.org 'a.jpg!words!'
found email eerste@example.org 'a.tif!words!p1:'
found email tweede@example.org 'a.tif!words!p2:'
found email gif@example.org 'a.gif!words!'
found email bmp@example.org 'a.bmp!words!'
found email zijwaarts@example.org 'zij.png!words!'
found email scheef@example.org 'scheef.jpg!words!'
found email scan@example.org 'scan.pdf!p2!'
found email geplakt@example.org 'formulier.pdf!p1!'
found email gewoon@example.org 'formulier.pdf!p1:1:'
found email stroken@example.org 'stroken.pdf!p1!'
found email inword@example.org 'brief.docx!word/media/image1.png!words!'
found email inmail@example.org 'bericht.eml!2:scan.png!words!'
found email vermomd@example.org 'bericht.eml!3:a.txt!'
found email inzip@example.org 'a.zip!zip.png!words!'
found email ingzip@example.org 'a.png.gz!words!'
for file in a.png a.jpg a.tif a.gif a.bmp zij.png scheef.jpg scan.pdf formulier.pdf stroken.pdf brief.docx bericht.eml a.zip a.png.gz; do
    silent "$file"
done
told 'foto.jpg!words' photo
told 'doorzichtig.bmp!words' needs_ocr
told 'wazig.png!words' needs_ocr
told 'half.jpg!words' corrupt
told 'bom.png!words' needs_ocr
told 'kapot.png!words' needs_ocr
[ "$(jq -s 'map(select(.reason | IN("crashed", "timeout", "sandbox", "limit_memory"))) | length' "$work/unread.jsonl")" -eq 0 ] ||
    fail "a worker ended: $(cat "$work/unread.jsonl")"

# ---- an identity document: its zone and its BSN are severe
mkdir "$work/kaart"
ocr_b=/usr/share/fonts/opentype/ocr-b/OCRB.otf
[ -e "$ocr_b" ] || die "fonts-ocr-b is missing: tests/install test"
convert -size 1300x860 xc:'#e8eef4' -font DejaVu-Sans -fill black -pointsize 30 -annotate +60+80 'KONINKRIJK DER NEDERLANDEN' \
    -annotate +60+160 'Identiteitskaart / Identity card' -annotate +60+260 'Van Voorbeeld' -annotate +60+330 'Tessa' \
    -annotate +60+430 'BSN / Personal no.: 111222333' -font "$ocr_b" -pointsize 54 \
    -annotate +60+640 'I<NLDSPECI20142999999990<<<<<<' -annotate +60+710 '6503101F2403096NLD<<<<<<<<<<<2' \
    -annotate +60+780 'VAN<VOORBEELD<<TESSA<<<<<<<<<<' -quality 75 -rotate 90 "$work/kaart/id.jpg"
got=0
"$speur" scan -q "${patience[@]}" "$work/kaart" || got=$?
[ "$got" -eq 0 ] || [ "$got" -eq 2 ] || fail "a card ends with $got"
expect_status 0 "$speur" export --format csv -o "$work/kaart.csv"
python3 - "$work/kaart.csv" <<'PYTHON' || fail "the card: $(grep -F id.jpg "$work/kaart.csv")"
import csv, sys
rows = [row for row in csv.DictReader(open(sys.argv[1], encoding="utf-8-sig"), delimiter=";") if "id.jpg!words" in row["locator"]]
severe = {row["type"] for row in rows if row["severity"] == "high"}
sys.exit(not {"mrz", "bsn"} <= severe)
PYTHON

# ---- an erasure check: the person is in a scan only
expect_status 0 "$speur" register init
printf 'scan@example.org' | expect_status 0 "$speur" register add --req R1 --type email
expect_status 1 "$speur" check -q "${patience[@]}" "$tree/scan.pdf" --drop0 "$work/drop"
[ "$(tr -d '\0' <"$work/drop")" = scan.pdf ] || fail "the scan is not dropped"
expect_status 2 "$speur" check -q --no-ocr "$tree/scan.pdf"
expect_status 2 "$speur" check -q --no-ocr "$tree/stroken.pdf" # text, and a picture beside it that nobody reads
expect_status 2 "$speur" check -q --no-ocr "$tree/a.png"
expect_status 0 "$speur" check -q "${patience[@]}" "$tree/a.png"

# ---- doctor, and a machine without
if ! is_sanitized; then
    "$speur" doctor >"$work/out" 2>&1 || true
    grep -q '^ok   ocr .*nld' "$work/out" || fail "doctor does not tell the languages"
fi
mkdir "$work/without"
cp "$speur" "$build/speur-worker" "$work/without/"
ln -s "$root/patterns" "$work/without/patterns"
"$work/without/speur" doctor >"$work/out" 2>&1 || true
grep -q '^--   ocr .*not installed' "$work/out" || fail "doctor does not tell that speur-ocr is missing"
expect_status 2 "$work/without/speur" scan -q "$tree/a.png" --inventory "$work/without.db"
"$speur" export --unread --inventory "$work/without.db" | grep -q needs_ocr || fail "without speur-ocr a picture is not told of"

# ---- one that ends is told of, and what the file says besides is kept
cat >"$work/without/speur-ocr" <<'SCRIPT'
#!/bin/sh
kill -9 $$
SCRIPT
chmod +x "$work/without/speur-ocr"
convert "$tree/a.png" -set comment 'gemaakt door eigen@example.org' "$work/eigen.png"
expect_status 2 "$work/without/speur" scan -q "$work/eigen.png" --inventory "$work/killed.db" --keep-values
"$speur" export --unread --inventory "$work/killed.db" | grep -q '"reason":"limit_memory"' || fail "a killed speur-ocr is not told of"
"$speur" export --show-values --inventory "$work/killed.db" | grep -q 'eigen@example.org' || fail "the comment of the picture is lost"
printf '#!/bin/sh\nexit 78\n' >"$work/without/speur-ocr"
expect_status 2 "$work/without/speur" scan -q "$tree/a.png" --inventory "$work/lacks.db"
"$speur" export --unread --inventory "$work/lacks.db" | grep -q '"reason":"needs_ocr"' || fail "a speur-ocr without languages is not told of"
finish
