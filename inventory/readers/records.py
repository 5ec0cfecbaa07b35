"""From the columns of a sheet to records of the dataset: what readers of any format share.

A frame here has text columns named as the dataset's, and the place of each row. Values are converted once a
distinct text; rows are never walked.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from inventory.documents import nearest
from inventory.files import SourceFile
from inventory.headings import Heading
from inventory.language import _
from inventory.package import Field
from inventory.problems import Problem, Severity
from inventory.readers.reading import IMPLIED, MADE, ROW, SHEET, Reading
from inventory.values import Refused, convert, free_text

MOST_TOLD = 1_000
"""Rows told one by one for the same mistake in the same column; the others are counted."""


def converted(
    source: SourceFile,
    field: Field,
    records: pl.DataFrame,
    heading: Heading,
    *,
    vital: bool = True,
    decimal_point: bool | None = None,
) -> tuple[pl.Series, list[Problem]]:
    """A column of *records* (named as *field*) in the dataset's spelling, and a problem a refused cell.

    Args:
        source: the file.
        field: the column of the dataset.
        records: the rows.
        heading: how the column is called there, and its unit.
        vital: a refused value stops the import; else it is left unknown, and said.
        decimal_point: a lone point is a decimal one; by default in workbooks only.
    """
    column = records[field.name]
    if field.type == "string" and not field.enum:
        return records.select(free_text(pl.col(field.name))).to_series(), []
    found = convert(
        field,
        column.unique(),
        heading.unit,
        decimal_point=source.is_workbook if decimal_point is None else decimal_point,
    )
    good = {text: value for text, value in found.items() if isinstance(value, str)}
    refused = {text: value for text, value in found.items() if isinstance(value, Refused)}
    series = column.replace_strict(good, default=None, return_dtype=pl.String).alias(field.name)
    if not refused:
        return series, []
    wrong = records.filter(column.is_in(list(refused)))
    return series, [
        _refusal(source, field, heading, refused[text], text, sheet, row, vital)
        for text, sheet, row in wrong.head(MOST_TOLD).select(field.name, SHEET, ROW).iter_rows()
    ] + untold(source, wrong, Severity.WARNING, heading.text)


def untold(source: SourceFile, wrong: pl.DataFrame, severity: Severity, column: str | None = None) -> list[Problem]:
    """How many rows of *wrong* are beyond those told one by one; nothing where none is."""
    left = wrong.height - MOST_TOLD
    if left <= 0:
        return []
    text = _.plural("and {n} more row with the same mistake", "and {n} more rows with the same mistake", left)
    sheet, row = wrong.select(SHEET, ROW).row(MOST_TOLD)
    return [at(source, row, "INV-222", text, sheet=sheet, column=column, severity=severity)]


def _refusal(
    source: SourceFile, field: Field, heading: Heading, refused: Refused, text: str, sheet: str | None, row: int,
    vital: bool,
) -> Problem:  # fmt: skip
    near = None if refused.unsettled else nearest(text, list(refused.accepted)) if refused.accepted else None
    stops = vital and not refused.unsettled
    return Problem(
        code="INV-021" if refused.unsettled else "INV-020",
        severity=Severity.ERROR if stops else Severity.WARNING,
        message=_("{label}: “{value}” is not accepted", label=field.label(), value=text[:80])
        if stops
        else _("{label}: “{value}” does not say which value, it is left unknown", label=field.label(), value=text[:80]),
        file=str(source.path), sheet=sheet, row=row, column=heading.text, field=field.name, value=text[:200],
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "")
        + _("expected: {expected}", expected=refused.expected),
    )  # fmt: skip


def identified(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Give an identifier to records that have only a name: made of the organisation and the name."""
    if "id" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("id"))
    if "name" not in frame.columns:
        return frame.with_columns(pl.lit(False).alias(MADE))
    parts = ["organisation_id", "name"] if table == "applications" and "organisation_id" in frame.columns else ["name"]
    made = slugged(pl.concat_str(parts, separator="-", ignore_nulls=True))
    named = pl.col("name").is_not_null() & pl.col("id").is_null()
    return frame.with_columns(
        pl.coalesce("id", pl.when(pl.col("name").is_not_null()).then(made)).alias("id"), named.alias(MADE)
    )


def slugged(text: pl.Expr) -> pl.Expr:
    """Lower-case ASCII letters and digits joined by hyphens; null where nothing is left."""
    slug = (
        text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )
    return pl.when(slug != "").then(slug)


def implied(reading: Reading, frame: pl.DataFrame, column: str, table: str, **more: pl.Expr) -> None:
    """The records of another table that a column refers to, so that no reference is left dangling.

    Args:
        reading: where they are added.
        frame: the records that refer.
        column: their reference.
        table: the table referred to.
        more: columns of those records, as expressions over *frame*.
    """
    if column not in frame.columns:
        return
    found = frame.filter(pl.col(column).is_not_null()).select(
        pl.col(column).alias("id"),
        *(expression.alias(name) for name, expression in more.items()),
        SHEET,
        ROW,
        pl.lit(True).alias(IMPLIED),
    )
    add(reading, table, found.unique("id", keep="first", maintain_order=True))


def add(reading: Reading, table: str, frame: pl.DataFrame, key: Sequence[str] = ("id",)) -> None:
    """Add records to a reading; of those that are there twice the first counts, and the others are said."""
    before = reading.tables.get(table)
    whole = frame if before is None else pl.concat([before, frame], how="diagonal_relaxed")
    if IMPLIED in whole.columns:
        # what is stated comes before what is only implied, which is no repetition
        whole = whole.with_columns(pl.col(IMPLIED).fill_null(False)).sort(IMPLIED, maintain_order=True)
    first = whole.unique(key, keep="first", maintain_order=True)
    stated = whole if IMPLIED not in whole.columns else whole.filter(~pl.col(IMPLIED))
    if first.height < whole.height and key == ("id",):
        reading.problems += _twice(reading.source, stated)
    reading.tables[table] = first


def _twice(source: SourceFile, stated: pl.DataFrame) -> list[Problem]:
    repeated = stated.filter(~pl.col("id").is_first_distinct())
    told = stated.join(repeated.head(MOST_TOLD).select("id").unique(), on="id", how="semi")
    first = {i: (sheet, row) for i, sheet, row in told.unique("id", keep="first").select("id", SHEET, ROW).iter_rows()}
    return [
        at(source, row, "INV-014",
           _("“{id}” is already on row {first}: this row is ignored", id=i, first=first[i][1])
           if first[i][0] == sheet
           else _("“{id}” is already on sheet “{sheet}”, row {first}: this row is ignored", id=i, sheet=first[i][0],
                  first=first[i][1]),
           sheet=sheet, severity=Severity.WARNING, value=i)
        for i, sheet, row in repeated.head(MOST_TOLD).select("id", SHEET, ROW).iter_rows()
    ] + untold(source, repeated, Severity.WARNING)  # fmt: skip


def at(source: SourceFile, row: int, code: str, message: str, *, sheet: str | None = None, column: str | None = None,
       severity: Severity = Severity.ERROR, hint: str | None = None, value: str | None = None) -> Problem:  # fmt: skip
    """A problem at a row of a source."""
    return Problem(code=code, severity=severity, message=message, file=str(source.path), sheet=sheet, row=row,
                   column=column, hint=hint, value=value)  # fmt: skip
