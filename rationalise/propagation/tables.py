"""What the proposal shows of propagation: its tables, and their count for the summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Cut, Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.propagation.cuts import CUTS
from rationalise.propagation.freeing import raising
from rationalise.propagation.hubs import hub_words
from rationalise.propagation.sharing import shared_places
from rationalise.sensitivity import Sensitivity

SIGNATURES = {
    "file": pl.String, "application_id": pl.String, "via": pl.String, "attribute": pl.String, "signed_on": pl.Date,
    "first_seen": pl.Date,
}  # fmt: skip


def propagation_tables(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    found: Sensitivity,
    effective: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """The tables ``inherited``, ``cuts``, ``raising_flows``, ``signatures`` and ``shared_places``.

    Args:
        dataset: the inventory.
        decisions: all of them.
        doctrine: the law.
        as_of: the day.
        found: the sensitivity of its applications.
        effective: ``id`` and ``effective_sensitivity`` of each.
    """
    ids = dataset["applications"]["id"].implode()
    cuts = found.spread.network.cuts
    return {
        "inherited": found.inherited.filter(pl.col("application_id").is_in(ids)),
        "cuts": cuts.select(list(CUTS)),
        "raising_flows": raising(found, doctrine, as_of),
        "signatures": signatures(dataset, decisions, found),
        "shared_places": shared_places(dataset, effective),
    }


def signatures(dataset: Package, decisions: Decisions, found: Sensitivity) -> pl.DataFrame:
    """Signed decisions to sign again: a "no" that something inherited contradicts, a cut that a new link outruns.

    ``first_seen`` is the day the first source that holds the link was read.
    """
    lines = found.inherited.filter(pl.col("own_origin").is_in(list(decisions.by_file)))
    contradicted = lines.select(file="own_origin", application_id="application_id", via="via", attribute="attribute")
    outrun = found.spread.network.cuts.filter(pl.col("state") == "to_sign_again")
    beyond = outrun.select(file="how", application_id="target_id", via="via", attribute=pl.lit("cut"))
    signed = {file: d.signed_on for file, d in decisions.by_file.items()}
    seen = (
        dataset["origins"]
        .filter(pl.col("table") == "flows")
        .join(dataset["sources"].select("id", "read_on"), left_on="source", right_on="id")
        .group_by(via="id")
        .agg(first_seen=pl.col("read_on").min())
    )
    day = pl.col("file").replace_strict(signed, default=None, return_dtype=pl.Date)
    return (
        pl.concat([contradicted, beyond])
        .unique()
        .join(seen, on="via", how="left")
        .with_columns(signed_on=day)
        .select(list(SIGNATURES))
        .sort("file", "application_id", "via", "attribute")
    )


def propagation_summary(tables: Mapping[str, pl.DataFrame], decisions: Decisions, as_of: date) -> dict[str, Any]:
    """The figures: applications raised, tiers closed, cuts by state, hubs by kind, what is to be signed again."""
    applications, cuts = tables["applications"], tables["cuts"]
    assumed = cuts.filter((pl.col("state") == "assumed") & pl.col("hub_id").is_not_null())
    closed = {
        key: _count(applications[before].fill_null("") != applications[after].fill_null(""))
        for key, before, after in (
            ("closed_now", "lawful_alone", "lawful_now"),
            ("closed_if_confirmed", "lawful_alone_if_confirmed", "lawful_if_confirmed"),
        )
    }
    return {
        "raised": tables["inherited"]["application_id"].n_unique(),
        **closed,
        "cuts": dict(cuts.group_by("state").agg(pl.len()).sort("state").iter_rows()),
        "hubs": [
            {"id": hub, "kind": reason.removeprefix("hub:"), "how": how, "links": links}
            for hub, reason, how, links in assumed.group_by("hub_id", "reason", "how")
            .agg(pl.len())
            .sort("hub_id", "reason", "how")
            .iter_rows()
        ],
        "cut_decisions": len(decisions.of(Cut, as_of)),
        "to_sign_again": tables["signatures"]["file"].n_unique(),
        "mixed_places": _count(tables["shared_places"]["mixed"]),
        "words_read_on": hub_words().read_on.isoformat(),
    }


def _count(which: pl.Series) -> int:
    return int(which.sum())
