#!/usr/bin/env bash
# register.sh BUILD [KILLS]: the register: notes, terms, the end of rows, kits, imports from other programs, appending from
# several processes and through kill -9, and every way in which a file can be tampered with.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
register() {
    expect_status "$1" "$speur" register "${@:2}"
}
add() { # VALUE OPTIONS...
    printf '%s' "$1" | expect_status 0 "$speur" register add --type email "${@:2}"
}
told() {
    grep -q -e "$1" "$work/out" || fail "$1 is not told: $(head -n 12 "$work/out")"
}
register 0 init
printf 'van piet.proef@post.example\n' >"$work/a.txt"

# ---- withdrawn, added again, exempt
add piet.proef@post.example --req R1
expect_status 1 "$speur" check -q "$work/a.txt"
register 64 withdraw --req R1
register 64 withdraw --req R9 --reason 'no such request'
register 0 withdraw --req R1 --reason 'the person asked to stay' --by 'privacy officer'
expect_status 77 "$speur" check -q "$work/a.txt"
expect_status 0 "$speur" check -q --empty-register-ok "$work/a.txt"
add els.proef@post.example --req R2
expect_status 0 "$speur" check -q "$work/a.txt"
add piet.proef@post.example --req R1
told '^Added'
expect_status 1 "$speur" check -q "$work/a.txt"
register 0 list
told 'withdrawn .* the person asked to stay (privacy officer)'
register 0 exempt --req R1 --reason 'AWR art. 52' --until 2033-01-01
expect_status 0 "$speur" check -q "$work/a.txt" --decisions "$work/decisions"
[ "$(jq -r .decision "$work/decisions")" = EXEMPT ] || fail "not exempt"
register 0 exempt --req R1 --reason 'AWR art. 52' --until 2020-01-01
expect_status 1 "$speur" check -q "$work/a.txt"

# ---- one row of a request
add een.proef@post.example --req R3
add twee.proef@post.example --req R3
printf 'een.proef@post.example\n' >"$work/een.txt"
printf 'twee.proef@post.example\n' >"$work/twee.txt"
seq=$("$speur" register list | awk '$2 == "R3" { print $1; exit }')
register 0 withdraw --req R3 --seq "$seq" --reason 'of somebody else'
expect_status 0 "$speur" check -q "$work/een.txt"
expect_status 1 "$speur" check -q "$work/twee.txt"

# ---- terms
today=$(date -u +%F)
add t1@post.example --req T1 --received 2026-01-31
add t2@post.example --req T2 --received "$today" --term 4w
add t3@post.example --req T3 --received 2024-01-31 --term 30d
add t4@post.example --req T4 --received 2026-12-31 --term 1m
grep -q '"req_id":"T1".*"due":"2026-02-28"' "$SPEUR_REGISTER" || fail "a month after 31 January"
grep -q '"req_id":"T3".*"due":"2024-03-01"' "$SPEUR_REGISTER" || fail "thirty days in a leap year"
grep -q '"req_id":"T4".*"due":"2027-01-31"' "$SPEUR_REGISTER" || fail "a month over New Year"
grep -q "\"req_id\":\"T2\".*\"due\":\"$(date -u -d '28 days' +%F)\"" "$SPEUR_REGISTER" ||
    fail "four weeks"
register 64 add --req T5 --type email --term 5y </dev/null
register 0 list --due
told '^T1	2026-01-31 2026-02-28 .*OVERDUE, not identified$'
told '^T2	.* 28 days left, not identified$'
[ "$(sed -n 2p "$work/out" | cut -f1)" = T3 ] || fail "the most urgent is not first"
register 64 extend --req T1 --until 2027-01-01
register 0 extend --req T1 --until 2099-03-31 --reason 'complex'
register 0 identified --req T1
register 0 answer --req T3 --date 2024-02-20 --evidence "$work/answer.json"
register 0 list --due
told '^T1	2026-01-31 2099-03-31 [0-9]* days left, extended$'
if grep -q '^T3' "$work/out"; then
    fail "what was answered is still due"
fi
expect_status 0 "$speur" evidence pubkey -o "$work/public"
expect_status 0 "$speur" evidence verify --pubkey "$work/public" "$work/answer.json"
[ "$(jq -r '.kind + .request + .day' "$work/answer.json")" = answerT32024-02-20 ] ||
    fail "evidence of an answer: $(cat "$work/answer.json")"

# ---- imports
printf 'Email Address,First Name,UNSUB_TIME,LEID\npiet.weg@post.example,Piet,2026-02-11 10:22:00,77\n' \
    >"$work/unsubscribed_members.csv"
