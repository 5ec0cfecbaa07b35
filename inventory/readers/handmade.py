"""Lists kept by hand: text or workbook, in any of three languages, headings wherever they stand.

A sheet is a list of organisations, applications, servers, flows, or of which application is on which
server; the headings say which. A sheet may also describe one record, a label beside each value. How each was understood is kept in the source's mapping file, which
people may edit and which wins the next time.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.dataset import schema
from inventory.files import Grid, SourceFile
from inventory.headings import FIRST_ROWS, Dictionary, Heading, Layout, dictionary, find_layout
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.described import Described, gathered
from inventory.readers.reading import IMPLIED, ROW, SHEET, Kept, Reading
from inventory.readers.record_sheet import RecordSheet, not_filled, placed, record_sheet
from inventory.readers.records import MOST_TOLD, add, at, converted, identified, implied, slugged, untold
from inventory.readers.sheets import rows_below


class HandMade:
    """The reader of hand-kept lists. A list of a known model overrides ``layout`` and ``prepared``."""

    name = "list"

    def recognises(self, source: SourceFile) -> bool:
        """Whether some sheet has a row of known headings; what cannot be read is this reader's to refuse."""
        try:
            return any(self.layout(grid, {}) or record_sheet(grid) for grid in source.grids)
        except InvalidInput:
            return True

    def describes(self) -> list[Described]:
        """The dictionary, a table each."""
        return [Described(t, gathered(aliases, t)) for t, aliases in self.dictionary().items()]

    def dictionary(self) -> Dictionary:
        """The headings known; a model has its own."""
        return dictionary()

    def layout(self, grid: Grid, kept: Mapping[str, str | None]) -> Layout | None:
        """How a sheet is laid out, or None when it is not a list."""
        return find_layout(grid.cells.head(FIRST_ROWS).rows(), kept)

    def prepared(self, records: pl.DataFrame) -> pl.DataFrame:
        """The rows before their values are converted; a model with words of its own translates them here."""
        return records

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read every sheet that has headings."""
        reading = Reading(source, self.name)
        for grid in source.grids:
            layout = self.layout(grid, kept.get(grid.name or "", {}))
            form = record_sheet(grid) if layout is None else None
            if form is not None:
                self._form(reading, form, kept)
                continue
            if layout is None:
                if grid.name and grid.cells.height:
                    reading.problems.append(_ignored_sheet(source, grid))
                continue
            reading.mapping[grid.name or ""] = layout.mapping()
            reading.problems += _heading_problems(source, grid, layout)
            records = self.prepared(rows_below(grid, layout))
            if records.height == 0:
                reading.problems.append(
                    at(source, layout.row + 1, "INV-022", _("there is no record below the headings"), sheet=grid.name,
                       severity=Severity.WARNING)
                )  # fmt: skip
            _read_sheet(reading, records, layout)
        if not reading.mapping:
            reading.problems.append(
                source.problem("INV-011", _("no sheet has a row of known headings"),
                               hint=_("expected for example “Code application” and “Nom”"))
            )  # fmt: skip
        return reading

    def _form(self, reading: Reading, form: RecordSheet, kept: Kept) -> None:
        """A sheet that describes one record, read as the list of one row that it says."""
        layout = self.layout(form.grid, kept.get(form.grid.name or "", {}))
        if layout is None or not form.filled:
            reading.mapping[form.grid.name or ""] = layout.mapping() if layout else {}
            reading.problems.append(not_filled(reading.source, form))
            return
        reading.mapping[form.grid.name or ""] = layout.mapping()
        before = len(reading.problems)
        reading.problems += _heading_problems(reading.source, form.grid, layout)
        _read_sheet(reading, self.prepared(rows_below(form.grid, layout)), layout)
        reading.problems[before:] = placed(reading, form, reading.problems[before:])


def _read_sheet(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    if layout.table == "deployments":
        pairs = records.select("application", "server", SHEET, ROW).drop_nulls(["application", "server"])
        reading.links = pl.concat([reading.links, pairs])
    elif layout.table == "flows":
        _flows(reading, records, layout)
    else:
        _links(reading, records)
        _components(reading, records, layout)
        _table(reading, records, layout)


def _table(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    named = [c for c in ("organisation_name",) if c in records.columns]
    frame = identified(_values(reading, records, layout, named), layout.table)
    nameless = frame.filter(pl.col("id").is_null())
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has neither an identifier nor a name"), sheet=sheet)
        for sheet, row in nameless.head(MOST_TOLD).select(SHEET, ROW).iter_rows()
    ] + untold(reading.source, nameless, Severity.ERROR)
    frame = frame.filter(pl.col("id").is_not_null())
    if layout.table == "servers":
        implied(reading, frame, "site_id", "sites")
        implied(reading, frame, "host_id", "hosts")
    organisation = {"name": pl.col("organisation_name")} if named else {}
    implied(reading, frame, "organisation_id", "organisations", **organisation)
    add(reading, layout.table, frame.drop(named).with_columns(pl.lit(False).alias(IMPLIED)))


def _values(reading: Reading, records: pl.DataFrame, layout: Layout, more: list[str]) -> pl.DataFrame:
    """The columns of the table in the dataset's spelling, other columns as they are when asked for."""
    table = schema().tables[layout.table]
    columns: list[pl.Series] = []
    for heading in layout.headings:
        if heading.target in table.by_name:
            series, wrong = converted(reading.source, table.by_name[heading.target], records, heading)
            columns.append(series)
            reading.problems += wrong
    return records.with_columns(columns).select(*(c.name for c in columns), *more, SHEET, ROW)


