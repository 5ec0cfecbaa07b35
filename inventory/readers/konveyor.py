"""Konveyor's application import CSV, read by its headings: applications, what they run on, what they depend on.

Record type 1 is an application, 2 a dependency; headings moved between versions (``Tag Type`` became ``Tag Category``,
``Record Type 1`` became ``Record Type``, owners were added) and the rows of dependencies are cut short.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import polars as pl

from inventory.files import SourceFile
from inventory.headings import words
from inventory.language import _
from inventory.problems import InvalidInput, Severity
from inventory.readers.objects import column, dataset_columns, left_out, mapped
from inventory.readers.reading import MADE, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, slugged

ROLES: Mapping[str, str] = {
    "operating system": "os", "database": "sgbd", "language": "langage", "runtime": "runtime",
    "application type": "progiciel", "middleware": "middleware", "web server": "web",
}  # fmt: skip
"""Categories of tags → role of the component."""
CATEGORIES = {role: category for category, role in ROLES.items()}
APPLICATIONS = {"Application Name": "name", "Description": "description", "Business Service": "function"}
_TAG = re.compile(r"tag (?:category |type )?(\d+)$")
_VERSION = r"(?i)\s+v?(\d[\w.]*)\s*$"


class Konveyor:
    """The reader of Konveyor's CSV."""

    name = "konveyor"

    def recognises(self, source: SourceFile) -> bool:
        """Whether the headings are Konveyor's."""
        if source.members is not None or source.is_workbook:
            return False
        try:
            heads = _heads(source)
        except InvalidInput:
            return False
        return bool({"record type", "record type 1"} & set(heads)) and "application name" in heads

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read applications, components and dependencies."""
        reading = Reading(source, self.name)
        heads = _heads(source)
        grid = _cells(source)
        # The first of each heading counts; tags keep their own number.
        names = {str(i): str(grid.row(0)[i]) for i, h in enumerate(heads) if h and heads.index(h) == i}
        rows = grid.with_row_index("_n", offset=1).slice(1)
        whole = rows.select(
            *(pl.col(c).alias(n) for c, n in names.items()),
            pl.lit(None, pl.String).alias(SHEET),
            pl.col("_n").cast(pl.Int64).alias(ROW),
        )
        kind = next(n for n in names.values() if words(n)[0] in ("record type", "record type 1"))
        self._applications(reading, whole.filter(pl.col(kind) == "1"), kept)
        _dependencies(reading, whole.filter(pl.col(kind) == "2"))
        odd = whole.filter(~pl.col(kind).is_in(["1", "2"]).fill_null(False) & pl.col("Application Name").is_not_null())
        reading.problems += [
            at(source, row, "INV-134", _("“{value}” is no record type of Konveyor: this row is ignored", value=value or ""),
               column=kind, value=value, severity=Severity.WARNING, hint=_("1 is an application, 2 a dependency"))
            for value, row in odd.select(kind, ROW).iter_rows()
        ]  # fmt: skip
        return reading

    def _applications(self, reading: Reading, whole: pl.DataFrame, kept: Kept) -> None:
        nameless = whole.filter(pl.col("Application Name").is_null())
        reading.problems += [
            at(reading.source, row, "INV-012", _("this row has no name")) for row in nameless[ROW].to_list()
        ]
        whole = mapped(
            reading, "applications", whole.filter(pl.col("Application Name").is_not_null()), APPLICATIONS, kept
        )
        if whole.height == 0:
            return
        whole = whole.with_columns(slugged(pl.col("name")).alias("id"), pl.lit(True).alias(MADE))
        people = [c for c in ("Owner", "Contributors") if c in whole.columns and whole[c].drop_nulls().len()]
        if people:
            text = _("people are not kept: {columns}", columns=", ".join(people))
            reading.problems += left_out(reading.source, whole, "INV-127", text)
        _components(reading, whole)
        add(reading, "applications", whole.select(*dataset_columns("applications", whole), MADE))


def _heads(source: SourceFile) -> list[str]:
    cells = source.grids[0].cells
    return [words(c)[0] if c else "" for c in cells.row(0)] if cells.height else []


def _cells(source: SourceFile) -> pl.DataFrame:
    """The rows, quotes after a space included: Konveyor's own template has them, and spreadsheets cut them otherwise."""
    if ', "' not in source.text or source.delimiter != ",":
        return source.grids[0].cells
    try:
        rows = list(csv.reader(io.StringIO(source.text, newline=""), skipinitialspace=True))
    except csv.Error:
        return source.grids[0].cells
    width = max(map(len, rows))
    columns = [[(row[i].strip() or None) if i < len(row) else None for row in rows] for i in range(width)]
    return pl.DataFrame({str(i): cells for i, cells in enumerate(columns)}, schema=dict.fromkeys(map(str, range(width)), pl.String))  # fmt: skip


