"""Import: every source read, everything merged, and either all of it written or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from inventory.dataset import COUNTED, SCHEMA_FILE, empty_dataset, read_dataset, schema
from inventory.documents import write_text
from inventory.files import open_source
from inventory.linking import resolve_links
from inventory.merge import ORIGINS, Merged, merge
from inventory.package import DESCRIPTOR, Package, load_schema, recover, write_package
from inventory.problems import InvalidInput, Problem, has_errors
from inventory.readers import Reading, reader_for
from inventory.readers.reading import Mapped
from inventory.workspace import Workspace

ABOUT = {"title": "Inventaire", "marking": "sensible"}
LINKED = "deployments"


@dataclass
class ImportResult:
    """What an import did: counts by table, every problem, the format of each source."""

    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    written: bool = False

    @property
    def refused(self) -> bool:
        """Whether an error stopped the whole call."""
        return has_errors(self.problems)

    def as_dict(self) -> dict[str, Any]:
        """The answer of ``import --json``."""
        return {"tables": self.tables, "problems": [p.as_dict() for p in self.problems]}


def import_files(
    paths: Sequence[Path], workspace: Workspace, *, today: date, format_name: str | None = None
) -> ImportResult:
    """Read files and merge them into the workspace's dataset.

    Args:
        paths: the files, in any order; a source is known by its file's name.
        workspace: where the dataset and the mapping files are.
        today: the day a new content is first seen.
        format_name: a reader's name; recognised from the content when absent.

    Returns:
        What happened. When ``refused``, nothing was written.
    """
    result = ImportResult()
    readings = _read_all(paths, workspace, format_name, result)
    if result.refused:
        result.tables = _seen(readings)
        return result
    dataset = _existing(workspace)
    merged = _merge_all(readings, dataset, workspace, today, result)
    if result.refused:
        return result
    for reading in readings:
        _write_mapping(workspace, reading)
    result.written = write_package(workspace.dataset, load_schema(SCHEMA_FILE), merged, about=ABOUT)
    return result


def _read_all(
    paths: Sequence[Path], workspace: Workspace, format_name: str | None, result: ImportResult
) -> list[Reading]:
    readings = []
    for path in paths:
        try:
            source = open_source(path)
            reader = reader_for(source, format_name)
            reading = reader.read(source, _kept_mapping(workspace, source.name))
        except InvalidInput as error:
            result.problems += error.problems
            continue
        result.formats[source.name] = reader.name
        result.problems += reading.problems
        reading.problems = []
        readings.append(reading)
    return readings


def _seen(readings: Sequence[Reading]) -> dict[str, dict[str, int]]:
    """What was read of each table when nothing is written."""
    read: dict[str, int] = {}
    for reading in readings:
        for table, frame in reading.tables.items():
            read[table] = read.get(table, 0) + frame.height
    return {t: {"read": read[t], "created": 0, "updated": 0, "unchanged": 0} for t in COUNTED if t in read}


def _existing(workspace: Workspace) -> Package:
    recover(workspace.dataset)
    return read_dataset(workspace) if (workspace.dataset / DESCRIPTOR).is_file() else empty_dataset()


def _merge_all(
    readings: Sequence[Reading], dataset: Package, workspace: Workspace, today: date, result: ImportResult
) -> dict[str, pl.DataFrame]:
    precedence: Sequence[str] = workspace.settings.get("inventory", {}).get("precedence", ())
    tables = dict(dataset.tables)
    for reading in readings:
        _same_machines(reading, tables["servers"])
        for name, records in sorted(reading.tables.items()):
            _take(merge(schema().tables[name], tables[name], tables["origins"], records, reading.source.name, precedence),
                  name, tables, result)  # fmt: skip
    for reading in readings:
        if reading.links.height:
            links = resolve_links(
                reading, tables["applications"].select("id", "name"), tables["servers"].select("id", "name")
            )
            result.problems += reading.problems
            _take(merge(schema().tables[LINKED], tables[LINKED], tables["origins"], links, reading.source.name, precedence),
                  LINKED, tables, result)  # fmt: skip
    tables["sources"] = _sources(readings, tables["sources"], today)
    return tables


def _take(merged: Merged, name: str, tables: dict[str, pl.DataFrame], result: ImportResult) -> None:
    tables[name], tables["origins"] = merged.rows, merged.origins
    counts = result.tables.setdefault(name, {"read": 0, "created": 0, "updated": 0, "unchanged": 0})
    for key, value in merged.counts.items():
        counts[key] += value
    result.problems += merged.problems
    result.tables = {t: result.tables[t] for t in COUNTED if t in result.tables}


def _same_machines(reading: Reading, known: pl.DataFrame) -> None:
    """Give a server seen under the same name by another source the identifier it already has."""
    servers = reading.tables.get("servers")
    if servers is None or known.height == 0:
        return
    fresh = servers.join(known.select("id"), on="id", how="anti").select("id", pl.col("name").str.to_lowercase())
    by_name = known.select(pl.col("id").alias("_known"), pl.col("name").str.to_lowercase()).unique("name", keep="none")
    same = dict(fresh.join(by_name, on="name").select("id", "_known").iter_rows())
    # Two machines each with an identifier of its own are two machines, whatever their names.
    uuids = dict(known.select("id", "uuid").iter_rows())
    own = dict(servers.select("id", "uuid").iter_rows()) if "uuid" in servers.columns else {}
    same = {new: old for new, old in same.items() if not (own.get(new) and uuids.get(old))}
    if same:
        reading.tables["servers"] = servers.with_columns(pl.col("id").replace(same))


def _sources(readings: Sequence[Reading], known: pl.DataFrame, today: date) -> pl.DataFrame:
    first_seen = {(i, d): day for i, d, day in known.select("id", "digest", "read_on").iter_rows()}
    rows = []
    for reading in readings:
        source = reading.source
        records = sum(f.height for f in reading.tables.values()) + reading.links.height
        rows.append(
            {
                "id": source.name,
                "format": reading.format,
                "digest": source.digest,
                "read_on": first_seen.get((source.name, source.digest), today),
                "encoding": None if source.is_workbook else source.encoding,
                "delimiter": None if source.is_workbook else source.delimiter,
                "records": records,
            }
        )
    new = pl.DataFrame(rows, schema=schema().tables["sources"].polars, orient="row")
    return pl.concat([known.join(new, on="id", how="anti"), new.unique("id", keep="last", maintain_order=True)])


def mapping_file(workspace: Workspace, source: str) -> Path:
    """Where the mapping of a source is kept."""
    return workspace.root / "sources" / f"{source}.mapping.json"


def _kept_mapping(workspace: Workspace, source: str) -> Mapped:
    path = mapping_file(workspace, source)
    if not path.is_file():
        return {}
    try:
        kept: Mapped = json.loads(path.read_text(encoding="utf-8"))["sheets"]
        return kept
    except (ValueError, KeyError, TypeError) as error:
        from inventory.language import _

        raise InvalidInput(
            Problem(code="INV-018", message=_("the mapping file cannot be read: {error}", error=error), file=str(path),
                    row=getattr(error, "lineno", None), hint=_("mend it, or remove it and import again"))
        ) from error  # fmt: skip


def _write_mapping(workspace: Workspace, reading: Reading) -> None:
    document: Mapping[str, Any] = {"source": reading.source.name, "format": reading.format, "sheets": reading.mapping}
    write_text(
        mapping_file(workspace, reading.source.name),
        json.dumps(document, ensure_ascii=False, indent=1, sort_keys=False) + "\n",
    )


__all__ = ["ORIGINS", "ImportResult", "import_files", "mapping_file"]
