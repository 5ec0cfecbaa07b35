"""Azure Migrate's CSV import template, which consultants hand over: servers, their size, their disks, their use."""

from __future__ import annotations

import re

import polars as pl

from inventory.files import SourceFile
from inventory.headings import words
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.objects import Columns, column, dataset_columns, mapped
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, identified

COLUMNS: Columns = {
    "server name": "name", "ip addresses": "ip", "ip address": "ip", "cores": "vcpu", "memory in mb": "ram_gib (mo)",
    "memory": "ram_gib (mo)", "os": "os", "storage": "storage_gib (go)", "hypervisor": "hypervisor",
    "cpu utilization percentage": "cpu_used", "memory utilization percentage": "ram_used",
}  # fmt: skip
TELLING = {"server name", "cores"}
ALSO = {"number of disks", "os architecture", "os arch", "os name", "disk 1 size", "firmware type", "boot type"}
_DISK = re.compile(r"disk (\d+) size")


class AzureMigrate:
    """The reader of Azure Migrate's template."""

    name = "azure-migrate"

    def recognises(self, source: SourceFile) -> bool:
        """Whether the headings are those of the template."""
        if source.members is not None:
            return False
        try:
            heads = set(_heads(source))
        except (InvalidInput, IndexError):
            return False
        return heads >= TELLING and len(heads & ALSO) >= 2

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read the servers."""
        reading = Reading(source, self.name)
        grid = source.grids[0]
        heads = _heads(source)
        own = {str(i): str(grid.cells.row(0)[i]) for i, h in enumerate(heads) if h and heads.index(h) == i}
        rows = grid.cells.with_row_index("_n", offset=1).slice(1).select(
            *(pl.col(i).alias(n) for i, n in own.items()), pl.lit(grid.name, pl.String).alias(SHEET),
            pl.col("_n").cast(pl.Int64).alias(ROW),
        )  # fmt: skip
        rows = rows.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in own.values()))
        said = {words(n)[0]: n for n in own.values()}
        rows = _with_disks(_with_system(rows, said), said)
        columns = {said.get(head, head): to for head, to in COLUMNS.items()}
        servers = identified(mapped(reading, "servers", rows, columns, kept), "servers")
        reading.problems += [
            at(source, row, "INV-012", _("this row has no name"), sheet=grid.name)
            for row in servers.filter(pl.col("id").is_null())[ROW].to_list()
        ]
        servers = servers.filter(pl.col("id").is_not_null())
        add(reading, "servers", servers.select(dataset_columns("servers", servers)))
        return reading


def _heads(source: SourceFile) -> list[str]:
    cells = source.grids[0].cells
    if not cells.height:
        return []
    found = [words(c)[0] if c else "" for c in cells.row(0)]
    # "Disk 1 size (In GB)": the unit is the template's, always.
    return [re.sub(r"^(disk \d+ size|memory)(?: in)? (?:gb|mb)$", r"\1", h) for h in found]


def _with_system(rows: pl.DataFrame, said: dict[str, str]) -> pl.DataFrame:
    parts = [column(rows, said.get(h, h)) for h in ("os name", "os version")]
    name, version = parts
    told = version.is_null() | name.str.contains(version, literal=True)
    return rows.with_columns(
        pl.when(told).then(name).otherwise(pl.concat_str([name, version], separator=" ")).alias("os")
    )


def _with_disks(rows: pl.DataFrame, said: dict[str, str]) -> pl.DataFrame:
    """The sum of the disks, where at least one is known and none is written otherwise than as a number."""
    disks = [n for h, n in said.items() if _DISK.match(h)]
    if not disks:
        return rows
    number = [pl.col(d).str.replace(",", ".").cast(pl.Float64, strict=False) for d in disks]
    whole = pl.all_horizontal(pl.col(d).is_null() | n.is_not_null() for d, n in zip(disks, number, strict=True))
    some = pl.any_horizontal(n.is_not_null() for n in number)
    return rows.with_columns(pl.when(whole & some).then(pl.sum_horizontal(number).cast(pl.String)).alias("storage"))
