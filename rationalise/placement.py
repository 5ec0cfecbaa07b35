"""Where each application goes: the best of the offers the law leaves it, never one it denies.

Order: a shared State solution first, then a qualified one, then the market under Union law, then the
rest (circulaire 6519/SG of 5 February 2026); among equals the cheapest where the DSI filled in prices,
then the catalogue's order. A denied placement is absent from the choice, not penalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.fit import fitting
from rationalise.doctrine.models import Offer

RANK = {"INT_DR": 0, "INT": 0, "SNC": 1, "COM_UE": 2, "COM_HORS_UE": 3}
SHORT_LIFE = timedelta(days=365)
"""A qualification that ends sooner is a last choice among its tier: rule G-06 asks for a fallback."""
STAYING = ("retire", "retire_archive", "mutualise", "to_investigate")
"""Treatments that need no place on an offer: what leaves, joins a shared service, or is not yet known."""


@dataclass(frozen=True)
class Price:
    """What a DSI's convention says of an offer; a missing part leaves the offer unpriced."""

    vcpu_month: float | None = None
    ram_gib_month: float | None = None
    storage_gib_month: float | None = None
    capacity_vcpu: int | None = None

    @property
    def known(self) -> bool:
        """Whether the three prices are there."""
        return None not in (self.vcpu_month, self.ram_gib_month, self.storage_gib_month)


def prices_of(settings: Mapping[str, Any]) -> dict[str, Price]:
    """The prices and capacities of ``[offers.<id>]`` in the settings; other keys are not this room's."""
    names = tuple(Price.__dataclass_fields__)
    sections = settings.get("offers", {})
    return {offer: Price(**{k: v for k, v in said.items() if k in names}) for offer, said in sections.items()}


def place(
    applications: pl.DataFrame, verdicts: pl.DataFrame, doctrine: Doctrine, as_of: date, prices: Mapping[str, Price]
) -> pl.DataFrame:
    """Choose an offer for each application.

    Args:
        applications: ``id``, ``profile_id``, ``classification``, ``treatment``, the facts of fit, ``vcpu``,
            ``ram_gib``, ``storage_gib``.
        verdicts: the profiles' verdicts, one row a profile × offer, as :mod:`rationalise.analysis` joins them.
        doctrine: the offers.
        as_of: the day.
        prices: what the DSI filled in.

    Returns:
        ``id``, ``tier``, ``offer``, ``cost`` (euros a year, null when unpriced), in the order given.
    """
    open_ = _lawful_by_offer(applications, verdicts, doctrine, as_of)
    left = {o: p.capacity_vcpu for o, p in prices.items() if p.capacity_vcpu is not None}
    while True:
        chosen = _choose(open_, doctrine, as_of, prices)
        full = _overfull(chosen, left)
        if full.height == 0:
            return chosen.select("id", "tier", "offer", "cost")
        open_ = _close(open_, full)


def _lawful_by_offer(
    applications: pl.DataFrame, verdicts: pl.DataFrame, doctrine: Doctrine, as_of: date
) -> pl.DataFrame:
    """One boolean column an offer: lawful, fitting, and the application moves at all."""
    wide = verdicts.with_columns(
        ((pl.col("verdict") == "allowed") | ((pl.col("verdict") == "conditional") & ~pl.col("blocking"))).alias("open")
    ).pivot(on="offer", index="profile_id", values="open")
    missing = [pl.lit(False).alias(o) for o in doctrine.offers if o not in wide.columns]
    joined = applications.join(wide.with_columns(missing), on="profile_id", how="left", maintain_order="left")
    moves = ~pl.col("treatment").is_in(STAYING)
    fits = fitting(doctrine, _technical(joined), as_of).rename(lambda offer: f"fit {offer}")
    return (
        joined.hstack(fits)
        .with_columns(
            (pl.col(offer.id).fill_null(False) & moves & _stays_or_moves_to(offer) & pl.col(f"fit {offer.id}")).alias(
                offer.id
            )
            for offer in doctrine.offers.values()
        )
        .drop(fits.columns)
    )


def _stays_or_moves_to(offer: Offer) -> pl.Expr:
    """What is retained is retained where it is."""
    return (pl.col("treatment") != "retain") | (pl.col("offre_actuelle").fill_null("") == offer.id)


def _technical(applications: pl.DataFrame) -> pl.DataFrame:
    """The facts of fit as the doctrine names them; a system that is not all Linux, or not known, is unknown."""
    facts = applications.with_columns(pl.when(pl.col("linux")).then(pl.lit("linux")).alias("os"))
    return facts.with_columns(pl.col(pl.Boolean).cast(pl.String))


def _choose(open_: pl.DataFrame, doctrine: Doctrine, as_of: date, prices: Mapping[str, Price]) -> pl.DataFrame:
    offers = list(doctrine.offers.values())
    costs = {o.id: _cost(prices.get(o.id, Price())) for o in offers}
    scores = []
    for position, offer in enumerate(offers):
        rank = RANK[offer.tier(as_of)] * 2 + (1 if _short_lived(offer, as_of) else 0)
        price = costs[offer.id].fill_null(1e9)
        scores.append(pl.when(pl.col(offer.id)).then(rank * 1e12 + price * 1e2 + position).alias(f"score {offer.id}"))
    scored = open_.with_columns(scores).with_columns(
        pl.min_horizontal(*(f"score {o.id}" for o in offers)).alias("best")
    )
    pick = pl.coalesce(pl.when(pl.col(f"score {o.id}") == pl.col("best")).then(pl.lit(o.id)) for o in offers)
    cost = pl.coalesce(pl.when(pl.col("offer") == o.id).then(costs[o.id]) for o in offers)
    return scored.with_columns(pick.alias("offer")).with_columns(
        pl.col("offer")
        .replace_strict({o.id: o.tier(as_of) for o in offers}, default=None, return_dtype=pl.String)
        .alias("tier"),
        cost.alias("cost"),
    )


def _short_lived(offer: Offer, as_of: date) -> bool:
    ends = [q.to for q in offer.qualifications if q.valid(as_of)]
    return bool(ends) and max(ends) - as_of < SHORT_LIFE


def _cost(price: Price) -> pl.Expr:
    """Euros a year; null when the offer is unpriced or the application's size is unknown."""
    if not price.known:
        return pl.lit(None, pl.Float64)
    month = (
        pl.col("vcpu") * price.vcpu_month
        + pl.col("ram_gib") * price.ram_gib_month
        + pl.col("storage_gib") * price.storage_gib_month
    )
    return (month * 12).round(2)


def _overfull(chosen: pl.DataFrame, left: Mapping[str, int | None]) -> pl.DataFrame:
    """The applications, last in order, that make an offer of known capacity overflow."""
    parts = []
    for offer, capacity in sorted(left.items()):
        there = chosen.filter(pl.col("offer") == offer).sort("id")
        # An unknown size cannot be promised a place on an offer whose capacity is counted.
        over = there.filter(pl.col("vcpu").is_null() | (pl.col("vcpu").fill_null(0).cum_sum() > capacity))
        parts.append(over.select("id", "offer"))
    return pl.concat(parts) if parts else pl.DataFrame(schema={"id": pl.String, "offer": pl.String})


def _close(open_: pl.DataFrame, full: pl.DataFrame) -> pl.DataFrame:
    closed = {offer: part["id"].to_list() for (offer,), part in full.group_by("offer", maintain_order=True)}
    return open_.with_columns(
        (pl.col(str(offer)) & ~pl.col("id").is_in(identifiers)).alias(str(offer))
        for offer, identifiers in closed.items()
    )
