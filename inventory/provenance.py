"""Where a value comes from: file, sheet, row and column, for every cell, without storing a row per cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import polars as pl

from inventory.dataset import read_dataset, schema
from inventory.headings import parse_kept
from inventory.language import _
from inventory.mappings import read_mapping
from inventory.merge import SEPARATOR
from inventory.package import Package
from inventory.readers.parts import EVERY
from inventory.readers.reading import Mapped
from inventory.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Origin:
    """A place a cell was read at; ``wins`` where the cell's value is that source's.

    ``column`` is the heading, several joined by " | " where the reader takes the first that holds something; None
    where the format itself says the value (the hypervisor of an RVTools workbook). ``row`` is None for a value
    gathered from the rows of another sheet than the record's.
    """

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
        parts = [self.source if self.row is None else f"{self.source}:{self.row}"]
        if self.sheet:
            parts.append(_("sheet “{sheet}”", sheet=self.sheet))
        if self.column:
            parts.append(_("column “{column}”", column=self.column))
        return ", ".join(parts)


def where_from(
    workspace: Workspace, table: str, identifier: str, field: str, dataset: Package | None = None
) -> list[Origin]:
    """The places a cell was read at, the one that won first; none for an unknown cell that no source has a column for.

    Args:
        workspace: for the mapping files.
        table: a table of the dataset.
        identifier: the record; several key columns are joined by ``|``.
        field: the column.
        dataset: the dataset when it is already read.
    """
    data = dataset or read_dataset(workspace)
    own = data["origins"].filter((pl.col("table") == table) & (pl.col("id") == identifier))
    records = own.filter(pl.col("field").is_null()).sort("source")
    won = own.filter(pl.col("field") == field)["source"].to_list() or records["source"].to_list()[:1]
    known = _holds(data, table, identifier, field)
    read_on = dict(data["sources"].select("id", pl.col("read_on").cast(pl.String)).iter_rows())
    places = []
    for source, sheet, row in records.select("source", "sheet", "row").iter_rows():
        wins = known and source in won
        found = _column(read_mapping(workspace, source), sheet, table, identifier, field)
        if found is None and not wins:
            continue
        where, column = found or (sheet, None)
        places.append(Origin(source, where, row if where == sheet else None, column, read_on.get(source), wins))
    return sorted(places, key=lambda p: (not p.wins, p.source))


def _holds(data: Package, table: str, identifier: str, field: str) -> bool:
    """Whether the cell holds something."""
    rows = data[table]
    keys = [pl.col(c).cast(pl.String).fill_null("") for c in schema().tables[table].primary_key]
    key = pl.concat_str(keys, separator=SEPARATOR)
    found = rows.filter(key == identifier)
    return found.height > 0 and found[field][0] is not None


def _column(
    mapping: Mapped, sheet: str | None, table: str, identifier: str, field: str
) -> tuple[str | None, str] | None:
    """The sheet and heading that lead to a cell, in the record's own sheet, else in another of the same source."""
    for target in _targets(table, identifier, field):
        for name in sorted(mapping, key=lambda n: n != (sheet or "")):
            headings = [h for h, kept in mapping[name].items() if kept and _leads(kept, target)]
            if headings:
                return (sheet if name == EVERY else name or None), " | ".join(headings)
    return None


def _leads(kept: str, target: str) -> bool:
    entry = parse_kept(kept)
    return entry is not None and f"{entry[0]}.{entry[1]}" == target


def _targets(table: str, identifier: str, field: str) -> Iterator[str]:
    """The entries of a mapping that a cell may come from, the most direct first."""
    yield f"{table}.{field}"
    reference = {"organisations": "organisation_id", "sites": "site_id", "hosts": "host_id"}.get(table)
    if reference and field in ("id", "name"):
        if table == "organisations" and field == "name":
            yield "applications.organisation_name"
        yield from (f"{t}.{reference}" for t in ("applications", "servers", "hosts"))
    if reference and field in ("cluster", "site_id"):
        yield f"servers.{field}"
    if table == "deployments":
        yield from {
            "application_id": (
                "deployments.application",
                "servers.link:applications",
                "applications.id",
                "applications.name",
            ),
            "target_id": (
                "deployments.server",
                "applications.link:servers",
                "servers.id",
                "servers.name",
                "servers.uuid",
            ),
        }.get(field, ())
    if table == "components" and field in ("product", "version", "subject_id"):
        kind, _subject, role = (*identifier.split(SEPARATOR), "", "", "")[:3]
        yield f"{kind}s.component:{role}" if field != "subject_id" else f"{kind}s.id"
    if table == "flows":
        yield from {"source_id": ("flows.source",), "target_id": ("flows.target",), "id": ("flows.source",)}.get(
            field, ()
        )
    if field == "id" and table in ("applications", "servers"):
        yield from (f"{table}.uuid", f"{table}.name")
    if field == "id" and table == "hosts":
        yield "hosts.name"
