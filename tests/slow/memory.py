"""Resident memory of a scan and of its workers: 1 and 4 GB through standard input, as text, as tar and as tar.gz; a
dump of 2 GB in which one statement has 200 MB; a
thousand and a million small files. Called by memory.sh: memory.py SPEUR WORK."""

import gzip
import os
import pathlib
import subprocess
import sys
import tarfile
import threading
import time

SPEUR, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
MB, GB = 1 << 20, 1 << 30
LINES = b"".join(b"Beste klant, uw bestelling %d is onderweg. Mail ons op vraag%d@voorbeeld.example.\n" % (n, n)
                 if n % 50 == 0 else b"Graag ontvangen wij van u de gegevens van de levering van vorige week %d.\n" % n
                 for n in range(14000))[:MB]
wrong = 0


def expect(holds, what):
    global wrong
    if not holds:
        wrong += 1
        print(f"FAILED: {what}")


def peak(pid):
    try:
        for line in open(f"/proc/{pid}/status", encoding="ascii"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0


def measured(arguments, feed=None):
    """(MB of speur, MB of its largest worker)"""
    for old in WORK.glob("inventory.db*"):
        old.unlink()
    scan = subprocess.Popen([SPEUR, "scan", "-q", "-j", "2", *arguments], stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL)
    own, workers, ended = 0, 0, threading.Event()

    def watch():
        nonlocal own, workers
        while not ended.is_set():
            own = max(own, peak(scan.pid))
            try:
                children = open(f"/proc/{scan.pid}/task/{scan.pid}/children", encoding="ascii").read().split()
            except OSError:
                children = []
            for task in pathlib.Path(f"/proc/{scan.pid}/task").glob("*/children"):
                try:
                    children += task.read_text().split()
                except OSError:
                    pass
            workers = max([workers] + [peak(child) for child in children])
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    if feed:
        try:
            feed(scan.stdin)
        except BrokenPipeError:
            pass
        scan.stdin.close()
    scan.wait()
    ended.set()
    watcher.join()
    expect(scan.returncode in (0, 2), f"{arguments} ended with {scan.returncode}")
    expect(own > 0, f"{arguments}: nothing was measured")
    return own, workers


def text(size):
    def feed(out):
        for _ in range(size // MB):
            out.write(LINES)
    return feed


def tar(size, packed):
    """Members of 1 MB, and one of a quarter of it all."""
    def feed(out):
        stream = gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) if packed else out
        with tarfile.open(fileobj=stream, mode="w|") as archive:
            for number in range(size // MB * 3 // 4):
                info = tarfile.TarInfo(f"brief {number}.txt")
                info.size = len(LINES)
                import io
                archive.addfile(info, io.BytesIO(LINES))
            class Long:
                left = size // 4
                def read(self, count):
                    count = min(count, self.left)
                    self.left -= count
                    return (LINES * (count // MB + 1))[:count]
            info = tarfile.TarInfo("groot.sql")
            info.size = size // 4
            archive.addfile(info, Long())
        if packed:
            stream.close()
    return feed


def dump(size, told):
    """Statements of a megabyte, one of 200 MB in the middle; told[0]: the addresses in it."""
    def feed(out):
        rows = 0
        out.write(b"CREATE TABLE `klant` (`id` int NOT NULL, `email` varchar(99), `note` text, PRIMARY KEY (`id`));\n")
        written = 0
        while written < size:
            left = 200 * MB if size // 2 <= written < size // 2 + MB else MB
            out.write(b"INSERT INTO `klant` VALUES ")
            while left > 0:
                block = b",".join(
                    b"(%d,%s,'gewone tekst van een notitie in de tabel; met \\'een\\' aanhaling')"
                    % (rows + n, b"'vraag%d@voorbeeld.example'" % (rows + n) if (rows + n) % 1000 == 0 else b"NULL")
                    for n in range(1000))
                rows += 1000
                left -= len(block)
                written += len(block)
                out.write(block + (b"," if left > 0 else b";\n"))
        told[0] = rows // 1000
    return feed


def addresses():
    """(how many mail addresses were found, in the right column)"""
    export = [SPEUR, "export", "--inventory", os.environ["SPEUR_INVENTORY"]]
    told = subprocess.run(export, stdout=subprocess.PIPE, check=True).stdout
    return told.count(b'"column":"email"')


for name, make in (("text", text), ("tar", lambda size: tar(size, False)), ("tar.gz", lambda size: tar(size, True))):
    one, four = measured(["-"], make(GB)), measured(["-"], make(4 * GB))
    print(f"{name:<8} 1 GB: {one[0]} MB, worker {one[1]} MB; 4 GB: {four[0]} MB, worker {four[1]} MB")
    expect(four[0] <= one[0] * 1.1 + 1 and four[1] <= one[1] * 1.1 + 1, f"{name}: 4 GB takes more than 1 GB")
    expect(name == "text" or min(one[1], four[1]) > 0, f"{name}: no worker was measured")
    expect(max(one[0], four[0]) <= 256 and max(one[1], four[1]) <= 256, f"{name}: more than 256 MB")

planted = [0]
half = measured(["-"], dump(GB // 2, planted))
whole = measured(["-"], dump(2 * GB, planted))
print(f"dump     0.5 GB: {half[0]} MB; 2 GB: {whole[0]} MB; {addresses()} of {planted[0]} addresses in their column")
expect(whole[0] <= half[0] * 1.1 + 1 and whole[0] <= 256, "a dump of 2 GB takes more than one of 0.5 GB")
expect(addresses() == planted[0], "not every address of the dump, or not in its column")

sizes = []
for count in (1000, 1000000):
    tree = WORK / f"tree{count}"
    for number in range(count):
        folder = tree / str(number // 1000)
        if number % 1000 == 0:
            folder.mkdir(parents=True)
        with open(folder / f"{number % 1000}.txt", "wb") as out:
            out.write(b"Bericht %d\n" % number)
    sizes.append(measured([str(tree)]))
    print(f"{count} small files: {sizes[-1][0]} MB, worker {sizes[-1][1]} MB")
expect(sizes[1][0] <= sizes[0][0] + 64, "a million files take more than 64 MB more than a thousand")
sys.exit(wrong > 0)
