"""Where a value comes from: file, sheet, row and column, for every cell, without storing a row per cell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import polars as pl

from inventory.dataset import read_dataset
from inventory.importing import mapping_file
from inventory.language import _
from inventory.merge import _primary, _ranks
from inventory.package import Package
from inventory.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Origin:
    """A place a record was read at; ``wins`` where the cell's value is that source's."""

    source: str
    sheet: str | None
    row: int | None
    column: str | None
    read_on: str | None
    wins: bool

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def text(self) -> str:
        """The place as a person reads it: ``file:row, sheet, column``."""
        head = self.source if self.row is None else f"{self.source}:{self.row}"
        parts = [head]
        if self.sheet:
            parts.append(_("sheet “{sheet}”", sheet=self.sheet))
        if self.column:
            parts.append(_("column “{column}”", column=self.column))
        return ", ".join(parts)


def where_from(
    workspace: Workspace, table: str, identifier: str, field: str, dataset: Package | None = None
) -> list[Origin]:
    """The places a cell may come from, the one that won first.

    Args:
        workspace: for the mapping files and the precedence.
        table: a table of the dataset.
        identifier: the record; several key columns are joined by ``|``.
        field: the column.
        dataset: the dataset when it is already read.
    """
    data = dataset or read_dataset(workspace)
    own = data["origins"].filter((pl.col("table") == table) & (pl.col("id") == identifier))
    ranks = _ranks(workspace.settings.get("inventory", {}).get("precedence", ()))
    primary = _primary(own.rename({"id": "_key"}), ranks)
    won = own.filter(pl.col("field") == field)["source"].to_list()
    winner = won[0] if won else (primary["primary"].to_list() or [None])[0]
    read_on = dict(data["sources"].select("id", pl.col("read_on").cast(pl.String)).iter_rows())
    places = [
        Origin(
            source,
            sheet,
            row,
            _column(workspace, source, sheet, f"{table}.{field}"),
            read_on.get(source),
            source == winner,
        )
        for source, sheet, row in own.filter(pl.col("field").is_null()).select("source", "sheet", "row").iter_rows()
    ]
    return sorted(places, key=lambda p: (not p.wins, p.source))


def _column(workspace: Workspace, source: str, sheet: str | None, target: str) -> str | None:
    """The heading that leads to a column, as the source's mapping file keeps it."""
    path = mapping_file(workspace, source)
    if not path.is_file():
        return None
    headings = json.loads(path.read_text(encoding="utf-8"))["sheets"].get(sheet or "", {})
    return next((heading for heading, where in headings.items() if where == target), None)
