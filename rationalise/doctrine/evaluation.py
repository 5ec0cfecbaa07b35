"""The law applied at a date, to every tier and offer, once per distinct profile.

A tier survives if no rule denies it; every rule that spoke is kept, not the first. At tier level a
demand on the offer is *conditional*; at offer level it is met or not. An open question leaves the
verdict conditional and never blocks; missing evidence leaves it conditional and does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from inventory.documents import nearest
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.conditions import NEVER, closed, compile_condition, presumed
from rationalise.doctrine.models import Offer, Requirement, Rule
from rationalise.language import _

VERDICTS = ("allowed", "conditional", "denied")


@dataclass(frozen=True)
class Evaluation:
    """Verdicts, one row a profile × tier (or offer).

    Both frames: ``row`` (the profile's position), ``tier``, ``verdict``, ``rules`` (``A|B``, all that
    spoke), ``causes`` (those that made it denied or conditional), ``blocking`` (true where a conditional
    verdict awaits evidence); ``offers`` has ``offer`` too.
    """

    tiers: pl.DataFrame
    offers: pl.DataFrame


def evaluate(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, *, offers: Collection[str] | None = None
) -> Evaluation:
    """Apply the doctrine to profiles.

    Args:
        doctrine: the catalogue, overlays included.
        profiles: one row a profile, one text column an attribute; null is unknown.
        as_of: the day.
        offers: identifiers of the offers to judge; none by default.

    Raises:
        InvalidInput: the day is before what is modelled (``DOC-010``) or an offer is unknown (``DOC-003``).
    """
    if as_of < doctrine.modelled_since:
        raise InvalidInput(
            Problem(
                code="DOC-010",
                message=_("not modelled: the doctrine is modelled from {since} on", since=doctrine.modelled_since),
                value=as_of.isoformat(),
            )
        )
    wanted = [_offer(doctrine, name) for name in offers or ()]
    raw = presumed(doctrine, profiles.select(pl.col(name).cast(pl.String) for name in doctrine.attributes))
    filled = closed(doctrine, raw)
    both = pl.concat([filled, raw.rename(lambda name: f"?{name}")], how="horizontal").with_row_index("row")
    tiers = [_verdicts(both, _tier_speech(doctrine, tier, as_of), tier) for tier in doctrine.tiers]
    judged = [
        _verdicts(both, _offer_speech(doctrine, offer, as_of), offer.tier(as_of)).with_columns(
            pl.lit(offer.id).alias("offer")
        )
        for offer in wanted
    ]
    return Evaluation(pl.concat(tiers), pl.concat(judged) if judged else pl.DataFrame())


def open_offers(doctrine: Doctrine, profiles: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One boolean column an offer: nothing denies the profile it, and no evidence is missing.

    What :func:`evaluate` says without its reasons, for many profiles at once.

    Args:
        doctrine: the catalogue, overlays included.
        profiles: one row a profile, one text column an attribute; null is unknown.
        as_of: the day, not before what is modelled.
    """
    raw = presumed(doctrine, profiles.select(pl.col(name).cast(pl.String) for name in doctrine.attributes))
    both = pl.concat([closed(doctrine, raw), raw.rename(lambda name: f"?{name}")], how="horizontal")
    return both.select(
        (~pl.any_horizontal(*[e for s in _offer_speech(doctrine, offer, as_of) for e in (s.denies, s.awaits)])).alias(
            offer.id
        )
        for offer in doctrine.offers.values()
    )


@dataclass(frozen=True)
class Speech:
    """What a rule says of one tier or offer: when it speaks, and with what weight."""

    rule: str
    speaks: pl.Expr
    denies: pl.Expr = NEVER
    asks: pl.Expr = NEVER
    awaits: pl.Expr = NEVER


def _tier_speech(doctrine: Doctrine, tier: str, as_of: date) -> list[Speech]:
    return [_blocked(doctrine), *(s for r in _in_force(doctrine, as_of) for s in _common(r, tier, None))] + [
        Speech(r.id, asked, asks=asked)
        for r in _in_force(doctrine, as_of)
        if r.require_offer and tier in r.applies_to
        for asked in [_concerned(r) | _unsure(r)]
    ]


def _offer_speech(doctrine: Doctrine, offer: Offer, as_of: date) -> list[Speech]:
    tier = offer.tier(as_of)
    speech = [_blocked(doctrine), *(s for r in _in_force(doctrine, as_of) for s in _common(r, tier, offer))]
    for rule in _in_force(doctrine, as_of):
        if rule.require_offer is None or tier not in rule.applies_to:
            continue
        met, open_ = _shows(offer, rule.require_offer, as_of)
        concerned, unsure = _concerned(rule), _unsure(rule)
        opens = rule.if_unknown.get(tier) == "open_question"
        question = (concerned & open_) if opens else NEVER
        doubt = unsure & ~met
        denies = concerned & ~met & ~question
        asks = question | doubt if opens else question
        speech.append(Speech(rule.id, concerned | unsure, denies=denies if opens else denies | doubt, asks=asks))
    return speech


