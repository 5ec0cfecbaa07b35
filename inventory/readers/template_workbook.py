"""The template sent to people, read back: what they changed is taken, with its place; what they left says nothing.

A cell is compared with the value it was sent with, which the workbook holds; a record without a changed cell is not
said at all, so that it gains no origin. A cell emptied deletes nothing.
"""

from __future__ import annotations

import polars as pl

from inventory.contract import Field, Table
from inventory.dataset import schema
from inventory.files import SourceFile
from inventory.forms.model import LINK, TABLES
from inventory.headings import kept_text
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.filled import FilledSheet, filled_sheets, is_form, renamed
from inventory.readers.reading import IMPLIED, MADE, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, converted, identified, implied, slugged
from inventory.values import NO, YES, convert, plain

SOME = 5
"""Identifiers that a sentence names."""


class TemplateWorkbook:
    """The reader of workbooks made by ``francecloud template``."""

    name = "template"

    def recognises(self, source: SourceFile) -> bool:
        """Whether the workbook bears the marker."""
        return is_form(source)

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read what was changed; the headings are those we wrote, so *kept* has nothing to add."""
        reading = Reading(source, self.name, corrects=True)
        try:
            sheets = list(filled_sheets(source))
        except InvalidInput as error:
            reading.problems += error.problems
            return reading
        reading.problems += renamed(source)
        for sheet in sheets:
            if sheet.table not in TABLES:
                reading.problems.append(_questionnaire(source, sheet))
                continue
            reading.problems += sheet.problems
            reading.mapping[sheet.name] = {h.text: kept_text(sheet.table, h) for h in sheet.headings}
            _read(reading, sheet, schema().tables[sheet.table])
        return reading


def _read(reading: Reading, sheet: FilledSheet, table: Table) -> None:
    rows = _identified(reading, sheet)
    sent = sheet.sent.unique("id", keep="first", maintain_order=True)
    beside = rows.select("id").join(sent, on="id", how="left", maintain_order="left")
    if LINK in rows.columns:
        _links(reading, sheet, rows, beside)
    fields = [f for h in sheet.headings if (f := table.by_name.get(str(h.target))) and f.name != "id"]
    changed = [_changed(reading, sheet, f, rows, beside) for f in fields]
    told = rows.select("id", *((MADE,) if MADE in rows.columns else ()), SHEET, ROW).with_columns(changed)
    fresh = ~pl.col("id").is_in(sent["id"].implode())
    touched = pl.any_horizontal([pl.lit(False), *(pl.col(f.name).is_not_null() for f in fields)])
    frame = told.filter(fresh | touched).select(
        "id", *(f.name for f in fields), *((MADE,) if MADE in rows.columns else ()), SHEET, ROW
    )
    if frame.height == 0:
        return
    if table.name == "servers":
        implied(reading, frame, "site_id", "sites")
        implied(reading, frame, "host_id", "hosts")
    implied(reading, frame, "organisation_id", "organisations")
    add(reading, table.name, frame.with_columns(pl.lit(False).alias(IMPLIED)) if table.name != "flows" else frame)


def _identified(reading: Reading, sheet: FilledSheet) -> pl.DataFrame:
    """The rows with an identifier each: the one sent, or, of a new record, its own or one made of its name."""
    rows = sheet.rows
    if sheet.table == "flows":
        parts = [c for c in ("source_id", "target_id", "nature") if c in rows.columns]
        ends = pl.all_horizontal(pl.col(c).is_not_null() for c in parts[:2]) if len(parts) >= 2 else pl.lit(False)
        made = pl.when(ends).then(slugged(pl.concat_str(parts, separator="-", ignore_nulls=True)))
        rows = rows.with_columns(pl.coalesce("id", made).alias("id"))
    else:
        rows = identified(rows, sheet.table)
    nameless = rows.filter(pl.col("id").is_null())
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has neither an identifier nor a name"), sheet=sheet.name,
           column=sheet.heading("id").text)
        for (row,) in nameless.select(ROW).iter_rows()
    ]  # fmt: skip
    reading.problems += _moved(reading.source, sheet, rows)
    return rows.filter(pl.col("id").is_not_null())


def _moved(source: SourceFile, sheet: FilledSheet, rows: pl.DataFrame) -> list[Problem]:
    """Identifiers that were changed under the same name: the record would be there twice. Those gone are counted."""
    gone = sheet.sent.join(rows, on="id", how="anti")
    if gone.height == 0:
        return []
    if "name" in rows.columns and "name" in gone.columns:
        fresh = rows.join(sheet.sent, on="id", how="anti").drop_nulls("name")
        same = fresh.join(gone.drop_nulls("name").select("name", pl.col("id").alias("_sent")).unique("name"), on="name")
    else:
        same = pl.DataFrame(schema={ROW: pl.Int64, "id": pl.String, "_sent": pl.String})
    found = [
        at(source, row, "INV-191", _("“{id}” was sent as “{sent}”: an identifier is not changed here", id=now, sent=sent),
           sheet=sheet.name, column=sheet.heading("id").text, value=now, hint=_("write “{sent}” again", sent=sent))
        for row, now, sent in same.select(ROW, "id", "_sent").sort(ROW).iter_rows()
    ]  # fmt: skip
    left = gone.height - len(found)
    if left > 0:
        some = ", ".join(gone["id"].head(SOME))
        text = _.plural("{n} record sent is not there any more: nothing is deleted ({some})",
                        "{n} records sent are not there any more: nothing is deleted ({some})", left, some=some)  # fmt: skip
        found.append(_note(source, sheet, "INV-194", text))
    return found


def _changed(reading: Reading, sheet: FilledSheet, f: Field, rows: pl.DataFrame, beside: pl.DataFrame) -> pl.Series:
    """A column where only what was changed is left, in the dataset's spelling; what was emptied is said."""
    now, before = (
        rows[f.name],
        beside[f.name] if f.name in beside.columns else pl.Series(f.name, [None] * rows.height, pl.String),
    )
    emptied = rows.select("id").filter(now.is_null() & before.is_not_null())["id"]
    if emptied.len():
        text = _.plural("{label}: {n} cell was emptied, its value stays ({some})",
                        "{label}: {n} cells were emptied, their values stay ({some})", emptied.len(), label=f.label(),
                        some=", ".join(emptied.head(SOME)))  # fmt: skip
        reading.problems.append(_note(reading.source, sheet, "INV-193", text, sheet.heading(f.name).text))
    as_sent = _as_sent(f, now, before)
    edited = rows.select(pl.when(~as_sent).then(now).alias(f.name), SHEET, ROW)
    series, problems = converted(reading.source, f, edited, sheet.heading(f.name))
    reading.problems += problems
    canonical = {text: value for text, value in convert(f, before.unique()).items() if isinstance(value, str)}
    sent = before.replace_strict(canonical, default=None, return_dtype=pl.String)
    return series.to_frame().select(pl.when(series.ne_missing(sent)).then(series).alias(f.name)).to_series()


