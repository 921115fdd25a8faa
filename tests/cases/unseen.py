"""Documents of which a part cannot be read, or is shown by no reader: unseen.make() writes them into the folder at hand and
returns of each file the reasons that must be told of it and the e-mail addresses that must be found. Used by tests/cli/unseen.sh."""

import base64
import gzip
import os
import pathlib
import random
import struct
import zipfile
import zlib

import documents as made

WHO = b"kees.proef@post.example"
expected = {}


def put(name, data, told=(), found=(WHO,)):
    pathlib.Path(name).write_bytes(data)
    expected[name] = [sorted(told), [who.decode() for who in found]]


# ---- PDF
def pdf(bodies):
    """Bodies of objects, numbered from 1, the first being the catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, rows, size, len(out))


def stream(data, dictionary=b"/Filter/FlateDecode", length=None):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data) if length is None else length, data)


def page(content, catalog=b"", extra=(), resources=b"/Font<</F 5 0 R>>", font=b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"):
    """One page whose content is object 4 and whose font is object 5; `extra` are numbered from 6."""
    return pdf([b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog, b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%s>>>>" % resources,
                content, font, *extra])


def long_text():
    """A page of text with the address near its end."""
    words = random.Random(7)
    out = b"BT /F 10 Tf 11 TL 50 780 Td "
    for line in range(60):
        out += b"(%s) Tj T*\n" % b" ".join(words.choice([b"klant", b"nota", b"fiets", b"adres"]) + b"%d" % words.randrange(999) for _ in range(8))
    return out + b"(" + WHO + b") Tj ET"


def ascii85(data):
    return base64.a85encode(data) + b"~>"


def lzw(data, bad=b""):
    """Codes of nine bits: the table is thrown away before it needs ten."""
    codes = []
    for at in range(0, len(data), 200):
        codes += [256, *data[at:at + 200]]
    bits = "".join(f"{code:09b}" for code in codes + ([400] if bad else [257]))
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def damaged():
    text = long_text()
    packed = zlib.compress(text)
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0x5A
    third = len(packed) // 3
    put("flipped.pdf", page(stream(bytes(flipped))), ["corrupt"], ())
    put("cut.pdf", page(stream(packed[:third])), ["truncated"], ())
    put("word.pdf", page(stream(packed[:third]), extra=[b"(wat /Encrypt is)"]), ["truncated"], ())
    put("zeroed.pdf", page(stream(packed[:third] + bytes(len(packed) - third))), ["truncated"], ())
    put("no head.pdf", page(stream(packed[2:])), ["corrupt"], ())
    put("checksum.pdf", page(stream(packed[:-4] + b"abcd")), ["corrupt"])
    put("filter.pdf", page(stream(packed, b"/Filter/BrotliDecode")), ["unsupported"], ())
    put("ascii85 cut.pdf", page(stream(ascii85(packed[:third]), b"/Filter[/ASCII85Decode /FlateDecode]")), ["truncated"], ())
    put("hex bad.pdf", page(stream(packed.hex().encode().replace(b"a", b"x", 1), b"/Filter[/ASCIIHexDecode/FlateDecode]")), ["corrupt"], ())
    put("lzw bad.pdf", page(stream(lzw(text, b"bad"), b"/Filter/LZWDecode")), ["corrupt"])
    put("lzw cut.pdf", page(stream(lzw(text)[:-3], b"/Filter/LZWDecode")), ["truncated"])
    table = zlib.compress(b"id,naam\n" + b"".join(b"%d,klant%d\n" % (n, n * 7919 % 1000) for n in range(800)) + b"9," + WHO + b"\n")
    hung = b"/Names<</EmbeddedFiles<</Names[(a)6 0 R]>>>>"
    for name, data, told in (("attached.pdf", table, ()), ("attached cut.pdf", table[:len(table) // 2], ["truncated"])):
        attached = [b"<</Type/Filespec/F(a.csv)/EF<</F 7 0 R>>>>", stream(data, b"/Type/EmbeddedFile/Filter/FlateDecode")]
        put(name, page(stream(zlib.compress(b" ")), hung, attached), told, () if told else (WHO,))
    whole = page(stream(packed))
    hole = whole.index(b"5 0 obj")
    put("sector.pdf", whole[:hole] + bytes(512) + whole[hole:], ["corrupt"], ())
    put("web cut.pdf", whole.replace(b"<</Type/Font/", b"<</Linearized 1/L 90000/Type/Font/"), ["truncated"])


def sound():
    """What producers write that is no damage."""
    text = long_text()
    packed = zlib.compress(text)
    put("whole.pdf", page(stream(packed)))
    put("no checksum.pdf", page(stream(packed[:-4])))
    put("more behind.pdf", page(stream(packed + b"\r\n  ")))
    put("wrong length.pdf", page(stream(packed, length=7)))
    put("stored.pdf", page(stream(zlib.compress(text + b"% endstream endobj\n", 0))))
    put("empty.pdf", page(stream(b""), extra=[stream(packed)]), (), ())
    put("spaces.pdf", page(b"<< /Length %d /Filter [ /Flate#44ecode ] >> stream \r\n%s\r\nendstream" % (len(packed), packed)))
    put("ascii85.pdf", page(stream(ascii85(packed), b"/Filter[/ASCII85Decode /FlateDecode]")))
    put("lzw.pdf", page(stream(lzw(text), b"/Filter/LZWDecode")))
    put("hex.pdf", page(stream(packed.hex().encode() + b">", b"/Filter[/ASCIIHexDecode/FlateDecode]")))
    put("words.pdf", page(stream(packed), extra=[b"(a stream\n of /Filter/Unknown)"]))
    put("padded.pdf", page(stream(packed)) + bytes(600))
    put("photo.pdf", page(stream(packed), extra=[stream(b"\xff\xd8 not looked at", b"/Type/XObject/Subtype/Image/Filter/DCTDecode")]))


# ---- fonts
def cmap(first):
    return (b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def 1 begincodespacerange <0000> <ffff> "
            b"endcodespacerange\n1 beginbfrange <0000> <00e2> <" + first + b"> endbfrange\nendcmap end end")


def glyphs(text, mapping=b""):
    """Text as numbers of glyphs of a font that is not in the file."""
    content = b"BT /F 12 Tf 50 700 Td <" + b"".join(b"%04x" % (letter - 29) for letter in text) + b"> Tj ET"
    font = b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Proef/Encoding/Identity-H/DescendantFonts[6 0 R]%s>>" % (b"/ToUnicode 8 0 R" if mapping else b"")
    return page(stream(zlib.compress(content)), font=font, extra=[
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Proef/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 7 0 R/DW 500>>",
        b"<</Type/FontDescriptor/FontName/ABCDEF+Proef/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
        *([stream(zlib.compress(mapping))] if mapping else [])])


def drawn(text, names, inline):
    """Text in a font of drawings (Type 3), in which each glyph has a name of ours."""
    shift = 0 if names == b"a" else 3
    differences = b"".join(b" %d/%s%d" % (letter + shift, names, letter if shift == 0 else 500 + letter) for letter in sorted(set(text)))
    encoding = b"<</Type/Encoding/Differences[%s]>>" % differences
    procs = b"".join(b"/%s%d 6 0 R" % (names, letter if shift == 0 else 500 + letter) for letter in sorted(set(text)))
    font = (b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 0/LastChar 255/Widths[%s]/CharProcs<<%s>>"
            b"/Encoding %s/Resources<<>>>>" % (b"500 " * 256, procs, encoding if inline else b"7 0 R"))
    content = b"BT /F 12 Tf 50 700 Td (" + bytes(letter + shift for letter in text) + b") Tj ET"
    return page(stream(zlib.compress(content)), font=font, extra=[stream(b"500 0 0 0 400 400 d1 0 0 400 400 re f", b""), encoding])


def fonts():
    put("mapped.pdf", glyphs(WHO, cmap(b"001d")))
    put("no mapping.pdf", glyphs(WHO), ["undecodable"], ())
    put("private.pdf", glyphs(WHO, cmap(b"f000")), ["undecodable"], ())
    put("bullets.pdf", glyphs(b"*  * * *** *+ * *" * 9, cmap(b"f000")), (), ())
    put("numbers.pdf", drawn(WHO, b"g", True), ["undecodable"], ())
    put("numbers beside.pdf", drawn(WHO, b"g", False), ["undecodable"], ())
    other = drawn(b"niets dat iets is", b"g", False)
    put("beside another.pdf", drawn(WHO, b"a", False)[:-7] + other[other.index(b"7 0 obj"):].replace(b"7 0 obj", b"17 0 obj"))
    put("bitmaps.pdf", drawn(WHO, b"a", True))


# ---- what no page shows
def hidden():
    empty = stream(zlib.compress(b" "))
    text = zlib.compress(b"BT /F 12 Tf 50 700 Td [(" + WHO[:9] + b")-20(" + WHO[9:] + b")] TJ ET")
    tile = (b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 800]/XStep 600/YStep 800"
            b"/Resources<</ProcSet[/PDF/Text/ImageB]/Font<</F 5 0 R>>>>/Filter/FlateDecode")
    put("pattern.pdf", page(stream(zlib.compress(b"/Pattern cs /P scn 0 0 600 800 re f")), extra=[stream(text, tile)],
                            resources=b"/Font<</F 5 0 R>>/Pattern<</P 6 0 R>>"))
    put("outside.pdf", page(stream(zlib.compress(b"BT /F 12 Tf 5000 7000 Td [(" + WHO[:9] + b")-20(" + WHO[9:] + b")] TJ ET"))))
    put("old form.pdf", page(empty, extra=[stream(text, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode")]))
    put("orphan.pdf", page(empty, extra=[stream(zlib.compress(gzip.compress(b"mail " + WHO)), b"/Type/EmbeddedFile/Filter/FlateDecode")]))
    put("orphan plain.pdf", page(empty, extra=[stream(gzip.compress(b"mail " + WHO), b"/Type/EmbeddedFile")]))
    put("private data.pdf", page(empty, extra=[stream(zlib.compress(gzip.compress(b"mail " + WHO)))]))
    program = b'app.alert("Do not mail; Do write to ' + WHO + b' about the invoice.");' * 3
    put("program.pdf", page(empty, extra=[stream(zlib.compress(program), b"/Type/Program/Filter/FlateDecode")]))
    put("wide program.pdf", page(empty, extra=[stream(zlib.compress(b"\xfe\xff" + program.decode().encode("utf-16-be")))]))
    remark = stream(zlib.compress(program)).replace(b">>\nstream", b">>% a remark\nstream")
    put("remark.pdf", page(empty, extra=[remark]))
    lost = stream(zlib.compress(b"een twee drie " * 9)).replace(b"\nendstream", b"")
    put("swallowed.pdf", page(empty, extra=[lost, stream(zlib.compress(program))]), ["corrupt"])
    put("predicted.pdf", page(empty, extra=[stream(zlib.compress(program), b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 9>>")]),
        ["unsupported"])
    put("elsewhere.pdf", page(empty, extra=[stream(ascii85(zlib.compress(program)), b"/Filter 7 0 R"), b"[/ASCII85Decode/FlateDecode]"]),
        ["unsupported"], ())
    # as many streams as fit, none with an object of its own: looking for one must not go back over all of them
    put("many streams.pdf", page(empty, extra=[b">>stream\nendstream\n" * 30000]), found=())


# ---- macros
def token(chunk, at):
    """The longest copy of what stands before, as [MS-OVBA] writes it; or the byte."""
    bits = max(4, (at - 1).bit_length())
    best = 0, 0
    for back in range(1, at + 1):
        count = 0
        while count < (0xFFFF >> bits) + 3 and at + count < len(chunk) and chunk[at + count] == chunk[at + count - back]:
            count += 1
        best = max(best, (count, back))
    if best[0] < 3:
        return chunk[at:at + 1], 1
    return struct.pack("<H", (best[1] - 1) << (16 - bits) | (best[0] - 3)), best[0]


def ovba(data):
    out = b"\1"
    for start in range(0, len(data), 4096):
        chunk, tokens, at = data[start:start + 4096], [], 0
        while at < len(chunk):
            one, count = token(chunk, at)
            tokens.append(one)
            at += count
        packed = b""
        for first in range(0, len(tokens), 8):
            group = tokens[first:first + 8]
            packed += bytes([sum(1 << i for i, one in enumerate(group) if len(one) == 2)]) + b"".join(group)
        out += struct.pack("<H", len(packed) - 1 | 0xB000) + packed
    return out


def project(module):
    directory = struct.pack("<HII", 1, 4, 1) + struct.pack("<HI", 4, 4) + b"VBAP" + b"\x19\0\7\0\0\0Module1" * 3
    return {"VBA": {"dir": ovba(directory), "Module1": module, "_VBA_PROJECT": b"\xcc\x61\xff\xff\0\0\0", "__SRP_0": b"rU@\0" * 9},
            "PROJECT": b'ID="{0}"\r\nModule=Module1\r\n'}


def compound(tree):
    made.compound("macros.tmp", tree)
    data = pathlib.Path("macros.tmp").read_bytes()
    os.unlink("macros.tmp")
    return data


def with_macros(name, make, tree, inner):
    """A package with a project of macros beside what `make` writes into it."""
    make(name)
    with zipfile.ZipFile(name, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr(inner, compound(tree))
    expected[name] = [[], [WHO.decode()]]


def macros():
    lines = b"".join(b"  ' regel %d van nota\r\n" % n for n in range(400))
    source = (b'Attribute VB_Name = "Module1"\r\nSub Stuur()\r\n' + lines + b'  With CreateObject("Outlook.Application").CreateItem(0)\r\n'
              b'    .To = "' + WHO[:9] + WHO[9:] + b'"\r\n  End With\r\nEnd Sub\r\n')
    source = source.replace(b"Sub Stuur", b"' .To = kees@post.example proef@ proef\r\nSub Stuur", 1)
    packed = ovba(source)
    assert WHO not in packed  # the test would show nothing
    cache = b"\1\x16\3" + bytes(300)  # what stands before the source
    whole = project(cache + packed)
    with_macros("a.xlsm", lambda name: made.xlsx(name, [["a"], [1]]), whole, "xl/vbaProject.bin")
    with_macros("a.docm", lambda name: made.docx(name, ["niets"]), whole, "word/vbaProject.bin")
    put("vbaProject.bin", compound(whole))
    put("a.xls", compound({"Workbook": b"\x09\x08\x10\0\0\6\5\0" + bytes(12) + b"\x0a\0\0\0", "_VBA_PROJECT_CUR": whole}))
    put("cut macro.bin", compound(project(cache + packed[:-20])), ["corrupt"], ())
    put("zeroed macro.bin", compound(project(cache + packed[:900] + bytes(400) + packed[1300:])), ["corrupt"], ())
    put("lost macro.bin", compound(project(cache + bytes(12) + packed[12:])), ["corrupt"], ())
    put("lost list.bin", compound({"VBA": whole["VBA"] | {"dir": bytes(40)}}), ["corrupt"])


def make():
    for what in (damaged, sound, fonts, hidden, macros):
        what()
    return expected
