"""Of a system marked secret or très secret only an opaque identifier is kept: this is not the place for the rest.

What is dropped is said. It is dropped too when another source named the system before its marking was known.
"""

from __future__ import annotations

import hashlib

import polars as pl

from inventory.language import _
from inventory.package import Table
from inventory.problems import Problem, Severity
from inventory.readers.reading import IMPLIED, MADE, ROW, SHEET, Reading
from inventory.readers.records import at

MARKED = ("secret", "tres_secret")
KEPT = ("id", "classification")
OPAQUE = "classifie-"


def marked(applications: pl.DataFrame) -> pl.Series:
    """The identifiers of the classified applications of a table."""
    if "classification" not in applications.columns:
        return pl.Series("id", [], pl.String)
    return applications.filter(pl.col("classification").is_in(MARKED))["id"]


def opaque(identifier: str) -> str:
    """An identifier that says nothing, the same every time, in place of one that was made of a name."""
    return OPAQUE + hashlib.sha256(identifier.encode()).hexdigest()[:16]


def withhold(reading: Reading, known: pl.Series) -> None:
    """Keep of the classified applications of a source their identifier and marking.

    Args:
        reading: the source; its tables and links are cut down, and a note says each application.
        known: applications that other sources say are classified.
    """
    applications = reading.tables.get("applications")
    if applications is None:
        return
    own = marked(applications)
    secret = applications.filter(pl.col("id").is_in([*own, *known]))
    if secret.height == 0:
        return
    names = {i: opaque(i) for i in secret.filter(pl.col(MADE))["id"]} if MADE in secret.columns else {}
    is_secret = pl.col("id").is_in(secret["id"].to_list())
    dropped = [c for c in applications.columns if c not in (*KEPT, SHEET, ROW, MADE, IMPLIED)]
    reading.tables["applications"] = applications.with_columns(
        pl.col("id").replace(names), *(pl.when(~is_secret).then(pl.col(c)).alias(c) for c in dropped)
    )
    components = reading.tables.get("components")
    if components is not None:
        reading.tables["components"] = components.filter(~_about(secret["id"]))
    reading.links = reading.links.join(secret.select(SHEET, ROW), on=[SHEET, ROW], how="anti", nulls_equal=True)
    reading.problems += [
        at(reading.source, row, "INV-013", _("{id} is classified: only its identifier is kept", id=names.get(i, i)),
           sheet=sheet, severity=Severity.INFO)
        for i, sheet, row in secret.select("id", SHEET, ROW).iter_rows()
    ]  # fmt: skip


def scrub(tables: dict[str, pl.DataFrame], schema: Table) -> list[Problem]:
    """Drop what earlier sources had said of applications that are classified now; one note each.

    Args:
        tables: the dataset's tables, changed in place.
        schema: the table ``applications``.
    """
    secret = marked(tables["applications"])
    if secret.is_empty():
        return []
    hidden = {i for i in secret if i.startswith(OPAQUE)}
    named = [i for i in tables["applications"]["id"] if hidden and opaque(i) in hidden]
    about = pl.col("id").is_in([*secret, *named])
    others = [n for n in schema.by_name if n not in KEPT]
    said = tables["applications"].filter(about & pl.any_horizontal(pl.col(n).is_not_null() for n in others))["id"]
    tables["applications"] = (
        tables["applications"]
        .filter(~pl.col("id").is_in(named))
        .with_columns(pl.when(~about).then(pl.col(n)).alias(n) for n in others)
    )
    gone = [*secret, *named]
    origins = tables["origins"]
    tables["components"] = tables["components"].filter(~_about(secret) & ~_about(pl.Series(named, dtype=pl.String)))
    tables["deployments"] = tables["deployments"].filter(~pl.col("application_id").is_in(gone))
    tables["flows"] = tables["flows"].filter(~pl.col("source_id").is_in(gone) & ~pl.col("target_id").is_in(gone))
    tables["origins"] = origins.filter(
        ~((pl.col("table") == "applications") & pl.col("id").is_in(named))
        & ~((pl.col("table") == "applications") & pl.col("id").is_in(gone) & pl.col("field").is_not_null()
            & (pl.col("field") != "classification"))
        & ~(pl.col("table").is_in(["components", "deployments"]) & _names(origins, gone))
    )  # fmt: skip
    tables["aliases"] = tables["aliases"].filter(~((pl.col("table") == "applications") & pl.col("id").is_in(gone)))
    return [
        Problem(code="INV-013", severity=Severity.INFO, file="dataset/applications.csv",
                message=_("{id} is classified: only its identifier is kept", id=opaque(i) if i in named else i))
        for i in said
    ]  # fmt: skip


def _about(applications: pl.Series) -> pl.Expr:
    return (pl.col("subject_kind") == "application") & pl.col("subject_id").is_in(applications.to_list())


def _names(origins: pl.DataFrame, applications: list[str]) -> pl.Expr:
    """Origins of components ("application|ID|role|product") and deployments ("ID|kind|target") of applications."""
    parts = pl.col("id").str.split("|")
    subject = (
        pl.when(pl.col("table") == "components").then(parts.list.get(1, null_on_oob=True)).otherwise(parts.list.get(0))
    )
    return subject.is_in(applications).fill_null(False)
