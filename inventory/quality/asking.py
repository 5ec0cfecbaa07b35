"""The questions to ask, of whom, the one that most applications hang on first."""

from __future__ import annotations

import polars as pl

from inventory.dataset import schema
from inventory.language import _
from inventory.package import Package
from inventory.quality.needs import SERVERS, needs, unknown, whom

QUESTIONS = {
    "field": pl.String, "organisation_id": pl.String, "organisation": pl.String, "whom": pl.String,
    "decides": pl.String, "applications": pl.Int64, "text": pl.String, "why": pl.String,
}  # fmt: skip


def questions(dataset: Package) -> pl.DataFrame:
    """A question a fact and organisation, sorted by how many applications hang on it, then in the order of the needs.

    Columns: ``field``, ``organisation_id`` (null where nobody answers for the applications), ``organisation`` (its
    name), ``whom`` (a role, in the current language), ``decides``, ``applications``, ``text``, ``why``.
    """
    asked = needs().by_field()
    names = dataset["organisations"].select(pl.col("id").alias("organisation_id"), pl.col("name").alias("organisation"))
    gaps = unknown(dataset).unpivot(list(asked), index=["id", "organisation_id"], variable_name="field")
    counted = (
        gaps.filter("value")
        .group_by("field", "organisation_id")
        .agg(pl.len().cast(pl.Int64).alias("applications"))
        .join(names, on="organisation_id", how="left")
        .with_columns(pl.coalesce("organisation", "organisation_id").alias("organisation"))
    )
    order = pl.col("field").replace_strict({name: n for n, name in enumerate(asked)}, return_dtype=pl.Int64)
    told = {
        "whom": {name: whom(need.whom) for name, need in asked.items()},
        "decides": {name: need.decides for name, need in asked.items()},
        "text": {name: label(name) for name in asked},
        "why": {name: str(need.why) for name, need in asked.items()},
    }
    return (
        counted.sort(-pl.col("applications"), order, "organisation_id", nulls_last=True)
        .with_columns(
            pl.col("field").replace_strict(words, return_dtype=pl.String).alias(c) for c, words in told.items()
        )
        .select(list(QUESTIONS))
    )


def label(field: str) -> str:
    """What a need is called, in the current language."""
    return _("Its servers") if field == SERVERS else schema().tables["applications"].by_name[field].label()
