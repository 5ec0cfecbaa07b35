"""Workbooks as grids of text, after making sure that reading them cannot fill the memory.

The reader of workbooks lays a sheet out whole, from its first to its last cell: one value in the last corner of
an otherwise empty sheet would ask for gigabytes. So the far corners are looked for in the packed XML first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate  # entities are refused where they are declared

import polars as pl

from inventory.compound import Broken, check_chains

OLE = b"\xd0\xcf\x11\xe0"
PACKED = b"PK\x03\x04"
LARGEST_UNPACKED = 4 * 2**30
"""Bytes a workbook may hold once unpacked; more is taken for a bomb."""
LARGEST_RATIO = 200
"""Times an entry may be larger than its packed size; padded sheets reach about a hundred."""
LARGEST_SHEET = 32_000_000
"""Cells from the first to the last of a sheet, empty ones included: a million rows of thirty columns."""
LARGEST_RUN = 1_000_000
"""Bytes of XML without a tag: no cell is that long."""
LONG_STRING = 10_000
LARGEST_HELD = 2**30
"""Bytes of the cells once laid out: a long text shared by many cells is written once and read as often as it is used."""
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Those of the format itself; a cell beyond them was not written by a spreadsheet."""
MOST_REPEATED = 10_000
"""Times an OpenDocument row that holds something may be repeated."""
LARGEST_REPEATED = 8_000_000
"""Cells of an OpenDocument sheet that repeats some: unlike the others they cost nothing on disk."""
SMALL = 8 * 2**20
"""Bytes of XML under which a sheet is measured cell by cell; above, only once a far cell is seen."""
CHUNK = 4 * 2**20
OVERLAP = 512
_FAR = re.compile(rb' r="(?:[A-Z]{3,}\d|[A-Z]+\d{6,})')
_CELL = re.compile(rb'<(?:\w+:)?c(?: [^>]*?)? r="([A-Z]{1,8})(\d{1,40})"[^>]*(?<!/)>(?!</(?:\w+:)?c>)')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d{1,40})"[^>]*>\s*<(?:\w+:)?c(?![^>]* r=)')
_SHARED = re.compile(rb'<(?:\w+:)?c [^>]*?t="s"[^>]*>(?:<(?:\w+:)?f.{0,9999}?</(?:\w+:)?f>)?<(?:\w+:)?v>(\d{1,9})<')
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']0*\d{3,}""")
_TOKEN = re.compile(
    rb"<(table:table-row|table:table-cell|table:covered-table-cell)\b([^>]*?)(/?)>|<(text:p|text:a|/table:table-row|/table:table)(?![\w-])"
)
_TIMES = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']\s*(\d{1,18})""")
_SPACES = re.compile(rb"""<text:s [^>]*text:c\s*=\s*["']\s*\d{6,}""")


class Damaged(Exception):
    """The workbook cannot be read; the text says why."""


class Swollen(Exception):
    """The workbook would fill the memory; the text says what was found."""


