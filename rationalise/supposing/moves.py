"""Verdicts that move between two analyses of the same inventory: which, from what to what, by which rules.

Compared once a pair of profiles, then joined to the applications that have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from rationalise.proposal import Proposal

VERDICTS = {"kind": pl.String, "subject": pl.String, "before": pl.String, "after": pl.String, "lifted": pl.String,
            "added": pl.String, "tier_before": pl.String, "tier_after": pl.String}  # fmt: skip
"""``kind``: tier or offer. ``lifted`` and ``added``: rules that no longer weigh, or now do, joined by ``|``."""


def moved_verdicts(before: Proposal, after: Proposal) -> pl.DataFrame:
    """``id``, ``name`` and the columns of :data:`VERDICTS`, one row an application and tier or offer that moves."""
    named = before["applications"].select("id", "name", old="profile_id").join(
        after["applications"].select("id", new="profile_id"), on="id"
    )  # fmt: skip
    pairs = named.select("old", "new").unique(maintain_order=True)
    parts = [
        _compared(pairs, before["profile_tiers"], after["profile_tiers"], "tier"),
        _compared(pairs, before["profile_offers"], after["profile_offers"], "offer"),
    ]
    return (
        named.join(pl.concat(parts), on=["old", "new"], nulls_equal=True)
        .select("id", "name", *VERDICTS)
        .sort("id", "kind", "subject")
    )


def _compared(pairs: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame, kind: str) -> pl.DataFrame:
    def side(pairs: pl.DataFrame, verdicts: pl.DataFrame, profile: str, suffix: str) -> pl.DataFrame:
        return pairs.join(
            verdicts.select(
                pl.col("profile_id").alias(profile), pl.col(kind).alias("subject"),
                pl.col("verdict").alias(suffix), pl.col("conditions").alias(f"weigh_{suffix}"),
                pl.col("tier").alias(f"tier_{suffix}") if kind == "offer" else pl.lit(None, pl.String).alias(f"tier_{suffix}"),
            ),
            on=profile,
        )  # fmt: skip

    keys = ["old", "new", "subject"]
    both = side(pairs, old, "old", "before").join(
        side(pairs, new, "new", "after"), on=keys, how="full", coalesce=True, nulls_equal=True
    )
    weigh = {s: pl.col(f"weigh_{s}").fill_null("").str.split("|") for s in ("before", "after")}
    # An offer that is not there is worth a denied one: only what could be used is lost or won.
    there = pl.col("before").is_not_null() & pl.col("after").is_not_null()
    return both.filter(pl.col("before").fill_null("denied") != pl.col("after").fill_null("denied")).select(
        "old", "new", pl.lit(kind).alias("kind"), "subject", "before", "after",
        pl.when(there).then(_listed(weigh["before"].list.set_difference(weigh["after"]))).alias("lifted"),
        pl.when(there).then(_listed(weigh["after"].list.set_difference(weigh["before"]))).alias("added"),
        "tier_before", "tier_after",
    )  # fmt: skip


def _listed(rules: pl.Expr) -> pl.Expr:
    joined = rules.list.eval(pl.element().filter(pl.element() != "")).list.sort().list.join("|")
    return pl.when(joined != "").then(joined)


def moved_placements(before: Proposal, after: Proposal) -> pl.DataFrame:
    """Applications whose proposal moves: ``id``, ``name``, and treatment, tier and offer before and after."""
    columns = ("treatment", "tier", "offer")
    old = before["applications"].select("id", "name", *(pl.col(c).alias(f"{c}_before") for c in columns))
    new = after["applications"].select("id", *(pl.col(c).alias(f"{c}_after") for c in columns))
    moved = pl.any_horizontal(pl.col(f"{c}_before").ne_missing(pl.col(f"{c}_after")) for c in columns)
    return old.join(new, on="id").filter(moved).sort("id")


def counted(verdicts: pl.DataFrame) -> list[dict[str, Any]]:
    """How many applications each move concerns, most first: ``kind``, ``subject``, ``before``, ``after``, rules, a few."""
    keys = ["kind", "subject", "before", "after", "lifted", "added", "tier_before", "tier_after"]
    grouped = (
        verdicts.group_by(keys)
        .agg(pl.len().alias("applications"), pl.col("id").sort().head(5).alias("first"))
        .sort("applications", *keys, descending=[True, *([False] * len(keys))], nulls_last=True)
    )
    return list(grouped.iter_rows(named=True))


def totals(before: Proposal, after: Proposal, verdicts: pl.DataFrame, placements: pl.DataFrame) -> Mapping[str, int]:
    """The counts: applications with a verdict that moves, by sort of move, and proposals that move."""
    denied = pl.col("after").fill_null("denied") == "denied"
    was = pl.col("before").fill_null("denied") == "denied"
    return {
        "applications": before["applications"].height,
        "applications_moved": verdicts["id"].n_unique(),
        "verdicts_moved": verdicts.height,
        "opened": verdicts.filter(was & ~denied).height,
        "shut": verdicts.filter(~was & denied).height,
        "proposals_moved": placements.height,
        "lawful_now_before": before.summary["totals"]["lawful_now"],
        "lawful_now_after": after.summary["totals"]["lawful_now"],
    }
