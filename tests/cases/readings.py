"""Documents in which a value stands in one reading only, in an attribute, or beside the text: readings.make() writes them into
the folder at hand and returns what each must give, as (file, type, value). Used by tests/cli/readings.sh."""

import binascii
import bz2
import gzip
import io
import pathlib
import pickle
import sqlite3
import struct
import zipfile
import zlib
from urllib.parse import quote

import documents as made
from documents import DRAW, ODF, OOXML, RELATIONS, SHEET, SLIDE, WORD

wanted = []


def want(name, *values):
    for value in values:
        kind = "email" if "@" in value else "iban" if value.startswith("NL") else "phone" if value.startswith("+") else "bsn"
        wanted.append((name, kind, value))


def mails(text):
    return [f"{name}@post.example" for name in text.split()]


# ---- Word
def run(text, properties=""):
    return f"<w:r>{properties}<w:t xml:space='preserve'>{text}</w:t></w:r>"


def gone(text):
    return f"<w:del w:id='1' w:author='A'><w:r><w:delText xml:space='preserve'>{text}</w:delText></w:r></w:del>"


def came(text):
    return f"<w:ins w:id='2' w:author='A'>{run(text)}</w:ins>"


def docx(name, body, *values):
    made.package(name, {"word/document.xml": f"<w:document xmlns:w='{WORD}'><w:body>{body}</w:body></w:document>"})
    want(name, *values)


def word():
    hidden, shown = "<w:rPr><w:vanish/></w:rPr>", "<w:rPr><w:vanish w:val='0'/></w:rPr>"
    docx("changes.docx", f"<w:p>{run('jan.')}{gone('oud')}{came('nieuw')}{run('@post.example')}</w:p>"
         f"<w:p>{run('BSN 1112')}{came('99')}{run('22333')}</w:p><w:p>{gone('weg.')}{run('piet')}{gone('@post.example')}</w:p>"
         f"<w:p>{run('an.')}<w:moveFrom w:id='1'>{run('van')}</w:moveFrom><w:moveTo w:id='2'>{run('naar')}</w:moveTo>{run('@post.example')}</w:p>",
         *mails("jan.oud jan.nieuw weg.piet an.van an.naar"), "111222333")
    ends = "".join(f"<w:p><w:pPr><w:rPr><w:{how} w:id='3'/></w:rPr></w:pPr>{run(how + '.jan@')}</w:p><w:p>{run('post.example')}</w:p>"
                   for how in ("del", "ins"))
    docx("ends.docx", ends, *mails("del.jan ins.jan"))
    docx("hidden.docx", f"<w:p>{run('jan.v')}{run('geheim', hidden)}{run('an@post.example')}</w:p>"
         f"<w:p>{run('BSN 111222')}{run('333', hidden)}{run(' x')}</w:p>"
         f"<w:p>{run('niet.')}{run('verborgen', shown)}{run('@post.example')}</w:p>",
         *mails("jan.van niet.verborgen"), "111222333")
    field = ("<w:ffData><w:helpText w:val='hulp@post.example'/><w:textInput><w:default w:val='begin@post.example'/></w:textInput>"
             "<w:ddList><w:listEntry w:val='keus@post.example'/></w:ddList></w:ffData>")
    docx("attributes.docx", f"<w:p><w:r><w:fldChar w:fldCharType='begin'>{field}</w:fldChar></w:r><w:sdt><w:sdtPr><w:alias w:val='alias@post.example'/>"
         f"<w:tag w:val='tag@post.example'/><w:dropDownList><w:listItem w:displayText='x' w:value='lijst@post.example'/></w:dropDownList></w:sdtPr>"
         f"<w:sdtContent>{run('x')}</w:sdtContent></w:sdt></w:p><w:tbl><w:tblPr><w:tblCaption w:val='kop@post.example'/></w:tblPr></w:tbl>"
         f"<w:p>{run('jan.teken')}<w:r><w:sym w:font='Symbol' w:char='F040'/></w:r>{run('post.example')}</w:p><w:p w:onbekend='NL91ABNA0417164300'/>",
         *mails("hulp begin keus alias tag lijst kop jan.teken"), "NL91ABNA0417164300")


