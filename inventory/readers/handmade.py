"""Lists kept by hand: text or workbook, in any of three languages, headings wherever they stand.

A sheet is a list of organisations, applications, servers, flows, or of which application is on which
server; the headings say which. How each was understood is kept in the source's mapping file, which
people may edit and which wins the next time.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.dataset import schema
from inventory.documents import nearest
from inventory.files import Grid, SourceFile
from inventory.headings import FIRST_ROWS, Heading, Layout, find_layout
from inventory.language import _
from inventory.package import Field, Table
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.reading import ROW, SHEET, Reading
from inventory.values import Refused, convert

CLASSIFIED = ("secret", "tres_secret")
KEPT_OF_CLASSIFIED = ("id", "organisation_id", "classification")
LINKS = ("link:servers", "link:applications")


class HandMade:
    """The reader of hand-kept lists."""

    name = "list"

    def recognises(self, source: SourceFile) -> bool:
        """Whether some sheet has a row of known headings; what cannot be read is this reader's to refuse."""
        try:
            return any(_layout(grid, {}) for grid in source.grids)
        except InvalidInput:
            return True

    def read(self, source: SourceFile, kept: Mapping[str, Mapping[str, str | None]]) -> Reading:
        """Read every sheet that has headings."""
        reading = Reading(source, self.name)
        for grid in source.grids:
            layout = _layout(grid, dict(kept.get(grid.name or "", {})))
            if layout is None:
                if grid.name and grid.cells.height:
                    reading.problems.append(_ignored_sheet(source, grid))
                continue
            reading.mapping[grid.name or ""] = layout.mapping()
            _read_sheet(reading, grid, layout)
        if not reading.mapping:
            reading.problems.append(
                source.problem("INV-011", _("no sheet has a row of known headings"),
                               hint=_("expected for example “Code application” and “Nom”"))
            )  # fmt: skip
        return reading


def _layout(grid: Grid, kept: dict[str, str | None]) -> Layout | None:
    return find_layout(grid.cells.head(FIRST_ROWS).rows(), kept)


def _read_sheet(reading: Reading, grid: Grid, layout: Layout) -> None:
    reading.problems += _heading_problems(reading.source, grid, layout)
    records = _records(grid, layout)
    if layout.table == "deployments":
        pairs = records.select("application", "server", SHEET, ROW).drop_nulls(["application", "server"])
        reading.links = pl.concat([reading.links, pairs])
        return
    if layout.table == "flows":
        _flows(reading, records)
        return
    _links(reading, records, layout)
    _components(reading, records, layout)
    _table(reading, records, layout)


def _records(grid: Grid, layout: Layout) -> pl.DataFrame:
    """The rows below the headings that hold something, with their place; columns by target."""
    known = [h for h in layout.headings if h.target]
    rows = grid.cells.with_row_index("_n", offset=1).slice(layout.row + 1)
    picked = rows.select(
        *(pl.col(str(h.position)).alias(str(h.target)) for h in known),
        pl.lit(grid.name, pl.String).alias(SHEET),
        pl.col("_n").cast(pl.Int64).alias(ROW),
    )
    return picked.filter(pl.any_horizontal(pl.col(str(h.target)).is_not_null() for h in known))


