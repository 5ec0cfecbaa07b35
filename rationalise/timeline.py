"""When each application's placement stops being lawful, across a range of days.

Only the days at which something changes are judged: a rule that begins or ends, a qualification or a
certificate, a decision, a derogation's clock. Between two of them every verdict is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from inventory.package import Package
from inventory.problems import InvalidInput, Problem
from rationalise.analysis import analyse
from rationalise.decisions import Decisions, DerogationDecision, Signed
from rationalise.derogation import derogated, lapses_on
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.inheritance import with_production
from rationalise.language import _
from rationalise.profiles import profiles_of
from rationalise.sensitivity import Sensitivity, sensitivity

DAY = timedelta(days=1)
SCHEMA = {
    "id": pl.String, "name": pl.String, "placement": pl.String, "offer": pl.String, "event": pl.String,
    "last_day": pl.Date, "day": pl.Date, "cause": pl.String, "rules": pl.String, "tier_before": pl.String,
    "tier_after": pl.String, "fallback_offer": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Timeline:
    """The events of a range of days.

    ``events``: columns of :data:`SCHEMA`; ``event`` is ``unlawful`` (already, on the first day: no ``last_day``),
    ``stops`` or ``becomes`` lawful on ``day``; ``cause`` is ``qualification`` (what the offer is worth changes),
    ``decision`` (something signed begins or ends) or ``law``. ``days``: those that were judged.
    """

    first: date
    last: date
    days: tuple[date, ...]
    events: pl.DataFrame
    placements: int
    unknown_offers: int
    """Applications whose present offer is not in the catalogue: nothing can be said of them."""
    marking: Mapping[str, str]
    """How what names these applications is to be handled, as the proposal says it."""


def change_days(doctrine: Doctrine, decisions: Decisions, first: date, last: date) -> list[date]:
    """The days after *first*, up to *last*, from which some verdict may differ from the day before."""
    found: set[date] = set()
    for rule in doctrine.rules.values():
        found |= {rule.since} | ({rule.until + DAY} if rule.until else set())
    for offer in doctrine.offers.values():
        found |= {day for since, to in offer.spans() for day in (since, to + DAY)}
    for decision in decisions.by_file.values():
        if isinstance(decision, Signed):
            found |= {decision.signed_on} if decision.signed_on else set()
            found |= {decision.expires_on + DAY} if decision.expires_on else set()
        if isinstance(decision, DerogationDecision) and decision.acceptable_offer_since:
            months = doctrine.derogations[decision.derogation].lapses_months
            found.add(lapses_on(decision.acceptable_offer_since, months))
    return sorted(day for day in found if first < day <= last)


def timeline(
    dataset: Package, decisions: Decisions, doctrine: Doctrine, first: date, last: date, settings: Mapping[str, Any]
) -> Timeline:
    """The days from *first* to *last* at which a placement stops, or becomes, lawful.

    Placements: the present offer of each application, where the catalogue knows it, and the one proposed on
    *first*. What is classified is left out.

    Raises:
        InvalidInput: the range is empty (``ANA-061``), or begins before what is modelled (``DOC-010``).
    """
    if last < first:
        raise InvalidInput(
            Problem(
                code="ANA-061", message=_("the range ends before it begins: {first} to {last}", first=first, last=last)
            )
        )
    proposal = analyse(dataset, decisions, doctrine, first, settings, questions=False)
    placed, unknown = _placements(dataset, doctrine, proposal["applications"])
    days = [first, *change_days(doctrine, decisions, first, last)]
    judged = _judged(dataset, decisions, doctrine, days, placed)
    events = _events(judged, placed, first)
    events = _with_fallbacks(events, dataset, decisions, doctrine, settings)
    return Timeline(first, last, tuple(days), events, placed.height, unknown, proposal.summary["marking"])


def _placements(dataset: Package, doctrine: Doctrine, proposal: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """``id``, ``placement``, ``offer``, ``name``; and how many present offers are not in the catalogue."""
    present = dataset["applications"].select("id", offer="offre_actuelle").filter(pl.col("offer").is_not_null())
    known = present.filter(pl.col("offer").is_in(list(doctrine.offers)))
    proposed = proposal.select("id", "offer").filter(pl.col("offer").is_not_null())
    both = pl.concat([
        known.with_columns(placement=pl.lit("current")),
        proposed.with_columns(placement=pl.lit("proposed")),
    ])  # fmt: skip
    shown = proposal.filter(pl.col("effective_sensitivity") != "classe").select("id", "name")
    return both.join(shown, on="id").sort("id", "placement"), present.height - known.height


def _judged(
    dataset: Package, decisions: Decisions, doctrine: Doctrine, days: list[date], placed: pl.DataFrame
) -> pl.DataFrame:
    """``id``, ``placement``, ``at`` (the day), ``lawful``, ``profile_id``, ``tier``, ``rules``."""
    offers = sorted(set(placed["offer"]))
    parts = []
    known: tuple[frozenset[str], Sensitivity] | None = None
    for day in days:
        counting = frozenset(f for f, d in decisions.by_file.items() if isinstance(d, Signed) and d.counts(day))
        if known is None or known[0] != counting:
            known = counting, sensitivity(dataset, decisions, doctrine, day)
        profiles, named = profiles_of(known[1], doctrine)
        used = profiles.join(named.select(id="profile_id").unique(), on="id", how="semi")
        verdicts = evaluate(doctrine, used.drop("id"), day, offers=offers).offers if offers else _nothing()
        rows = used.select(profile_id="id").with_row_index("row").join(verdicts, on="row")
        lawful = (pl.col("verdict") != "denied") & ~pl.col("blocking")
        there = placed.join(named.select("id", "profile_id"), on="id").join(
            rows.select("profile_id", "offer", "tier", lawful.alias("lawful"), pl.col("causes").alias("rules")),
            on=["profile_id", "offer"],
        )
        there = _derogated(there, decisions, doctrine, day)
        parts.append(there.select("id", "placement", "offer", "lawful", "profile_id", "tier", "rules",
                                  pl.lit(day).alias("at")))  # fmt: skip
    return pl.concat(parts)


def _nothing() -> pl.DataFrame:
    text = dict.fromkeys(("tier", "verdict", "rules", "causes", "offer"), pl.String)
    return pl.DataFrame(schema={"row": pl.UInt32, "blocking": pl.Boolean, **text})


def _derogated(there: pl.DataFrame, decisions: Decisions, doctrine: Doctrine, day: date) -> pl.DataFrame:
    """Denials that a derogation in force lifts are lawful; only applications named by one are looked at."""
    named = {a for _f, d in decisions.of(DerogationDecision, day) for a in d.applications}
    denied = there.filter(~pl.col("lawful") & pl.col("id").is_in(sorted(named)))
    freed = [
        (row["id"], row["offer"])
        for row in denied.iter_rows(named=True)
        if derogated(doctrine, decisions, day, row["id"], row["offer"], [c for c in row["rules"].split("|") if c])
    ]
    if not freed:
        return there
    lifted = pl.DataFrame(freed, schema={"id": pl.String, "offer": pl.String}, orient="row").unique()
    return there.join(lifted.with_columns(_freed=pl.lit(True)), on=["id", "offer"], how="left").with_columns(
        lawful=pl.col("lawful") | pl.col("_freed").fill_null(False)
    )


def _events(judged: pl.DataFrame, placed: pl.DataFrame, first: date) -> pl.DataFrame:
    keys = ["id", "placement"]
    before = {c: pl.col(c).shift().over(keys) for c in ("lawful", "tier", "profile_id")}
    found = judged.sort("id", "placement", "at").with_columns(
        **{f"{name}_before": expression for name, expression in before.items()}
    )
    start = pl.col("at") == first
    moved = pl.when(start).then(~pl.col("lawful")).otherwise(pl.col("lawful") != pl.col("lawful_before"))
    event = (
        pl.when(start).then(pl.lit("unlawful"))
        .when(pl.col("lawful")).then(pl.lit("becomes"))
        .otherwise(pl.lit("stops"))
    )  # fmt: skip
    cause = (
        pl.when(start).then(None)
        .when(pl.col("tier") != pl.col("tier_before")).then(pl.lit("qualification"))
        .when(pl.col("profile_id") != pl.col("profile_id_before")).then(pl.lit("decision"))
        .otherwise(pl.lit("law"))
    )  # fmt: skip
    return (
        found.filter(moved)
        .join(placed.select("id", "placement", "name"), on=keys)
        .select(
            "id", "name", "placement", "offer", event.alias("event"),
            pl.when(~start & ~pl.col("lawful")).then(pl.col("at") - DAY).alias("last_day"),
            pl.col("at").alias("day"), cause.alias("cause"),
            pl.when(pl.col("rules") != "").then(pl.col("rules")).alias("rules"),
            "tier_before", pl.col("tier").alias("tier_after"), pl.lit(None, pl.String).alias("fallback_offer"),
        )
        .sort("day", "offer", "id", "placement")
    )  # fmt: skip


def _with_fallbacks(
    events: pl.DataFrame, dataset: Package, decisions: Decisions, doctrine: Doctrine, settings: Mapping[str, Any]
) -> pl.DataFrame:
    """Where each placement that stops would go on that day: what the analysis of that day proposes."""
    parts = [pl.DataFrame(schema={"id": pl.String, "day": pl.Date, "found": pl.String})]
    for (day,), rows in events.filter(pl.col("event") == "stops").group_by("day", maintain_order=True):
        assert isinstance(day, date)
        wanted = sorted(set(rows["id"]))
        few = with_production(dataset, decisions, day, wanted)
        there = analyse(few, decisions, doctrine, day, settings, questions=False)["applications"]
        parts.append(there.filter(pl.col("id").is_in(wanted)).select("id", pl.lit(day).alias("day"), found="offer"))
    return events.join(pl.concat(parts), on=["id", "day"], how="left", maintain_order="left").with_columns(
        fallback_offer=pl.when(pl.col("event") == "stops").then(pl.col("found"))
    ).select(*SCHEMA)  # fmt: skip


def grouped(events: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Events by day, offer, placement and cause: ``applications`` (identifiers), the rules and fallbacks seen."""
    keys = ["day", "last_day", "event", "offer", "placement", "cause", "tier_before", "tier_after"]
    rules = pl.col("rules").str.split("|").explode().drop_nulls().unique().sort()
    together = events.group_by(keys).agg(
        pl.col("id").sort().alias("applications"), rules.alias("rules"),
        pl.col("fallback_offer").drop_nulls().unique().sort().alias("fallbacks"),
        pl.col("fallback_offer").is_null().sum().alias("without_fallback"),
    )  # fmt: skip
    return together.sort(*keys, nulls_last=True).iter_rows(named=True)
