#!/usr/bin/env bash
# No verdict from nothing: an empty or closed input, a register that was rolled back, lists over
# several roots; and values that colours of a terminal touch.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
expect_status 77 "$speur" check "$root/README.md"
printf 'piet.proef@post.example' >"$work/value"
expect_status 0 "$speur" register add --req R1 --type email <"$work/value"

printf 'user=\033[32mpiet.proef@post.example\033[0m\n' >"$work/kleur.log"
expect_status 1 "$speur" check "$work/kleur.log"

expect_status 2 "$speur" check - < <(printf '')
grep -q '^VERDICT: INCOMPLETE$' "$work/out" || fail "an empty input has another verdict"
expect_status 66 "$speur" check - <&-
expect_status 66 "$speur" check - </dev/null
# a pipe that does not block is waited for
expect_status 1 python3 - "$speur" <<'EOF'
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(r, False)
os.write(w, b"een regel\n" * 100)
check = subprocess.Popen([sys.argv[1], "check", "-q", "-"], stdin=r)
os.close(r)
time.sleep(1)
os.write(w, b"van piet.proef@post.example\n")
os.close(w)
sys.exit(check.wait())
EOF
# a file that may not grow is told as a full disk is
(ulimit -f 8; expect_status 74 "$speur" check --inventory "$work/klein.db" "$root/src")
mkdir "$work/niets"
expect_status 66 "$speur" check "$work/niets"
grep -q VERDICT "$work/out" && fail "a verdict from an empty folder"
mkdir "$work/niets/db"
ln -s weg "$work/niets/koppeling"
expect_status 66 "$speur" check "$work/niets"
expect_status 0 "$speur" scan "$work/niets"
expect_status 1 "$speur" check - < <(printf 'van piet.proef@post.example\n')
expect_status 1 "$speur" check - < <(tar -C "$work" -cz kleur.log)

# nor with an inventory that takes away what is written to it
in_inventory() { # SQL
    python3 -c 'import sqlite3, sys; base = sqlite3.connect(sys.argv[1]); base.execute(sys.argv[2]); base.commit()' "$SPEUR_INVENTORY" "$1"
}
in_inventory 'CREATE TRIGGER x AFTER INSERT ON segment BEGIN DELETE FROM segment; END'
for how in --fresh --verify-digest; do
    expect_status 65 "$speur" check "$how" "$work/kleur.log"
    grep -q 'has a trigger' "$work/err" || fail "an altered inventory: $(cat "$work/err")"
done
in_inventory 'DROP TRIGGER x'
expect_status 1 "$speur" check "$work/kleur.log"

cp "$SPEUR_REGISTER" "$work/old" && cp "$SPEUR_REGISTER.head" "$work/old.head"
printf 'els.proef@post.example' >"$work/value"
expect_status 0 "$speur" register add --req R2 --type email <"$work/value"
expect_status 1 "$speur" check "$work/kleur.log"
head=$("$speur" register list | sed -n 's/.*head //p')
expect_status 1 "$speur" check --expect-head "$head" "$work/kleur.log"
cp "$work/old" "$SPEUR_REGISTER" && cp "$work/old.head" "$SPEUR_REGISTER.head"
expect_status 77 "$speur" check "$work/kleur.log"
expect_status 77 "$speur" check --inventory "$work/other.db" --expect-head "$head" "$work/kleur.log"

# nor with a head, or a chain of evidence, that is none
cp "$SPEUR_REGISTER.head" "$work/head"
head -c 100000 /dev/zero | tr '\0' x >"$SPEUR_REGISTER.head"
expect_status 65 "$speur" check "$work/kleur.log"
cp "$work/head" "$SPEUR_REGISTER.head"

# no output over a file of speur's own, or over another
cd "$work"
expect_status 64 "$speur" check --inventory "$work/other.db" --keep0 keep --drop0 ./keep "$work/kleur.log"
expect_status 64 "$speur" check --inventory "$work/other.db" --keep0 keep --emit tar=keep "$work/kleur.log"
mkfifo "$work/pijp"
ln -s keep "$work/link"
for other in "$work/pijp" "$work/link" /dev/full; do
    for option in --keep0 --decisions --evidence; do
        expect_status 64 "$speur" check --inventory "$work/other.db" "$option" "$other" "$work/kleur.log"
        [ ! -f "$other" ] || [ -L "$other" ] || fail "$option went over $other"
    done
    expect_status 64 "$speur" check --inventory "$work/other.db" --emit "tar=$other" "$work/kleur.log"
    expect_status 64 "$speur" export --format jsonl --inventory "$work/other.db" -o "$other"
done
for own in "$SPEUR_KEY" "$SPEUR_REGISTER" "$SPEUR_REGISTER.head" "$work/other.db"; do
    cp "$own" "$work/own"
    expect_status 64 "$speur" check --inventory "$work/other.db" --decisions "$own" "$work/kleur.log"
    expect_status 64 "$speur" export --inventory "$work/other.db" -o "$own"
    cmp "$own" "$work/own" || fail "$own was written over"
done
cd - >"$work/tmp/cd"
expect_status 64 "$speur" check --inventory "$work/other.db" --keep0 "$work/keep0" "$work" "$work"
expect_status 64 "$speur" scan -j 100000 "$work/kleur.log"
finish
