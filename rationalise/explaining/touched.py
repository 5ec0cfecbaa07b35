"""How many applications of a workspace an entry of the doctrine touches, counted once a profile."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.profiles import profiles_of
from rationalise.sensitivity import sensitivity


def touched(
    dataset: Package, decisions: Decisions, doctrine: Doctrine, identifier: str, as_of: date
) -> dict[str, Any] | None:
    """Applications an entry speaks of on a day, by what is lawful now.

    Returns:
        For a rule: ``applications``, ``speaks``, ``weighs`` (it denies or sets a condition) and ``by_tier``.
        For an offer or a tier: ``applications``, ``allowed``, ``conditional``, ``denied``; of an offer also
        ``there_today``. None for what speaks of no application by itself (gates, derogations, presumptions).
    """
    profiles, named = profiles_of(sensitivity(dataset, decisions, doctrine, as_of), doctrine)
    weights = named.group_by(pl.col("profile_id").alias("id")).agg(pl.len().alias("n"))
    used = profiles.join(weights, on="id")
    rows = used.select("n").with_row_index("row")
    total = int(used["n"].sum())
    law = used.select(list(doctrine.attributes))
    if identifier in doctrine.offers:
        found = evaluate(doctrine, law, as_of, offers=[identifier]).offers.join(rows, on="row")
        there = dataset["applications"].filter(pl.col("offre_actuelle") == identifier).height
        return {"applications": total, **_verdicts(found), "there_today": there}
    tiers = evaluate(doctrine, law, as_of).tiers.join(rows, on="row")
    if identifier in doctrine.tiers:
        return {"applications": total, **_verdicts(tiers.filter(pl.col("tier") == identifier))}
    if identifier not in doctrine.rules and identifier != doctrine.blocking.id:
        return None
    speaks = tiers.filter(pl.col("rules").str.split("|").list.contains(identifier))
    weighs = speaks.filter(pl.col("causes").str.split("|").list.contains(identifier))
    by_tier = dict(weighs.group_by("tier").agg(pl.col("n").sum()).sort("tier").iter_rows())
    return {"applications": total, "speaks": _once(speaks), "weighs": _once(weighs), "by_tier": by_tier}


def _once(rows: pl.DataFrame) -> int:
    return int(rows.unique("row")["n"].sum())


def _verdicts(rows: pl.DataFrame) -> dict[str, int]:
    counted = dict(rows.group_by("verdict").agg(pl.col("n").sum()).iter_rows())
    return {verdict: counted.get(verdict, 0) for verdict in ("allowed", "conditional", "denied")}
