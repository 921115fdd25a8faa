"""Every restore tool, with names that its patterns could mistake.

A tree of hostile names that hold a mail address of somebody who asked to be erased, and of innocent
look-alikes. For each tool a backup is made by the tool itself, checked by speur, and restored with
what speur wrote for it. Each file has a number in it, so that what came back is known whatever a tool
makes of its name. Expected: no erased number, and each innocent one that the tool restores at all.

usage: restore.py SPEUR WORK [TOOL...]
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ERASED = "wis.mij@voorbeeld.example"
HOSTILE = [
    b"ster*.txt", b"vraag?.txt", b"haak[ab].txt", b"haak[!a].txt", b"haak[^a].txt", b"open[.txt",
    b"terug\\slag.txt", b"eind\\", b"\\begin", b"spatie ", b"twee  ", b" voor", b"tab\t", b"\ttab",
    b"regel\neinde", b"regel\n", b"cr\r", b"crlf\r\n", b"vt\x0b", b"ff\x0c", b"-streep", b"-x",
    b"--exclude=x", b"#hek", b";punt", b"!uitroep", b"^dak", b"dollar$", b"$", b"~tilde", b"@apen",
    b"a:b", b"{x,y}", b"+plus", b"- min", b'"dubbel"', b"'enkel'", b"\xe9 latijn", b"\xff",
    "ünïcode".encode(), "e\u0301 los".encode(), "\U0001f600".encode(), b"\x01ctl", b"\x7f",
    b"..dubbel", b"...", b".verborgen", b"%25", b"&amp;", b"(haak)", b"|pijp", b"<x>", b"re:^a",
    b"pp:a", b"sh:*", b"map*/in?/diep.txt", b"map/[x]", b"*", b"?", b"**", b"a,b",
]


def look_alikes(name):
    """Names that a careless pattern for `name` takes along."""
    folder, slash, last = name.rpartition(b"/")
    lead = folder + slash
    yield lead + last + b".x"
    yield lead + b"x" + last
    yield b"sub/" + name
    for special in b"*?[]\\!^$\n\r\t -{}":
        if bytes([special]) in last:
            yield lead + last.replace(bytes([special]), b"q")
            yield lead + last.replace(bytes([special]), b"")
    yield lead + last.strip()
    yield lead + last.rstrip(b"\r\n\t \x0b\x0c") + b" z"
    if b"[ab]" in last:
        yield lead + last.replace(b"[ab]", b"a")
    yield lead + last.upper()


def plant(tree):
    """Numbers of the erased and of the innocent files, by name."""
    erased, innocent = {}, {}
    names = [(name, True) for name in HOSTILE]
    names += [(alike, False) for name in HOSTILE for alike in look_alikes(name)]
    number = 1000
    for name, is_erased in names:
        path = os.path.join(os.fsencode(tree), name)
        if os.path.basename(name) in (b"", b".", b"..") or os.path.lexists(path):
            continue
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:
                number += 1
                who = ERASED if is_erased else "iemand.anders@voorbeeld.example"
                file.write(f"nummer <<{number}>> van {who}\n".encode())
        except OSError as told:
            if is_erased:
                raise SystemExit(f"{name!r} cannot be made: {told}")
            continue
        (erased if is_erased else innocent)[number] = name
    return erased, innocent


class Case:
    def __init__(self, speur, work):
        self.speur, self.work = speur, pathlib.Path(work)
        self.tree = self.work / "tree"
        self.tree.mkdir(parents=True)
        self.erased, self.innocent = plant(self.tree)
        self.failures = 0

    def run(self, *words, ok=(0,), cwd=None, stdin=None, stdout=subprocess.DEVNULL, env=None):
        done = subprocess.run(words, cwd=cwd, stdin=stdin, stdout=stdout, check=False,
                              stderr=subprocess.PIPE, env={**os.environ, **(env or {})})
        if ok is not None and done.returncode not in ok:
            self.fail(f"{words[0]} ended with {done.returncode}: {done.stderr[-300:]!r}")
        return done

    def fail(self, text):
        print("FAILED:", text)
        self.failures += 1

    def check(self, target, *options):
        """Checks and gives the names of the lists."""
        lists = {name: self.work / name for name in ("keep0", "drop0", "hold0", "decisions")}
        self.run(self.speur, "check", "-q", target,
                 *[word for name, path in lists.items() for word in (f"--{name}", path)], *options,
                 ok=(1,))
        return lists

    def target(self, name):
        path = self.work / name
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        return path

    @staticmethod
    def numbers(folder):
        found = set()
        for root, _, files in os.walk(os.fsencode(folder)):
            for name in files:
                with open(os.path.join(root, name), "rb") as file:
                    found.update(map(int, re.findall(rb"<<(\d+)>>", file.read())))
        return found

    def judge(self, what, restored, everything):
        """`everything`: what the tool restores without a list."""
        leaked = restored & set(self.erased)
        lost = (set(self.innocent) & everything) - restored
        for number in sorted(leaked):
            self.fail(f"{what}: {self.erased[number]!r} came back")
        for number in sorted(lost):
            self.fail(f"{what}: {self.innocent[number]!r} was lost")
        print(f"{what:24} {len(leaked)} of {len(set(self.erased) & everything)} erased came back, "
              f"{len(lost)} of {len(set(self.innocent) & everything)} innocent lost")

    @staticmethod
    def arguments(path):
        return [word for word in path.read_bytes().split(b"\0") if word]

    # ---- tools ------------------------------------------------------------------------------
    def make_tar(self, name, dotted, *options):
        backup = self.work / name
        words = [b"."] if dotted else sorted(os.listdir(os.fsencode(self.tree)))
        self.run("tar", "-cf", backup, *options, "--no-unquote", "--", *words, cwd=self.tree)
        return backup

    def tar(self):
        for form in ("gnu", "pax", "ustar"):
            for dotted in (True, False):
                what = f"tar {form} {'./' if dotted else ''}"
                backup = self.make_tar("b.tar", dotted, f"--format={form}")
                patterns = self.work / "x"
                lists = self.check(backup, "--emit", f"tar={patterns}",
                                   "--emit", f"bsdtar={self.work / 'y'}")
                everything = self.target("all")
                self.run("tar", "-xf", backup, "-C", everything)
                everything = self.numbers(everything)
                out = self.target("out")
                self.run("tar", "-x", "--anchored", "--wildcards", "-X", patterns, "-f", backup,
                         "-C", out, env={"LC_ALL": "C"})
                self.judge(what + " -X", self.numbers(out), everything)
                out = self.target("out")
                self.run("tar", "-xf", backup, "-C", out, "--null", "--verbatim-files-from",
                         "--no-recursion", "--no-wildcards", "-T", lists["keep0"])
                self.judge(what + " -T", self.numbers(out), everything)
                out = self.target("out")
                # 1: a warning for names that are no ASCII in this locale; they come out as stored
                self.run("bsdtar", "-x", "-X", self.work / "y", "-f", backup, "-C", out,
                         env={"LC_ALL": "C"}, ok=(0, 1))
                self.judge("bsd" + what, self.numbers(out), everything)
                self.filter(what, backup, lists, everything)
                self.prune(what, backup, lists, everything)

    def filter(self, what, backup, lists, everything):
        for packer in (["cat"], ["gzip", "-c"], ["zstd", "-qc"]):
            filtered = self.work / "filtered.tar"
            with open(filtered, "wb") as out, subprocess.Popen([*packer, backup],
                                                               stdout=subprocess.PIPE) as packed:
                self.run(self.speur, "filter", "-q", "--drop", lists["drop0"], stdin=packed.stdout,
                         stdout=out)
            folder = self.target("out")
            self.run("tar", "-xf", filtered, "-C", folder)
            self.judge(f"filter {packer[0]} {what}", self.numbers(folder), everything)

    def prune(self, what, backup, lists, everything):
        folder = self.target("out")
        self.run("tar", "-xf", backup, "-C", folder)
        self.run(self.speur, "prune", "-q", "--root", folder, "--drop0", lists["drop0"])
        self.judge("prune " + what, self.numbers(folder), everything)

    def rsync(self):
        patterns = self.work / "x"
        lists = self.check(self.tree, "--emit", f"rsync={patterns}")
        everything = self.numbers(self.tree)
        out = self.target("out")
        self.run("rsync", "-a", "--from0", f"--exclude-from={patterns}", f"{self.tree}/", f"{out}/")
        self.judge("rsync --exclude-from", self.numbers(out), everything)
        # rsync takes a name that begins with # or ; for a comment: as ./name it is none
        kept = self.work / "kept0"
        kept.write_bytes(b"".join(b"./" + name + b"\0" for name in self.arguments(lists["keep0"])))
        out = self.target("out")
        self.run("rsync", "-a", "--from0", f"--files-from={kept}", f"{self.tree}/", f"{out}/")
        self.judge("rsync --files-from", self.numbers(out), everything)

    def restic(self):
        env = {"RESTIC_PASSWORD": "proef", "RESTIC_REPOSITORY": str(self.work / "restic"),
               "RESTIC_CACHE_DIR": str(self.work / "cache")}
        self.run("restic", "init", env=env)
        self.run("restic", "backup", ".", cwd=self.tree, env=env)
        patterns = self.work / "x"
        self.check(self.tree, "--emit", f"restic={patterns}")
        out = self.target("out")
        self.run("restic", "restore", "latest", "--target", out, *self.arguments(patterns), env=env)
        self.judge("restic --exclude", self.numbers(out), self.numbers(self.tree))
        # the recipe of the manual: dump, filter, tar
        dumped = self.work / "dump.tar"
        with open(dumped, "wb") as file:
            self.run("restic", "dump", "latest", "/", "--archive", "tar", env=env, stdout=file)
        lists = self.check(dumped)
        everything = self.target("all")
        self.run("tar", "-xf", dumped, "-C", everything)
        self.filter("restic", dumped, lists, self.numbers(everything))

    def borg(self):
        env = {"BORG_REPO": str(self.work / "borg"), "BORG_BASE_DIR": str(self.work / "base"),
               "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        self.run("borg", "init", "-e", "none", env=env)
        self.run("borg", "create", "::a", ".", cwd=self.tree, env=env)
        patterns = self.work / "x"
        self.check(self.tree, "--emit", f"borg={patterns}")
        out = self.target("out")
        self.run("borg", "extract", "--exclude-from", patterns, "::a", cwd=out, env=env)
        self.judge("borg --exclude-from", self.numbers(out), self.numbers(self.tree))
        dumped = self.work / "dump.tar"
        self.run("borg", "export-tar", "::a", dumped, env=env)
        lists = self.check(dumped)
        everything = self.target("all")
        self.run("tar", "-xf", dumped, "-C", everything)
        self.filter("borg", dumped, lists, self.numbers(everything))

    def seven_zip(self):
        backup = self.work / "b.7z"
        self.run("7z", "a", "-bd", "-spd", backup, ".", cwd=self.tree, ok=(0, 1))
        everything = self.target("all")
        self.run("7z", "x", "-bd", f"-o{everything}", backup, ok=(0, 1, 2))
        patterns = self.work / "x"
        self.check(backup, "--emit", f"7z={patterns}")
        out = self.target("out")
        self.run("7z", "x", "-bd", f"-o{out}", "-spd", backup, *self.arguments(patterns),
                 ok=(0, 1, 2))
        self.judge("7z -x!", self.numbers(out), self.numbers(everything))

    def unzip(self):
        # Info-ZIP's zip gives this name a second one in Unicode that is no UTF-8, and unzip uses that
        (self.tree / "\x7f").unlink()
        backup = self.work / "b.zip"
        self.run("zip", "-qr", backup, ".", cwd=self.tree)
        everything = self.target("all")
        self.run("unzip", "-q", "-o", "-^", backup, "-d", everything, ok=(0, 1, 2, 50, 82))
        patterns = self.work / "x"
        self.check(backup, "--emit", f"unzip={patterns}")
        out = self.target("out")
        self.run("unzip", "-q", "-o", "-^", backup, "-x", *self.arguments(patterns), "-d", out,
                 ok=(0, 1, 2, 50, 82))
        self.judge("unzip -x", self.numbers(out), self.numbers(everything))


def main():
    speur, work, *tools = sys.argv[1:]
    case = Case(speur, work)
    if len(case.erased) < 34:
        case.fail(f"only {len(case.erased)} hostile names")
    print(f"{len(case.erased)} hostile names, {len(case.innocent)} look-alikes")
    for tool in tools or ["tar", "rsync", "restic", "borg", "seven_zip", "unzip"]:
        getattr(case, tool)()
    sys.exit(1 if case.failures else 0)


main()
