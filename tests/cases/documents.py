"""Documents of offices, written here byte by byte with nothing but Python's own modules, so that each test has exactly what
it plants: used by tests/cli/documents.sh and tests/hostile/mutants. Each maker takes the path and a list of lines of text;
each line stands in its own paragraph, row, message or property. Runs are split within values where the format has runs."""

import pathlib
import sqlite3
import struct
import zipfile
from xml.sax.saxutils import escape

OOXML = "http://schemas.openxmlformats.org"
WORD, SHEET, DRAW, SLIDE = (f"{OOXML}/{name}/2006/main" for name in
                            ("wordprocessingml", "spreadsheetml", "drawingml", "presentationml"))
RELATIONS = f"{OOXML}/officeDocument/2006/relationships"
ODF = ("xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' "
       "xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' xmlns:xlink='http://www.w3.org/1999/xlink'")


def halves(text):
    """A value in two runs, and the tail in a third."""
    middle = max(1, len(text) // 2)
    return text[:middle], text[middle:]


def package(path, parts, mimetype=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        if mimetype:
            out.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        else:
            out.writestr("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>")
        for name, text in parts.items():
            out.writestr(name, text)


def docx(path, lines, header="", author="", link=""):
    body = "".join(f"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{escape(a)}</w:t></w:r>\n  <w:r><w:t xml:space='preserve'>{escape(b)}</w:t></w:r></w:p>"
                   for a, b in map(halves, lines))
    parts = {"word/document.xml": f"<?xml version='1.0' encoding='UTF-8'?>\n<w:document xmlns:w='{WORD}'><w:body>{body}</w:body></w:document>"}
    if header:
        parts["word/header1.xml"] = f"<w:hdr xmlns:w='{WORD}'><w:p><w:r><w:t>{escape(header)}</w:t></w:r></w:p></w:hdr>"
    if author:
        parts["docProps/core.xml"] = ("<cp:coreProperties xmlns:cp='http://schemas.openxmlformats.org/package/2006/metadata/core-properties' "
                                      f"xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator>{escape(author)}</dc:creator></cp:coreProperties>")
    if link:
        parts["word/_rels/document.xml.rels"] = (f"<Relationships xmlns='{OOXML}/package/2006/relationships'><Relationship Id='r1' "
                                                 f"Type='hyperlink' Target='mailto:{escape(link)}' TargetMode='External'/></Relationships>")
    package(path, parts)


def column_name(number):
    return chr(ord("A") + number)


def xlsx(path, rows, sheet="Blad1", strings_last=True, lost=""):
    """Cells: text goes into the shared strings, numbers stay. `lost` is a shared string that no cell shows."""
    strings, cells = [], []
    for r, row in enumerate(rows, 1):
        out = ""
        for c, value in enumerate(row):
            at = f"{column_name(c)}{r}"
            if isinstance(value, str):
                if value not in strings:
                    strings.append(value)
                out += f"<c r='{at}' t='s'><v>{strings.index(value)}</v></c>"
            elif value is not None:
                out += f"<c r='{at}'><v>{value}</v></c>"
        cells.append(f"<row r='{r}'>{out}</row>")
    if lost:
        strings.append(lost)
    shared = "".join(f"<si><r><t>{escape(a)}</t></r><r><t xml:space='preserve'>{escape(b)}</t></r></si>" for a, b in map(halves, strings))
    table = {"xl/sharedStrings.xml": f"<sst xmlns='{SHEET}'>{shared}</sst>"}
    data = {"xl/workbook.xml": f"<workbook xmlns='{SHEET}' xmlns:r='{RELATIONS}'><sheets><sheet name='{escape(sheet)}' sheetId='1' r:id='rId1'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{OOXML}/package/2006/relationships'><Relationship Id='rId1' Type='worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
            "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{SHEET}'><sheetData>{''.join(cells)}</sheetData></worksheet>"}
    package(path, {**data, **table} if strings_last else {**table, **data})


def pptx(path, lines):
    shapes = "".join(f"<p:sp><p:txBody><a:p><a:r><a:t>{escape(a)}</a:t></a:r><a:r><a:t>{escape(b)}</a:t></a:r></a:p></p:txBody></p:sp>"
                     for a, b in map(halves, lines))
    package(path, {"ppt/slides/slide1.xml": f"<p:sld xmlns:p='{SLIDE}' xmlns:a='{DRAW}'><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"})


def odt(path, lines):
    body = "".join(f"<text:p>{escape(a)}<text:span>{escape(b)}</text:span></text:p>" for a, b in map(halves, lines))
    package(path, {"content.xml": f"<office:document-content {ODF}><office:body><office:text>{body}</office:text></office:body></office:document-content>"},
            "application/vnd.oasis.opendocument.text")


def ods(path, rows, sheet="Blad1"):
    body = ""
    for row in rows:
        body += "<table:table-row>"
        for value in row:
            if isinstance(value, str):
                body += f"<table:table-cell office:value-type='string'><text:p>{escape(value)}</text:p></table:table-cell>"
            elif value is None:
                body += "<table:table-cell table:number-columns-repeated='1'/>"
            else:
                body += f"<table:table-cell office:value-type='float' office:value='{value}'><text:p>{value}</text:p></table:table-cell>"
        body += "</table:table-row>"
    package(path, {"content.xml": f"<office:document-content {ODF}><office:body><office:spreadsheet><table:table table:name='{escape(sheet)}'>{body}"
                                  "</table:table></office:spreadsheet></office:body></office:document-content>"},
            "application/vnd.oasis.opendocument.spreadsheet")


def rtf(path, lines):
    text = "".join("".join(c if ord(c) < 128 and c not in "\\{}" else f"\\u{ord(c)}?" for c in a) + "{\\b " +
                   "".join(c if ord(c) < 128 and c not in "\\{}" else f"\\u{ord(c)}?" for c in b) + "}\\par\n" for a, b in map(halves, lines))
    pathlib.Path(path).write_bytes(b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\f0 " + text.encode() + b"}")


def utf16(text):
    return b"<FEFF%s>" % text.encode("utf-16-be").hex().encode()


def pdf(path, pages, title="", attachment=None, image_pages=(), field="", outline="", clip=None):
    """Pages of lines; a page whose number is in image_pages has an image and no text. The first one
    has a field of a form and a paperclip."""
    objects = [b""]  # number 0

    def add(body):
        objects.append(body)
        return len(objects) - 1

    font = add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    image = add(b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>\nstream\n\0\nendstream")
    hung, forms = b"", b""
    if field:
        form = add(b"<</Type/Annot/Subtype/Widget/FT/Tx/T(veld)/V%s/Rect[50 50 300 70]/F 4>>" % utf16(field))
        forms = b"/AcroForm<</Fields[%d 0 R]>>" % form
        hung += b"%d 0 R " % form
    if clip:
        stream = add(b"<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream" % (len(clip[1]), clip[1]))
        hung += b"%d 0 R" % add(b"<</Type/Annot/Subtype/FileAttachment/Rect[9 9 20 20]/FS<</Type/Filespec/F(%s)/EF<</F %d 0 R>>>>>>"
                                % (clip[0].encode(), stream))
    if outline:
        at = len(objects)
        add(b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count 1>>" % (at + 1, at + 1))
        add(b"<</Title%s/Parent %d 0 R>>" % (utf16(outline), at))
        forms += b"/Outlines %d 0 R" % at
    tree, kids = len(objects) + 2 * len(pages), []
    for number, lines in enumerate(pages, 1):
        if number in image_pages:
            content = b"q 300 0 0 400 50 50 cm /I Do Q"
        else:
            shown = "".join(f"({line.replace(chr(92), chr(92) * 2).replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj 0 -20 Td\n" for line in lines)
            content = f"BT /F 12 Tf 50 700 Td\n{shown}ET".encode("latin-1")
        stream = add(b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(add(b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F %d 0 R>>/XObject<</I %d 0 R>>>>/Annots[%s]>>"
                        % (tree, stream, font, image, hung if number == 1 else b"")))
    assert add(b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))) == tree
    names = b""
    if attachment:
        name, data = attachment
        stream = add(b"<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream" % (len(data), data))
        spec = add(b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R>>>>" % (name.encode(), name.encode(), stream))
        names = b"/Names<</EmbeddedFiles<</Names[(%s) %d 0 R]>>>>" % (name.encode(), spec)
    catalog = add(b"<</Type/Catalog/Pages %d 0 R%s%s>>" % (tree, names, forms))
    info = add(b"<</Title(%s)>>" % title.encode())
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects[1:], 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % len(objects) + b"".join(b"%010d 00000 n \n" % at for at in places)
    out += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects), catalog, info, table)
    pathlib.Path(path).write_bytes(out)


def sqlite(path, rows, table="klanten", columns=("id", "email", "nota"), deleted=(), blob=None):
    pathlib.Path(path).unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.execute("PRAGMA secure_delete=0")
    base.execute(f"CREATE TABLE {table} ({columns[0]} INTEGER PRIMARY KEY, {', '.join(columns[1:])}, bijlage BLOB)")
    base.execute(f"CREATE VIEW gezien AS SELECT * FROM {table}")
    marks = ",".join("?" * (len(columns) + 1))
    for row in rows:
        base.execute(f"INSERT INTO {table} VALUES ({marks})", (*row, blob if row is rows[0] else None))
    base.commit()
    for key in deleted:
        base.execute(f"DELETE FROM {table} WHERE {columns[0]} = ?", (key,))
    base.commit()
    base.close()


# ---- compound files ([MS-CFB], version 3) ---------------------------------------------------------------------------------
SECTOR, MINI, CUTOFF, FREE, END, FATSECT = 512, 64, 4096, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def chain(table, first, count):
    for i in range(count):
        table.append(first + i + 1 if i + 1 < count else END)


def compound(path, tree):
    """tree: name -> bytes, or another tree for a storage."""
    entries, mini, sectors, fat, minifat = [], bytearray(), bytearray(), [], []

    def big(data):
        first = len(sectors) // SECTOR
        count = -(-len(data) // SECTOR)
        sectors.extend(data + bytes(count * SECTOR - len(data)))
        chain(fat, first, count)
        return first

    def add(name, kind, data=b""):
        entries.append({"name": name, "kind": kind, "left": FREE, "right": FREE, "child": FREE, "start": 0 if kind == 1 else END, "size": len(data)})
        if kind == 2 and data and len(data) < CUTOFF:
            first, count = len(mini) // MINI, -(-len(data) // MINI)
            mini.extend(data + bytes(count * MINI - len(data)))
            chain(minifat, first, count)
            entries[-1]["start"] = first
        elif kind == 2 and data:
            entries[-1]["start"] = big(data)
        return len(entries) - 1

    def fill(parent, children):
        order = sorted(children, key=lambda name: (len(name), name.upper()))
        numbers = [add(name, 1 if isinstance(children[name], dict) else 2,
                       b"" if isinstance(children[name], dict) else children[name]) for name in order]

        def balance(low, high):  # a tree that is searched in this order
            if low >= high:
                return FREE
            middle = (low + high) // 2
            entries[numbers[middle]]["left"] = balance(low, middle)
            entries[numbers[middle]]["right"] = balance(middle + 1, high)
            return numbers[middle]

        entries[parent]["child"] = balance(0, len(numbers))
        for number, name in zip(numbers, order):
            if isinstance(children[name], dict):
                fill(number, children[name])

    root = add("Root Entry", 5)
    fill(root, tree)
    if mini:
        entries[root]["start"], entries[root]["size"] = big(bytes(mini)), len(mini)
    directory = b""
    for entry in entries:
        name = entry["name"].encode("utf-16-le") + b"\0\0"
        directory += (name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name), entry["kind"], 1, entry["left"], entry["right"], entry["child"])
                      + bytes(16 + 4 + 8 + 8) + struct.pack("<IQ", entry["start"], entry["size"]))
    directory += bytes(-len(directory) % SECTOR)
    directory_at = big(directory)
    minifat_bytes = struct.pack(f"<{len(minifat)}I", *minifat)
    minifat_bytes += b"\xff" * (-len(minifat_bytes) % SECTOR)
    minifat_at = big(minifat_bytes) if minifat else END
    fat_sectors = 1
    while (len(fat) + fat_sectors) * 4 > fat_sectors * SECTOR:
        fat_sectors += 1
    fat_at = len(sectors) // SECTOR
    fat += [FATSECT] * fat_sectors
    table = struct.pack(f"<{len(fat)}I", *fat)
    table += b"\xff" * (fat_sectors * SECTOR - len(table))
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
              + struct.pack("<IIIIIIIII", 0, fat_sectors, directory_at, 0, CUTOFF, minifat_at, len(minifat_bytes) // SECTOR, END, 0)
              + struct.pack("<109I", *([fat_at + i for i in range(fat_sectors)] + [FREE] * (109 - fat_sectors))))
    pathlib.Path(path).write_bytes(header + bytes(sectors) + table)


def properties(values, header=32):
    """values: tag -> (type, bytes) of fixed size."""
    out = bytes(header)
    for tag, (kind, data) in values.items():
        out += struct.pack("<HHI", kind, tag, 6) + data.ljust(8, b"\0")
    return out


def strings(values):
    return {f"__substg1.0_{tag:04X}001F": text.encode("utf-16-le") for tag, text in values.items()}


def message(lines, sender, to, html="", attachments=(), inner=None, header=32):
    tree = strings({0x0037: "Vraag over bestelling", 0x0C1F: sender, 0x1000: "\r\n".join(lines), 0x1035: "<1@mx.voorbeeld.example>"})
    tree["__properties_version1.0"] = properties({0x0039: (0x40, struct.pack("<Q", 116444736000000000 + 1767225600 * 10000000))}, header)
    tree["__recip_version1.0_#00000000"] = {"__properties_version1.0": properties({}, 8), **strings({0x3001: "Winkel", 0x39FE: to})}
    if html:
        tree["__substg1.0_10130102"] = html.encode()
    for number, (name, data) in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = {"__properties_version1.0": properties({}, 8), **strings({0x3707: name}),
                                                      "__substg1.0_37010102": data}
    if inner is not None:
        tree[f"__attach_version1.0_#{len(attachments):08X}"] = {"__properties_version1.0": properties({}, 8), **strings({0x3001: "doorgestuurd"}),
                                                                "__substg1.0_3701000D": inner}
    return tree


def msg(path, lines, sender="a@b.example", to="c@d.example", html="", attachments=(), inner=None):
    compound(path, message(lines, sender, to, html, attachments, inner))


def doc(path, lines, encrypted=False):
    """Two pieces: the first half in windows-1252, the rest in UTF-16."""
    text = "\r".join(lines) + "\r"
    one, two = text[:len(text) // 2].encode("cp1252"), text[len(text) // 2:].encode("utf-16-le")
    at = 0x800
    stream = bytearray(at) + one + two
    struct.pack_into("<HH", stream, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", stream, 0x0A, 0x0200 | (0x0100 if encrypted else 0))
    count = len(text)
    pieces = struct.pack("<III", 0, len(text) // 2, count)
    pieces += struct.pack("<HIH", 0, (at * 2) | 0x40000000, 0) + struct.pack("<HIH", 0, at + len(one), 0)
    clx = b"\1" + struct.pack("<H", 4) + b"abcd" + b"\2" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", stream, 0x01A2, 16, len(clx))
    stream += bytes(max(0, 4096 - len(stream)))
    compound(path, {"WordDocument": bytes(stream), "1Table": bytes(16) + clx})


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def xls(path, rows, sheet="Blad1", encrypted=False):
    """Shared strings, half of them wide; one is cut by a CONTINUE record in the middle of its characters."""
    shared, cells = [], b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                if value not in shared:
                    shared.append(value)
                cells += record(0x00FD, struct.pack("<HHHI", r, c, 0, shared.index(value)))
            elif isinstance(value, int) and 0 <= value < 1 << 29:
                cells += record(0x027E, struct.pack("<HHHI", r, c, 0, value << 2 | 2))
            elif value is not None:
                cells += record(0x0203, struct.pack("<HHHd", r, c, 0, value))
    blob, cut = struct.pack("<II", len(shared), len(shared)), None
    for number, text in enumerate(shared):
        wide = number % 2
        data = text.encode("utf-16-le" if wide else "latin-1")
        blob += struct.pack("<HB", len(text), wide)
        if number == len(shared) - 1:
            cut = len(blob) + (len(text) // 2) * (2 if wide else 1), wide
        blob += data
    place, wide = cut
    table = record(0x00FC, blob[:place]) + record(0x003C, bytes([wide]) + blob[place:])
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    if encrypted:
        start += record(0x002F, bytes(6))
    name = sheet.encode("latin-1")
    bound = record(0x0085, struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name)
    head = len(start) + len(bound) + len(table) + 4
    bound = record(0x0085, struct.pack("<IBBBB", head, 0, 0, len(name), 0) + name)
    stream = (start + bound + table + record(0x000A, b"") + record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
              + cells + record(0x000A, b""))
    compound(path, {"Workbook": stream + bytes(max(0, 4096 - len(stream)))})


def ppt(path, lines):
    def atom(kind, body, version=0):
        return struct.pack("<HHI", version, kind, len(body)) + body

    text = b"".join(atom(0x0FA0, line.encode("utf-16-le")) if n % 2 else atom(0x0FA8, line.encode("latin-1")) for n, line in enumerate(lines))
    stream = atom(0x0FF0, text, 0xF)
    compound(path, {"PowerPoint Document": stream + atom(0x1772, bytes(max(0, 4096 - len(stream)))), "Current User": bytes(20)})


def tnef(path, lines, sender="a@b.example", attachments=()):
    def attribute(level, kind, data):
        return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    def text(tag, value):
        data = value.encode("utf-16-le") + b"\0\0"
        return struct.pack("<HHII", 0x1F, tag, 1, len(data)) + data + bytes(-len(data) % 4)

    block = struct.pack("<I", 2) + text(0x1000, "\r\n".join(lines)) + text(0x0C1F, sender)
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + attribute(1, 0x00069003, block)
    for name, data in attachments:
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name.encode() + b"\0") + attribute(2, 0x0006800F, data)
    pathlib.Path(path).write_bytes(out)