def _links(reading: Reading, records: pl.DataFrame) -> None:
    # The identifier of a record that has only a name is not known yet: the name leads to it.
    subject = pl.coalesce(*(pl.col(c) for c in ("id", "name") if c in records.columns))
    for target, own, other in (
        ("link:servers", "application", "server"),
        ("link:applications", "server", "application"),
    ):
        if target not in records.columns:
            continue
        pairs = (
            records.select(subject.alias(own), pl.col(target).str.split("\n").alias(other), SHEET, ROW)
            .explode(other)
            .with_columns(pl.col(other).str.replace_all(r"[;|]", ",").str.split(","))
            .explode(other)
            .with_columns(pl.col(other).str.strip_chars())
            .filter(pl.col(other).is_not_null() & (pl.col(other) != "") & pl.col(own).is_not_null())
        )
        reading.links = pl.concat([reading.links, pairs.select(reading.links.columns)])


def _components(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    kind = {"applications": "application", "servers": "server"}.get(layout.table)
    for heading in layout.headings:
        if kind is None or not heading.target or not heading.target.startswith("component:"):
            continue
        named = records.select(
            *(c for c in ("id", "name", "organisation_id") if c in records.columns), pl.col(heading.target), SHEET, ROW
        )
        written = pl.col(heading.target)
        found = identified(named, layout.table).filter(written.is_not_null() & pl.col("id").is_not_null())
        add(
            reading,
            "components",
            found.select(
                pl.lit(kind).alias("subject_kind"),
                pl.col("id").alias("subject_id"),
                pl.lit(heading.target.removeprefix("component:")).alias("role"),
                written.str.replace(r"(?i)\s+v?\d[\w.]*\s*$", "").alias("product"),
                written.str.extract(r"(?i)\s+v?(\d[\w.]*)\s*$").alias("version"),
                SHEET,
                ROW,
            ),
            key=schema().tables["components"].primary_key,
        )


def _flows(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    stated = records.rename({"source": "source_id", "target": "target_id"}).drop_nulls(["source_id", "target_id"])
    targets = {"source": "source_id", "target": "target_id"}
    ends = Layout(
        layout.row,
        "flows",
        tuple(Heading(h.position, h.text, targets.get(str(h.target), h.target), h.unit) for h in layout.headings),
    )
    frame = _values(reading, stated, ends, [])
    parts = [c for c in ("source_id", "target_id", "nature") if c in frame.columns]
    made = frame.with_columns(slugged(pl.concat_str(parts, separator="-", ignore_nulls=True)).alias("id"))
    add(reading, "flows", made.filter(pl.col("id").is_not_null()))


def _heading_problems(source: SourceFile, grid: Grid, layout: Layout) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for heading in layout.headings:
        if heading.text in seen:
            problems.append(
                at(source, layout.row + 1, "INV-015", _("the heading “{heading}” is there twice", heading=heading.text),
                   sheet=grid.name, severity=Severity.WARNING, column=heading.text,
                   hint=_("only the first column of that name is read"))
            )  # fmt: skip
        seen.add(heading.text)
    ignored = [h.text for h in layout.headings if h.target is None]
    if ignored:
        problems.append(
            at(source, layout.row + 1, "INV-016", _("columns that are not used: {columns}", columns=", ".join(ignored)),
               sheet=grid.name, severity=Severity.INFO,
               hint=_("say what they are in {file}", file=f"sources/{source.name}.mapping.json"))
        )  # fmt: skip
    return problems


def _ignored_sheet(source: SourceFile, grid: Grid) -> Problem:
    return Problem(
        code="INV-017", severity=Severity.INFO, file=str(source.path), sheet=grid.name,
        message=_("this sheet has no row of known headings: it is not used"),
    )  # fmt: skip
