"""Which application is on which server: names written by people, led to records of the dataset."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW, SHEET, Reading

CLOSE = 75
"""Likeness, of 100, from which a known name is offered as a hint."""

DEPLOYMENT = {
    "application_id": pl.String, "target_kind": pl.String, "target_id": pl.String, SHEET: pl.String, ROW: pl.Int64
}  # fmt: skip


def resolve_links(reading: Reading, applications: pl.DataFrame, servers: pl.DataFrame) -> pl.DataFrame:
    """The deployments a source states: ``application_id``, ``target_kind``, ``target_id`` and their place.

    Args:
        reading: the source; names that lead nowhere, or to several records, become warnings in it.
        applications: ``id``, ``name`` of every application known.
        servers: the same of servers.
    """
    links = reading.links
    if links.height == 0:
        return pl.DataFrame(schema=DEPLOYMENT)
    left = _lookup(applications)
    right = _lookup(servers)
    found = (
        links.with_columns(folded("application").alias("_a"), folded("server").alias("_s"))
        .join(left, left_on="_a", right_on="key", how="left", maintain_order="left")
        .rename({"id": "application_id"})
        .join(right, left_on="_s", right_on="key", how="left", maintain_order="left")
        .rename({"id": "target_id"})
    )
    reading.problems += _unmatched(reading, found, "application", "application_id", applications)
    reading.problems += _unmatched(reading, found, "server", "target_id", servers)
    return (
        found.drop_nulls(["application_id", "target_id"])
        .select("application_id", pl.lit("server").alias("target_kind"), "target_id", SHEET, ROW)
        .unique(["application_id", "target_id"], keep="first", maintain_order=True)
    )


def resolve_ends(flows: pl.DataFrame, applications: pl.DataFrame, servers: pl.DataFrame) -> pl.DataFrame:
    """Flows with the identifiers of the applications or servers they name; another system stays as it is named."""
    if flows.height == 0:
        return flows
    ends = pl.concat([_lookup(applications), _lookup(servers)]).unique("key", keep="first", maintain_order=True)
    for column in ("source_id", "target_id"):
        flows = (
            flows.with_columns(folded(column).alias("_k"))
            .join(ends.rename({"id": "_id"}), left_on="_k", right_on="key", how="left", maintain_order="left")
            .with_columns(pl.coalesce("_id", column).alias(column))
            .drop("_k", "_id")
        )
    return flows


def folded(column: str) -> pl.Expr:
    """How names are compared: without case, accents, nor anything but letters, digits and dots."""
    plain = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    key = plain.str.replace_all(r"[^a-z0-9.]+", "")
    return pl.when(key != "").then(key)


def _lookup(records: pl.DataFrame) -> pl.DataFrame:
    """Key → identifier: by identifier, else by name, else by a host's short name, where one record alone bears it."""
    # iTop's links give the number of an item without its class.
    number = pl.col("id").str.extract(r"^itop-[a-z]+-(\d+)$")
    item = pl.when(number.is_not_null()).then(pl.lit("itopci") + number)
    ways = [folded("id"), folded("name"), folded("name").str.extract(r"^([^.]+)\..+$"), item]
    known = pl.DataFrame(schema={"id": pl.String, "key": pl.String})
    for way in ways:
        lone = records.select("id", way.alias("key")).drop_nulls("key").unique().unique("key", keep="none")
        known = pl.concat([known, lone.join(known, on="key", how="anti")])
    return known


def _unmatched(
    reading: Reading, found: pl.DataFrame, column: str, identifier: str, known: pl.DataFrame
) -> list[Problem]:
    lost = found.filter(pl.col(identifier).is_null()).unique(column, keep="first", maintain_order=True)
    names: Sequence[str] = known.select(pl.coalesce("name", "id")).to_series().to_list()
    return [
        Problem(
            code="INV-040", severity=Severity.WARNING, file=str(reading.source.path), sheet=sheet, row=row,
            column=column, value=name,
            message=_("no single {kind} is known by the name “{name}”: this link is left out", kind={"application": _("application"), "server": _("server")}[column], name=name),
            hint=_hint(name, names),
        )
        for name, sheet, row in lost.select(column, SHEET, ROW).iter_rows()
    ]  # fmt: skip


def _hint(name: str, names: Sequence[str]) -> str | None:
    from rapidfuzz import process

    near = process.extractOne(name, names, score_cutoff=CLOSE)
    return _("did you mean “{near}”?", near=near[0]) if near else None
