"""What is missing or wrong in a dataset, all of it, with what it weighs."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW

NEEDED = ("entity_kind", "classification", "secret_protege", "mission_essentielle", "atteinte", "evaluation_art31")
"""Attributes 1 to 6: the least that decides sovereignty."""
USEFUL = (
    "donnees_perso", "sante", "responsable_distinct_hebergeur", "acces_hors_ue", "siiv", "service_archivage",
    "usage_collaboratif", "lifecycle", "criticality", "exposition", "users",
)  # fmt: skip
"""What refines the verdict, the treatment or its place."""
REFERENCES = (
    ("applications", "organisation_id", "organisations"),
    ("organisations", "parent_id", "organisations"),
    ("servers", "organisation_id", "organisations"),
    ("servers", "host_id", "hosts"),
    ("servers", "site_id", "sites"),
    ("databases", "server_id", "servers"),
    ("deployments", "application_id", "applications"),
)


def check_dataset(dataset: Package) -> list[Problem]:
    """Every problem of a dataset: dangling references are errors where they break a link, else warnings."""
    return [
        *_dangling(dataset),
        *_cycles(dataset),
        *_contradictions(dataset),
        *_orphans(dataset),
        *_completeness(dataset),
    ]


def completeness(dataset: Package) -> pl.DataFrame:
    """What the analysis needs of each application and does not know: ``id``, ``missing`` (a list, attributes 1 to 6 first).

    The kind of entity counts as known where the application's organisation says it.
    """
    known = dataset["organisations"].filter(pl.col("entity_kind").is_not_null() | pl.col("kind").is_not_null())
    applications = dataset["applications"].with_columns(
        pl.coalesce("entity_kind", pl.when(pl.col("organisation_id").is_in(known["id"].to_list())).then(pl.lit("")))
    )
    sized = pl.col("id").is_in(dataset["deployments"]["application_id"].to_list())
    gaps = [pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in (*NEEDED, *USEFUL)]
    gaps.append(pl.when(~sized).then(pl.lit("servers")))
    return applications.select("id", pl.concat_list(gaps).list.drop_nulls().alias("missing"))


def _dangling(dataset: Package) -> Iterator[Problem]:
    for table, column, target in REFERENCES:
        known = dataset[target].select(pl.col("id").alias(column))
        key = "id" if "id" in dataset[table].columns else "target_id"
        rows = dataset[table].with_row_index(ROW, offset=2)
        lost = rows.filter(pl.col(column).is_not_null()).join(known, on=column, how="anti", maintain_order="left")
        for row, identifier, value in lost.select(
            ROW, pl.col(key).alias("_id"), pl.col(column).alias("_value")
        ).iter_rows():
            yield Problem(
                code="INV-050", severity=Severity.ERROR if table == "deployments" else Severity.WARNING,
                message=_("{table} {id}: “{value}” is in no record of {target}", table=table, id=identifier, value=value,
                          target=target),
                file=f"dataset/{table}.csv", row=row, column=column, field=column, value=value,
            )  # fmt: skip


def _cycles(dataset: Package) -> Iterator[Problem]:
    parents = dict(dataset["organisations"].select("id", "parent_id").iter_rows())
    for start in sorted(parents):
        seen, here = {start}, parents[start]
        while here in parents and here not in seen:
            seen.add(here)
            here = parents[here]
        if here == start:
            yield Problem(
                code="INV-051", message=_("organisation {id} is, through its parents, its own parent", id=start),
                file="dataset/organisations.csv", field="parent_id", value=start,
            )  # fmt: skip


def _contradictions(dataset: Package) -> Iterator[Problem]:
    applications = dataset["applications"].with_row_index(ROW, offset=2)
    for condition, field, message in (
        ((pl.col("secret_protege") == False) & pl.col("secrets").is_not_null(), "secrets", _("{id}: secrets are listed but “protected secret” is no")),  # noqa: E712
        ((pl.col("sante") == True) & (pl.col("donnees_perso") == "aucune"), "sante", _("{id}: health data without personal data")),  # noqa: E712
        (pl.col("atteinte").str.contains("aucune") & pl.col("atteinte").str.contains(r"\|"), "atteinte", _("{id}: harm is both none and something")),
    ):  # fmt: skip
        for row, identifier in applications.filter(condition).select(ROW, "id").iter_rows():
            yield Problem(code="INV-052", severity=Severity.WARNING, message=message.format(id=identifier),
                          file="dataset/applications.csv", row=row, column=field, field=field, value=identifier)  # fmt: skip


def _orphans(dataset: Package) -> Iterator[Problem]:
    deployed = dataset["deployments"]
    alone = dataset["applications"].join(deployed, left_on="id", right_on="application_id", how="anti")
    if alone.height:
        yield _count(
            _.plural("{n} application has no server", "{n} applications have no server", alone.height),
            alone,
            "applications",
        )
    unused = dataset["servers"].join(
        deployed.filter(pl.col("target_kind") == "server"), left_on="id", right_on="target_id", how="anti"
    )
    if unused.height:
        yield _count(
            _.plural("{n} server carries no known application", "{n} servers carry no known application", unused.height),
            unused, "servers",
        )  # fmt: skip


def _count(message: str, rows: pl.DataFrame, table: str) -> Problem:
    some = ", ".join(rows["id"].sort().head(5))
    return Problem(code="INV-053", severity=Severity.WARNING, message=message, file=f"dataset/{table}.csv", value=some)


def _completeness(dataset: Package) -> Iterator[Problem]:
    gaps = completeness(dataset)
    counts = dict(gaps.explode("missing").group_by("missing").len().drop_nulls().iter_rows())
    for field in NEEDED:
        unknown = counts.get(field, 0)
        if unknown:
            share = round(100 * unknown / gaps.height)
            yield Problem(
                code="INV-054", severity=Severity.INFO, file="dataset/applications.csv", field=field, value=str(unknown),
                message=_.plural("{field} is unknown for {n} application ({share} %)",
                                 "{field} is unknown for {n} applications ({share} %)", unknown, field=field, share=share),
            )  # fmt: skip
