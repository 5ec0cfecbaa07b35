"""Files as grids of text: opened once, refused when they are not what they seem, never trusted in size."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from inventory.language import _
from inventory.problems import InvalidInput, Problem

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
LARGEST_FILE = 2 * 2**30
LARGEST_UNPACKED = 4 * 2**30
"""Bytes a workbook may hold once unpacked; more is taken for a bomb."""
LARGEST_RATIO = 200
"""Times an entry may be larger than its packed size; padded sheets reach about a hundred."""
LARGEST_CELL = 1_000_000
"""Characters of one cell."""
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Grid:
    """A sheet as text, empty cells null; row *n* of the frame is row ``n + 1`` of the sheet."""

    name: str | None
    cells: pl.DataFrame


@dataclass(frozen=True)
class SourceFile:
    """A file given to ``import``: where it was given, its content, how it is written."""

    path: Path
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The source's name: the file's, whatever its folder."""
        return self.path.name

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` of the content."""
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def is_workbook(self) -> bool:
        """Whether the content is a workbook, whatever the file is called."""
        return self.content[:4] in (b"PK\x03\x04", _OLE)

    @cached_property
    def encoding(self) -> str:
        """How the text is encoded: what its mark says, UTF-8 when it reads as such, else Windows-1252."""
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if self.content.startswith(mark):
                return name
        try:
            self.content.decode("utf-8")
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"

    @cached_property
    def delimiter(self) -> str:
        """The separator of a text file: the one that cuts its first lines most evenly."""
        lines = [line for line in self.text[:65536].splitlines()[:20] if line.strip()]
        counts = {d: [line.count(d) for line in lines] for d in (";", ",", "\t", "|")}
        return max(counts, key=lambda d: (min(counts[d], default=0) > 0, sum(counts[d])))

    @cached_property
    def text(self) -> str:
        """The content as text.

        Raises:
            InvalidInput: it is not text (``INV-004``).
        """
        try:
            decoded = self.content.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise InvalidInput(self.problem("INV-004", _("this is neither a workbook nor text"))) from error
        if "\0" in decoded[:65536]:
            raise InvalidInput(self.problem("INV-004", _("this is neither a workbook nor text")))
        return decoded

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """The sheets of the file.

        Raises:
            InvalidInput: damaged, empty, or larger than it may be.
        """
        return tuple(_workbook(self)) if self.is_workbook else (_text_grid(self),)

    def problem(self, code: str, message: str, *, hint: str | None = None, sheet: str | None = None) -> Problem:
        """A problem of the whole file."""
        return Problem(code=code, message=message, file=str(self.path), hint=hint, sheet=sheet)


def open_source(path: Path) -> SourceFile:
    """Open a file for import.

    Raises:
        InvalidInput: missing, a folder, empty, too large (``INV-001`` to ``INV-003``).
    """
    source = SourceFile(path, b"")
    if path.is_dir():
        raise InvalidInput(source.problem("INV-002", _("this is a folder"), hint=_("give the files that are in it")))
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(source.problem("INV-003", _("the file is larger than {n} bytes", n=LARGEST_FILE)))
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            source.problem("INV-001", _("the file cannot be read: {error}", error=error.strerror or error))
        ) from error
    if not content.strip():
        raise InvalidInput(source.problem("INV-005", _("the file is empty")))
    return SourceFile(path, content)


def _workbook(source: SourceFile) -> list[Grid]:
    import fastexcel

    if source.content[:4] != _OLE:
        _check_unpacked_size(source)
    try:
        book = fastexcel.read_excel(source.content)
        return [Grid(name, _sheet(book, name)) for name in book.sheet_names]
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        raise InvalidInput(
            source.problem(
                "INV-006",
                _("the workbook is damaged: {error}", error=str(error).splitlines()[0]),
                hint=_("open it, save it again, and import it again"),
            )
        ) from error


def _sheet(book: object, name: str) -> pl.DataFrame:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")  # type: ignore[attr-defined]
    frame: pl.DataFrame = sheet.to_polars()
    return _tidied(frame)


def _check_unpacked_size(source: SourceFile) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InvalidInput(
            source.problem(
                "INV-006", _("the workbook is damaged: {error}", error=error), hint=_("was it cut while copied?")
            )
        ) from error
    total = sum(e.file_size for e in entries)
    swollen = [e for e in entries if e.file_size > 2**27 and e.file_size > LARGEST_RATIO * max(e.compress_size, 1)]
    if total > LARGEST_UNPACKED or swollen:
        raise InvalidInput(
            source.problem("INV-007", _("once unpacked the workbook would be unreasonably large: refused"))
        )


def _text_grid(source: SourceFile) -> Grid:
    previous = csv.field_size_limit(LARGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=source.delimiter)
        # The module reads quotes and line breaks in cells as spreadsheets write them; ragged rows are padded.
        rows = list(reader)
    except csv.Error as error:
        raise InvalidInput(
            source.problem("INV-008", _("the file cannot be cut into cells: {error}", error=error))
        ) from error
    finally:
        csv.field_size_limit(previous)
    width = max((len(r) for r in rows), default=0)
    columns = {str(i): [row[i] if i < len(row) else None for row in rows] for i in range(width)}
    return Grid(None, _tidied(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))))


def _tidied(frame: pl.DataFrame) -> pl.DataFrame:
    renamed = frame.rename({name: str(i) for i, name in enumerate(frame.columns)})
    if not renamed.columns:
        return renamed
    return renamed.with_columns(pl.all().cast(pl.String).str.strip_chars().replace("", None))
