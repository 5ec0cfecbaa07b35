"""Where a value comes from: file, sheet, row and column, for every cell, without storing a row per cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import polars as pl

from inventory.cells import SEPARATOR, key
from inventory.dataset import read_dataset, schema
from inventory.headings import parse_kept
from inventory.language import _
from inventory.mappings import read_mapping
from inventory.package import Package
from inventory.readers.parts import EVERY
from inventory.readers.reading import Mapped
from inventory.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Origin:
    """A place a cell was read at; ``wins`` where the cell's value is that source's.

    ``column`` is the heading, several joined by " | " where the reader takes the first that holds something; None
    where the format itself says the value (the hypervisor of an RVTools workbook). ``row`` is None for a value
    gathered from the rows of another sheet than the record's. ``value`` is what the source says, as the dataset
    spells it, None where it has the column and nothing in it; for an identifier, the one that source knows.
    ``disagrees`` where that is another value than the one kept.
    """

    source: str
    sheet: str | None
    row: int | None
    column: str | None
    read_on: str | None
    wins: bool
    value: str | None = None
    disagrees: bool = False

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
    held = _holds(data, table, identifier, field)
    said = _said(data, own, table, field, held)
    winner = _winner(said, held, identifier if field == "id" else None)
    read_on = dict(data["sources"].select("id", pl.col("read_on").cast(pl.String)).iter_rows())
    places = []
    for source, sheet, row in records.select("source", "sheet", "row").iter_rows():
        value = said.get(source)
        found = _column(read_mapping(workspace, source), sheet, table, identifier, field)
        if found is None and value is None:
            continue
        where, column = found or (sheet, None)
        differs = field != "id" and value is not None and value != held
        place = row if where == sheet else None
        places.append(Origin(source, where, place, column, read_on.get(source), source == winner, value, differs))
    return sorted(places, key=lambda p: (not p.wins, p.source))


def conflicts(dataset: Package) -> pl.DataFrame:
    """Every cell about which sources disagree: ``table``, ``id``, ``field``, ``kept``, ``source``, ``value``.

    A row a source that was not heard; ``kept`` is the value of the dataset.
    """
    lost = dataset["origins"].filter(pl.col("field").is_not_null()).select("table", "id", "field", "source", "value")
    found = [pl.DataFrame(schema=dict.fromkeys(("table", "id", "field", "kept", "source", "value"), pl.String))]
    for table, field in lost.select("table", "field").unique().sort("table", "field").iter_rows():
        own = lost.filter((pl.col("table") == table) & (pl.col("field") == field))
        kept = dataset[table].select(
            key(schema().tables[table]).alias("id"), pl.col(field).cast(pl.String).alias("kept")
        )
        found.append(own.join(kept, on="id", how="inner").select(found[0].columns))
    return pl.concat(found).sort("table", "id", "field", "source")


def _said(data: Package, own: pl.DataFrame, table: str, field: str, held: str | None) -> dict[str, str]:
    """What each source says of a cell, as the dataset spells it."""
    if field in schema().tables[table].primary_key:
        known = _known_as(data, table, own["id"][0]) if field == "id" and own.height else {}
        sources = own.filter(pl.col("field").is_null())["source"]
        return {s: known.get(s, held) for s in sources} if held is not None else {}
    lost = dict(own.filter(pl.col("field") == field).select("source", "value").iter_rows())
    heads = own.filter(pl.col("field").is_null()).select("source", "fields")
    if held is None:
        return lost
    says = {s: held for s, fields in heads.iter_rows() if fields is None or field in fields.split(SEPARATOR)}
    return {**says, **lost}


def _known_as(data: Package, table: str, identifier: str) -> dict[str, str]:
    found = data["aliases"].filter((pl.col("table") == table) & (pl.col("id") == identifier))
    return dict(found.select("source", "alias").iter_rows())


def _winner(said: Mapping[str, str], held: str | None, identifier: str | None) -> str | None:
    """The source whose value is the cell's, the first by name of those that say it."""
    wanted = identifier or held
    return next((s for s in sorted(said) if said[s] == wanted), min(said, default=None) if identifier else None)


def _holds(data: Package, table: str, identifier: str, field: str) -> str | None:
    """What the cell holds, as text."""
    found = data[table].filter(key(schema().tables[table]) == identifier)
    return found.select(pl.col(field).cast(pl.String)).item() if found.height else None


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