# ---- slides
def slides():
    made.package("a.pptx", {
        "ppt/slides/slide1.xml": f"<p:sld xmlns:p='{SLIDE}' xmlns:a='{DRAW}'><p:cSld name='dia@post.example'><p:spTree><p:sp><p:nvSpPr>"
                                 "<p:cNvPr id='1' name='vorm@post.example' descr='uitleg@post.example'/></p:nvSpPr></p:sp></p:spTree></p:cSld></p:sld>",
        "ppt/diagrams/data1.xml": f"<dgm:dataModel xmlns:dgm='{OOXML}/drawingml/2006/diagram' xmlns:a='{DRAW}'><dgm:ptLst><dgm:pt modelId='1'><dgm:t>"
                                  "<a:p><a:r><a:t>jan.sm</a:t></a:r><a:r><a:t>art@post.example</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"})
    want("a.pptx", *mails("dia vorm uitleg jan.smart"))


# ---- sheets
def sheets():
    strings = "<si/><si><t>deel_x0040_post.example</t></si><si><r><t>jan.r</t></r><rPh sb='0' eb='1'><t>klank</t></rPh><r><t>ph@post.example</t></r></si>"
    cells = ("<row r='1'><c r='A1' t='s'><v>1</v></c><c r='B1' t='s'><v>2</v></c><c r='C1' t='str'><v>uit_x0040_post.example</v></c>"
             "<c r='D1' t='inlineStr'><is><r><t>jan.in</t></r><rPh sb='0' eb='1'><t>klank</t></rPh><r><t>l@post.example</t></r></is></c></row>")
    behind = ("<autoFilter ref='A1'><filterColumn colId='0'><filters><filter val='filter@post.example'/></filters></filterColumn></autoFilter>"
              "<dataValidations><dataValidation prompt='vraag@post.example' promptTitle='titel@post.example' error='fout@post.example'/></dataValidations>"
              "<scenarios><scenario name='s' user='wie@post.example'><inputCells r='A1' val='waarde@post.example'/></scenario></scenarios>")
    note = ("<xml xmlns:v='urn:schemas-microsoft-com:vml'><v:shape id='s1'><v:textbox><div><font face='Arial'>jan.v</font>"
            "<font><b>ml@post.</b></font><font>example</font></div></v:textbox></v:shape></xml>")
    made.package("a.xlsx", {
        "xl/workbook.xml": f"<workbook xmlns='{SHEET}' xmlns:r='{RELATIONS}'><sheets><sheet name='Blad1' sheetId='1' r:id='rId1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{OOXML}/package/2006/relationships'><Relationship Id='rId1' Type='worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/sharedStrings.xml": f"<sst xmlns='{SHEET}'>{strings}</sst>", "xl/drawings/vmlDrawing1.vml": note,
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{SHEET}'><sheetData>{cells}</sheetData>{behind}</worksheet>"})
    want("a.xlsx", *mails("deel jan.rph uit jan.inl filter vraag titel fout wie waarde jan.vml"))


# ---- OpenDocument
def odf(name, body, kind, *values):
    spaces = ODF + " xmlns:form='urn:oasis:names:tc:opendocument:xmlns:form:1.0' xmlns:dc='http://purl.org/dc/elements/1.1/'"
    made.package(name, {"content.xml": f"<office:document-content {spaces}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
                                       "</office:document-content>"}, f"application/vnd.oasis.opendocument.{kind}")
    want(name, *values)


def cell(text, attributes="office:value-type='string'"):
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def number(text, value):
    return cell(text, f"office:value-type='float' office:value='{value}'")


def row(*cells):
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def open_documents():
    before = ("<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell office:value-type='string'>"
              "<text:p>vorig@post.example</text:p></table:change-track-table-cell></table:previous></table:cell-content-change></table:tracked-changes>"
              "<table:content-validations><table:content-validation table:condition='of:cell-content-is-in-list(&quot;lijst@post.example&quot;)'>"
              "<table:help-message table:title='titel@post.example'><text:p>hulp@post.example</text:p></table:help-message></table:content-validation></table:content-validations>")
    behind = ("<table:named-expressions><table:named-expression table:expression='&quot;naam@post.example&quot;'/></table:named-expressions>"
              "<table:database-ranges><table:database-range table:name='bereik@post.example'/></table:database-ranges>")
    odf("a.ods", before + "<table:table table:name='blad@post.example'>" + row(cell("bsn"), cell("x")) +
        row(number("1,11E+08", "111222333"), cell("y", "office:value-type='string' table:formula='of:=A(&quot;formule@post.example&quot;)'")) +
        row(number("123.456.782,00", "1.23456782E8"), cell("z")) + "</table:table>" + behind, "spreadsheet",
        *mails("vorig lijst titel hulp naam bereik blad formule"), "111222333", "123456782")
    changes = ("<text:tracked-changes><text:changed-region text:id='c1'><text:deletion><office:change-info><dc:creator>A</dc:creator></office:change-info>"
               "<text:p>.oud</text:p></text:deletion></text:changed-region><text:changed-region text:id='c2'><text:insertion/></text:changed-region></text:tracked-changes>")
    odf("a.odt", changes + "<office:forms><form:form><form:text form:current-value='nu@post.example'/></form:form></office:forms>"
        "<text:p>jan<text:change text:change-id='c1'/>@post.example</text:p>"
        "<text:p>piet<text:change-start text:change-id='c2'/>.nieuw<text:change-end text:change-id='c2'/>@post.example</text:p>"
        "<text:p><text:placeholder text:description='hier@post.example'>x</text:placeholder></text:p>", "text",
        *mails("jan.oud jan piet.nieuw piet nu hier"))


# ---- RTF
def rtf(name, text, *values):
    with open(name, "w", encoding="ascii") as out:
        out.write("{\\rtf1\\ansi\\ansicpg1252 " + text + "\\par}")
    want(name, *values)


def rich_text():
    rtf("changes.rtf", "jan.{\\deleted oud}{\\revised nieuw}@post.example\\par BSN 111\\deleted 9\\deleted0 222333\\par "
        "piet.{\\v geheim}v@post.example", *mails("jan.oud jan.nieuw piet.v"), "111222333")
    rtf("notes.rtf", "BSN 111{\\*\\atnid A}{\\*\\atnauthor B}\\chatn{\\*\\annotation noot}222333\\par jan.{\\footnote voet}n@post.example",
        "111222333", "jan.n@post.example")


# ---- XML
def xml():
    with open("a.xml", "w", encoding="ascii") as out:
        out.write("<?xml version='1.0'?><r><row><a>1</a><m>jan.<![CDATA[cd@po]]>st.example</m></row><row><a>2</a><m>x</m></row></r>")
    want("a.xml", "jan.cd@post.example")


# ---- PDF
def packed(dictionary, data):
    data = zlib.compress(data)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def pdf(name, content, *values, catalog=b"", page=b"", objects=(), streams=()):
    """`objects` stand in a compressed object, numbered from 100; `streams` from 6 on."""
    content = content.encode("latin-1")
    bodies = [b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>", b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
              b"<</Type/Page/Parent 4 0 R/MediaBox[0 0 595 842]/Contents 2 0 R/Resources<</Font<</F 1 0 R>>>>%s>>" % page,
              b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Catalog/Pages 4 0 R%s>>" % catalog, *streams]
    out, rows = b"%PDF-1.7\n", {0: (0, 0, 65535)}
    for number, body in enumerate(bodies, 1):
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    numbers, inner = b"", b""
    for index, one in enumerate(objects):
        numbers += b"%d %d " % (100 + index, len(inner))
        inner += one + b" "
        rows[100 + index] = (2, 90, index)
    rows[90] = (1, len(out), 0)
    out += b"90 0 obj\n%s\nendobj\n" % packed(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(numbers)), numbers + inner)
    table = len(out)
    rows[91] = (1, table, 0)
    index = b"".join(b"%d 1 " % number for number in sorted(rows))
    data = b"".join(bytes([kind]) + at.to_bytes(4, "big") + low.to_bytes(2, "big") for _, (kind, at, low) in sorted(rows.items()))
    out += b"91 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (packed(b"/Type/XRef/Size 200/W[1 4 2]/Index[%s]/Root 5 0 R" % index, data), table)
    pathlib.Path(name).write_bytes(out)
    want(name, *values)


def letters(text, step, y=700):
    return "".join(f"BT /F 12 Tf {50 + step * index} {y} Td ({letter}) Tj ET\n" for index, letter in enumerate(text) if letter != " ")


def pages():
    text = "BT /F 12 Tf 50 700 Td (niets) Tj ET"
    pdf("letters.pdf", "BT /F 12 Tf 50 730 Td (BSN) Tj ET " + letters("111222333", 14) + letters("jan.wijd@post.example", 13, 600),
        "111222333", "jan.wijd@post.example")
    pdf("far.pdf", letters("jan.ver@post.example", 24), "jan.ver@post.example")
    pdf("broken.pdf", "BT /F 12 Tf 50 700 Td (schrijf jan.afge-) Tj 0 -14 Td (broken@post.example of bel) Tj 0 -14 Td (of aan piet@) Tj "
        "0 -14 Td (post.example als dat) Tj ET", *mails("jan.afgebroken piet"))
    pdf("scripts.pdf", text, *mails("script naam"), catalog=b"/OpenAction 100 0 R/Names<</JavaScript<</Names[(a) 101 0 R]>>>>",
        objects=[b"<</S/JavaScript/JS(app.alert\\('script@post.example'\\))>>", b"<</S/JavaScript/JS 6 0 R>>"],
        streams=[packed(b"", b"var wie = 'naam\\u0040post.example';")])
    wide = b"<feff" + "breed@post.example".encode("utf-16-be").hex().encode() + b">"
    pdf("corners.pdf", text, *mails("onderwerp rijk uitleg keus etiket laag wees breed"), page=b"/Annots[100 0 R 101 0 R]",
        catalog=b"/PageLabels 102 0 R/OCProperties<</OCGs[103 0 R]>>",
        objects=[b"<</Type/Annot/Subtype/Text/Rect[9 9 20 20]/Subj(onderwerp@post.example)/RC(<p>rijk<b>@</b>post.example</p>)>>",
                 b"<</Type/Annot/Subtype/Widget/FT/Ch/T(veld)/TU(uitleg@post.example)/Opt[(keus@post.example)]/Rect[9 9 20 20]>>",
                 b"<</Nums[0<</P(etiket@post.example)>>]>>", b"<</Type/OCG/Name(laag@post.example)>>", b"(wees\\100post.example)", wide])


# ---- text and data
def texts():
    pathlib.Path("a.js").write_text("var a = 'jan\\u0040post.example';\nvar b = \"piet\\x40post.example\", c = 'K\\u1234567@post.example';\n")
    want("a.js", *mails("jan piet u1234567"))
    pathlib.Path("a.log").write_text("".join(f"2026-01-01 10:00:0{n} INFO {{\"m\": \"regel{n}\\u0040post.example\"}}\n" for n in range(6)))
    want("a.log", *mails("regel0 regel5"))
    pathlib.Path("a.sql").write_text("INSERT INTO `k` (`id`,`bsn`,`j`) VALUES (1,1.11222333e8,'jan<b>@</b>post.example'),(2,'123456782.0','x');\n")
    want("a.sql", "jan@post.example", "111222333", "123456782")
    def word(text):
        return binascii.b2a_base64(text.encode(), newline=False).decode()
    claim = word('{"m":"claim@post.example"}').rstrip("=")
    pathlib.Path("b.log").write_text("".join(f"2026-01-01 10:00:0{n} GET / Authorization: Basic {word(f'basic{n}@post.example:geheim')}\n" for n in range(6)) +
                                     f"2026-01-01 10:00:07 cookie=eyJhIjoxfQ.{claim}.c2lnbmF0dXJl\n")
    want("b.log", *mails("basic0 basic5 claim"))
    pathlib.Path("b.csv").write_text(f"id,verzoek\n1,GET /{word('cel@post.example')}/x\n2,<p>Bearer {word('opmaak@post.example')}</p>\n")
    want("b.csv", *mails("cel opmaak"))
    pathlib.Path("b.eml").write_text(f"From: a@b.example\nTo: c@d.example\nSubject: x\n\nAuthorization: Basic {word('brief@post.example:x')}\n")
    want("b.eml", *mails("brief"))
    pathlib.Path("a.html").write_text("<html><body><p>rekening NL91 ABNA\n  0417 1643 00</p></body></html>")
    want("a.html", "NL91ABNA0417164300")
    base = sqlite3.connect("a.db")
    base.execute("CREATE TABLE t(a)")
    base.commit()
    base.close()
    with open("a.db", "ab") as out:
        out.write(b"wat er achter staat: achter@post.example")
    want("a.db", "achter@post.example")


# ---- what stands encoded in a text
def png(width, height, texts=()):
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0") +
            b"".join(chunk(*text) for text in texts) +
            chunk(b"IDAT", zlib.compress(bytes((width + 1) * height))) + chunk(b"IEND", b""))


def pictures():
    texts = ((b"zTXt", b"Comment\0\0" + zlib.compress(b"gemaakt door ztekst@post.example, in het voorjaar")),
             (b"iTXt", b"Author\0\1\0nl\0Auteur\0" + zlib.compress(b"itekst@post.example maakte dit")),
             (b"iTXt", b"Author\0\0\0nl\0Auteur\0" + b"utekst@post.example maakte dit"))
    pathlib.Path("icon.png").write_bytes(png(60, 60, texts))
    want("icon.png", *mails("ztekst itekst utekst"))


def base64(data):
    return binascii.b2a_base64(data, newline=False).decode()


def carry(name, text):
    """A file of each format with this text in it; their names."""
    quoted = text.replace("\n", "\\n")
    pathlib.Path(name + ".txt").write_text("Hallo,\n\n" + text)
    pathlib.Path(name + ".html").write_text(f"<!DOCTYPE html><html><body><p>Hallo</p><pre>{text}</pre></body></html>")
    pathlib.Path(name + ".csv").write_text(f'id,nota\n1,x\n2,"{text}"\n3,y\n')
    pathlib.Path(name + ".json").write_text(f'{{"id":1,"nota":"{quoted}"}}\n')
    pathlib.Path(name + ".sql").write_text(f"CREATE TABLE k (id int, nota text);\nINSERT INTO k VALUES (1,'x'),(2,'{quoted}');\n")
    pathlib.Path(name + ".xml").write_text(f"<?xml version='1.0'?><r><k><id>1</id><nota>x</nota></k><k><id>2</id><nota>{text}</nota></k></r>")
    pathlib.Path(name + ".eml").write_text(f"From: a@b.example\nTo: c@d.example\nSubject: x\n\nHallo,\n\n{text}")
    pathlib.Path(name + ".quoted.eml").write_text("From: a@b.example\nTo: c@d.example\nSubject: x\nContent-Type: text/html\n"
                                                  f"Content-Transfer-Encoding: base64\n\n{base64(f'<p>Hallo</p><pre>{text}</pre>'.encode())}\n")
    lines = "".join(f"2026-01-02 10:00:0{i} x\n" for i in range(9))
    pathlib.Path(name + ".log").write_text(lines + text)
    made.sqlite(name + ".db", [(1, "a@b.example", "x"), (2, "a@b.example", text)])
    made.msg(name + ".msg", text.split("\n"))
    made.rtf(name + ".rtf", text.split("\n"))
    made.odt(name + ".odt", text.split("\n"))
    made.docx(name + ".docx", text.split("\n"))
    made.doc(name + ".doc", text.split("\n"))
    return [f"{name}.{kind}" for kind in "txt html csv json sql xml eml quoted.eml log db msg rtf odt docx doc".split()]


def documents():
    """A document in base64 in the text of each format, on one line and on many: it is opened."""
    noise = "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(2000))
    for name, text in (("regel", noise[:400] + " mail regel@post.example\n"), ("regels", noise + " mail regels@post.example\n")):
        digits = base64(gzip.compress(text.encode()))
        lines = digits if name == "regel" else "\n".join(digits[at:at + 76] for at in range(0, len(digits), 76))
        for file in carry("document." + name, lines + "\n"):
            want(file, *mails(name))
    two = [base64(gzip.compress((noise[at:at + 300] + f" twee{at}@post.example").encode())) for at in (0, 300)]
    pathlib.Path("twee.jsonl").write_text("".join(f'{{"id":{n},"bijlagen":["{two[0]}","{two[1]}"]}}\n' for n in (1, 2)).replace("/", "\\/"))
    want("twee.jsonl", *mails("twee0 twee300"))
    pathlib.Path("link.log").write_text("".join(f"2026-01-02 10:00:0{i} GET /x?d={quote(two[0], safe='')}&e={i} 200\n" for i in range(9)))
    want("link.log", *mails("twee0"))


def enclosed():
    """Each mark in the text of each format; a reader of any format gives it to the same look."""
    uu = "begin 644 a.txt\n" + binascii.b2a_uu(b"mail uu@post.example").decode() + "`\nend\n"
    marks = {"uu": ("unsupported", uu), "yenc": ("unsupported", "=ybegin line=128 size=3 name=a\nxyz\n=yend size=3\n"),
             "pgp": ("encrypted", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"),
             "pdf64": ("corrupt", base64(b"%PDF-1.4\n" + bytes(range(200)))), "scan64": ("needs_ocr", base64(png(600, 800)) + "\n")}
    told = {}
    for name, (reason, text) in marks.items():
        told |= dict.fromkeys(carry(name, text), reason)
    # what is none: an icon, words
    pathlib.Path("icon.html").write_text(f"<!DOCTYPE html><html><body><img src='data:image/png;base64,{base64(png(90, 90))}'></body></html>")
    pathlib.Path("words.txt").write_text("begin 2026 was goed\nbegin 644 mensen\nen nog iets meer\nH4sI en /9j/ en JVBERi0xLjQK\n")
    return told


def mail(charset, body):
    """A message with a body in base64 of that charset, by its name."""
    head = f"From: a@b.example\nTo: c@d.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n"
    return head.encode() + b"Content-Transfer-Encoding: base64\n\n" + binascii.b2a_base64(body)


def presentation():
    """Embedded documents of an old presentation, compressed and as they are."""
    def held(value):
        made.compound("held.tmp", {"CONTENTS": f"Mail {value}@post.example over de nota.".encode()})
        data = pathlib.Path("held.tmp").read_bytes()
        pathlib.Path("held.tmp").unlink()
        return data

    def record(kind, body, version=0):
        return struct.pack("<HHI", version, kind, len(body)) + body

    packed = held("ingepakt")
    stream = record(0x03E8, record(0x0FA8, b"titel@post.example"), 0xF)
    stream += record(0x1011, struct.pack("<I", len(packed)) + zlib.compress(packed), 0x10) + record(0x1011, held("los"))
    made.compound("objecten.ppt", {"PowerPoint Document": stream, "Current User": bytes(20)})
    want("objecten.ppt", *mails("titel ingepakt los"))


def flat():
    """All parts of a document in one file, and queries in a workbook."""
    body = f"<w:document xmlns:w='{WORD}'><w:body><w:p>{run('kees.')}{run('plat@post.example')}</w:p></w:body></w:document>"
    pathlib.Path("plat.xml").write_text("<?xml version='1.0'?><?mso-application progid='Word.Document'?><pkg:package "
                                        "xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'><pkg:part pkg:name='/word/document.xml'>"
                                        f"<pkg:xmlData>{body}</pkg:xmlData></pkg:part></pkg:package>")
    want("plat.xml", *mails("kees.plat"))
    query = io.BytesIO()
    with zipfile.ZipFile(query, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("Formulas/Section1.m", "van vraag@post.example, " + "shared Query1 = let Bron = 1 in Bron; " * 9)
    mashup = struct.pack("<II", 0, query.tell()) + query.getvalue()
    item = "<DataMashup xmlns='http://schemas.microsoft.com/DataMashup'>" + binascii.b2a_base64(mashup, newline=False).decode() + "</DataMashup>"
    made.xlsx("vraag.xlsx", [["a"], [1]])
    with zipfile.ZipFile("vraag.xlsx", "a") as out:
        out.writestr("customXml/item1.xml", item)
    want("vraag.xlsx", *mails("vraag"))


def short():
    """A few words, compressed and in base64."""
    for kind, data in (("gzip", gzip.compress(b'{"m":"gz@post.example"}', mtime=0)), ("zlib", zlib.compress(b'{"m":"zl@post.example"}')),
                       ("bzip2", bz2.compress(b"van bz@post.example"))):
        pathlib.Path(f"{kind}.csv").write_bytes(b"id,v\n1," + binascii.b2a_base64(data) + b"2,x\n")
        want(f"{kind}.csv", *mails({"gzip": "gz", "zlib": "zl", "bzip2": "bz"}[kind]))


def within():
    """A spelling within another: a link in a link, a token in a cookie, credentials in a secret, bytes in a list."""
    twice = base64(base64(b"mail dubbel@post.example nu, dank").encode())
    secret = base64(('{"auths":{"reg.example":{"auth":"' + base64(b"geheim@post.example:wachtwoord") + '"}}}').encode())
    cookie = base64(b"naam=x&mail=koek%40post.example&y=1")
    pathlib.Path("within.txt").write_text(f"{twice}\n.dockerconfigjson: {secret}\nsession={cookie}\n"
                                          "GET /login?next=%2Fa%3Fmail%3Dlink%2540post.example%26x%3D1 HTTP/1.1\n")
    pathlib.Path("within.csv").write_text(f"id;data\n1;{base64(base64(b'mail cel@post.example nu, dank').encode())}\n2;x\n")
    text = "Beste, mail caf\u00e9 of naar node@post.example, graag. ".encode() * 150 + b"laatste@post.example"
    pathlib.Path("within.json").write_text('{"type":"Buffer","data":' + str(list(text)) + ',"x":[[1,2],[119]]}')
    lines = [b"een@post.example", b"twee@post.example"]
    pathlib.Path("lines.jsonl").write_text("".join('{"v":{"type":"Buffer","data":' + str(list(line)) + "}}\n" for line in lines))
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    model = quote("<mxGraphModel><root>" + "".join(f'<mxCell id="{n}" value="Medewerker {n * 37} &lt;tekening.{n}@post.example&gt;" vertex="1"/>'
                                                    for n in range(9)) + "</root></mxGraphModel>", safe="")
    drawn = base64(raw.compress(model.encode()) + raw.flush())
    pathlib.Path("organisatie.drawio").write_text(f'<mxfile host="a"><diagram id="x" name="Pagina-1">{drawn}</diagram></mxfile>')
    pathlib.Path("saml.log").write_text(f"2026-01-01 10:00:00 GET /sso?SAMLRequest={quote(drawn, safe='')}&RelayState=1 200\n")
    for name in ("organisatie.drawio", "saml.log"):
        want(name, *mails("tekening.3 tekening.8"))
    want("within.txt", *mails("dubbel geheim koek link"))
    want("within.csv", *mails("cel"))
    want("within.json", *mails("node laatste"))
    want("lines.jsonl", *mails("een twee"))


def charsets():
    for name, codec in (("IBM500", "cp500"), ("ibm1140", "cp1140"), ("cp273", "cp273"), ("cp037", "cp037")):
        pathlib.Path(f"{name}.eml").write_bytes(mail(name, f"van {codec}@post.example\n".encode(codec)))
        want(f"{name}.eml", f"{codec}@post.example")
    for name in ("unicode-1-1-utf-7", "UTF-7", "x-unicode-2-0-utf-7"):
        pathlib.Path(f"{name}.eml").write_bytes(mail(name, b"van zeven+AEA-post.example\n"))
        want(f"{name}.eml", "zeven@post.example")
    # a name that nobody knows, of what is ASCII
    pathlib.Path("vreemd.eml").write_bytes(mail("x-nergens", b"van nergens@post.example, caf\xe9\n"))
    want("vreemd.eml", "nergens@post.example")


def tell():
    """Files that cannot be read as they are meant, and the reason that is told of each."""
    body = binascii.b2a_uu(b"mail uu@post.example").decode()
    pathlib.Path("uu.txt").write_text(f"Hallo,\n\nbegin 644 a.txt\n{body}`\nend\n")
    pathlib.Path("mainframe.dat").write_bytes(("KLANT 0001 MAIL IBM@POST.EXAMPLE BSN 111222333 " * 20).encode("cp037"))
    pathlib.Path("entity.xml").write_text("<?xml version='1.0'?><!DOCTYPE r [<!ENTITY wie 'jan'>]><r><m>&wie;@post.example</m></r>")
    base = sqlite3.connect("words.db")
    base.execute("CREATE VIRTUAL TABLE f USING fts5(x, content='')")
    base.commit()
    base.close()
    pathlib.Path("kort.dat").write_bytes("MAIL IBM@POST.EXAMPLE".encode("cp037"))
    pathlib.Path("ver.xml").write_bytes("<?xml version='1.0' encoding='cp037'?><r><m>a@post.example</m></r>".encode("cp037"))
    pathlib.Path("vreemd.eml").write_bytes(mail("x-nergens", "jan@post.example".encode("cp500")))
    text, value = b"de klant en de nota van de winkel\n" * 4000, b"Mail naar diep@post.example over de levering.\n"
    packed = {"gzip": gzip.compress(value, mtime=0), "zlib": zlib.compress(value), "bzip2": bz2.compress(value)}
    for kind, data in packed.items():
        pathlib.Path(f"{kind}.tekst.txt").write_bytes(text + data + text)
        pathlib.Path(f"{kind}.hex.csv").write_bytes(b"id,v\n1," + data.hex().encode() + b"\n2,x\n")
        pathlib.Path(f"{kind}.hex.log").write_bytes(b"2026-01-01 10:00:00 body=0x" + data.hex().upper().encode() + b" ok\n")
        value_of = data
        for byte, letter in ((b"\\", b"\\"), (b"'", b"'"), (b"\0", b"0"), (b"\n", b"n"), (b"\r", b"r"), (b"\x1a", b"Z")):
            value_of = value_of.replace(byte, b"\\" + letter)
        pathlib.Path(f"{kind}.sql").write_bytes(b"-- MySQL dump 10.13\n--\nINSERT INTO t VALUES (1,_binary '" + value_of + b"');\n")
    pathlib.Path("rij.pickle").write_bytes(pickle.dumps({"m": packed["zlib"], "z": 1}))
    pathlib.Path("bundel").write_bytes(b"# v2 git bundle\n" + b"0" * 40 + b" HEAD\n\nPACK\0\0\0\2\0\0\0\3" + packed["zlib"])
    inside = [f"{kind}.{end}" for kind in packed for end in ("tekst.txt", "hex.csv", "hex.log", "sql")] + ["rij.pickle", "bundel"]
    told = dict.fromkeys(inside, "unsupported")
    with zipfile.ZipFile("iwork.pages", "w") as out:
        out.writestr("Index/Document.iwa", b"\0\x20\0\0" + bytes(range(200, 232)))
    names = "jan@post.example".encode("utf-32-le")
    pathlib.Path("namen.npy").write_bytes(b"\x93NUMPY\1\0\x76\0" + b"{'descr': '<U16', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n" + names)
    told["namen.npy"] = "unsupported"
    told |= {"iwork.pages": "unsupported", "kort.dat": "undecodable", "ver.xml": "undecodable", "vreemd.eml": "undecodable"}
    return enclosed() | told | {"uu.txt": "unsupported", "mainframe.dat": "undecodable", "entity.xml": "undecodable", "words.db": "unsupported"}


def make():
    for what in (word, slides, sheets, open_documents, rich_text, xml, pages, texts, documents, pictures, charsets, short, within, presentation, flat):
        what()
    return wanted