def _blocked(doctrine: Doctrine) -> Speech:
    unknown = reduce(or_, (pl.col(a.name).is_null() for a in doctrine.attributes.values() if a.block), NEVER)
    return Speech(doctrine.blocking.id, unknown, denies=unknown)


def _common(rule: Rule, tier: str, offer: Offer | None) -> list[Speech]:
    """What a rule says whatever the offer: denials, warnings, evidence to show."""
    if rule.require_offer is not None and not (rule.deny or rule.warn or rule.evidence):
        return []
    holds = _holds(rule)
    if tier in rule.deny and rule.if_unknown.get(tier) == "open_question":
        concerned, unsure = _concerned(rule), _unsure(rule)
        return [Speech(rule.id, concerned | unsure, denies=concerned, asks=unsure)]
    if tier in rule.deny:
        return [Speech(rule.id, holds, denies=holds)]
    if rule.evidence and tier in rule.evidence.tiers:
        shown = offer is not None and bool(getattr(offer, rule.evidence.requires))
        return [Speech(rule.id, holds) if shown else Speech(rule.id, holds, asks=holds, awaits=holds)]
    if tier in rule.warn:
        return [Speech(rule.id, holds)]
    return []


def _in_force(doctrine: Doctrine, as_of: date) -> list[Rule]:
    return [r for r in doctrine.rules.values() if r.in_force(as_of)]


def _holds(rule: Rule) -> pl.Expr:
    """Whether the rule concerns a profile once unknowns are closed."""
    return compile_condition(rule.when).fill_null(False)


def _concerned(rule: Rule) -> pl.Expr:
    """Known to be concerned; where unknown has no meaning of its own, closed counts as known."""
    if rule.when == "always" or not rule.if_unknown:
        return _holds(rule)
    return _three_valued(rule).fill_null(False)


def _unsure(rule: Rule) -> pl.Expr:
    """Not known whether concerned: only where the rule says what unknown is worth."""
    if rule.when == "always" or not rule.if_unknown:
        return NEVER
    return _three_valued(rule).is_null()


def _three_valued(rule: Rule) -> pl.Expr:
    return compile_condition(
        {
            f"?{name}" if isinstance(values, list) else name: values
            if isinstance(values, list)
            else {f"?{n}": v for n, v in values.items()}
            for name, values in rule.when.items()
        }
        if not isinstance(rule.when, str)
        else rule.when
    )


def _shows(offer: Offer, asked: Requirement, as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """Whether the offer shows what is asked, and whether that is an open question instead of a no."""
    met, open_ = [], []
    if asked.hds_version is not None:
        valid = any(h.version >= asked.hds_version and h.since <= as_of <= h.to for h in offer.hds)
        met.append(pl.lit(valid))
    if asked.pays is not None:
        met.append(pl.lit(offer.country == asked.pays))
    if asked.agrement_archives is not None:
        met.append(pl.lit(offer.agrement_archives is True))
    if asked.entite_admise:
        admitted = pl.col("entity_kind").is_in([*offer.admits, *offer.by_convention])
        # An entity nobody named may turn out not to be admitted: a signed convention does not settle that.
        known = pl.col("?entity_kind").is_not_null()
        signed = pl.lit(offer.convention == "signed")
        met.append(admitted & signed & known)
        open_.append(admitted & (pl.lit(offer.convention is None) | (signed & ~known)))
    return pl.all_horizontal(*met) if met else pl.lit(True), pl.any_horizontal(*open_) if open_ else NEVER


def _verdicts(profiles: pl.DataFrame, speech: Sequence[Speech], tier: str) -> pl.DataFrame:
    ordered = sorted(speech, key=lambda s: s.rule)
    denied = pl.any_horizontal(*[s.denies for s in ordered])
    asked = pl.any_horizontal(*[s.asks for s in ordered])
    verdict = (
        pl.when(denied).then(pl.lit("denied")).when(asked).then(pl.lit("conditional")).otherwise(pl.lit("allowed"))
    )
    causes = pl.when(denied).then(_joined(ordered, "denies")).otherwise(_joined(ordered, "asks"))
    return profiles.select(
        "row",
        pl.lit(tier).alias("tier"),
        verdict.alias("verdict"),
        _joined(ordered, "speaks").alias("rules"),
        causes.alias("causes"),
        (pl.any_horizontal(*[s.awaits for s in ordered]) & ~denied).alias("blocking"),
    )


def _joined(speech: Sequence[Speech], which: str) -> pl.Expr:
    named = [pl.when(getattr(s, which)).then(pl.lit(s.rule)) for s in speech]
    return pl.concat_str(named, separator="|", ignore_nulls=True)


def _offer(doctrine: Doctrine, name: str) -> Offer:
    if name not in doctrine.offers:
        near = nearest(name, list(doctrine.offers))
        raise InvalidInput(
            Problem(
                code="DOC-003",
                message=_("there is no offer “{id}”", id=name),
                value=name,
                hint=_("did you mean “{near}”?", near=near) if near else ", ".join(doctrine.offers),
            )
        )
    return doctrine.offers[name]
