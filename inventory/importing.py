"""Import: every source read, everything merged, and either all of it written or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from inventory.classified import marked, scrub, withhold
from inventory.dataset import COUNTED, schema
from inventory.files import SourceFile, open_source
from inventory.identity import recognise
from inventory.language import _
from inventory.linking import resolve_ends, resolve_links
from inventory.mappings import read_mapping, write_mapping
from inventory.merge import From, merge
from inventory.package import Package
from inventory.problems import InvalidInput, Problem, has_errors
from inventory.readers import Reading, reader_for
from inventory.readers.reading import IMPLIED, ROW, SHEET
from inventory.stores import Told, open_store
from inventory.workspace import Workspace

LINKED = ("deployments", "flows")
"""Tables that name records of others: resolved once all is read."""
ABOUT = {"title": "Inventaire", "marking": "sensible"}


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
    paths: Sequence[Path],
    workspace: Workspace,
    *,
    today: date,
    format_name: str | None = None,
    told: Told | None = None,
) -> ImportResult:
    """Read files and merge them into the workspace's dataset.

    Args:
        paths: the files, in any order; a source is known by its file's name.
        workspace: where the dataset and the mapping files are.
        today: the day a new content is first seen.
        format_name: a reader's name; recognised from the content when absent.
        told: where a wait for another process is said.

    Returns:
        What happened. When ``refused``, nothing was written.

    Raises:
        InvalidInput: the dataset already there cannot be read, or cannot be written (``INV-024``).
    """
    result = ImportResult()
    readings = _read_all(paths, workspace, format_name, result)
    if result.refused:
        result.tables = _seen(readings)
        return result
    try:
        # Read and written under one lock: of two imports at once, the second starts from what the first wrote.
        with open_store(workspace).writing(told) as store:
            merged = _merge_all(readings, store.read(), workspace, today, result)
            if result.refused:
                return result
            for reading in readings:
                write_mapping(workspace, reading)
            result.written = store.write(merged, ABOUT)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-024", message=_("the dataset cannot be written: {error}", error=error.strerror or error),
                    file=str(error.filename or workspace.dataset), hint=_("the dataset that was there is untouched"))
        ) from error  # fmt: skip
    return result


def _read_all(
    paths: Sequence[Path], workspace: Workspace, format_name: str | None, result: ImportResult
) -> list[Reading]:
    readings: list[Reading] = []
    seen: dict[str, SourceFile] = {}
    for path in paths:
        try:
            source = open_source(path)
            if _seen_before(source, seen):
                continue
            reader = reader_for(source, format_name)
            reading = reader.read(source, read_mapping(workspace, source.name))
        except InvalidInput as error:
            result.problems += error.problems
            continue
        result.formats[source.name] = reader.name
        result.problems += reading.problems
        reading.problems = []
        readings.append(reading)
    return readings


def _seen_before(source: SourceFile, seen: dict[str, SourceFile]) -> bool:
    """Whether the same file was given twice.

    Raises:
        InvalidInput: another file of that name was given (``INV-025``): a source is known by its name.
    """
    other = seen.setdefault(source.name, source)
    if other is source:
        return False
    if other.digest != source.digest:
        raise InvalidInput(
            source.problem("INV-025", _("two files are called {name}: a source is known by its name", name=source.name),
                           hint=_("rename one of them, for example after the organisation it comes from"))
        )  # fmt: skip
    return True


def _seen(readings: Sequence[Reading]) -> dict[str, dict[str, int]]:
    """What was read of each table when nothing is written."""
    read: dict[str, int] = {}
    for reading in readings:
        for table, frame in reading.tables.items():
            read[table] = read.get(table, 0) + frame.height
    return {t: {"read": read[t], "created": 0, "updated": 0, "unchanged": 0} for t in COUNTED if t in read}


def _merge_all(
    readings: Sequence[Reading], dataset: Package, workspace: Workspace, today: date, result: ImportResult
) -> dict[str, pl.DataFrame]:
    precedence: Sequence[str] = workspace.settings.get("inventory", {}).get("precedence", ())
    tables = dict(dataset.tables)
    sources = [From(r.source.name, str(r.source.path), precedence) for r in readings]
    named = pl.concat([_stated_organisations(r) for r in readings])
    for reading, source in zip(readings, sources, strict=True):
        recognise(reading, tables, named)
        withhold(reading, marked(tables["applications"]))
        for name in COUNTED:
            if name not in LINKED:
                _take(name, reading.tables.get(name, _nothing(name)), source, tables, result)
    for reading, source in zip(readings, sources, strict=True):
        applications, servers = (tables[t].select("id", "name") for t in ("applications", "servers"))
        secret = marked(tables["applications"]).to_list()
        links = resolve_links(reading, applications, servers)
        flows = resolve_ends(reading.tables.get("flows", _nothing("flows")), applications, servers)
        _take("deployments", links.filter(~pl.col("application_id").is_in(secret)), source, tables, result)
        _take(
            "flows",
            flows.filter(~pl.any_horizontal(pl.col("source_id", "target_id").is_in(secret))),
            source,
            tables,
            result,
        )
        result.problems += reading.problems
    result.problems += scrub(tables, schema().tables["applications"])
    result.tables = {t: result.tables[t] for t in COUNTED if t in result.tables}
    tables["sources"] = _sources(readings, tables["sources"], today)
    return tables


def _stated_organisations(reading: Reading) -> pl.DataFrame:
    """The organisations that a source lists, identifier and name; not those it only refers to."""
    nobody = pl.DataFrame(schema={"id": pl.String, "name": pl.String})
    found = reading.tables.get("organisations", nobody)
    listed = found.filter(~pl.col(IMPLIED).fill_null(False)) if IMPLIED in found.columns else found
    return pl.concat([nobody, listed.select(pl.col(c) for c in ("id", "name") if c in listed.columns)], how="diagonal")


def _nothing(table: str) -> pl.DataFrame:
    """A table about which a source says nothing."""
    columns = dict.fromkeys(schema().tables[table].by_name, pl.String)
    return pl.DataFrame(schema={**columns, SHEET: pl.String, ROW: pl.Int64})


def _take(
    name: str, records: pl.DataFrame, source: From, tables: dict[str, pl.DataFrame], result: ImportResult
) -> None:
    """Merge a source's records into a table, and count."""
    if records.height == 0 and not _spoke(tables["origins"], name, source):
        return
    merged = merge(schema().tables[name], tables[name], tables["origins"], records, source)
    tables[name], tables["origins"] = merged.rows, merged.origins
    counts = result.tables.setdefault(name, {"read": 0, "created": 0, "updated": 0, "unchanged": 0})
    for key, value in merged.counts.items():
        counts[key] += value
    result.problems += merged.problems


def _spoke(origins: pl.DataFrame, table: str, source: From) -> bool:
    """Whether the source said something of a table before."""
    return origins.filter((pl.col("table") == table) & (pl.col("source") == source.name)).height > 0


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
