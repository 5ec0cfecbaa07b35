"""What formats of objects share: a class is a table of text columns, told by its own names for them.

iTop, Mercator, Konveyor and Azure Migrate know the names of their columns; what is left to do is to rename and convert
them, to keep where each leads, and to say what was left out. A value that cannot be read is left unknown, and said: it
is no reason to refuse the thousands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from inventory.dataset import schema
from inventory.files import SourceFile
from inventory.headings import Heading, kept_text, parse_kept
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import at, converted

Columns = Mapping[str, str]
"""Column of the source → column of the dataset, with the unit of its numbers in brackets: ``ram_gib (go)``."""


def frame_of(rows: Sequence[Mapping[str, str | None]], sheet: str | None, lines: Iterable[int]) -> pl.DataFrame:
    """Objects as text columns with their place; empty texts are null.

    Args:
        rows: an object each, by column.
        sheet: where they stand.
        lines: the row or line of each.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [_text(row.get(name)) for row in rows] for name in names}
    data = {**columns, SHEET: [sheet] * len(rows), ROW: list(lines)}
    return pl.DataFrame(data, schema={**dict.fromkeys(names, pl.String), SHEET: pl.String, ROW: pl.Int64})


def _text(value: str | None) -> str | None:
    stripped = value.strip() if value is not None else ""
    return stripped or None


def mapped(reading: Reading, table: str, frame: pl.DataFrame, columns: Columns, kept: Kept) -> pl.DataFrame:
    """The columns of a class in the dataset's names and spelling; those of its own names stay beside them.

    Args:
        reading: its mapping and problems are completed.
        table: the table of the dataset.
        frame: the objects, with their place.
        columns: what each column leads to.
        kept: the source's mapping; what people changed there wins.
    """
    if frame.height == 0:
        return frame
    sheet = frame[SHEET][0] or ""
    known = schema().tables[table].by_name
    for heading in _headings(table, frame, columns, kept.get(sheet, {})):
        reading.mapping.setdefault(sheet, {})[heading.text] = kept_text(table, heading)
        if heading.target not in known:
            continue
        renamed = frame.with_columns(pl.col(heading.text).alias(heading.target))
        series, wrong = converted(
            reading.source, known[heading.target], renamed, heading, vital=False, decimal_point=True
        )
        reading.problems += wrong
        frame = frame.with_columns(series)
    return frame


def _headings(table: str, frame: pl.DataFrame, columns: Columns, kept: Mapping[str, str | None]) -> list[Heading]:
    wanted: dict[str, str | None] = {c: f"{table}.{to}" for c, to in columns.items()}
    wanted |= {c: to for c, to in kept.items() if c in wanted or to}
    found = []
    for column, to in wanted.items():
        entry = parse_kept(to or "")
        if entry and entry[0] == table and column in frame.columns:
            found.append(Heading(0, column, entry[1], entry[2]))
    return found


def dataset_columns(table: str, frame: pl.DataFrame) -> list[str]:
    """The columns of a frame that are the table's, and the place."""
    return [n for n in frame.columns if n in schema().tables[table].by_name or n in (SHEET, ROW)]


def column(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column, or nothing known where the source has none."""
    return pl.col(name) if name in frame.columns else pl.lit(None, pl.String)


def named(frame: pl.DataFrame, name: str, names: Mapping[str, str]) -> pl.Expr:
    """A reference as what it refers to; nothing where that is unknown."""
    return column(frame, name).replace_strict(dict(names), default=None, return_dtype=pl.String)


def left_out(source: SourceFile, frame: pl.DataFrame, code: str, message: str) -> list[Problem]:
    """One note for all the objects of a kind that are no part of an inventory; none for none."""
    if frame.height == 0:
        return []
    return [at(source, frame[ROW][0], code, message, sheet=frame[SHEET][0], severity=Severity.INFO)]


def some(frame: pl.DataFrame, column_name: str = "name") -> str:
    """The first names of a frame, to say what a note is about."""
    names = frame[column_name].drop_nulls().head(5).to_list() if column_name in frame.columns else []
    return ", ".join(names) + (", …" if frame.height > len(names) else "")


def ignored_class(source: SourceFile, name: str, n: int) -> Problem:
    """Objects of a class that the dataset has no table for."""
    return Problem(
        code="INV-128", severity=Severity.INFO, file=str(source.path), sheet=name,
        message=_.plural("{n} object of class {name} is not used", "{n} objects of class {name} are not used", n, name=name),
    )  # fmt: skip