def _as_sent(f: Field, now: pl.Series, before: pl.Series) -> pl.Series:
    """Whether each cell is what was sent, or what a spreadsheet makes of it."""
    same = _plainly(f, now).eq_missing(_plainly(f, before))
    if f.type not in ("integer", "number"):
        return same
    # Spreadsheets keep fifteen figures, rounded by whoever saved them last.
    a, b = now.cast(pl.Float64, strict=False), before.cast(pl.Float64, strict=False)
    return same | ((a - b).abs() <= b.abs() * 1e-14).fill_null(False)


def _plainly(f: Field, texts: pl.Series) -> pl.Series:
    """Cells so that a value and what a spreadsheet makes of it are equal: true and oui, a day and its hour."""
    if f.type == "boolean":
        words = {
            t: "true" if plain(t) in YES else "false" if plain(t) in NO else t for t in texts.unique().drop_nulls()
        }
        return texts.replace_strict(words, default=None, return_dtype=pl.String)
    if f.type == "date":
        return texts.str.replace(r"^(\d{4}-\d{2}-\d{2})[ T]00:00(:00(\.0+)?)?$", "$1")
    if f.type == "list":
        return texts.str.replace_all(r"\s*[|;]\s*", "|")
    return texts.str.replace_all(r"\s+", " ").str.strip_chars()


def _links(reading: Reading, sheet: FilledSheet, rows: pl.DataFrame, beside: pl.DataFrame) -> None:
    """The applications added to a server; one taken out stays, and that is said."""

    def pairs(frame: pl.DataFrame, *more: str) -> pl.DataFrame:
        listed = pl.col(LINK).str.replace_all(r"[;,\n]", "|").str.split("|")
        exploded = frame.select("id", listed.alias("application"), *more).explode("application")
        return exploded.with_columns(pl.col("application").str.strip_chars()).filter(pl.col("application") != "").unique(
            maintain_order=True
        )  # fmt: skip

    if LINK not in beside.columns:
        return
    said, sent = pairs(rows, SHEET, ROW), pairs(beside)
    added = said.join(sent, on=["id", "application"], how="anti", maintain_order="left")
    reading.links = pl.concat([reading.links, added.select("application", pl.col("id").alias("server"), SHEET, ROW)])
    gone = sent.join(said, on=["id", "application"], how="anti").sort("id", "application")
    if gone.height:
        some = ", ".join(f"{s} {a}" for s, a in gone.head(SOME).iter_rows())
        text = _.plural("{n} application was taken off a server: the link stays ({some})",
                        "{n} applications were taken off servers: the links stay ({some})", gone.height, some=some)  # fmt: skip
        reading.problems.append(_note(reading.source, sheet, "INV-193", text, sheet.heading(LINK).text))


def _note(source: SourceFile, sheet: FilledSheet, code: str, text: str, column: str | None = None) -> Problem:
    return Problem(code=code, severity=Severity.INFO, message=text, file=str(source.path), sheet=sheet.name, column=column,
                   hint=_("nothing is deleted in silence: remove it in the dataset if it is wrong"))  # fmt: skip


def _questionnaire(source: SourceFile, sheet: FilledSheet) -> Problem:
    return Problem(
        code="INV-197", severity=Severity.INFO, file=str(source.path), sheet=sheet.name,
        message=_("this sheet is a questionnaire: it is not part of the inventory"),
        hint=_("read it with: francecloud assess read {file}", file=source.name),
    )  # fmt: skip
