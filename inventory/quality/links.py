"""References to nothing, and records linked to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW

REFERENCES: tuple[tuple[str, str, str, str | None], ...] = (
    ("applications", "organisation_id", "organisations", None),
    ("organisations", "parent_id", "organisations", None),
    ("servers", "organisation_id", "organisations", None),
    ("servers", "host_id", "hosts", None),
    ("servers", "site_id", "sites", None),
    ("hosts", "site_id", "sites", None),
    ("databases", "server_id", "servers", None),
    ("deployments", "application_id", "applications", None),
    ("deployments", "target_id", "servers", "server"),
    ("deployments", "target_id", "databases", "database"),
    ("components", "subject_id", "applications", "application"),
    ("components", "subject_id", "servers", "server"),
    ("components", "subject_id", "databases", "database"),
)
"""Table, column, table referred to, and the kind of target that the row must say for the reference to be that one."""
KINDS = {"deployments": "target_kind", "components": "subject_kind"}
NAMES = {"deployments": "target_id", "components": "product"}
"""What names a row that has no identifier."""


def dangling(dataset: Package) -> Iterator[Problem]:
    """References to records that are not there: errors where they break a link, else warnings."""
    for table, column, target, kind in REFERENCES:
        known = dataset[target].select(pl.col("id").alias(column))
        rows = dataset[table].with_row_index(ROW, offset=2)
        own = rows.filter(pl.col(KINDS[table]) == kind) if kind else rows
        lost = own.filter(pl.col(column).is_not_null()).join(known, on=column, how="anti", maintain_order="left")
        named = pl.col(NAMES.get(table, "id")).alias("_id")
        for row, identifier, value in lost.select(ROW, named, pl.col(column).alias("_value")).iter_rows():
            yield Problem(
                code="INV-050", severity=Severity.ERROR if table == "deployments" else Severity.WARNING,
                message=_("{table} {id}: “{value}” is in no record of {target}", table=table, id=identifier, value=value,
                          target=target),
                file=f"dataset/{table}.csv", row=row, column=column, field=column, value=value,
            )  # fmt: skip
    yield from _outside(dataset)


def _outside(dataset: Package) -> Iterator[Problem]:
    """Ends of flows that are no record: another administration's system, or a name misspelt; one note in all."""
    known = pl.concat([dataset[t]["id"] for t in ("applications", "servers", "databases")])
    ends = pl.concat([dataset["flows"]["source_id"], dataset["flows"]["target_id"]]).drop_nulls().unique()
    lost = ends.filter(~ends.is_in(known.implode())).sort()
    if lost.len():
        yield Problem(
            code="INV-050", severity=Severity.INFO, file="dataset/flows.csv", value=", ".join(lost.head(5)),
            message=_.plural("{n} end of flows is in no record: {some}", "{n} ends of flows are in no record: {some}",
                             lost.len(), some=", ".join(lost.head(5))),
            hint=_("another administration's system, or a name misspelt"),
        )  # fmt: skip


def orphans(dataset: Package) -> Iterator[Problem]:
    """Applications without a server, servers and databases without an application: one warning a kind."""
    deployed = dataset["deployments"]
    alone = dataset["applications"].join(deployed, left_on="id", right_on="application_id", how="anti")
    if alone.height:
        yield _count(
            _.plural("{n} application has no server", "{n} applications have no server", alone.height),
            alone, "applications",
        )  # fmt: skip
    unused = _unused(dataset, "servers", "server")
    # A server whose database an application uses is not without one.
    through = dataset["databases"].join(_unused(dataset, "databases", "database"), on="id", how="anti")
    unused = unused.join(through, left_on="id", right_on="server_id", how="anti")
    if unused.height:
        yield _count(
            _.plural("{n} server carries no known application", "{n} servers carry no known application", unused.height),
            unused, "servers",
        )  # fmt: skip
    bases = _unused(dataset, "databases", "database").filter(pl.col("server_id").is_null())
    if bases.height:
        yield _count(
            _.plural("{n} database has neither application nor server",
                     "{n} databases have neither application nor server", bases.height),
            bases, "databases",
        )  # fmt: skip


def _unused(dataset: Package, table: str, kind: str) -> pl.DataFrame:
    used = dataset["deployments"].filter(pl.col("target_kind") == kind)
    return dataset[table].join(used, left_on="id", right_on="target_id", how="anti")


def _count(message: str, rows: pl.DataFrame, table: str) -> Problem:
    some = ", ".join(rows["id"].sort().head(5))
    return Problem(code="INV-053", severity=Severity.WARNING, message=message, file=f"dataset/{table}.csv", value=some)
