"""The law applied at a date, to every tier and offer, once per distinct pattern of what it can tell apart.

A tier survives if no rule denies it; every rule that spoke is kept, not the first. At tier level a
demand on the offer is *conditional*; at offer level it is met or not. An open question leaves the
verdict conditional and never blocks; missing evidence leaves it conditional and does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date

import polars as pl

from inventory.documents import nearest
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.signals import Signals
from rationalise.doctrine.speech import Said, Voice, Voices, offer_voices, tier_voices
from rationalise.language import _

VERDICTS = ("allowed", "conditional", "denied")
SAID = {"verdict": pl.String, "rules": pl.String, "causes": pl.String, "blocking": pl.Boolean}
REMEMBERED = 16


@dataclass(frozen=True)
class Evaluation:
    """Verdicts, one row a profile × tier (or offer).

    Both frames: ``row`` (the profile's position), ``tier``, ``verdict``, ``rules`` (``A|B``, all that
    spoke), ``causes`` (those that made it denied or conditional), ``blocking`` (true where a conditional
    verdict awaits evidence); ``offers`` has ``offer`` too.
    """

    tiers: pl.DataFrame
    offers: pl.DataFrame


@dataclass(frozen=True)
class Judgement:
    """Verdicts as a dictionary: what a million profiles share is said once.

    Attributes:
        pattern: one number a profile, in the order given: its row in ``tiers`` and ``offers``.
        tiers: one row a pattern, one column a tier: the row of ``said``.
        offers: one row a pattern, one column an offer: the row of ``said``.
        said: every distinct answer: ``verdict``, ``rules``, ``causes``, ``blocking``.
        tier_of: what each offer is worth on the day.
    """

    pattern: pl.Series
    tiers: pl.DataFrame
    offers: pl.DataFrame
    said: pl.DataFrame
    tier_of: Mapping[str, str]

    def rows(self, kind: str = "tiers") -> pl.DataFrame:
        """One row a profile and tier (or ``"offers"``), each answer spelt out."""
        table = self.tiers if kind == "tiers" else self.offers
        row = pl.int_range(self.pattern.len(), dtype=pl.UInt32, eager=True).alias("row")
        parts = []
        for name in table.columns:
            spelt = self.said[table[name]][self.pattern]
            tier = pl.lit(self.tier_of.get(name, name)).alias("tier")
            offer = [pl.lit(name).alias("offer")] if kind == "offers" else []
            parts.append(spelt.select(row, tier, pl.all(), *offer))
        return pl.concat(parts) if parts else pl.DataFrame()


def evaluate(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, *, offers: Collection[str] | None = None
) -> Evaluation:
    """Apply the doctrine to profiles.

    Args:
        doctrine: the catalogue, overlays included.
        profiles: one row a profile, one text column an attribute; null is unknown, and so is a word that
            is not in the attribute's list.
        as_of: the day.
        offers: identifiers of the offers to judge; none by default.

    Raises:
        InvalidInput: the day is before what is modelled (``DOC-010``) or an offer is unknown (``DOC-003``).
    """
    found = judge(doctrine, profiles, as_of, offers=offers)
    return Evaluation(found.rows("tiers"), found.rows("offers"))


def judge(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, *, offers: Collection[str] | None = None
) -> Judgement:
    """What :func:`evaluate` says, each distinct answer once: for as many profiles as there are applications.

    Raises:
        InvalidInput: as :func:`evaluate`.
    """
    wanted = asked_offers(doctrine, as_of, offers)
    law = compiled(doctrine, as_of)
    pattern, bits = law.signals.patterns(profiles)
    numbers: dict[Said, int] = {}
    tiers = _numbered(law.tiers, bits, numbers)
    judged = _numbered({name: law.offers[name] for name in wanted}, bits, numbers)
    said = pl.DataFrame([astuple(s) for s in numbers], schema=SAID, orient="row")
    return Judgement(pattern, tiers, judged, said, {name: voices.tier for name, voices in law.offers.items()})


def open_offers(doctrine: Doctrine, profiles: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One boolean column an offer: nothing denies the profile it, and no evidence is missing.

    What :func:`evaluate` says without its reasons, for many profiles at once.

    Args:
        doctrine: the catalogue, overlays included.
        profiles: one row a profile, one text column an attribute; null is unknown.
        as_of: the day, not before what is modelled.
    """
    law = compiled(doctrine, as_of)
    pattern, bits = law.signals.patterns(profiles)
    open_ = {}
    for name, voices in law.offers.items():
        relevant = voices.relevant
        open_[name] = [_open(voices.said(b & relevant)) for b in bits]
    return pl.DataFrame(open_, schema=dict.fromkeys(law.offers, pl.Boolean))[pattern]


@dataclass(frozen=True)
class Law:
    """A doctrine on a day, ready to be read over profiles."""

    signals: Signals
    tiers: Mapping[str, Voices]
    offers: Mapping[str, Voices]


_laws: OrderedDict[tuple[object, ...], tuple[Doctrine, Law]] = OrderedDict()


def compiled(doctrine: Doctrine, as_of: date) -> Law:
    """The doctrine's conditions on a day, compiled once.

    Remembered by the entries themselves and not by the digest of the files: a doctrine that somebody
    changed in memory, as a proof does, is another one.
    """
    entries = (doctrine.attributes, doctrine.tiers, doctrine.rules, doctrine.offers)
    key = (as_of, id(doctrine), *(id(e) for held in entries for e in held.values()), *map(id, doctrine.presumptions))
    if key not in _laws:
        signals = Signals(doctrine.attributes, doctrine.presumptions)
        law = Law(
            signals,
            {tier: tier_voices(doctrine, signals, tier, as_of) for tier in doctrine.tiers},
            {o.id: offer_voices(doctrine, signals, o.on(as_of), as_of) for o in doctrine.offers.values()},
        )
        # The doctrine is held with its law, or an identity could be given again to another one.
        _laws[key] = (doctrine, law)
        while len(_laws) > REMEMBERED:
            _laws.popitem(last=False)
    return _laws[key][1]


def _numbered(targets: Mapping[str, Voices], bits: Sequence[int], numbers: dict[Said, int]) -> pl.DataFrame:
    """For each pattern and target the number of its answer, new answers numbered as they come."""
    # Offers that show the same things are worth the same, and there are fewer kinds than offers; of the bits
    # of a pattern, few matter to one kind.
    kinds: dict[tuple[Voice, ...], pl.Series] = {}
    for voices in targets.values():
        if voices.voices not in kinds:
            relevant = voices.relevant
            here = [b & relevant for b in bits]
            known = {b: numbers.setdefault(voices.said(b), len(numbers)) for b in dict.fromkeys(here)}
            kinds[voices.voices] = pl.Series([known[b] for b in here], dtype=pl.UInt32)
    return pl.DataFrame({name: kinds[voices.voices] for name, voices in targets.items()})


def _open(said: Said) -> bool:
    return said.verdict != "denied" and not said.blocking


def asked_offers(doctrine: Doctrine, as_of: date, offers: Collection[str] | None) -> list[str]:
    """The offers asked for, once the day is one that is modelled.

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
    return [_offer(doctrine, name) for name in offers or ()]


def _offer(doctrine: Doctrine, name: str) -> str:
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
    return name
