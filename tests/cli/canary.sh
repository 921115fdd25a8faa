#!/usr/bin/env bash
# No clear value leaves the program: values are planted, everything is run, and every output, log,
# inventory (with its -wal), register, list and temporary file is searched for them. Only
# --show-values may show them, and only what --keep-values kept.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"

mkdir -p "$work/target/mail" "$work/left" "$work/temporary"
export SPEUR_INVENTORY=$work/left/inventory.db SPEUR_KEY=$work/left/key
export SPEUR_REGISTER=$work/left/register.jsonl
export TMPDIR=$work/temporary
values=$work/values

# What is planted, one a line, as it stands in the files. None of them occurs in a file name.
cat >"$values" <<'VALUES'
kanarie.geel@zangvogel.example
NL27 ABNA 0999 1234 51
NL27ABNA0999123451
999 555 017
999555017
06-12987654
+31 6 12987654
0612987654
Kanariestraat 7719
7719 VP
90777123
kanarie.geel%40zangvogel.example
kanarie.geel&#64;zangvogel.example
kanarie.geel\u0040zangvogel.example
kanarie.geel<b>@</b>zangvogel.example
a2FuYXJpZS5nZWVsQHphbmd2b2dlbC5leGFtcGxl
VALUES

text='Beste, mail kanarie.geel@zangvogel.example of bel 06-12987654 (ook +31 6 12987654).
IBAN: NL27 ABNA 0999 1234 51, BSN: 999 555 017, KvK 90777123
Kanariestraat 7719, 7719 VP Utrecht
'
spelling=0
iban_check() {
    python3 -c 'import sys
v = sys.argv[1]
print("".join(str(int(c, 36)) for c in v[4:] + v[:4]))' "$1" |
        python3 -c 'print(int(input()) % 97)'
}
[ "$(iban_check NL27ABNA0999123451)" = 1 ] || die "the planted IBAN is not valid"

