"""Levels of maturity, as the cartography tools in use count them: the share of records whose fields and links are there.

A level asks for all that those below it ask.
"""

from __future__ import annotations

import polars as pl

from inventory.package import Package
from inventory.quality.needs import needs

LINK = "link:"
LINKS: dict[tuple[str, str], tuple[tuple[str, str | None], ...]] = {
    ("applications", "deployments"): (("application_id", None),),
    ("servers", "deployments"): (("target_id", "target_kind=server"),),
    ("applications", "components"): (("subject_id", "subject_kind=application"),),
    ("applications", "flows"): (("source_id", None), ("target_id", None)),
}
"""For a table and the table that links it: the columns that hold its identifier, and the kind the row must say."""


def maturity(dataset: Package) -> pl.DataFrame:
    """``table``, ``level`` (1 to 3), ``records``, ``complete``, ``share`` (0 to 1; null where there is no record)."""
    rows = []
    for table, levels in needs().maturity.items():
        frame = dataset[table]
        asked: list[str] = []
        for level, added in enumerate(levels, start=1):
            asked += added
            complete = frame.filter(pl.all_horizontal(_there(dataset, table, name) for name in asked)).height
            share = round(complete / frame.height, 3) if frame.height else None
            rows.append((table, level, frame.height, complete, share))
    schema = {"table": pl.String, "level": pl.Int64, "records": pl.Int64, "complete": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _there(dataset: Package, table: str, name: str) -> pl.Expr:
    if not name.startswith(LINK):
        return pl.col(name).is_not_null()
    other = name.removeprefix(LINK)
    linked = [pl.Series("id", [], pl.String)]
    for column, only in LINKS[table, other]:
        rows = dataset[other]
        if only:
            kind, value = only.split("=")
            rows = rows.filter(pl.col(kind) == value)
        linked.append(rows[column].rename("id"))
    return pl.col("id").is_in(pl.concat(linked).unique().to_list())
