#!/usr/bin/env bash
# Locator parts that stem from content: a primary key, a column header or a Message-ID that is
# personal data itself is stored masked, and making it safe loses nothing else.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key
mkdir "$work/tree"
cat >"$work/tree/leden.sql" <<'SQL'
-- MySQL dump 10.19
CREATE TABLE `leden` (
  `login` varchar(200) NOT NULL,
  `telefoon` varchar(20),
  `bsn` varchar(9),
  PRIMARY KEY (`login`)
);
INSERT INTO `leden` VALUES ('wim.proef@post.example','06-12345601','999001231'),('els.proef@post.example','06-12345602','999123452');
CREATE TABLE `posten` (
  `nummer` bigint NOT NULL,
  `mail` varchar(200),
  `mobiel` varchar(20),
  PRIMARY KEY (`nummer`)
);
INSERT INTO `posten` VALUES (12345678,'a.proef@post.example','06-12345603'),(123456782,'b.proef@post.example','06-12345604');
SQL
printf 'naam;kees.proef@post.example;telefoon\nA;1;06-12345605\nB;2;06-12345606\n' >"$work/tree/kop.csv"
cat >"$work/tree/brief.eml" <<'MAIL'
From: Kees Proef <kees.proef@post.example>
To: winkel@voorbeeld.example
Message-ID: <kees.proef@post.example>
Subject: Vraag
Date: Wed, 14 Jan 2026 10:22:31 +0000

Bel mij op 06-12345607 of mail naar thuis.proef@post.example.
MAIL
expect_status 0 "$speur" scan "$work/tree"
expect_status 0 "$speur" export -o "$work/export.jsonl"

count() {
    jq -r "select($1) | .type" "$work/export.jsonl" | wc -l
}
expect_count() {
    local found
    found=$(count "$2")
    [ "$found" -eq "$1" ] || fail "$found findings instead of $1: $2"
}
expect_count 4 '.path == "leden.sql" and .record.table == "leden" and (.type == "phone" or .type == "bsn")'
expect_count 2 '.path == "leden.sql" and .record.table == "leden" and .type == "email"'
expect_count 4 '.path == "leden.sql" and .record.table == "posten"'
expect_count 2 '.path == "kop.csv" and .type == "phone"'
expect_count 4 '.path == "brief.eml" and (.type == "email" or .type == "phone")'
grep -q '"pk":"nummer=12345678"' "$work/export.jsonl" || fail "a plain key is not shown"
grep -q '"pk":"nummer=\*\*\*"' "$work/export.jsonl" || fail "a key that may be a BSN is shown"
for value in 123456782 wim.proef els.proef kees.proef thuis.proef 12345601 999001231; do
    if grep -aF "$value" "$work/export.jsonl" "$SPEUR_INVENTORY"*; then
        fail "$value stands in the clear"
    fi
done
# the line of a value far behind the one before, in a text larger than a window
{ seq -f 'regel %g van iets anders' 12000 && printf 'mail jan.ver@post.example hier\n'; } >"$work/ver.txt"
{ seq -f '2026-01-01 10:00:00 regel %g iets' 12000 && printf '2026-01-01 10:00:00 mail jan.ver@post.example hier\n'; } >"$work/ver.log"
for far in ver.txt ver.log; do
    expect_status 0 "$speur" scan -q --inventory "$work/far.db" "$work/$far"
done
"$speur" export --inventory "$work/far.db" --format jsonl | jq -r .locator | sort >"$work/got"
printf '%s\n' 'ver.log!12001:26' 'ver.txt!12001:6' | cmp - "$work/got" || fail "$(cat "$work/got")"
finish
