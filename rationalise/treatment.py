"""What should become of each application: a decision table as data, every row evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
import yaml

from inventory.package import Package
from rationalise.decisions import Decisions, Override
from rationalise.doctrine.conditions import compile_condition
from rationalise.doctrine.models import Text

YES_NO = ("usage_collaboratif", "conteneurisable", "sans_etat", "source_modifiable")
TABLE = Path(__file__).parent / "data/treatments.yaml"


@dataclass(frozen=True)
class Row:
    """A row of the table: the treatment, its condition over the facts, its reason and source."""

    id: str
    treatment: str
    when: Mapping[str, list[str]]
    reason: Text
    ref: str


@lru_cache
def table() -> tuple[Row, ...]:
    """The rows, in order of preference."""
    raw = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return tuple(Row(r["id"], r["treatment"], r["when"], Text(**r["reason"]), r["ref"]) for r in raw["rows"])


def facts(dataset: Package, support: pl.DataFrame, sizes: pl.DataFrame, hosted_lawfully: pl.DataFrame) -> pl.DataFrame:
    """What the table's conditions may name, text columns, one row an application.

    Args:
        dataset: the inventory.
        support: ``id``, ``support_state``.
        sizes: ``id``, ``servers``.
        hosted_lawfully: ``id`` of the applications already on an internal offer that is lawful for them.
    """
    applications = dataset["applications"]
    return (
        applications.join(support, on="id", how="left")
        .join(sizes, on="id", how="left")
        .join(hosted_lawfully.select("id", pl.lit("lawful_internal").alias("hosted_on")), on="id", how="left")
        .select(
            "id",
            "lifecycle",
            "service_archivage",
            "criticality",
            "hosted_on",
            pl.col("support_state").alias("support"),
            *(
                pl.col(n).cast(pl.String)
                for n in ("usage_collaboratif", "conteneurisable", "sans_etat", "source_modifiable")
            ),
            pl.when(pl.col("hyperviseur").str.to_lowercase().str.contains("openstack|kvm"))
            .then(pl.lit("openstack"))
            .alias("platform"),
            (pl.col("servers").fill_null(0) > 0).cast(pl.String).alias("sized"),
        )
    )


def treatments(known: pl.DataFrame, decisions: Decisions, as_of: date) -> pl.DataFrame:
    """The treatment of each application: ``id``, ``treatment``, ``treatment_reason`` (a row's id), ``runner_up``.

    A signed override wins; the table's own first choice is then the runner-up.
    """
    holds = [pl.when(compile_condition(row.when).fill_null(False)).then(pl.lit(row.id)) for row in table()]
    named = {row.id: row.treatment for row in table()}
    spoken = known.select("id", pl.concat_list(holds).list.drop_nulls().alias("rows")).with_columns(
        pl.col("rows").list.eval(pl.element().replace_strict(named, return_dtype=pl.String)).alias("named")
    )
    first = pl.col("named").list.first()
    proposed = spoken.select(
        "id",
        first.alias("treatment"),
        pl.col("rows").list.first().alias("treatment_reason"),
        pl.col("named")
        .list.eval(pl.element().filter(pl.element() != pl.element().first()))
        .list.first()
        .alias("runner_up"),
    )
    chosen = {d.application: (d.treatment, file) for file, d in decisions.of(Override, as_of)}
    if not chosen:
        return proposed
    override = pl.DataFrame(
        [(a, t, f) for a, (t, f) in sorted(chosen.items())],
        schema={"id": pl.String, "_treatment": pl.String, "_file": pl.String},
        orient="row",
    )
    joined = proposed.join(override, on="id", how="left")
    moved = pl.col("_treatment").is_not_null() & (pl.col("_treatment") != pl.col("treatment"))
    return joined.select(
        "id",
        pl.coalesce("_treatment", "treatment").alias("treatment"),
        pl.coalesce("_file", "treatment_reason").alias("treatment_reason"),
        pl.when(moved).then(pl.col("treatment")).otherwise(pl.col("runner_up")).alias("runner_up"),
    )


def reason_text(reason: str) -> str:
    """A row's reason as a sentence in the current language; a decision's file stands for itself."""
    return next((f"{row.reason} ({row.ref})" for row in table() if row.id == reason), reason)