def _table(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    table = schema().tables[layout.table]
    headings = {str(h.target): h for h in layout.headings if h.target in table.by_name}
    columns = {}
    for name, heading in headings.items():
        columns[name], wrong = _converted(reading.source, table.by_name[name], records, heading)
        reading.problems += wrong
    named = "organisation_name" in records.columns
    frame = records.with_columns(list(columns.values())).select(
        *columns, *(["organisation_name"] if named else []), SHEET, ROW
    )
    frame = _identified(frame, layout.table)
    nameless = frame.filter(pl.col("id").is_null())
    reading.problems += [
        _at(reading.source, row, "INV-012", _("this row has neither an identifier nor a name"), sheet=sheet)
        for sheet, row in nameless.select(SHEET, ROW).iter_rows()
    ]
    frame = frame.filter(pl.col("id").is_not_null())
    reading.problems += _twice(reading.source, frame)
    frame = frame.unique("id", keep="first", maintain_order=True)
    if layout.table == "applications":
        frame = _opaque(reading, frame)
        _organisations(reading, frame, table)
        frame = frame.drop("organisation_name", strict=False)
    _add(reading, layout.table, frame)


def _converted(
    source: SourceFile, field: Field, records: pl.DataFrame, heading: Heading
) -> tuple[pl.Series, list[Problem]]:
    column = records[field.name]
    found = convert(field, column.unique(), heading.unit)
    good = {text: value for text, value in found.items() if isinstance(value, str)}
    refused = {text: value for text, value in found.items() if isinstance(value, Refused)}
    converted = column.replace_strict(good, default=None, return_dtype=pl.String).alias(field.name)
    if not refused:
        return converted, []
    wrong = records.filter(column.is_in(list(refused)))
    return converted, [
        _refusal(source, field, heading, refused[text], text, sheet, row)
        for text, sheet, row in wrong.select(field.name, SHEET, ROW).iter_rows()
    ]


def _identified(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Give an identifier to records that have only a name: made of the organisation and the name."""
    if "id" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("id"))
    if "name" not in frame.columns:
        return frame
    parts = ["organisation_id", "name"] if table == "applications" and "organisation_id" in frame.columns else ["name"]
    slug = slugged(pl.concat_str(parts, separator="-", ignore_nulls=True))
    return frame.with_columns(pl.coalesce("id", pl.when(pl.col("name").is_not_null()).then(slug)).alias("id"))


def slugged(text: pl.Expr) -> pl.Expr:
    """Lower-case ASCII letters and digits joined by hyphens."""
    return (
        text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )


def _opaque(reading: Reading, frame: pl.DataFrame) -> pl.DataFrame:
    """Of a classified system the dataset keeps an identifier and nothing else; the rest is dropped, and said."""
    if "classification" not in frame.columns:
        return frame
    classified = pl.col("classification").is_in(CLASSIFIED).fill_null(False)
    dropped = [c for c in frame.columns if c not in (*KEPT_OF_CLASSIFIED, SHEET, ROW)]
    reading.problems += [
        _at(reading.source, row, "INV-013", _("{id} is classified: only its identifier is kept", id=identifier),
            sheet=sheet, severity=Severity.INFO)
        for identifier, sheet, row in frame.filter(classified).select("id", SHEET, ROW).iter_rows()
    ]  # fmt: skip
    return frame.with_columns(pl.when(~classified).then(pl.col(c)).alias(c) for c in dropped)


def _organisations(reading: Reading, frame: pl.DataFrame, table: Table) -> None:
    """The organisations that applications name, so that none is left dangling."""
    if "organisation_id" not in frame.columns:
        return
    name = pl.col("organisation_name") if "organisation_name" in frame.columns else pl.col("organisation_id")
    found = (
        frame.filter(pl.col("organisation_id").is_not_null())
        .select(pl.col("organisation_id").alias("id"), name.alias("name"), SHEET, ROW)
        .unique("id", keep="first", maintain_order=True)
        .with_columns(pl.lit(True).alias("_implied"))
    )
    if "organisation_name" not in frame.columns:
        found = found.with_columns(pl.lit(None, pl.String).alias("name"))
    _add(reading, "organisations", found.drop("_implied"))


def _links(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    for target, own, other in (
        ("link:servers", "application", "server"),
        ("link:applications", "server", "application"),
    ):
        if target not in records.columns:
            continue
        # The identifier of a record that has only a name is not known yet: the name leads to it.
        subject = pl.coalesce(*(pl.col(c) for c in ("id", "name") if c in records.columns))
        pairs = (
            records.select(subject.alias(own), pl.col(target).str.split(",").alias(other), SHEET, ROW)
            .explode(other)
            .with_columns(pl.col(other).str.split(";"))
            .explode(other)
            .with_columns(pl.col(other).str.split("|"))
            .explode(other)
            .with_columns(pl.col(other).str.strip_chars())
            .filter(pl.col(other).is_not_null() & (pl.col(other) != ""))
        )
        reading.links = pl.concat([reading.links, pairs.select(reading.links.columns)])


def _components(reading: Reading, records: pl.DataFrame, layout: Layout) -> None:
    for heading in layout.headings:
        if not heading.target or not heading.target.startswith("component:"):
            continue
        named = records.select(
            *(c for c in ("id", "name", "organisation_id") if c in records.columns), pl.col(heading.target), SHEET, ROW
        )
        version = pl.col(heading.target).str.extract(r"(?i)\s+v?(\d[\w.]*)\s*$")
        product = pl.col(heading.target).str.replace(r"(?i)\s+v?\d[\w.]*\s*$", "")
        found = _identified(named, layout.table).filter(
            pl.col(heading.target).is_not_null() & pl.col("id").is_not_null()
        )
        _add(
            reading,
            "components",
            found.select(
                pl.lit("application").alias("subject_kind"),
                pl.col("id").alias("subject_id"),
                pl.lit(heading.target.removeprefix("component:")).alias("role"),
                product.alias("product"),
                version.alias("version"),
                SHEET,
                ROW,
            ),
        )


def _flows(reading: Reading, records: pl.DataFrame) -> None:
    more = [c for c in ("nature", "encrypted", "volume") if c in records.columns]
    found = records.drop_nulls(["source", "target"])
    _add(
        reading,
        "flows",
        found.select(
            slugged(
                pl.concat_str(
                    ["source", "target", *(["nature"] if "nature" in more else [])], separator="-", ignore_nulls=True
                )
            ).alias("id"),
            pl.col("source").alias("source_id"),
            pl.col("target").alias("target_id"),
            *(["nature"] if "nature" in more else []),
            SHEET,
            ROW,
        ).unique("id", keep="first", maintain_order=True),
    )


def _add(reading: Reading, table: str, frame: pl.DataFrame) -> None:
    before = reading.tables.get(table)
    reading.tables[table] = frame if before is None else pl.concat([before, frame], how="diagonal")


def _twice(source: SourceFile, frame: pl.DataFrame) -> list[Problem]:
    repeated = frame.filter(~pl.col("id").is_first_distinct())
    first = dict(frame.unique("id", keep="first").select("id", ROW).iter_rows())
    return [
        _at(source, row, "INV-014", _("“{id}” is already on row {first}: this row is ignored", id=i, first=first[i]),
            sheet=sheet, severity=Severity.WARNING, value=i)
        for i, sheet, row in repeated.select("id", SHEET, ROW).iter_rows()
    ]  # fmt: skip


def _heading_problems(source: SourceFile, grid: Grid, layout: Layout) -> list[Problem]:
    ignored = [h for h in layout.headings if h.target is None]
    seen: set[str] = set()
    problems = []
    for heading in layout.headings:
        if heading.text in seen:
            problems.append(
                _at(source, layout.row + 1, "INV-015", _("the heading “{heading}” is there twice", heading=heading.text),
                    sheet=grid.name, severity=Severity.WARNING, column=heading.text)
            )  # fmt: skip
        seen.add(heading.text)
    if ignored:
        listed = ", ".join(h.text for h in ignored)
        problems.append(
            _at(source, layout.row + 1, "INV-016", _("columns that are not used: {columns}", columns=listed),
                sheet=grid.name, severity=Severity.INFO,
                hint=_("say what they are in {file}", file=f"sources/{source.name}.mapping.json"))
        )  # fmt: skip
    return problems


def _refusal(
    source: SourceFile, field: Field, heading: Heading, refused: Refused, text: str, sheet: str | None, row: int
) -> Problem:
    near = nearest(text, list(refused.accepted)) if refused.accepted else None
    return Problem(
        code="INV-020",
        message=_("{label}: “{value}” is not accepted", label=field.label(), value=text[:80]),
        file=str(source.path), sheet=sheet, row=row, column=heading.text, field=field.name, value=text[:200],
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "")
        + _("expected: {expected}", expected=refused.expected),
    )  # fmt: skip


def _at(source: SourceFile, row: int, code: str, message: str, *, sheet: str | None = None, column: str | None = None,
        severity: Severity = Severity.ERROR, hint: str | None = None, value: str | None = None) -> Problem:  # fmt: skip
    return Problem(code=code, severity=severity, message=message, file=str(source.path), sheet=sheet, row=row,
                   column=column, hint=hint, value=value)  # fmt: skip


def _ignored_sheet(source: SourceFile, grid: Grid) -> Problem:
    return Problem(
        code="INV-017", severity=Severity.INFO, file=str(source.path), sheet=grid.name,
        message=_("this sheet has no row of known headings: it is not used"),
    )  # fmt: skip
