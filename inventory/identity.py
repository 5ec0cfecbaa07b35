"""What a source speaks of under its own identifiers, under those the dataset knows it by.

Machines and applications recognised before are found by their aliases (:mod:`inventory.reconcile` recognises them);
applications that have only a name, and organisations that are only referred to, by that name where one record alone
bears it. What is less sure is left as two records.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.linking import folded
from inventory.matching.servers import canonical_uuid
from inventory.readers.reading import IMPLIED, MADE, Reading
from inventory.readers.records import slugged


def recognise(reading: Reading, tables: Mapping[str, pl.DataFrame], organisations_listed: pl.DataFrame) -> None:
    """Give the records of a source the identifiers that the dataset knows them by, references included.

    Args:
        reading: the source, changed in place.
        tables: the dataset as it is.
        organisations_listed: ``id`` and ``name`` of the organisations that the sources being read list.
    """
    servers = _aliases(reading, tables, "servers")
    apart = _namesakes(reading, tables)
    servers = {**servers, **{old: servers.get(new, new) for old, new in apart.items()}}
    applications = _aliases(reading, tables, "applications")
    applications |= {
        old: new
        for old, new in _same_applications(reading.tables.get("applications"), tables["applications"]).items()
        if old not in applications
    }
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


def _aliases(reading: Reading, tables: Mapping[str, pl.DataFrame], table: str) -> dict[str, str]:
    """The source's own identifiers of records that are known by another."""
    own = tables["aliases"].filter((pl.col("table") == table) & (pl.col("source") == reading.source.name))
    return dict(own.select("alias", "id").iter_rows())


def _namesakes(reading: Reading, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Machines that share the identifier of another source's, made of a name, while their UUIDs contradict each other."""
    found = reading.tables.get("servers")
    if found is None or "uuid" not in found.columns or "name" not in found.columns:
        return {}
    own = found.filter((pl.col("id") == slugged(pl.col("name"))) & pl.col("uuid").is_not_null())
    said = pl.col("fields").is_null() | pl.col("fields").str.split("|").list.contains("uuid")
    others = tables["origins"].filter(
        (pl.col("table") == "servers") & pl.col("field").is_null() & (pl.col("source") != reading.source.name) & said
    )
    known = (
        tables["servers"]
        .join(others.select("id"), on="id", how="semi")
        .select("id", canonical_uuid(pl.col("uuid")).alias("_known"))
    )
    told = own.select("id", canonical_uuid(pl.col("uuid")).alias("_said")).join(known, on="id")
    apart = told.filter(pl.col("_said") != pl.col("_known"))
    return dict(
        apart.select(
            "id", pl.concat_str(["id", pl.col("_said").str.slice(0, 8)], separator="-").alias("_new")
        ).iter_rows()
    )


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