register 0 import "$work/unsubscribed_members.csv"
register 0 import "$work/unsubscribed_members.csv"
told '1 lines: 0 added, 1 known'
printf 'piet.weg@post.example\n' >"$work/weg.txt"
expect_status 0 "$speur" check -q "$work/weg.txt" --decisions "$work/decisions"
[ "$(jq -r .decision "$work/decisions")" = OPTOUT ] || fail "no opt-out"
printf 'email;closed_at\ndicht.proef@post.example;2026-01-02\n' >"$work/closed.csv"
register 0 import "$work/closed.csv"
grep -q '"origin":"account_closed"' "$SPEUR_REGISTER" || fail "no origin"
printf 'dicht.proef@post.example\n' >"$work/dicht.txt"
expect_status 1 "$speur" check -q "$work/dicht.txt"
printf 'naam;geboren\nJan;2000-01-01\n' >"$work/other.csv"
register 65 import "$work/other.csv"

cat >"$work/wp.sql" <<'SQL'
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
CREATE TABLE `shop_posts` (
  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `post_date` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_title` text NOT NULL,
  `post_status` varchar(20) NOT NULL DEFAULT 'publish',
  `post_name` varchar(200) NOT NULL DEFAULT '',
  `post_modified` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_type` varchar(20) NOT NULL DEFAULT 'post',
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB;
INSERT INTO `shop_posts` VALUES
(7,'2026-01-01 10:00:00','Hallo, wereld','publish','hallo','2026-01-01 10:00:00','post'),
(8,'2026-02-01 10:00:00','wp.weg@post.example','request-completed','remove_personal_data','2026-02-09 08:00:00','user_request'),
(9,'2026-02-02 10:00:00','wp.wacht@post.example','request-confirmed','remove_personal_data','2026-02-02 11:00:00','user_request'),
(10,'2026-02-03 10:00:00','wp.plaag@post.example','request-pending','remove_personal_data','2026-02-03 10:00:00','user_request'),
(11,'2026-02-04 10:00:00','wp.inzage@post.example','request-completed','export_personal_data','2026-02-05 10:00:00','user_request');
SQL
gzip -k "$work/wp.sql"
register 0 import "$work/wp.sql.gz"
told '4 requests, 2 of them to be erased and confirmed, 1 not confirmed'
told '2 lines: 2 added'
grep -q '"req_id":"wordpress-8".*"due":"2026-03-01","erased_at":"2026-02-09"' "$SPEUR_REGISTER" ||
    fail "dates of WordPress: $(grep wordpress-8 "$SPEUR_REGISTER")"
register 0 import "$work/wp.sql"
told '0 added, 2 known'
head -c 900 "$work/wp.sql" >"$work/cut.sql"
register 65 import "$work/cut.sql"
printf 'wp.wacht@post.example\n' >"$work/wacht.txt"
printf 'wp.plaag@post.example\n' >"$work/plaag.txt"
expect_status 1 "$speur" check -q "$work/wacht.txt"
expect_status 0 "$speur" check -q "$work/plaag.txt"

# what is stored as it stands holds no address
printf 'piet.proef@post.example' >"$work/value"
expect_status 64 "$speur" register add --type email --req Z1 --scope 'mail@post.example' <"$work/value"
register 64 withdraw --req WP --reason 'mail van piet.proef@post.example'
# ---- the end of rows
add oud.proef@post.example --req O1 --erased-at 2024-01-01 --backup-retention 30
add houd.proef@post.example --req O2 --erased-at 2024-01-01
rows=$(wc -l <"$SPEUR_REGISTER")
token=$(grep '"req_id":"O1"' "$SPEUR_REGISTER" | sed 's/.*"tokens":\["0:\([0-9a-f]*\).*/\1/')
head=$("$speur" register list | sed -n 's/.*head //p')
register 0 expire -n
told '^3 identifiers would be destroyed'
grep -q "$token" "$SPEUR_REGISTER" || fail "a dry run destroyed"
cp "$SPEUR_REGISTER.head" "$work/head.before"
register 0 expire
told '^3 identifiers destroyed'
if grep -q "$token" "$SPEUR_REGISTER"; then
    fail "the token is still there"
fi
[ "$(wc -l <"$SPEUR_REGISTER")" -eq $((rows + 1)) ] || fail "rows were lost"
register 0 verify --expect-head "$head"
register 77 verify --expect-head "${head%?}$(tr 0-9a-f 1-9a-f0 <<<"${head: -1}")"
# A check before it does not take what was destroyed for another register, nor the second time.
add weg.proef@post.example --req O3 --erased-at 2024-01-01 --backup-retention 30
register 0 expire
register 0 verify --expect-head "$head"
register 0 expire
told '^0 identifiers destroyed'
expect_status 1 "$speur" check -q "$work/dicht.txt"
# An older backup is still told of: what would be met is gone.
printf 'niets\n' >"$work/niets.txt"
expect_status 2 "$speur" check "$work/niets.txt" --backup-taken 2023-12-01 --inventory "$work/taken.db" --hold0 "$work/hold0"
told 'expired, but this backup is older'
grep -q niets.txt "$work/hold0" || fail "a file of an older backup is not held"
expect_status 0 "$speur" check -q "$work/niets.txt" --inventory "$work/taken.db"
expect_status 64 "$speur" check -q "$work/niets.txt" --backup-taken 2999-01-01
expect_status 64 "$speur" check -q "$work/niets.txt" --system ' '
# killed between the file and its head
cp "$SPEUR_REGISTER.head" "$work/head.after"
cp "$work/head.before" "$SPEUR_REGISTER.head"
register 0 verify
cp "$work/head.after" "$SPEUR_REGISTER.head"

# ---- a kit
printf 'een lange zin van proef\n' >"$work/passphrase"
chmod 600 "$work/passphrase"
register 64 kit -o "$work/kit" < <(printf 'kort')
register 0 kit -o "$work/kit" --passphrase "$work/passphrase"
if grep -q "$(cut -d' ' -f2 "$SPEUR_KEY")" "$work/kit"; then
    fail "the key stands in the kit"
fi
expect_status 0 "$speur" doctor --restore-day "$work/kit" --passphrase "$work/passphrase"
expect_status 77 "$speur" doctor --restore-day "$work/kit" < <(printf 'een andere lange zin')
register 64 unpack "$work/kit" --passphrase "$work/passphrase"
register 0 unpack "$work/kit" --passphrase "$work/passphrase" --key "$work/new/key" \
    --register "$work/new/register"
cmp "$SPEUR_KEY" "$work/new/key" || fail "another key was unpacked"
cmp "$SPEUR_REGISTER" "$work/new/register" || fail "another register was unpacked"
expect_status 1 "$speur" check -q "$work/dicht.txt" --key "$work/new/key" \
    --register "$work/new/register"
sed 's/"kind":"optout"/"kind":"erasur"/' "$work/kit" >"$work/kit2" && chmod 600 "$work/kit2"
expect_status 65 "$speur" doctor --restore-day "$work/kit2" --passphrase "$work/passphrase"

# ---- tampering: a byte, a row removed, moved, cut off, another's head
tampered() {
    cp "$SPEUR_REGISTER" "$work/t/register" && cp "$SPEUR_REGISTER.head" "$work/t/register.head"
    (cd "$work/t" && eval "$1")
    cmp -s "$SPEUR_REGISTER" "$work/t/register" && cmp -s "$SPEUR_REGISTER.head" \
        "$work/t/register.head" && fail "$1 changes nothing"
    expect_status 65 "$speur" register verify --register "$work/t/register"
    expect_status 65 "$speur" check -q --register "$work/t/register" "$work/a.txt"
}
mkdir -m 700 "$work/t"
tampered "sed -i '1s/R1/R8/' register"
tampered "sed -i 2d register"
tampered "sed -i '2{h;d};3G' register"
tampered "sed -i '\$d' register"
tampered "truncate -s -9 register"
tampered "rm register.head"
tampered "sed -i 's/\"head\":[0-9]*/\"head\":3/' register.head"
tampered ": >register"

# ---- ten processes at once lose nothing
for n in 1 2 3 4 5 6 7 8 9 10; do
    for m in 1 2 3 4 5; do
        printf 'p%s.%s@post.example' "$n" "$m" |
            "$speur" register add -q --req "P$n-$m" --type email || fail "adding P$n-$m"
    done &
done
wait
register 0 verify
[ "$(grep -c '"req_id":"P' "$SPEUR_REGISTER")" -eq 50 ] || fail "a row of another process is lost"

# ---- kill -9 at random moments: what was acknowledged is there, the chain holds
acknowledged=0
kills=${2-20}
for n in $(seq "$kills"); do
    for m in $(seq 40); do
        printf '"K%s-%s"\n' "$n" "$m" >"$work/trying"
        printf 'k%s.%s@post.example' "$n" "$m" |
            "$speur" register add -q --req "K$n-$m" --type email && cat "$work/trying"
    done >"$work/done" 2>/dev/null &
    writer=$!
    sleep "0.0$((RANDOM % 90 + 10))"
    pkill -9 -P "$writer" -x speur 2>/dev/null || true
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    register 0 verify
    while read -r id; do
        acknowledged=$((acknowledged + 1))
        grep -q "\"req_id\":$id" "$SPEUR_REGISTER" || fail "$id was acknowledged and is lost"
    done <"$work/done"
done
say "kill -9: $kills times, $acknowledged rows acknowledged, none lost"
finish
