#!/usr/bin/env bash
# Each recipe of speur-restore(7) as it is printed there, on the corpus's backup: nothing of an erased
# person may be in what it restores, and nothing that nobody asked about may be lost. The pre-restore
# hook lets by what it should. (Dumps are loaded into real databases by tests/slow/databases.sh.)
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
use_corpus
use_register
PATH=$build:$root/src/dist:$PATH
export SPEUR_INVENTORY=$work/keep/inventory.db
export LISTS=$work/lists STAGING=$work/staging BACKUP=$corpus/site-backup.tar.gz

# recipe NAME: its lines, out of the manual page, run as they are there.
recipe() {
    local text status=0
    text=$(sed -n "/^\.\\\\\" recipe: $1\$/,/^\.fi/p" "$root/src/dist/speur-restore.7" |
        sed -e '/^\./d' -e 's/\\-/-/g' -e 's/\\e$/\\/' -e 's/\\(dq/"/g')
    [ -n "$text" ] || die "no recipe $1"
    # no -e: checks end with 1, 2 or 3 here
    bash -uc "$text" >"$work/out" 2>"$work/err" || status=$?
    return "$status"
}

anew() {
    rm -rf "$STAGING" "$LISTS"
    mkdir -m 0700 "$STAGING" "$LISTS"
}

# no_hit WHAT FILES: in what came back no record is a hit, and so many files are there
no_hit() {
    "$speur" check -q --fresh "$STAGING" --decisions "$work/again" >/dev/null || true
    ! grep -q '"decision":"HIT"' "$work/again" || fail "$1: $(grep -c '"HIT"' "$work/again") hits came back"
    local count
    count=$(find "$STAGING" -type f | wc -l)
    [ "$count" -ge "$2" ] || fail "$1: only $count files came back, not $2"
}

anew
recipe check || true
keep=$(tr '\0' '\n' <"$LISTS/keep" | grep -vc '/$')
recipe tar || fail "tar: $(cat "$work/err")"
no_hit tar "$((keep - 5))"
recipe last || true
grep -qx 'VERDICT: CLEAN' "$work/out" || fail "after tar: $(cat "$work/out")"
cp -a "$LISTS" "$work/lists.kept"
# of an empty list nothing comes back: tar would take it for all members
rm -rf "$STAGING" && mkdir "$STAGING"
: >"$LISTS/keep"
! recipe tar || fail "tar, nothing kept: it did not end with 1"
[ -z "$(ls -A "$STAGING")" ] || fail "tar, nothing kept: all came back"

# with what filter could cut clean there is more than keep0 has
rm -rf "$STAGING" && mkdir "$STAGING"
recipe filter || true
no_hit filter "$((keep + 1))"
grep -q 'INSERT INTO' "$STAGING/db/shop.sql" || fail "filter: the dump did not come along"

# a tree: the backup as rsync would find it
anew
mkdir "$work/tree" && tar -xzf "$BACKUP" -C "$work/tree"
BACKUP=$work/tree recipe check || true
BACKUP=$work/tree recipe rsync || fail "rsync: $(cat "$work/err")"
no_hit rsync "$((keep - 5))"

anew
export RESTIC_REPOSITORY=$work/restic RESTIC_PASSWORD=demo SNAPSHOT=latest
restic init -q && (cd "$work/tree" && restic backup -q .)
recipe restic || true
no_hit restic "$((keep - 5))"

anew
export BORG_REPO=$work/borg BORG_BASE_DIR=$work/borgbase REPO=$work/borg ARCHIVE=a
borg init -e none && (cd "$work/tree" && borg create ::a .)
recipe borg || true
no_hit borg "$((keep - 5))"

# after the fact
anew
cp -a "$work/tree/." "$STAGING"
recipe prune || fail "prune: $(cat "$work/err")"
tr '\0' '\n' <"$LISTS/drop" | while read -r name; do
    [ ! -e "$STAGING/$name" ] || say "still there: $name"
done >"$work/left"
[ ! -s "$work/left" ] || fail "prune: $(cat "$work/left")"

# a dump: what would go to the database has none of the erased rows, and all of the others
anew
mkdir "$work/bin"
printf '#!/bin/sh\nexec cat >"%s/loaded"\n' "$work" >"$work/bin/mariadb"
chmod +x "$work/bin/mariadb"
PATH=$work/bin:$PATH
export DUMP=$work/tree/db/shop.sql DATABASE=shop
recipe dump || fail "dump: $(cat "$work/err")"
cp "$work/loaded" "$STAGING/shop.sql"
no_hit dump 1
recipe undo || fail "undo: $(cat "$work/err")"
[ "$(grep -c '^DELETE' "$work/loaded")" -eq "$(grep -c '"HIT"' "$LISTS/decisions")" ] ||
    say "deletes: $(grep -c '^DELETE' "$work/loaded"), hits: $(grep -c '"HIT"' "$LISTS/decisions")"
grep -q '^DELETE' "$work/loaded" || fail "undo: no row"
grep -q '^UPDATE' "$work/loaded" && fail "undo: an exempt row is changed unasked"
recipe exempt || fail "exempt: $(cat "$work/err")"
grep -q '^UPDATE.*deleted\|^UPDATE.*64656C65746564' <(tr a-f A-F <"$work/loaded") ||
    fail "exempt: no row is made anonymous"

# the hook: stops at what was not read, goes on with hits, and leaves nothing of an earlier run
anew
expect_status 2 speur-pre-restore "$LISTS" "$BACKUP"
for name in keep0 drop0 hold0 decisions.jsonl evidence.json summary verdict; do
    [ -s "$LISTS/$name" ] || fail "hook: no $name is left behind"
done
mkdir "$work/part" && cp "$work/tree/logs/access.log" "$work/part"
expect_status 0 speur-pre-restore "$LISTS" "$work/part"
grep -qx 'VERDICT: HITS' "$LISTS/verdict" || fail "hook: $(cat "$LISTS/verdict")"
SPEUR_REGISTER=$work/none expect_status 77 speur-pre-restore "$LISTS" "$work/part"
for name in keep0 drop0 hold0 decisions.jsonl verdict; do
    [ ! -e "$LISTS/$name" ] || fail "hook: $name of another run is left"
done
expect_status 64 speur-pre-restore "$LISTS"
finish
