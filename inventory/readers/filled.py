"""A form that came back: each sheet's rows as canonical columns, beside the values it was sent with.

Sheets and columns are found by what the marker says of their names and headings, wherever they stand now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.forms.model import MARK, MARKER, SENT, VERSION
from inventory.headings import Heading
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.reading import ROW, SHEET
from inventory.readers.records import at

FIRST_ROWS = 20
"""Rows among which the headings are looked for: people write above them."""
KEY_COLUMNS = 4


@dataclass
class FilledSheet:
    """A sheet that came back: text columns by key with the place of each row, and the values it was sent with."""

    name: str
    table: str
    head: int
    """The row of the headings, 1-based."""
    headings: tuple[Heading, ...]
    rows: pl.DataFrame
    sent: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def heading(self, key: str) -> Heading:
        """The heading of a column that is there."""
        return next(h for h in self.headings if h.target == key)


def is_form(source: SourceFile) -> bool:
    """Whether a file is a form of ours, whoever filled it in."""
    if not source.is_workbook:
        return False
    try:
        return _marker(source) is not None
    except InvalidInput:
        return False


def filled_sheets(source: SourceFile) -> Iterator[FilledSheet]:
    """The sheets of a form that came back; one that was taken out is not among them.

    Raises:
        InvalidInput: the form is of another version, or a sheet's headings were changed (``INV-190``).
    """
    marker = _marker(source)
    if marker is None:
        raise InvalidInput(source.problem("INV-190", _("this is not a template of francecloud")))
    rows = [tuple(row) + ("",) * KEY_COLUMNS for row in marker.cells.rows()]
    if rows[0][1] != VERSION:
        raise InvalidInput(
            source.problem("INV-190", _("this template is of version {found}, version {expected} is expected",
                                        found=rows[0][1], expected=VERSION),
                           hint=_("make it again with this version of francecloud"))
        )  # fmt: skip
    grids = {g.name: g for g in source.grids}
    for name, table in [(r[1], r[2]) for r in rows if r[0] == "sheet"]:
        keys = {str(r[2]): str(r[3]) for r in rows if r[0] == "column" and r[1] == name}
        if name in grids:
            yield _sheet(source, grids[str(name)], str(table), keys, grids.get(SENT + str(table)))


def renamed(source: SourceFile) -> list[Problem]:
    """Sheets that were sent and are not there, beside sheets that were not sent: perhaps one was renamed."""
    marker = _marker(source)
    sent = {str(r[1]) for r in marker.cells.rows() if r[0] == "sheet"} if marker else set()
    there = {str(g.name) for g in source.grids}
    return [
        source.problem("INV-190", _("the sheet “{sheet}” is not there any more", sheet=name), sheet=name,
                       hint=_("if it was renamed, give it its name again; if it was taken out, nothing of it changes"),
                       severity=Severity.WARNING)
        for name in sorted(sent - there)
    ]  # fmt: skip


def _marker(source: SourceFile) -> Grid | None:
    found = next((g for g in source.grids if g.name == MARKER), None)
    if found is None or found.cells.height == 0 or found.cells.width < KEY_COLUMNS or found.cells[0, 0] != MARK:
        return None
    return found


def _sheet(source: SourceFile, grid: Grid, table: str, keys: dict[str, str], sent: Grid | None) -> FilledSheet:
    top = grid.cells.head(FIRST_ROWS).rows()
    scores = [sum(cell in keys for cell in row) for row in top]
    best = max(range(len(top)), key=lambda n: scores[n], default=0)
    row = top[best] if top else ()
    headings: list[Heading] = []
    for position, cell in enumerate(row):
        key = keys.get(str(cell)) if cell is not None else None
        if key and key not in {h.target for h in headings}:
            headings.append(Heading(position, str(cell), key))
    ident = next((title for title, key in keys.items() if key == "id"), "id")
    if "id" not in {h.target for h in headings}:
        raise InvalidInput(
            at(source, best + 1, "INV-190", _("the heading “{heading}” is not there any more", heading=ident), sheet=grid.name,
               hint=_("give the headings their names again"))
        )  # fmt: skip
    frame = grid.cells.with_row_index("_n", offset=1).slice(best + 1)
    rows = frame.select(
        *(pl.col(str(h.position)).alias(str(h.target)) for h in headings),
        pl.lit(grid.name, pl.String).alias(SHEET),
        pl.col("_n").cast(pl.Int64).alias(ROW),
    ).filter(pl.any_horizontal(pl.col(str(h.target)).is_not_null() for h in headings))
    gone = sorted(set(keys) - {h.text for h in headings})
    unknown = [str(c) for c in row if c is not None and str(c) not in keys]
    problems = []
    if unknown:
        problems.append(
            at(source, best + 1, "INV-190", _("columns that were not sent, and are not read: {columns}", columns=", ".join(unknown)),
               sheet=grid.name, severity=Severity.WARNING,
               hint=_("sent and not there: {columns}", columns=", ".join(gone)) if gone else None)
        )  # fmt: skip
    return FilledSheet(
        str(grid.name), table, best + 1, tuple(headings), rows, _sent(sent, list(keys.values())), problems
    )


def _sent(grid: Grid | None, keys: list[str]) -> pl.DataFrame:
    """The values a sheet was sent with; nothing where the hidden sheet was lost: every cell is then a new one."""
    nothing = pl.DataFrame(schema=dict.fromkeys(keys, pl.String))
    if grid is None or grid.cells.height == 0:
        return nothing
    head = grid.cells.row(0)
    named = {str(n): key for n, key in enumerate(head) if key in nothing.columns}
    frame = grid.cells.slice(1).select(pl.col(n).alias(str(key)) for n, key in named.items())
    return pl.concat([nothing, frame], how="diagonal")
