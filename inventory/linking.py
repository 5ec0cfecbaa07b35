"""Which application is on which server: names written by people, led to records of the dataset."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW, SHEET, Reading

CLOSE = 75
"""Likeness, of 100, from which a known name is offered as a hint."""


def resolve_links(reading: Reading, applications: pl.DataFrame, servers: pl.DataFrame) -> pl.DataFrame:
    """The deployments a source states: ``application_id``, ``target_kind``, ``target_id`` and their place.

    Args:
        reading: the source; names that lead nowhere, or to several records, become warnings in it.
        applications: ``id``, ``name`` of every application known.
        servers: the same of servers.
    """
    links = reading.links
    left = _lookup(applications)
    right = _lookup(servers)
    found = (
        links.with_columns(_key("application").alias("_a"), _key("server").alias("_s"))
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


def _key(column: str) -> pl.Expr:
    """How names are compared: without case, accents, nor anything but letters, digits and dots."""
    folded = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return folded.str.replace_all(r"[^a-z0-9.]+", "")


def _lookup(records: pl.DataFrame) -> pl.DataFrame:
    """Key → identifier, by identifier first, then by name where one record only bears it."""
    by_id = records.select("id", _key("id").alias("key"))
    by_name = records.filter(pl.col("name").is_not_null()).select("id", _key("name").alias("key"))
    lone = by_name.unique("key", keep="none").join(by_id.select("key"), on="key", how="anti")
    return pl.concat([by_id.unique("key", keep="none"), lone])


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
