"""What is missing or wrong in a dataset, all of it, with what it weighs."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import Problem, Severity

NEEDED = ("entity_kind", "classification", "secret_protege", "mission_essentielle", "atteinte", "evaluation_art31")
"""Attributes 1 to 6: the least that decides sovereignty."""
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


def _dangling(dataset: Package) -> Iterator[Problem]:
    for table, column, target in REFERENCES:
        known = dataset[target].select(pl.col("id").alias(column))
        key = "id" if "id" in dataset[table].columns else "target_id"
        lost = dataset[table].filter(pl.col(column).is_not_null()).join(known, on=column, how="anti")
        for identifier, value in lost.select(pl.col(key).alias("_id"), pl.col(column).alias("_value")).iter_rows():
            yield Problem(
                code="INV-050", severity=Severity.ERROR if table == "deployments" else Severity.WARNING,
                message=_("{table} {id}: “{value}” is in no record of {target}", table=table, id=identifier, value=value,
                          target=target),
                file=f"dataset/{table}.csv", field=column, value=value,
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
    applications = dataset["applications"]
    for condition, field, message in (
        ((pl.col("secret_protege") == False) & pl.col("secrets").is_not_null(), "secrets", _("{id}: secrets are listed but “protected secret” is no")),  # noqa: E712
        ((pl.col("sante") == True) & (pl.col("donnees_perso") == "aucune"), "sante", _("{id}: health data without personal data")),  # noqa: E712
        (pl.col("atteinte").str.contains("aucune") & pl.col("atteinte").str.contains(r"\|"), "atteinte", _("{id}: harm is both none and something")),
    ):  # fmt: skip
        for (identifier,) in applications.filter(condition).select("id").iter_rows():
            yield Problem(code="INV-052", severity=Severity.WARNING, message=message.format(id=identifier),
                          file="dataset/applications.csv", field=field, value=identifier)  # fmt: skip


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
    applications = dataset["applications"]
    for field in NEEDED:
        unknown = applications[field].null_count()
        if field == "entity_kind":
            kinds = dataset["organisations"].filter(pl.col("entity_kind").is_not_null() | pl.col("kind").is_not_null())
            unknown = applications.filter(pl.col("entity_kind").is_null()).join(
                kinds, left_on="organisation_id", right_on="id", how="anti"
            ).height  # fmt: skip
        if unknown:
            share = round(100 * unknown / max(applications.height, 1))
            yield Problem(
                code="INV-054", severity=Severity.INFO,
                message=_("{field} is unknown for {n} applications ({share} %)", field=field, n=unknown, share=share),
                file="dataset/applications.csv", field=field, value=str(unknown),
            )  # fmt: skip
