"""Where each problem of a dataset is to be mended: its line in the dataset, and the source that line comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from inventory.dataset import schema
from inventory.language import _
from inventory.merge import SEPARATOR
from inventory.package import Package
from inventory.problems import Problem
from inventory.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """A problem's place: ``path`` and ``line`` are those of a text file of the workspace's repository.

    ``record`` is the key of the record, several columns joined by ``|``; ``source``, ``sheet`` and ``row`` say where
    its value was read, None where that is not known.
    """

    path: str
    line: int
    record: str | None = None
    source: str | None = None
    sheet: str | None = None
    row: int | None = None

    def origin(self) -> str | None:
        """``file:row, sheet`` of the source, for a sentence."""
        if self.source is None:
            return None
        text = self.source if self.row is None else f"{self.source}:{self.row}"
        return text if self.sheet is None else f"{text}, " + _("sheet “{sheet}”", sheet=self.sheet)


def places(problems: Sequence[Problem], dataset: Package, workspace: Workspace) -> list[Place]:
    """The place of each problem, in their order.

    A text source kept under ``sources/`` of the workspace is the place; otherwise the dataset's own line is. All
    origins are looked up at once: a large inventory has many problems.
    """
    asked = pl.DataFrame(
        [(n, t, p.row, p.field) for n, p in enumerate(problems) if (t := _table(p)) and p.row is not None],
        schema={"n": pl.Int64, "table": pl.String, "row": pl.Int64, "field": pl.String},
        orient="row",
    )
    named = _keys(asked, dataset)
    found = {n: rest for n, *rest in _origins(named, dataset["origins"]).iter_rows()}
    return [_place(problem, found.get(n), workspace) for n, problem in enumerate(problems)]


def _table(problem: Problem) -> str | None:
    path = Path(problem.file or "")
    return path.stem if path.parent.name == "dataset" and path.stem in schema().tables else None


def _keys(asked: pl.DataFrame, dataset: Package) -> pl.DataFrame:
    """The key of the record on each line asked about."""
    parts = [pl.DataFrame(schema={"table": pl.String, "row": pl.Int64, "id": pl.String})]
    for table in asked["table"].unique().sort():
        key = [pl.col(c).cast(pl.String).fill_null("") for c in schema().tables[table].primary_key]
        rows = (
            dataset[table].select(pl.concat_str(key, separator=SEPARATOR).alias("id")).with_row_index("row", offset=2)
        )
        parts.append(rows.select(pl.lit(table).alias("table"), pl.col("row").cast(pl.Int64), "id"))
    return asked.join(pl.concat(parts), on=["table", "row"], how="inner")


def _origins(named: pl.DataFrame, origins: pl.DataFrame) -> pl.DataFrame:
    """``n``, ``id``, ``source``, ``sheet``, ``row``: the source that won the field, else the record's first."""
    columns = ["table", "id", "source", "sheet", "row"]
    own = origins.filter(pl.col("field").is_null()).select(columns).sort("source").unique(["table", "id"], keep="first")
    won = origins.filter(pl.col("field").is_not_null()).select(*columns, "field")
    joined = (
        named.select("n", "table", "id", "field")
        .join(own, on=["table", "id"], how="left")
        .join(won, on=["table", "id", "field"], how="left", suffix="_won")
        .unique("n", keep="first", maintain_order=True)
    )
    of_field = pl.col("source_won").is_not_null()
    chosen = [pl.when(of_field).then(pl.col(f"{c}_won")).otherwise(pl.col(c)).alias(c) for c in columns[2:]]
    return joined.select("n", "id", *chosen)


def _place(problem: Problem, found: Sequence[object] | None, workspace: Workspace) -> Place:
    path, line = (problem.file or "dataset/datapackage.json"), problem.row or 1
    if found is None:
        return Place(path, line)
    record, source, sheet, row = found
    kept = f"sources/{source}"
    if source and row and sheet is None and (workspace.root / kept).is_file():
        path, line = kept, int(str(row))
    return Place(path, line, str(record), _text(source), _text(sheet), int(str(row)) if row else None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def fingerprints(problems: Sequence[Problem], where: Sequence[Place]) -> Iterator[str]:
    """What each problem is known by from one run to the next: its record and field, not its line or count, which move."""
    seen: dict[str, int] = {}
    for problem, place in zip(problems, where, strict=True):
        about = (problem.code, problem.file, place.record, problem.field)
        text = "\0".join(str(part) for part in about)
        seen[text] = seen.get(text, 0) + 1
        yield hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()
