#!/usr/bin/env bash
# warc.sh BUILD: what a server sent in chunks (HTTP/1.1 transfer coding) is read as the body that it is, also where a value
# or a packed body goes over the border of two chunks; damage in the chunks is told, and what follows it is read.
set -euo pipefail
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
use_build "$1"
export SPEUR_INVENTORY=$work/inventory.db SPEUR_KEY=$work/key SPEUR_REGISTER=$work/register
expect_status 0 "$speur" register init
printf 'req_id;type;value\nR1;email;lang.adres.van.iemand@example.nl\n' >"$work/requests.csv"
expect_status 0 "$speur" register import "$work/requests.csv"
cd "$work"
python3 - <<'END'
import gzip, zlib
WHO = b"lang.adres.van.iemand@example.nl"
PAGE = b"<html>" + b"<p>iets te lezen over fietsen</p>\n" * 300 + b"<p>" + WHO + b"</p></html>"
def warc(name, body, fields=b"Transfer-Encoding: chunked\r\n"):
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + fields + b"\r\n" + body
    record = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\n" \
             b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(http)
    open(name + ".warc", "wb").write(record + http + b"\r\n\r\n")
def chunks(data, size, more=b"", end=b"0\r\n\r\n", line=b"\r\n"):
    return b"".join(b"%x" % len(data[i:i+size]) + more + line + data[i:i+size] + line for i in range(0, len(data), size)) + end
warc("hit-plain", PAGE, b"")
warc("hit-border", chunks(PAGE, len(PAGE) - 25))
warc("hit-small", chunks(PAGE, 1))
warc("hit-bare", chunks(PAGE, 7, line=b"\n"))
warc("hit-gzip", chunks(gzip.compress(PAGE), 5), b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n")
warc("hit-deflate", chunks(zlib.compress(PAGE), 5), b"TRANSFER-ENCODING:Chunked\r\nContent-Encoding: deflate\r\n")
warc("hit-both", chunks(gzip.compress(PAGE), 5), b"Transfer-Encoding: gzip, chunked\r\n")
warc("hit-undone", PAGE)  # a crawler that took the chunks off and left the field
warc("hit-trailer", chunks(b"niets", 5, end=b"0\r\nX-From: " + WHO + b"\r\n\r\n"))
warc("hit-extension", chunks(b"niets", 5, b';x="' + WHO + b'"'))
warc("hit-behind", chunks(b"niets", 5) + b"en " + WHO)
warc("hit-odd", chunks(b"niets", 5, end=b"zz\r\n") + WHO)
warc("odd-cut", chunks(b"niets te lezen", 5, end=b"40\r\nmeer"))
warc("odd-end", chunks(b"niets te lezen", 5, end=b""))
warc("odd-damaged", chunks(b"niets te lezen", 5, end=b"zz\r\n"))
warc("odd-large", b"ffffffffffffffffff\r\nniets")
warc("odd-gzip", chunks(gzip.compress(b"niets te lezen")[:-3], 5))
warc("clean-small", chunks(b"niets te lezen\n", 3))
warc("clean-empty", b"0\r\n\r\n")
warc("clean-nothing", b"")
END
for file in hit-*.warc; do
    "$speur" check "$file" >out 2>err || true
    grep -q '^HIT .*R1' out || fail "$file: $(tail -n 1 out)"
done
for file in odd-*.warc hit-odd.warc; do
    "$speur" check "$file" >out 2>err || true
    tail -n 1 out | grep -q INCOMPLETE || fail "$file: $(tail -n 1 out)"
done
for file in clean-*.warc; do
    expect_status 0 "$speur" check "$file"
done
for file in hit-plain hit-border hit-small hit-bare hit-gzip hit-deflate hit-both hit-undone; do
    expect_status 1 "$speur" check $file.warc
done
finish
