"""Import: every source read, everything merged, and either all of it written or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from inventory.cells import Order
from inventory.classified import marked, scrub, withhold
from inventory.dataset import COUNTED, schema
from inventory.files import SourceFile
from inventory.identity import recognise
from inventory.language import _
from inventory.linking import resolve_ends, resolve_links
from inventory.mappings import mapping_text, read_mapping
from inventory.matching.decisions import read_decisions
from inventory.matching.groups import KINDS
from inventory.merge import From, merge
from inventory.opening import excused, opened
from inventory.package import Package
from inventory.precedence import order_of, precedence_problems
from inventory.problems import InvalidInput, Problem, has_errors
from inventory.readers import Reading
from inventory.readers.reading import IMPLIED, ROW, SHEET
from inventory.reconcile import Reconciled, known_names, reconcile
from inventory.stores import Session, Told, open_store
from inventory.stores.files import FileStore
from inventory.unchanged import Asked, settled
from inventory.workspace import Workspace

LINKED = ("deployments", "flows")
"""Tables that name records of others: resolved once all is read."""
ABOUT = {"title": "Inventaire", "marking": "sensible"}


@dataclass
class ImportResult:
    """What an import did: counts by table, every problem, the format of each source.

    ``settled``: importing the same again is known to change nothing; ``unchanged``: that was done, and nothing read.
    """

    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    written: bool = False
    settled: bool = False
    unchanged: bool = False

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
    store = open_store(workspace)
    # Read and written under one lock: of two imports at once, the second starts from what the first wrote.
    with store.writing(told) as session:
        if not isinstance(store, FileStore):
            return _imported(paths, workspace, session, today, format_name)
        asked = Asked(workspace, tuple(paths), format_name)
        again = asked.told(ImportResult)
        if again is not None:
            return again
        result = _imported(paths, workspace, session, today, format_name)
        asked.keep(result)
        return result


def _imported(
    paths: Sequence[Path], workspace: Workspace, session: Session, today: date, format_name: str | None
) -> ImportResult:
    result = ImportResult()
    readings = _read_all(paths, workspace, format_name, result)
    if result.refused:
        result.tables = _seen(readings)
        return result
    said = len(result.problems)
    merged = _merge_all(readings, session.read(), workspace, today, result)
    if result.refused:
        return result
    try:
        result.written = session.write(merged, ABOUT, dict(mapping_text(reading) for reading in readings))
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-024", message=_("the dataset cannot be written: {error}", error=error.strerror or error),
                    file=str(error.filename or workspace.dataset), hint=_("the dataset that was there is untouched"))
        ) from error  # fmt: skip
    result.settled = not result.written or settled(result.problems[said:])
    return result


def _read_all(
    paths: Sequence[Path], workspace: Workspace, format_name: str | None, result: ImportResult
) -> list[Reading]:
    readings: list[Reading] = []
    seen: dict[str, SourceFile] = {}
    for one in (one for path in paths for one in opened(path, format_name)):
        result.problems += one.problems
        if one.source is None or one.reader is None:
            continue
        try:
            if _seen_before(one.source, seen):
                continue
            reading = one.reader.read(one.source, read_mapping(workspace, one.source.name))
        except InvalidInput as error:
            result.problems += excused(error.problems) if one.inside else error.problems
            continue
        result.formats[one.source.name] = one.reader.name
        result.problems += reading.problems
        reading.problems = []
        readings.append(reading)
    if not readings and not has_errors(result.problems):
        result.problems += [_nothing_read(path) for path in paths]
    return readings


def _nothing_read(path: Path) -> Problem:
    return Problem(
        code="INV-126",
        file=str(path),
        message=_("nothing in this folder is recognised as an inventory"),
        hint=_("the notes above say what each file is"),
    )


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
    order, decisions = order_of(workspace), read_decisions(workspace)
    tables = dict(dataset.tables)
    sources = [_from(reading, order) for reading in readings]
    known = [*dataset["sources"]["id"], *(s.name for s in sources)]
    result.problems += precedence_problems(workspace, known)
    named = pl.concat([_stated_organisations(r) for r in readings])
    for reading, source in zip(readings, sources, strict=True):
        recognise(reading, tables, named)
        withhold(reading, marked(tables["applications"]))
        for name in COUNTED:
            if name not in LINKED:
                _take(name, reading.tables.get(name, _nothing(name)), source, tables, result)
    before = {name: dataset[name]["id"] for name in KINDS}
    _count_joined(reconcile(tables, decisions, order, before), before, result)
    applications, servers = (known_names(tables, t) for t in ("applications", "servers"))
    secret = marked(tables["applications"]).to_list()
    for reading, source in zip(readings, sources, strict=True):
        links = pl.concat([resolve_links(reading, applications, servers), _stated_deployments(reading)])
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


def _from(reading: Reading, order: Order) -> From:
    """The source with its place in the settings' order; a correction not ranked comes right after what is."""
    name, ranked = reading.source.name, order.sources
    if reading.corrects and name not in ranked:
        ranked = (*ranked, name)
    return From(name, str(reading.source.path), ranked, order.by_field)


def _count_joined(done: Reconciled, before: Mapping[str, pl.Series], result: ImportResult) -> None:
    """Count as updated, and not as created, the records of this import that were another's."""
    for table, names in done.joined.items():
        fresh = names.filter(~pl.col("old").is_in(before[table].implode())).height
        counts = result.tables.get(table)
        if counts:
            counts["created"] -= fresh
            counts["updated"] += fresh
    result.problems += done.problems


def _stated_organisations(reading: Reading) -> pl.DataFrame:
    """The organisations that a source lists, identifier and name; not those it only refers to."""
    nobody = pl.DataFrame(schema={"id": pl.String, "name": pl.String})
    found = reading.tables.get("organisations", nobody)
    listed = found.filter(~pl.col(IMPLIED).fill_null(False)) if IMPLIED in found.columns else found
    return pl.concat([nobody, listed.select(pl.col(c) for c in ("id", "name") if c in listed.columns)], how="diagonal")


def _stated_deployments(reading: Reading) -> pl.DataFrame:
    """The deployments a source states by identifiers, on databases for example; those by names are its links."""
    stated = reading.tables.get("deployments", _nothing("deployments"))
    return stated.select("application_id", "target_kind", "target_id", SHEET, ROW)


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
                "encoding": None if source.is_workbook or source.members else source.encoding,
                "delimiter": None if source.is_workbook or source.members else source.delimiter,
                "records": records,
            }
        )
    new = pl.DataFrame(rows, schema=schema().tables["sources"].polars, orient="row")
    return pl.concat([known.join(new, on="id", how="anti"), new.unique("id", keep="last", maintain_order=True)])
