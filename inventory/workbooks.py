"""Workbooks as grids of text, after making sure that reading them cannot fill the memory.

The reader of workbooks lays a sheet out whole, from its first to its last cell: one value in the last corner of
an otherwise empty sheet would ask for gigabytes. So the far corners are looked for in the packed XML first.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import polars as pl

OLE = b"\xd0\xcf\x11\xe0"
PACKED = b"PK\x03\x04"
LARGEST_UNPACKED = 4 * 2**30
"""Bytes a workbook may hold once unpacked; more is taken for a bomb."""
LARGEST_RATIO = 200
"""Times an entry may be larger than its packed size; padded sheets reach about a hundred."""
LARGEST_SHEET = 32_000_000
"""Cells from the first to the last of a sheet, empty ones included: a million rows of thirty columns."""
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Those of the format itself; a cell beyond them was not written by a spreadsheet."""
MOST_REPEATED = 10_000
"""Times an OpenDocument cell or row that holds something may be repeated."""
SMALL = 8 * 2**20
"""Bytes of XML under which a sheet is measured cell by cell; above, only once a far cell is seen."""
CHUNK = 4 * 2**20
OVERLAP = 512
_FAR = re.compile(rb' r="(?:[A-Z]{3,}\d|[A-Z]+\d{6,})')
_CELL = re.compile(rb'<(?:\w+:)?c(?: [^>]*?)? r="([A-Z]{1,8})(\d{1,12})"[^>]*(?<!/)>(?!</(?:\w+:)?c>)')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d{1,12})"[^>]*>\s*<(?:\w+:)?c(?![^>]* r=)')
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="\d{5,}"')
_REPEATED_CELL = re.compile(rb'<table:table-cell[^>]*number-columns-repeated="(\d{5,})"[^>]*(?<!/)>')
_REPEATED_ROW = re.compile(rb'<table:table-row[^>]*number-rows-repeated="(\d{5,})"[^>]*>(.*?)</table:table-row>', re.S)


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

    if not content.startswith(OLE):
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
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Damaged(str(error) or type(error).__name__) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
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


def _check_open_document(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as stream:
        if not any(_REPEATED.search(chunk) for chunk in _chunks(stream)):
            return
    body = archive.read(entry)
    held = [int(n) for n in _REPEATED_CELL.findall(body)]
    held += [int(n) for n, row in _REPEATED_ROW.findall(body) if b"office:value" in row or b"<text:p" in row]
    if any(n > MOST_REPEATED for n in held):
        raise Swollen(f"{entry.filename}: × {max(held)}")


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
