"""Sheets that describe one record, a label beside each value, turned into the one-row list that they say.

A value still between brackets, or that repeats its label, is the model's: nobody filled it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.headings import dictionary, words
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW, Reading
from inventory.readers.records import at

MOST_ROWS = 400
"""A form is shorter; a list whose headings are unknown is not a form."""
TABLE = "applications"


@dataclass(frozen=True)
class RecordSheet:
    """A form: its labels and values as a list of one row, and the row of each label (1-based)."""

    grid: Grid
    rows: Mapping[str, int]
    name_row: int
    filled: bool


def record_sheet(grid: Grid) -> RecordSheet | None:
    """A sheet as a form, or None: two known labels in a column at least, the name's among them."""
    if not 0 < grid.cells.height <= MOST_ROWS or grid.cells.width < 2:
        return None
    known = dictionary()[TABLE]
    best: tuple[int, int] = (0, 0)
    for column in range(min(grid.cells.width - 1, 5)):
        labels = {known.get(words(c)[0]) for c in grid.cells[str(column)] if c} - {None}
        if "name" in labels and len(labels) > best[0]:
            best = (len(labels), column)
    if best[0] < 2:
        return None
    pairs = [
        (row, label, value)
        for row, (label, value) in enumerate(grid.cells.select(str(best[1]), str(best[1] + 1)).rows(), start=1)
        if label
    ]
    rows: dict[str, int] = {}
    values: dict[str, str | None] = {}
    for row, label, value in pairs:
        if label not in rows:
            rows[label], values[label] = row, None if _model(label, value) else value
    name = next(label for label in rows if known.get(words(label)[0]) == "name")
    cells = pl.DataFrame(
        [list(rows), list(values.values())], schema={str(i): pl.String for i in range(len(rows))}, orient="row"
    )
    return RecordSheet(Grid(grid.name, cells), rows, rows[name], values[name] is not None)


def _model(label: str, value: str | None) -> bool:
    return value is None or (value.startswith("[") and value.endswith("]")) or words(value)[0] == words(label)[0]


def not_filled(source: SourceFile, sheet: RecordSheet) -> Problem:
    """The form has no name: it is the model."""
    return at(source, sheet.name_row, "INV-135", _("this sheet describes one record and is not filled in: only its labels are there"),
              sheet=sheet.grid.name, severity=Severity.WARNING, hint=_("write the values beside the labels, and import it again"))  # fmt: skip


def placed(reading: Reading, sheet: RecordSheet, problems: list[Problem]) -> list[Problem]:
    """Give the record its place in the form, and *problems* the row of the label they are about."""
    here = pl.col("_sheet").eq_missing(sheet.grid.name)
    for table, frame in reading.tables.items():
        row = pl.when(here).then(pl.lit(sheet.name_row, pl.Int64)).otherwise(pl.col(ROW))
        reading.tables[table] = frame.with_columns(row.alias(ROW))
    return [replace(p, row=sheet.rows.get(p.column or "", sheet.name_row)) for p in problems]
