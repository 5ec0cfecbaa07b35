"""The same thing seen by two sources keeps the identifier it already has.

By name only, where one record bears it, and never against an identifier each has of its own. What is less sure is
left as two records.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.linking import folded
from inventory.readers.reading import IMPLIED, MADE, Reading


def recognise(reading: Reading, tables: Mapping[str, pl.DataFrame], organisations_listed: pl.DataFrame) -> None:
    """Give the records of a source the identifiers that the dataset knows them by, references included.

    Args:
        reading: the source, changed in place.
        tables: the dataset as it is.
        organisations_listed: ``id`` and ``name`` of the organisations that the sources being read list.
    """
    servers = _same_machines(reading.tables.get("servers"), tables["servers"])
    applications = _same_applications(reading.tables.get("applications"), tables["applications"])
    organisations = _same_organisations(
        reading.tables.get("organisations"),
        pl.concat([tables["organisations"].select("id", "name"), organisations_listed]),
    )
    _rename(reading, "servers", "id", servers)
    _rename(reading, "applications", "id", applications)
    _rename(reading, "organisations", "id", organisations)
    for table in ("applications", "servers"):
        _rename(reading, table, "organisation_id", organisations)
    components = reading.tables.get("components")
    if components is not None and (servers or applications):
        subject = pl.col("subject_id")
        reading.tables["components"] = components.with_columns(
            pl.when(pl.col("subject_kind") == "server")
            .then(subject.replace(servers))
            .otherwise(subject.replace(applications))
        )
    _rename(reading, "databases", "server_id", servers)
    _rename(reading, "deployments", "application_id", applications)
    _rename(reading, "deployments", "target_id", servers)
    for end in ("source_id", "target_id"):
        _rename(reading, "flows", end, {**servers, **applications})
    reading.links = reading.links.with_columns(
        pl.col("server").replace(servers), pl.col("application").replace(applications)
    )


def _rename(reading: Reading, table: str, column: str, names: Mapping[str, str]) -> None:
    frame = reading.tables.get(table)
    if names and frame is not None and column in frame.columns:
        renamed = frame.with_columns(pl.col(column).replace(dict(names)))
        whole = renamed.unique("id", keep="first", maintain_order=True) if column == "id" else renamed
        reading.tables[table] = whole


def _same_machines(found: pl.DataFrame | None, known: pl.DataFrame) -> dict[str, str]:
    if found is None or known.height == 0:
        return {}
    uuid = pl.col("uuid") if "uuid" in found.columns else pl.lit(None, pl.String).alias("uuid")
    name = pl.col("name").str.to_lowercase()
    if "name" not in found.columns:
        return {}
    fresh = found.join(known.select("id"), on="id", how="anti").select("id", uuid, name).unique("name", keep="none")
    bearers = known.select(pl.col("id").alias("_known"), pl.col("uuid").alias("_uuid"), name).unique(
        "name", keep="none"
    )
    same = fresh.drop_nulls("name").join(bearers, on="name")
    # Two machines each with a UUID of its own are two machines, whatever their names.
    same = same.filter(pl.col("uuid").is_null() | pl.col("_uuid").is_null())
    return dict(same.select("id", "_known").iter_rows())


def _same_applications(found: pl.DataFrame | None, known: pl.DataFrame) -> dict[str, str]:
    """Applications that have only a name here, and one of which alone the dataset knows by that name."""
    if found is None or known.height == 0 or MADE not in found.columns or "name" not in found.columns:
        return {}
    organisation = "organisation_id" if "organisation_id" in found.columns else None
    fresh = found.filter(pl.col(MADE)).join(known.select("id"), on="id", how="anti")
    fresh = fresh.select(
        "id",
        folded("name").alias("_name"),
        (pl.col(organisation) if organisation else pl.lit(None, pl.String)).alias("_own"),
    )
    bearers = known.select(
        pl.col("id").alias("_known"), folded("name").alias("_name"), pl.col("organisation_id").alias("_other")
    ).unique("_name", keep="none")
    same = fresh.unique("_name", keep="none").drop_nulls("_name").join(bearers, on="_name")
    same = same.filter((pl.col("_own") == pl.col("_other")).fill_null(True))
    return dict(same.select("id", "_known").iter_rows())


def _same_organisations(found: pl.DataFrame | None, known: pl.DataFrame) -> dict[str, str]:
    """Organisations that are only referred to, by the name or another spelling of one that is known."""
    if found is None or IMPLIED not in found.columns:
        return {}
    pool = known.unique("id", keep="first", maintain_order=True)
    keys = pl.concat([pool.select("id", folded("id").alias("_key")), pool.select("id", folded("name").alias("_key"))])
    lone = keys.drop_nulls().unique().unique("_key", keep="none").rename({"id": "_known"})
    asked = found.filter(pl.col(IMPLIED)).select("id", folded("id").alias("_key"))
    same = asked.join(pool.select("id"), on="id", how="anti").join(lone, on="_key")
    return dict(same.select("id", "_known").iter_rows())
