"""Who uses what: usage classes of servers, and the size of each application.

Thresholds: AWS Prescriptive Guidance (zombie and idle under 5 % of processor and memory, low under 20 %).
A server that is off since nobody knows when is *unknown*, not *zombie*.
"""

from __future__ import annotations

import polars as pl

from inventory.package import Package

IDLE, LOW = 5.0, 20.0
"""Percent of processor and memory."""


def usage_classes(servers: pl.DataFrame) -> pl.DataFrame:
    """``id`` and ``usage_class``: zombie, idle, low, active or unknown."""
    busiest = pl.max_horizontal("cpu_used", "ram_used")
    known = pl.col("cpu_used").is_not_null() & (pl.col("power_state") == "on")
    return servers.select(
        "id",
        pl.when(known & (busiest == 0))
        .then(pl.lit("zombie"))
        .when(known & (busiest < IDLE))
        .then(pl.lit("idle"))
        .when(known & (busiest < LOW))
        .then(pl.lit("low"))
        .when(known)
        .then(pl.lit("active"))
        .otherwise(pl.lit("unknown"))
        .alias("usage_class"),
    )


def sizes(dataset: Package) -> pl.DataFrame:
    """The size of each application: ``id``, ``servers``, ``vcpu``, ``ram_gib``, ``storage_gib``.

    A server that several applications share counts for each in equal parts; processors are rounded up.
    A size one server does not state is unknown for the application: never a partial sum.
    """
    deployed = dataset["deployments"].filter(pl.col("target_kind") == "server").select("application_id", "target_id")
    shared = deployed.group_by("target_id").agg(pl.len().alias("_sharing"))
    columns = ("vcpu", "ram_gib", "storage_gib")
    parts = (
        deployed.join(shared, on="target_id")
        .join(dataset["servers"].select("id", *columns), left_on="target_id", right_on="id")
        .with_columns(pl.col(c) / pl.col("_sharing") for c in columns)
    )
    return (
        parts.group_by("application_id")
        .agg(
            pl.len().cast(pl.Int64).alias("servers"),
            *(pl.when(pl.col(c).null_count() == 0).then(pl.col(c).sum()).alias(c) for c in columns),
        )
        .select(
            pl.col("application_id").alias("id"),
            "servers",
            pl.col("vcpu").ceil().cast(pl.Int64),
            pl.col("ram_gib").round(2),
            pl.col("storage_gib").round(2),
        )
        .sort("id")
    )
