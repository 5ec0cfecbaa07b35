"""What shares a machine: a reason to move together and a finding, never a verdict of law."""

from __future__ import annotations

import polars as pl

from inventory.package import Package

ORDER = ("courante", "inconnue", "sensible", "art31", "dr", "classe")
"""Effective sensitivities from the least; unknown may be anything, and is said where something is sensitive."""
PLACES = {
    "kind": pl.String, "id": pl.String, "applications": pl.Int64, "highest": pl.String, "at_highest": pl.Int64,
    "lowest": pl.String, "mixed": pl.Boolean,
}  # fmt: skip


def shared_places(dataset: Package, effective: pl.DataFrame) -> pl.DataFrame:
    """Servers, hosts, clusters and databases that several applications share.

    Args:
        dataset: the inventory.
        effective: ``id`` and ``effective_sensitivity`` of each application.

    Returns:
        ``kind``, ``id``, ``applications``, ``highest`` and ``lowest`` sensitivity there, ``at_highest`` (how many
        applications), ``mixed``: whether they differ, which is the finding.
    """
    deployed = dataset["deployments"].select("application_id", "target_kind", "target_id")
    servers = deployed.filter(pl.col("target_kind") == "server").join(
        dataset["servers"].select("id", "host_id", "cluster"), left_on="target_id", right_on="id", how="left"
    )
    there = [servers.select("application_id", kind=pl.lit(k), id=c)
             for k, c in (("server", "target_id"), ("host", "host_id"), ("cluster", "cluster"))]  # fmt: skip
    there.append(
        deployed.filter(pl.col("target_kind") == "database").select(
            "application_id", kind=pl.lit("database"), id="target_id"
        )
    )
    ranks = {word: n for n, word in enumerate(ORDER)}
    words = dict(enumerate(ORDER))
    return (
        pl.concat(there)
        .drop_nulls()
        .unique()
        .join(effective.rename({"id": "application_id"}), on="application_id")
        .with_columns(rank=pl.col("effective_sensitivity").replace_strict(ranks, return_dtype=pl.Int8))
        .group_by("kind", "id")
        .agg(
            applications=pl.len().cast(pl.Int64),
            top=pl.col("rank").max(),
            bottom=pl.col("rank").min(),
            at_highest=(pl.col("rank") == pl.col("rank").max()).sum().cast(pl.Int64),
        )
        .filter(pl.col("applications") > 1)
        .with_columns(
            highest=pl.col("top").replace_strict(words, return_dtype=pl.String),
            lowest=pl.col("bottom").replace_strict(words, return_dtype=pl.String),
            mixed=pl.col("top") != pl.col("bottom"),
        )
        .select(list(PLACES))
        .sort("kind", "id")
    )
