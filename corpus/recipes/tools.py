"""Files and the real tools that pack them. Everything made is the same each time, but for the
random header that `zip -P` puts before an encrypted member."""

import os
import pathlib
import shutil
import subprocess
import zlib

EPOCH = 1772356800  # 2026-03-01 09:20 UTC: every file's time


def run(*args, stdin=None, cwd=None):
    """Runs a tool; its output. A tool that fails ends the build with what it said."""
    done = subprocess.run(
        args,
        input=stdin,
        cwd=cwd,
        capture_output=True,
        check=False,
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "GZIP": "", "ZIPOPT": ""},
    )
    if done.returncode != 0:
        raise SystemExit(f"{args[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


class Folder:
    """A folder that is filled by recipes. Names may be text or bytes."""

    def __init__(self, path):
        self.path = os.fsencode(path)
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)

    def full(self, name):
        return os.path.join(self.path, os.fsencode(name))

    def write(self, name, content, encoding="utf-8"):
        full = self.full(name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        data = content.encode(encoding) if isinstance(content, str) else content
        with open(full, "wb") as out:
            out.write(data)
        os.chmod(full, 0o644)
        return full

    def symlink(self, name, target):
        os.symlink(target, self.full(name))

    def hardlink(self, name, existing):
        os.link(self.full(existing), self.full(name))

    def names(self):
        """Every name below, folders too, sorted by bytes."""
        found = []
        for base, folders, files in os.walk(self.path):
            for name in folders + files:
                found.append(os.path.relpath(os.path.join(base, name), self.path))
        return sorted(found)

    def settle(self):
        """Gives everything the same time; deepest first, as writing changes the folder's."""
        for name in reversed(self.names()):
            os.utime(self.full(name), (EPOCH, EPOCH), follow_symlinks=False)
        os.utime(self.path, (EPOCH, EPOCH))


def stored_names(folder):
    """The names of all members as tar stores them: a folder's ends with a slash."""
    return [
        name + b"/"
        if os.path.isdir(folder.full(name)) and not os.path.islink(folder.full(name))
        else name
        for name in folder.names()
    ]


def tar(folder, form="gnu"):
    """The folder as GNU tar stores it, members named without a leading './'."""
    folder.settle()
    return run(
        "tar",
        "-C",
        folder.path,
        f"--format={form}",
        "--owner=jan:1000",
        "--group=verkoop:1000",
        "--mode=u=rwX,go=rX",
        "--no-recursion",
        "--null",
        "--verbatim-files-from",
        "-T",
        "-",
        "-cf",
        "-",
        *(["--pax-option=delete=atime,delete=ctime"] if form == "posix" else []),
        stdin=b"\0".join(folder.names()),
    )


def packed(data, *filter_command):
    return run(*filter_command, stdin=data)


def make_zip(folder, *options):
    """The folder as Info-ZIP stores it, entries in order of name."""
    folder.settle()
    archive = pathlib.Path(os.fsdecode(folder.path) + ".zip")
    archive.unlink(missing_ok=True)
    files = [n for n in folder.names() if not os.path.isdir(folder.full(n))]
    run("zip", "-X", "-q", *options, str(archive), *files, cwd=folder.path)
    data = archive.read_bytes()
    archive.unlink()
    return data


def damage(data, member):
    """Overwrites the middle of a member's packed bytes."""
    at = data.index(member.encode())
    begin = at + len(member) + 40
    return data[:begin] + bytes(255 - b for b in data[begin : begin + 48]) + data[begin + 48 :]


def png(width=1, height=1):
    def chunk(kind, body):
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