plant() {
    printf '%s' "$text" >"$work/target/brief.txt"
    printf '%s' "$text" | iconv -t UTF-16LE >"$work/target/breed.txt"
    printf 'naam;email;iban;bsn\nK;kanarie.geel@zangvogel.example;NL27ABNA0999123451;999555017\n' \
        >"$work/target/lijst.csv"
    cat >"$work/target/k.sql" <<'SQL'
CREATE TABLE `k` (`email` varchar(80), `bsn` char(9), PRIMARY KEY (`email`));
INSERT INTO `k` VALUES ('kanarie.geel@zangvogel.example','999555017');
SQL
    printf 'kanarie.geel@zangvogel.example;BSN\nx;999555017\n' >"$work/target/kop.csv"
    # where a machine's number is expected, and beside the signs of a key
    printf 'From: <x@post.example>\nMessage-ID: <20260101123456.1@kanarie.geel%%40zangvogel.example>\n\nmail x@post.example\n' \
        >"$work/target/mail/machine.eml"
    cat >"$work/target/sleutels.sql" <<'SQL'
CREATE TABLE `s` (`id` varchar(80), `bsn` char(9), PRIMARY KEY (`id`));
INSERT INTO `s` VALUES ('x,kanarie.geel@zangvogel.example=1','999555017');
SQL
    # in other spellings, where only a name is expected
    while read -r spelled; do
        spelling=$((spelling + 1))
        printf '"%s";BSN\nx;999555017\n' "$spelled" >"$work/target/kop$spelling.csv"
        printf '{"%s":{"m":"kanarie.geel@zangvogel.example"}}\n' "${spelled//\\/\\\\}" \
            >"$work/target/sleutel$spelling.json"
        cat >"$work/target/tabel$spelling.sql" <<SQL
CREATE TABLE \`$spelled\` (\`bsn\` char(9));
INSERT INTO \`$spelled\` VALUES ('999555017');
SQL
        printf 'From: <kanarie.geel@zangvogel.example>\nMessage-ID: <%s>\n\nx\n' "$spelled" \
            >"$work/target/mail/bericht$spelling.eml"
    done < <(tail -n 5 "$values")
    cat - <(printf '%s' "$text" | base64) >"$work/target/mail/een.eml" <<'MAIL'
From: <kanarie.geel@zangvogel.example>
Message-ID: <kanarie.geel@zangvogel.example>
Subject: 06-12987654
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

MAIL
    tar -C "$work/target" -czf "$work/target/alles.tar.gz" brief.txt lijst.csv mail k.sql
    (cd "$work/target" && zip -q -P geheim slot.zip brief.txt && zip -q heel.zip brief.txt k.sql)
    head -c 300 "$work/target/alles.tar.gz" >"$work/target/half.tar.gz"
    head -c 65536 /dev/zero | cat - "$work/target/brief.txt" >"$work/target/bytes.bin"
    # The last three lines are refused; they are named, not repeated.
    cat >"$work/requests.csv" <<'CSV'
req_id;kind;type;value
V1;erasure;email;kanarie.geel@zangvogel.example
V1;erasure;iban;NL27 ABNA 0999 1234 51
V2;erasure;phone;06-12987654
V3;erasure;iban;NL00 ABNA 0999 1234 51
V3;erasure;bsn;999555017
V3;kanarie.geel@zangvogel.example;email;kanarie.geel@zangvogel.example
CSV
}

# keep NAME WANTED-STATUS COMMAND...: whatever it prints stays to be searched.
keep() {
    local name=$1 wanted=$2 status=0
    shift 2
    "$@" >"$work/left/$name.out" 2>"$work/left/$name.err" || status=$?
    [ "$status" -eq "$wanted" ] || fail "$name ended with $status instead of $wanted"
}

run_all() {
    keep init 0 "$speur" register init
    keep import 65 "$speur" register import "$work/requests.csv"
    keep import-bsn 65 "$speur" register import --allow-bsn test "$work/requests.csv"
    keep dry 65 "$speur" register import -n "$work/requests.csv"
    head -n 1 "$values" | keep add 0 "$speur" register add --type email --req V9
    keep list 0 "$speur" register list
    keep scan 2 "$speur" scan -v "$@" "$work/target"
    keep check 3 "$speur" check -v "$@" "$work/target" --keep0 "$work/left/keep0" \
        --drop0 "$work/left/drop0" --hold0 "$work/left/hold0" --decisions "$work/left/decisions"
    keep export 0 "$speur" export --format jsonl --min-confidence low
    keep unread 0 "$speur" export --format jsonl --unread
    keep stable 0 "$speur" export --format jsonl --stable -o "$work/left/stable"
    keep patterns 0 "$speur" patterns test
    keep wrong 64 "$speur" scan --kanari
}

plant
ulimit -c unlimited || true
cd "$work/temporary" # a core would fall here
run_all
found=$(wc -l <"$work/left/export.out")
[ "$found" -gt 30 ] || fail "only $found findings"
grep -q HIT "$work/left/decisions" || fail "nothing was decided: the test tests nothing"
"$root/tests/canary" "$values" "$work/left" "$work/temporary" || fail "clear values leak"

# In the middle of its work, and after it was killed there.
rm -f "$SPEUR_INVENTORY"*
for copy in $(seq 1 200); do
    cp "$work/target/alles.tar.gz" "$work/target/kopie $copy.tar.gz"
done
"$speur" scan -j 2 "$work/target" >"$work/left/killed.out" 2>"$work/left/killed.err" &
pid=$!
sleep 0.4
kill -ABRT "$pid" 2>/dev/null || true
wait "$pid" 2>/dev/null || true
"$root/tests/canary" "$values" "$work/left" "$work/temporary" || fail "clear values after a kill"
rm -f "$work/target"/kopie*

# Kept values are encrypted, until they are asked for with the key.
rm -rf "$work/left"
mkdir "$work/left"
run_all --keep-values
"$root/tests/canary" "$values" "$work/left" "$work/temporary" || fail "--keep-values keeps in clear"
"$speur" export --format jsonl --show-values >"$work/shown" || fail "--show-values fails"
grep -q 'kanarie.geel@zangvogel.example' "$work/shown" || fail "--show-values does not show them"
if "$root/tests/canary" "$values" "$work/shown" >"$work/temporary/told"; then
    fail "tests/canary is blind: it does not see values that are shown"
fi
finish
