"""A workbook that ``francecloud export`` wrote: its sheets are the tables of the dataset, column by column.

Read by the dictionary of hand-kept lists, a sheet of sites would pass for one of organisations.
"""

from __future__ import annotations

import polars as pl

from inventory.contract import Table
from inventory.dataset import COUNTED, schema
from inventory.files import Grid, SourceFile
from inventory.headings import Heading
from inventory.problems import InvalidInput
from inventory.readers.reading import IMPLIED, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, converted, implied

MARK = "_marking"
"""The sheet that only an export has."""


class Exported:
    """The reader of our own workbooks. Where it came from before stays in the workbook: it is now the source."""

    name = "export"

    def recognises(self, source: SourceFile) -> bool:
        """Whether the workbook has the sheet of marking and the tables of a dataset."""
        if not source.is_workbook:
            return False
        try:
            names = {grid.name for grid in source.grids}
        except InvalidInput:
            return False
        return MARK in names and {"applications", "servers"} <= names

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Every table of what exists; links to databases are none that a source can state, and are left."""
        reading = Reading(source, self.name)
        for grid in source.grids:
            if grid.name in COUNTED and grid.cells.height > 1:
                _read(reading, schema().tables[grid.name], grid)
        return reading


def _read(reading: Reading, table: Table, grid: Grid) -> None:
    heads = {str(h): i for i, h in enumerate(grid.cells.row(0)) if h in table.by_name}
    known = [Heading(i, name, name) for name, i in heads.items()]
    reading.mapping[table.name] = {h.text: f"{table.name}.{h.target}" for h in known}
    rows = grid.cells.with_row_index("_n", offset=1).slice(1)
    records = rows.select(
        *(pl.col(str(h.position)).alias(h.text) for h in known),
        pl.lit(grid.name, pl.String).alias(SHEET),
        pl.col("_n").cast(pl.Int64).alias(ROW),
    ).filter(pl.all_horizontal(pl.col(k).is_not_null() for k in table.primary_key if k in heads))
    columns = []
    for heading in known:
        series, wrong = converted(reading.source, table.by_name[heading.text], records, heading)
        columns.append(series)
        reading.problems += wrong
    frame = records.with_columns(columns)
    if table.name == "deployments":
        servers = frame.filter(pl.col("target_kind") == "server")
        pairs = servers.select(
            pl.col("application_id").alias("application"), pl.col("target_id").alias("server"), SHEET, ROW
        )
        reading.links = pl.concat([reading.links, pairs])
        return
    for column, other in (("organisation_id", "organisations"), ("site_id", "sites"), ("host_id", "hosts")):
        implied(reading, frame, column, other)
    add(reading, table.name, frame.with_columns(pl.lit(False).alias(IMPLIED)), table.primary_key)
