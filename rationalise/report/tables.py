"""The rows a report shows: the proposal counted and sorted, nothing judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from inventory.package import Package

Row = dict[str, Any]

PERIMETER_MISSING = "perimeter_missing"
"""The word of ``blocked_by`` when no valid perimeter declaration covers the application."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The first rows of a list and how many are left out."""

    rows: Sequence[Row]
    left: int


def cut(rows: Sequence[Row], limit: int) -> Cut:
    """At most *limit* rows."""
    return Cut(rows[:limit], max(0, len(rows) - limit))


def standing(applications: pl.DataFrame) -> Row:
    """Where applications stand: ``now``, ``confirmed`` (only if presumptions hold), ``blocked``, ``denied``.

    Each application is counted once; ``perimeter`` counts those that a missing declaration blocks.
    """
    now, confirmed = _filled("lawful_now"), _filled("lawful_if_confirmed")
    blocked = _filled("blocked_by")
    return applications.select(
        applications=pl.len(),
        now=now.sum(),
        confirmed=(~now & confirmed).sum(),
        neither=(~now & ~confirmed).sum(),
        blocked=(~now & blocked).sum(),
        perimeter=(~now & _has("blocked_by", PERIMETER_MISSING)).sum(),
        lawful_if_confirmed=(now | confirmed).sum(),
    ).row(0, named=True)


def by_tier(applications: pl.DataFrame, tiers: Sequence[str]) -> list[Row]:
    """For each tier: applications it may hold now, if confirmed, and those proposed there in each case."""
    return [
        applications.select(
            tier=pl.lit(tier),
            now=_has("lawful_now", tier).sum(),
            confirmed=_has("lawful_if_confirmed", tier).sum(),
            proposed=(pl.col("tier") == tier).sum(),
            presumed=(pl.col("presumed_tier") == tier).sum(),
        ).row(0, named=True)
        for tier in tiers
    ]


def by_organisation(applications: pl.DataFrame) -> list[Row]:
    """Applications with no valid perimeter declaration, by organisation, the most first."""
    return (
        applications.filter(~_filled("lawful_now") & _has("blocked_by", PERIMETER_MISSING))
        .group_by("organisation_id")
        .agg(applications=pl.len())
        .sort("applications", "organisation_id", descending=[True, False])
        .to_dicts()
    )


def by_treatment(applications: pl.DataFrame) -> list[Row]:
    """Applications by treatment, the most first."""
    return _counted(applications, "treatment")


def offers(applications: pl.DataFrame) -> list[Row]:
    """Offers proposed now or if confirmed: applications, size, and whether a price is known.

    ``vcpu`` and ``ram_gib`` are those of the applications proposed if confirmed; ``cost`` is empty
    when one of them is unpriced.
    """
    now = (
        applications.filter(_filled("offer")).group_by("offer", "tier").agg(now=pl.len(), priced=pl.col("priced").all())
    )
    presumed = (
        applications.filter(_filled("presumed_offer"))
        .group_by(offer="presumed_offer", tier="presumed_tier")
        .agg(presumed=pl.len(), vcpu=pl.col("vcpu").sum(), ram_gib=pl.col("ram_gib").sum())
    )
    return (
        now.join(presumed, on=["offer", "tier"], how="full", coalesce=True)
        .with_columns(pl.col("now", "presumed").fill_null(0), pl.col("priced").fill_null(False))
        .sort("presumed", "now", "offer", descending=[True, True, False])
        .to_dicts()
    )


def support(servers: pl.DataFrame) -> list[Row]:
    """Servers by support state, the most first."""
    return _counted(servers, "support_state")


def ends_of_support(servers: pl.DataFrame) -> list[Row]:
    """Servers by the year their operating system's support ends."""
    return (
        servers.filter(pl.col("support_end").is_not_null())
        .group_by(year=pl.col("support_end").dt.year())
        .agg(servers=pl.len(), products=pl.col("os_product").drop_nulls().unique().sort())
        .sort("year")
        .to_dicts()
    )


def usage(servers: pl.DataFrame) -> list[Row]:
    """Servers by usage class, the most first."""
    return _counted(servers, "usage_class")


def heat(proposal: Package, tiers: Sequence[str]) -> list[Row]:
    """For each rule, the applications whose profile it denies each tier: ``{rule, title…, cells}``."""
    weights = proposal["applications"].group_by("profile_id").agg(weight=pl.len())
    denied = (
        proposal["profile_tiers"]
        .filter(pl.col("verdict") == "denied")
        .join(weights, on="profile_id")
        .with_columns(rule=pl.col("conditions").fill_null("").str.split("|"))
        .explode("rule")
        .filter(pl.col("rule") != "")
        .group_by("rule", "tier")
        .agg(applications=pl.col("weight").sum())
    )
    cells = {(rule, tier): n for rule, tier, n in denied.iter_rows()}
    spoke = {rule for rule, _tier in cells}
    return [
        {**rule, "cells": [cells.get((rule["id"], tier), 0) for tier in tiers]}
        for rule in proposal["rules"].sort("id").iter_rows(named=True)
        if rule["id"] in spoke
    ]


def questions(proposal: Package) -> list[Row]:
    """Missing facts in the order to ask for them; what is not ranked, those that touch most applications first."""
    asked = proposal["questions"]
    return asked.sort("rank", -pl.col("applications"), "id", nulls_last=True).to_dicts()


def duties(proposal: Package) -> list[Row]:
    """What the gates ask for, counted: lapses of qualification each with its day, the rest by gate and need."""
    if "duties" not in proposal.tables:
        return []
    lapse = pl.col("needs") == "fallback"
    return (
        proposal["duties"]
        .with_columns(until=pl.when(lapse).then(pl.col("until")))
        .group_by("gate", "needs", "offer", "until")
        .agg(
            applications=pl.len(),
            unlawful=pl.when(lapse.first()).then((~pl.col("lawful_after").fill_null(False)).sum()),
            without=pl.when(lapse.first()).then(pl.col("fallback_offer").is_null().sum()),
        )
        .sort("until", "gate", "needs", "offer", nulls_last=True)
        .to_dicts()
    )


def heaviest(applications: pl.DataFrame) -> list[Row]:
    """Applications, those that weigh most on the infrastructure first."""
    size = pl.col("vcpu").fill_null(0)
    return applications.sort(size, pl.col("servers").fill_null(0), "id", descending=[True, True, False]).to_dicts()


def _counted(frame: pl.DataFrame, column: str) -> list[Row]:
    return (
        frame.group_by(key=pl.col(column).fill_null("unknown"))
        .agg(count=pl.len())
        .sort("count", "key", descending=[True, False])
        .to_dicts()
    )


def _filled(column: str) -> pl.Expr:
    return pl.col(column).fill_null("") != ""


def _has(column: str, word: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.split("|").list.contains(word)
