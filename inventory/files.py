"""Files as grids of text: opened once, refused when they are not what they seem, never trusted in size."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, zip_longest
from pathlib import Path

import polars as pl

from inventory.language import _
from inventory.limits import LARGEST_CELL, LARGEST_TEXT, check_cells, check_shape
from inventory.problems import InvalidInput, Problem, Severity
from inventory.workbooks import OLE, PACKED, Damaged, Swollen, sheets

LARGEST_FILE = 2 * 2**30
ROWS_AT_ONCE = 100_000
SEPARATORS = ";,\t|"


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
    members: tuple[SourceFile, ...] | None = field(default=None, repr=False)
    """The files of a folder or of a ZIP, in a fixed order; None for a file."""

    @property
    def name(self) -> str:
        """The source's name: the file's, whatever its folder."""
        return self.path.name

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` of the content; of several files, of their names and contents."""
        if self.members is not None:
            whole = hashlib.sha256()
            for member in self.members:
                inside = str(member.path).removeprefix(str(self.path))
                whole.update(f"{inside}\0{hashlib.sha256(member.content).hexdigest()}\n".encode())
            return "sha256:" + whole.hexdigest()
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def is_workbook(self) -> bool:
        """Whether the content is a workbook, whatever the file is called."""
        return self.members is None and self.content[:4] in (PACKED, OLE)

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
        """The separator of a text file: the one that cuts its first rows most evenly, then most finely."""
        sample = self.text[:65536]
        whole = sample if len(sample) < 65536 else sample[: sample.rfind("\n") + 1] or sample
        return max(SEPARATORS, key=lambda d: _evenness(whole, d))

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
        """The sheets of the file; none for several files, which are each their own.

        Raises:
            InvalidInput: damaged, empty, or larger than it may be.
        """
        if self.members is not None:
            return ()
        return tuple(_workbook(self)) if self.is_workbook else (_text_grid(self),)

    def problem(
        self, code: str, message: str, *, hint: str | None = None, sheet: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:  # fmt: skip
        """A problem of the whole file."""
        return Problem(code=code, message=message, file=str(self.path), hint=hint, sheet=sheet, severity=severity)


def open_source(path: Path) -> SourceFile:
    """Open a file, a folder or a ZIP for import; the two last have ``members``.

    Raises:
        InvalidInput: missing, empty, too large (``INV-001`` to ``INV-005``), or an archive that is refused.
    """
    from inventory.archives import folder_members, is_archive, zip_members

    source = SourceFile(path, b"")
    if path.is_dir():
        # "." and ".." are names that would say nothing of where a value comes from.
        named = path if path.name not in ("", "..") else path.resolve()
        return SourceFile(named, b"", folder_members(named))
    try:
        if not (path.is_file() or path.is_fifo()) and path.exists():
            raise InvalidInput(
                source.problem("INV-001", _("the file cannot be read: {error}", error=_("it is a device")))
            )
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(source.problem("INV-003", _("the file is larger than {n} bytes", n=LARGEST_FILE)))
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            source.problem("INV-001", _("the file cannot be read: {error}", error=error.strerror or error))
        ) from error
    if not content.strip():
        raise InvalidInput(source.problem("INV-005", _("the file is empty")))
    if content.startswith((PACKED, b"PK\x05\x06")) and is_archive(content):
        return SourceFile(path, b"", zip_members(path, content))
    return SourceFile(path, content)


def _workbook(source: SourceFile) -> list[Grid]:
    try:
        return [Grid(name, _tidied(cells)) for name, cells in sheets(source.content)]
    except Damaged as error:
        raise InvalidInput(
            source.problem(
                "INV-006",
                _("the workbook is damaged: {error}", error=error),
                hint=_("open it, save it again as XLSX, and import it again"),
            )
        ) from error
    except Swollen as error:
        raise InvalidInput(
            source.problem(
                "INV-007",
                _("once unpacked the workbook would be unreasonably large: refused ({found})", found=error),
                hint=_("delete the empty rows and columns beyond the last record, or export it as CSV"),
            )
        ) from error


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """How much of a text has the same number of cells a row when cut so, and that number."""
    try:
        with _long_cells():
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row][:50]
    except csv.Error:
        return (0.0, 0)
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return (0.0, 0)
    width, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    return (times / len(widths), width)


@contextmanager
def _long_cells() -> Iterator[None]:
    previous = csv.field_size_limit(LARGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(previous)


def _text_grid(source: SourceFile) -> Grid:
    """The rows of a text file, quotes and line breaks in cells as spreadsheets write them, ragged rows padded."""
    try:
        if len(source.content) > LARGEST_TEXT:
            raise Swollen(_("{n} bytes", n=len(source.content)))
        return Grid(None, _tidied(_cut(source)))
    except Swollen as error:
        raise InvalidInput(
            source.problem("INV-221", _("this text is larger than a list can be: refused ({found})", found=error),
                           hint=_("cut it into several files, or look for rows and cells that do not belong to the list"))
        ) from error  # fmt: skip


def _cut(source: SourceFile) -> pl.DataFrame:
    plain = _unquoted(source)
    if plain is not None:
        return plain
    frames, widest, height = [], 1, 0
    try:
        with _long_cells():
            reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=source.delimiter)
            while rows := list(islice(reader, ROWS_AT_ONCE)):
                width = max(map(len, rows)) or 1
                widest, height = max(widest, width), height + len(rows)
                check_shape(height, widest)
                columns = zip_longest(*rows) if any(rows) else [[None] * len(rows)]
                frames.append(pl.DataFrame(list(columns), schema={str(i): pl.String for i in range(width)}))
    except csv.Error as error:
        raise InvalidInput(
            source.problem(
                "INV-008",
                _("the file cannot be cut into cells: {error}", error=error),
                hint=_("look for a quote that is opened and never closed"),
            )
        ) from error
    return pl.concat(frames, how="diagonal")


def _unquoted(source: SourceFile) -> pl.DataFrame | None:
    """The rows of a text without a single quote, cut by the columnar reader; None where that is not sure.

    Without quotes there is one way only to cut a text; a first line of our own gives the width.
    """
    text, delimiter = source.text, source.delimiter
    if '"' in text or text.count("\r") != text.count("\r\n"):
        return None
    width = max((line.count(delimiter) for line in text[:1_000_000].splitlines()[:1000]), default=0) + 1
    check_shape(text.count("\n"), width)
    head = delimiter.join(str(i) for i in range(width))
    try:
        return pl.read_csv(
            f"{head}\n{text}".encode(), separator=delimiter, quote_char=None, infer_schema=False, low_memory=True
        )
    except pl.exceptions.PolarsError:
        return None


def _tidied(frame: pl.DataFrame) -> pl.DataFrame:
    renamed = frame.rename({name: str(i) for i, name in enumerate(frame.columns)})
    if not renamed.columns:
        return renamed
    check_cells(renamed)
    text = pl.all().cast(pl.String).str.strip_chars().replace("", None)
    # An export puts an apostrophe before what a spreadsheet would run as a formula: it is no part of the value.
    return renamed.with_columns(text.str.replace(r"^'('*[=+\-@\t\r])", "$1"))