def sheets(content: bytes) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each sheet's name and cells as text, columns ``0``, ``1``, …; row *n* is row ``n + 1`` of the sheet.

    Raises:
        Damaged: it is not a workbook or was cut.
        Swollen: it is larger unpacked than it may be.
    """
    import fastexcel

    if content.startswith(OLE):
        _check_chains(content)
    else:
        check_size(content)
    try:
        book = fastexcel.read_excel(content)
        for name in book.sheet_names:
            yield name, _cells(book, name)
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        raise Damaged(str(error).splitlines()[0]) from error
    except BaseException as error:
        # A panic of the library in Rust is not an Exception; it comes from a sheet that contradicts itself.
        if type(error).__name__ == "PanicException":
            raise Damaged(str(error)) from error
        raise


def _cells(book: Any, name: str) -> pl.DataFrame:
    frame: pl.DataFrame = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    return frame


def check_size(content: bytes) -> None:
    """Refuse what would swell beyond reason once unpacked.

    Raises:
        Damaged: not an archive, or cut.
        Swollen: bombs, by ratio, by size or by far corners.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(e.file_size for e in entries) > LARGEST_UNPACKED:
                raise Swollen(f"> {LARGEST_UNPACKED // 2**30} Gio")
            for entry in entries:
                _check_entry(archive, entry)
                _check_form(archive, entry)
            _check_shared(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Damaged(str(error) or type(error).__name__) from error
    except zlib.error as error:
        raise Damaged(str(error)) from error


def _check_chains(content: bytes) -> None:
    try:
        check_chains(content)
    except Broken as error:
        raise Damaged(str(error)) from error


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > 2**27 and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
        raise Swollen(entry.filename)
    is_sheet = entry.filename.startswith("xl/worksheets/") and "/_rels/" not in entry.filename
    if is_sheet and entry.filename.endswith(".bin"):
        raise Damaged("XLSB")
    if is_sheet and entry.filename.endswith(".xml"):
        _check_sheet(archive, entry)
    if entry.filename == "content.xml":
        _check_open_document(archive, entry)


def _check_form(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse XML that is not well formed, on which the reader may wait for ever, and any that declares entities.

    The large sheets of a workbook in the other format are spared: there the reader sees the end by itself.
    """
    if entry.file_size == 0:
        # office suites leave empty parts that nothing reads
        return
    open_document = entry.filename in ("content.xml", "META-INF/manifest.xml")
    if not open_document and not (entry.filename.endswith((".xml", ".rels")) and entry.file_size < SMALL):
        return
    parser = ParserCreate()
    parser.EntityDeclHandler = _refused_entity
    try:
        with archive.open(entry) as stream:
            parser.ParseFile(stream)
    except ExpatError as error:
        raise Damaged(f"{entry.filename}: {error}") from error


def _refused_entity(*_declared: object) -> None:
    raise Damaged("<!ENTITY")


def _check_sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > SMALL:
        with archive.open(entry) as stream:
            if not any(_FAR.search(chunk) for chunk in _chunks(stream)):
                return
    rows = columns = 1
    with archive.open(entry) as stream:
        for chunk in _chunks(stream):
            for letters, row in set(_CELL.findall(chunk)):
                rows, columns = max(rows, int(row)), max(columns, _number(letters))
            rows = max([rows, *(int(row) for row in _ROW.findall(chunk))])
            if rows * columns > LARGEST_SHEET or rows > LAST_ROW or columns > LAST_COLUMN:
                raise Swollen(f"{entry.filename}: {rows} × {columns}")


def _check_shared(archive: zipfile.ZipFile) -> None:
    """Refuse cells longer than can be, and long texts shared by so many cells that they would fill the memory."""
    names = [
        n for n in archive.namelist() if n.endswith(".xml") and n.startswith(("xl/sharedStrings", "xl/worksheets/"))
    ]
    longest = 0
    for name in {*names, *({"content.xml"} & set(archive.namelist()))}:
        with archive.open(name) as stream:
            run = max((max(map(len, chunk.split(b"<"))) for chunk in _chunks(stream)), default=0)
        if run > LARGEST_RUN:
            raise Swollen(f"{name}: {run}")
        longest = max(longest, run) if name.startswith("xl/sharedStrings") else longest
    if longest < LONG_STRING:
        return
    shared = next(n for n in names if n.startswith("xl/sharedStrings"))
    lengths = [len(text) for text in archive.read(shared).split(b"</si>")]
    held = 0
    for name in names:
        if name != shared:
            with archive.open(name) as stream:
                # the end of a piece is seen twice: of what that adds a bomb has no need
                held += sum(
                    lengths[n]
                    for chunk in _chunks(stream)
                    for n in map(int, _SHARED.findall(chunk))
                    if n < len(lengths)
                )
        if held > LARGEST_HELD:
            raise Swollen(f"{name}: {held}")


def _check_open_document(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Measure the sheets of an OpenDocument file; one without a repetition is no larger than its XML."""
    with archive.open(entry) as stream:
        chunks = list(_chunks(stream)) if entry.file_size < SMALL else _chunks(stream)
        suspect = False
        for chunk in chunks:
            if _SPACES.search(chunk):
                raise Swollen(f"{entry.filename}: text:s")
            suspect = suspect or _REPEATED.search(chunk) is not None
    if suspect:
        _measure(archive.read(entry), entry.filename)


def _measure(body: bytes, name: str) -> None:
    """Rows and columns of each table up to its last cell that holds something, repetitions counted."""
    rows = row_times = columns = widest = held_to = 0
    last = 1
    for token in _TOKEN.finditer(body):
        kind = token[1] or token[4]
        times = _TIMES.search(token[2]) if token[2] else None
        n = int(times[1]) if times else 1
        if kind == b"table:table-row":
            row_times, columns, held_to = n, 0, 0
        elif kind in (b"table:table-cell", b"table:covered-table-cell"):
            columns += n
            held_to = columns if b"office:value" in token[2] or b"-value=" in token[2] else held_to
        elif kind in (b"text:p", b"text:a"):
            held_to = columns
        elif kind == b"/table:table-row":
            rows += row_times
            last, widest = (rows, max(widest, held_to)) if held_to else (last, widest)
        else:
            rows, last, widest = 0, 1, 0
        many = held_to and row_times > MOST_REPEATED
        if many or last * widest > LARGEST_REPEATED or last > LAST_ROW or max(widest, held_to) > LAST_COLUMN:
            raise Swollen(f"{name}: {max(last, row_times)} × {max(widest, held_to)}")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream by pieces, each beginning with the end of the one before so that nothing is cut unseen."""
    tail = b""
    while piece := stream.read(CHUNK):
        yield tail + piece
        tail = piece[-OVERLAP:]


def _number(letters: bytes) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value