def _components(reading: Reading, applications: pl.DataFrame) -> None:
    """Tags whose category says what an application runs on; the other categories are said."""
    by_head = {words(c)[0]: c for c in applications.columns}
    others: set[str] = set()
    for head, tag in by_head.items():
        number = _TAG.match(head)
        if number is None or head.startswith(("tag category", "tag type")):
            continue
        category = by_head.get(f"tag category {number[1]}") or by_head.get(f"tag type {number[1]}")
        if category is None:
            continue
        role = pl.col(category).str.to_lowercase().str.strip_chars().replace_strict(ROLES, default=None, return_dtype=pl.String)  # fmt: skip
        tagged = applications.filter(pl.col(tag).is_not_null()).with_columns(role.alias("role"))
        others |= set(tagged.filter(pl.col("role").is_null())[category].drop_nulls())
        found = tagged.filter(pl.col("role").is_not_null())
        if found.height == 0:
            continue
        reading.mapping.setdefault("", {})[tag] = f"applications.component:{found['role'][0]}"
        add(
            reading, "components",
            found.select(
                pl.lit("application").alias("subject_kind"), pl.col("id").alias("subject_id"), "role",
                pl.col(tag).str.replace(_VERSION, "").alias("product"),
                pl.col(tag).str.extract(_VERSION).alias("version"), SHEET, ROW,
            ),
            key=("subject_kind", "subject_id", "role", "product"),
        )  # fmt: skip
    if others:
        text = _("tags of these categories are not used: {categories}", categories=", ".join(sorted(others)))
        reading.problems += left_out(reading.source, applications, "INV-128", text)


def _dependencies(reading: Reading, rows: pl.DataFrame) -> None:
    """Southbound: the application needs the other; northbound: the other needs it."""
    if "Dependency" not in rows.columns or rows.height == 0:
        return
    stated = rows.filter(pl.col("Application Name").is_not_null() & pl.col("Dependency").is_not_null())
    way = column(stated, "Dependency Direction").str.to_lowercase()
    ends = stated.with_columns(way.alias("_way"))
    odd = ends.filter(~pl.col("_way").is_in(["northbound", "southbound"]).fill_null(False))
    reading.problems += [
        at(reading.source, row, "INV-134", _("“{value}” is no direction: this dependency is left out", value=value or ""),
           column="Dependency Direction", value=value, severity=Severity.WARNING, hint="northbound, southbound")
        for value, row in odd.select("_way", ROW).iter_rows()
    ]  # fmt: skip
    north = pl.col("_way") == "northbound"
    own, other = pl.col("Application Name"), pl.col("Dependency")
    flows = ends.filter(pl.col("_way").is_in(["northbound", "southbound"])).select(
        slugged(pl.when(north).then(other).otherwise(own)).alias("source_id"),
        slugged(pl.when(north).then(own).otherwise(other)).alias("target_id"),
        pl.lit("dépendance").alias("nature"), SHEET, ROW,
    )  # fmt: skip
    if flows.height:
        made = slugged(pl.concat_str(["source_id", "target_id", "nature"], separator="-"))
        add(reading, "flows", flows.with_columns(made.alias("id")))
