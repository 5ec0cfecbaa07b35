"""Files that ``collect`` wrote (see ``inventory.collect.document``): fields as the system names them, one record a line.

Where each field leads is said in the file, and the source's mapping wins over it. What a live system says in a word
the dataset does not know is left unknown, and said: one odd value must not stop ten thousand machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from inventory.collect.document import OPENING, Sheet, Unreadable, parse
from inventory.files import Grid, SourceFile
from inventory.headings import Heading, Layout, parse_kept
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.handmade import HandMade
from inventory.readers.reading import ROW, SHEET, Kept, Reading

HEAD = 2
"""The row of the first record in a grid: the headings are its row 1."""


@dataclass(frozen=True)
class SheetGrid(Grid):
    """A sheet as a grid, headings first, with what the file says of its columns."""

    table: str = ""
    columns: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Typed(SourceFile):
    """The file as its sheets. Its numbers are typed as a workbook's are: a lone point is a decimal one."""

    sheets: tuple[SheetGrid, ...] = ()

    @property
    def is_workbook(self) -> bool:
        """As a workbook, it has neither separator nor encoding to tell."""
        return True

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The sheets."""
        return self.sheets


class CollectedFile(HandMade):
    """The reader of collected files."""

    name = "collected"

    def recognises(self, source: SourceFile) -> bool:
        """Whether it opens as ``collect`` writes it."""
        return source.content.startswith(OPENING.encode())

    def layout(self, grid: Grid, kept: Mapping[str, str | None]) -> Layout | None:
        """Where each field leads: as people changed it first, else as the file says."""
        if not isinstance(grid, SheetGrid):
            return None
        changed = {name for name in grid.columns if name in kept and kept[name] != grid.columns[name]}
        taken: set[str] = set()
        found: dict[str, Heading] = {}
        for position, name in sorted(enumerate(grid.columns), key=lambda item: item[1] not in changed):
            entry = parse_kept((kept[name] if name in changed else grid.columns[name]) or "")
            target = entry[1] if entry and entry[0] == grid.table and entry[1] not in taken else None
            taken |= {target} if target else set()
            found[name] = Heading(position, name, target, entry[2] if entry and target else None)
        return Layout(0, grid.table, tuple(found[name] for name in grid.columns))

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read every sheet; a place is a line of the file."""
        try:
            document, lines = parse(source.text)
            grids = tuple(_grid(name, sheet) for name, sheet in document.sheets.items())
        except (Unreadable, pl.exceptions.PolarsError) as error:
            reading = Reading(source, self.name)
            reading.problems.append(
                source.problem("INV-149", _("this is not a collected file as “collect” writes it: {error}", error=error),
                               hint=_("collect it again; what should read differently goes in its mapping file"))
            )  # fmt: skip
            return reading
        typed = Typed(source.path, source.content, sheets=grids)
        if not grids:
            reading = Reading(typed, self.name)
            reading.problems.append(
                replace(
                    source.problem("INV-150", _("the system said that there is nothing")), severity=Severity.WARNING
                )
            )
            return reading
        reading = super().read(typed, kept)
        reading.problems = [_softened(_placed(problem, lines)) for problem in reading.problems]
        reading.tables = {name: _relined(frame, lines) for name, frame in reading.tables.items()}
        reading.links = _relined(reading.links, lines)
        return reading


def _grid(name: str, sheet: Sheet) -> SheetGrid:
    fields = dict.fromkeys(sheet.columns, pl.String)
    body = pl.DataFrame(list(sheet.records), schema=fields, strict=False, orient="row")
    head = pl.DataFrame([dict(zip(fields, fields, strict=True))], schema=fields)
    cells = pl.concat([head, body.select(pl.all().replace("", None))])
    return SheetGrid(name, cells.rename({f: str(i) for i, f in enumerate(fields)}), sheet.table, sheet.columns)


def _relined(frame: pl.DataFrame, lines: Mapping[str, int]) -> pl.DataFrame:
    if frame.height == 0:
        return frame
    first = pl.col(SHEET).replace_strict(dict(lines), default=HEAD, return_dtype=pl.Int64)
    return frame.with_columns((pl.col(ROW) - HEAD + first).alias(ROW))


def _placed(problem: Problem, lines: Mapping[str, int]) -> Problem:
    if problem.row is None or problem.sheet is None or problem.sheet not in lines:
        return problem
    # The line above the first record opens the records; the one before it lists the columns.
    return replace(problem, row=lines[problem.sheet] + problem.row - HEAD - (1 if problem.row < HEAD else 0))


def _softened(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.WARNING) if problem.code == "INV-020" else problem
