"""Files that hold pictures, for tests: pictures.py KIND OUT PICTURE [TEXT]. The pictures come from ImageMagick; what is put
around them is written here, a PDF as scanners write it, with the bytes of a JPEG as they are."""

import email.message
import pathlib
import struct
import sys
import zipfile
import zlib

sys.dont_write_bytecode = True


def jpeg_size(data):
    at = 2
    while not 0xC0 <= data[at + 1] <= 0xC3:
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return struct.unpack(">HH", data[at + 5:at + 9])[::-1]


def pdf(path, pages):
    """Pages of (JPEG, its box in points, text): all of them may be None. A list of JPEGs is a picture in strips."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for data, box, text in pages:
        content, used = b"", b""
        strips = data if isinstance(data, list) else [data] if data else []
        for n, strip in enumerate(strips):
            width, height = jpeg_size(strip)
            objects.append(b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode"
                           b"/Length %d>>\nstream\n%s\nendstream" % (width, height, len(strip), strip))
            part = box[3] / len(strips)
            content += b"q %d 0 0 %f %d %f cm /I%d Do Q\n" % (box[2], part, box[0], box[1] + box[3] - (n + 1) * part, n)
            used += b"/I%d %d 0 R " % (n, len(objects))
        used = b"/XObject<<%s>>" % used
        if text:
            content += b"BT /F 12 Tf 50 800 Td (%s) Tj ET" % text.encode()
        objects.append(b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>%s>>>>"
                       % (len(objects), used))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % at for at in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    pathlib.Path(path).write_bytes(out)


def docx(path, data):
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>")
        package.writestr("word/document.xml", f"<w:document xmlns:w='{word}'><w:body><w:p><w:r><w:t>Zie de scan.</w:t></w:r></w:p></w:body></w:document>")
        package.writestr("word/media/image1.png", data)


def mail(path, data):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "balie@example.nl", "archief@example.nl", "scan"
    message.set_content("Zie de bijlage.\n")
    message.add_attachment(data, maintype="image", subtype="png", filename="scan.png")
    # says that it is what speur-ocr reads, and is none
    message.add_attachment(b"Mail: vermomd@example.org\n", maintype="text", subtype="plain", filename="a.txt")
    raw = message.as_bytes().replace(b"Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"Content-Type: picture\nContent-Transfer-Encoding: base64")
    pathlib.Path(path).write_bytes(raw)


def bomb(path, side):
    """A black PNG in colour: three bytes a pixel out of some millions in all."""
    rows = bytes((3 * side + 1) * 100)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(rows) + packer.flush(zlib.Z_FULL_FLUSH)  # the same for each hundred rows
    check, count = 1, side // 100
    for _ in range(count):
        check = zlib.adler32(rows, check)
    body = b"\x78\xda" + packed * count + packer.flush() + struct.pack(">I", check)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pathlib.Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                                   + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def main(kind, out, picture, text=""):
    if kind == "bomb":
        return bomb(out, int(picture))
    data = pathlib.Path(picture).read_bytes()
    if kind == "scan.pdf":
        pdf(out, [(None, None, text), (data, (30, 450, 535, 342), None)])
    elif kind == "strips.pdf":
        strips = [path.read_bytes() for path in sorted(pathlib.Path(picture).parent.glob("strip-*.jpg"))]
        pdf(out, [(strips, (30, 450, 535, 342), text)])
    elif kind == "form.pdf":
        pdf(out, [(data, (60, 300, 400, 250), text)])
    else:
        {"docx": docx, "mail": mail}[kind](out, data)


if __name__ == "__main__":
    main(*sys.argv[1:])
