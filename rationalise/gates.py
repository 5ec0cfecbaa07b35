"""The gates of each application: what must exist before a step, and whether it is shown.

Gates choose no tier. Each is data: a condition that says whom it concerns, another that says what satisfies
it, both over the facts below; a fact nobody knows leaves the gate *unknown*, never *not concerned*.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

import polars as pl

from inventory.package import Package
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.conditions import compile_condition
from rationalise.doctrine.evaluation import open_offers
from rationalise.doctrine.models import Gate, Offer
from rationalise.doctrine.notices import last_day
from rationalise.placement import RANK, STAYING

STATES = ("satisfied", "missing", "unknown", "not_concerned")
DINUM_THRESHOLD = 9_000_000
"""Euros, all taxes included: construction and the first 24 months of maintenance (arrêté du 5 juin 2020)."""
OPINIONS = {"etat": "avis_conforme", "operateur": "avis", "gip_liste": "avis", "gip_autre": "avis"}
"""What the DINUM gives, by whose initiative it is (décret 2019-1088, article 3)."""


def gates(
    dataset: Package, named: pl.DataFrame, profiles: pl.DataFrame, chosen: pl.DataFrame, doctrine: Doctrine, as_of: date
) -> pl.DataFrame:
    """The state of every gate in force, a row an application.

    Args:
        dataset: the inventory.
        named: ``id``, ``profile_id``.
        profiles: ``id`` and the attributes.
        chosen: ``id``, ``treatment``, ``tier``, ``offer``: what is proposed, null where nothing is.
        doctrine: the gates, the offers.
        as_of: the day.

    Returns:
        ``id``; ``satisfied``, ``missing``, ``unknown`` and ``not_concerned``, each the gates in that state
        (``A|B``, null for none); ``lapses_on``, the last valid day of the qualification of the offer where it ends
        within the planned life, and ``fallback_offer``, lawful the day after; ``third_party_technology``;
        ``dinum_opinion``, what is due from 9 M€ on.
    """
    facts = _facts(dataset, named, profiles, chosen, doctrine, as_of)
    in_force = sorted((g for g in doctrine.gates.values() if g.in_force(as_of)), key=lambda g: g.id)
    judged = facts.with_columns(_state(gate).alias(gate.id) for gate in in_force)
    listed = [
        pl.concat_str(
            [pl.when(pl.col(g.id) == state).then(pl.lit(g.id)) for g in in_force], separator="|", ignore_nulls=True
        ).alias(state)
        if in_force
        else pl.lit("").alias(state)
        for state in STATES
    ]
    reached = pl.col("dinum_threshold") == "reached"
    return (
        judged.with_columns(listed)
        .select(
            "id",
            *(pl.when(pl.col(s) != "").then(pl.col(s)).alias(s) for s in STATES),
            pl.when(pl.col("lapses") == "true").then(pl.col("lapses_on")).alias("lapses_on"),
            "fallback_offer",
            pl.col("technology").alias("third_party_technology"),
            pl.when(reached)
            .then(
                pl.col("entity_kind").fill_null("etat").replace_strict(OPINIONS, default=None, return_dtype=pl.String)
            )
            .alias("dinum_opinion"),
        )
        .sort("id")
    )


def _state(gate: Gate) -> pl.Expr:
    concerned = compile_condition(gate.when)
    met = pl.lit(None, pl.Boolean) if gate.met is None else compile_condition(gate.met)
    return (
        pl.when(~concerned)
        .then(pl.lit("not_concerned"))
        .when(concerned & met)
        .then(pl.lit("satisfied"))
        .when(concerned & ~met)
        .then(pl.lit("missing"))
        .otherwise(pl.lit("unknown"))
    )


def _facts(
    dataset: Package, named: pl.DataFrame, profiles: pl.DataFrame, chosen: pl.DataFrame, doctrine: Doctrine, as_of: date
) -> pl.DataFrame:
    """What the conditions may name (:data:`rationalise.doctrine.models.GATE_FACTS`), as text; null is unknown."""
    offers = pl.DataFrame(
        [(o.id, last_day(o, as_of), o.third_party_technology) for o in doctrine.offers.values()],
        schema={"offer": pl.String, "lapses_on": pl.Date, "technology": pl.String},
        orient="row",
    )
    applications = dataset["applications"].select(
        "id", "homologation", "homologation_until", "contract_end", "reversibilite_provisionnee",
        "cout_construction_ttc", "cout_mco_24m_ttc",
    )  # fmt: skip
    attributes = profiles.rename({"id": "profile_id"})
    joined = (
        applications.join(named.select("id", "profile_id"), on="id")
        .join(attributes.select("profile_id", "entity_kind", "classification"), on="profile_id", how="left")
        .join(chosen.select("id", "treatment", "tier", "offer"), on="id", how="left")
        .join(offers, on="offer", how="left")
    )
    placed = joined.with_columns(
        # What needs no place has no tier; what found none has one that is not known.
        pl.when(pl.col("tier").is_null() & pl.col("treatment").is_in(STAYING))
        .then(pl.lit("none"))
        .otherwise(pl.col("tier"))
        .alias("tier"),
        # A life that nobody planned has no end, so every qualification ends within it.
        _text((pl.col("lapses_on") < pl.col("contract_end")).fill_null(True)).alias("lapses"),
    )
    return placed.join(_fallbacks(placed, profiles, doctrine), on=["profile_id", "offer"], how="left").with_columns(
        _homologation(as_of).alias("homologation"),
        _threshold().alias("dinum_threshold"),
        pl.when(pl.col("contract_end").is_not_null()).then(pl.lit("true")).alias("renewal"),
        _text(pl.col("reversibilite_provisionnee")).alias("reversibilite_provisionnee"),
        _text(pl.col("fallback_offer").is_not_null()).alias("fallback"),
        _text(pl.col("technology").is_not_null()).alias("dependent"),
        _text(pl.col("tier").is_in(["SNC", "COM_UE", "COM_HORS_UE"]) | (pl.col("treatment") == "repurchase")).alias(
            "purchase"
        ),
        pl.lit(None, pl.String).alias("equipment"),
    )


def _fallbacks(placed: pl.DataFrame, profiles: pl.DataFrame, doctrine: Doctrine) -> pl.DataFrame:
    """``profile_id``, ``offer``, ``fallback_offer``: the best one that is lawful the day after the qualification ends."""
    ending = placed.filter((pl.col("tier") == "SNC") & (pl.col("lapses") == "true"))
    wanted = ending.select("profile_id", "offer", "lapses_on").unique(maintain_order=True)
    parts = [pl.DataFrame(schema={"profile_id": pl.String, "offer": pl.String, "fallback_offer": pl.String})]
    for (end,), group in wanted.group_by("lapses_on", maintain_order=True):
        assert isinstance(end, date)
        after = end + timedelta(days=1)
        asked = group.join(profiles, left_on="profile_id", right_on="id", how="left", maintain_order="left")
        open_ = open_offers(doctrine, asked.select(*doctrine.attributes), after)
        ordered = sorted(
            doctrine.offers.values(), key=lambda o: (RANK[o.tier(after)], o.tier(after) != "INT", _sooner(o, after))
        )
        first = [
            pl.when(pl.col(o.id) & (asked["classification"] == "dr" if o.tier(after) == "INT_DR" else pl.lit(True)))
            .then(pl.lit(o.id))
            for o in ordered
            if o.id not in set(group["offer"])
        ]  # fmt: skip
        best = open_.select(pl.coalesce(first).alias("fallback_offer") if first else pl.lit(None, pl.String))
        parts.append(pl.concat([group.select("profile_id", "offer"), best], how="horizontal"))
    return pl.concat(parts)


def _sooner(offer: Offer, day: date) -> int:
    """Among qualified offers the one that stays so longest comes first."""
    end = last_day(offer, day)
    return -end.toordinal() if end else 0


def _homologation(as_of: date) -> pl.Expr:
    over = (pl.col("homologation") == "valide") & (pl.col("homologation_until") < pl.lit(as_of))
    return pl.when(over.fill_null(False)).then(pl.lit("echue")).otherwise(pl.col("homologation"))


def _threshold() -> pl.Expr:
    """Reached as soon as what is known reaches it; below only once both figures are known."""
    parts = [pl.col("cout_construction_ttc"), pl.col("cout_mco_24m_ttc")]
    known = reduce(lambda a, b: a + b, (p.fill_null(0) for p in parts))
    return (
        pl.when(known >= DINUM_THRESHOLD)
        .then(pl.lit("reached"))
        .when(pl.all_horizontal(p.is_not_null() for p in parts))
        .then(pl.lit("below"))
    )


def _text(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit("true")).when(~condition).then(pl.lit("false"))
