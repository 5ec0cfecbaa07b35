"""The verdicts of the whole domain: one column a tier or kind of offer, for each set of rules in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.doctrine.models import Offer, Rule
from rationalise.doctrine.proof.dates import behaviour, changes, frozen
from rationalise.doctrine.proof.domain import Domain, domain_of

CHUNK = 131_072
"""Classes judged at once: what bounds the memory."""

DENIED, AWAITS, ASKS, ALLOWED = 0, 1, 2, 3
"""Verdicts by what they allow: denied, conditional on evidence, conditional on a question or offer, allowed."""

RANK = (
    pl.when(pl.col("verdict") == "denied").then(DENIED)
    .when((pl.col("verdict") == "conditional") & pl.col("blocking")).then(AWAITS)
    .when(pl.col("verdict") == "conditional").then(ASKS)
    .when(pl.col("verdict") == "allowed").then(ALLOWED)
    .cast(pl.Int8)
)  # fmt: skip
"""Null where the verdict is none of the three words."""


def word(rank: int) -> str:
    """The verdict's word."""
    return ("denied", "conditional", "conditional", "allowed")[rank]


@dataclass(frozen=True)
class Subject:
    """What is judged: a tier, or an offer as it is on some days, standing for all that behave like it."""

    name: str
    tier: str
    kind: str
    """``outside``, ``internal`` or ``external``."""
    offer: Offer | None = None


@dataclass(frozen=True)
class Table:
    """The verdicts of a subject: one row a class. ``rank``, and numbers in ``spoke`` for the rules that spoke."""

    rank: pl.Series
    spoke: pl.Series
    rows: int
    """How many rows the evaluation answered: one a class, if it is complete."""


@dataclass
class Epoch:
    """The days between two changes of the rules, and the verdicts then."""

    days: list[date]
    rules: tuple[Rule, ...]
    subjects: dict[str, Subject]
    offers: dict[date, dict[str, str]]
    """For each day, the subject each offer is."""
    tables: dict[str, Table] = field(default_factory=dict)


@dataclass
class Verdicts:
    """Everything the doctrine says, over the domain, since it is modelled.

    ``whole`` tells apart all that any tier tells apart; ``domains`` is what each tier does.
    """

    doctrine: Doctrine
    whole: Domain
    domains: Mapping[str, Domain]
    epochs: list[Epoch]
    speeches: list[tuple[str, str]] = field(default_factory=list)
    """``(rules, causes)`` by the numbers of ``spoke``."""

    def at(self, day: date) -> Epoch:
        """The epoch of a day that something changes at."""
        return next(e for e in self.epochs if day in e.days)


def verdicts(doctrine: Doctrine) -> Verdicts:
    """Judge every class at every date at which something changes."""
    epochs = list(_epochs(doctrine))
    ever = list({r.id: r for epoch in epochs for r in epoch.rules}.values())
    domains = {tier: domain_of(doctrine, ever, tier) for tier in doctrine.tiers}
    found = Verdicts(doctrine, domain_of(doctrine, ever), domains, epochs)
    known: dict[tuple[str, str], int] = {}
    for epoch in epochs:
        for tier, domain in domains.items():
            epoch.tables |= judged(doctrine, domain, epoch, tier, known)
    found.speeches = list(known)
    return found


def altered(doctrine: Doctrine, label: str, **changed: Any) -> Doctrine:
    """The doctrine with something else in it; its digest says so, for whoever remembers answers by it."""
    return replace(doctrine, digest=f"{doctrine.digest} {label}", **changed)


def _epochs(doctrine: Doctrine) -> Iterator[Epoch]:
    current: Epoch | None = None
    held: object = None
    alike: dict[tuple[object, ...], str] = {}
    for day in changes(doctrine):
        rules = tuple(r for r in doctrine.rules.values() if r.in_force(day))
        presumptions = [p for p in doctrine.presumptions if _holds(p, day)]
        key = (rules, presumptions)
        if current is None or key != held:
            if current is not None:
                yield current
            current, held = Epoch([], rules, _tiers(doctrine), {}), key
            alike = {}
        current.days.append(day)
        current.offers[day] = {}
        for offer in doctrine.offers.values():
            seen = behaviour(offer, day)
            if seen not in alike:
                name = alike[seen] = f"{offer.id} {day.isoformat()}"
                tier = offer.tier(day)
                current.subjects[name] = Subject(name, tier, doctrine.tiers[tier].kind, frozen(offer, day, name))
            current.offers[day][offer.id] = alike[seen]
    if current is not None:
        yield current


def _holds(entry: object, day: date) -> bool:
    since, until = getattr(entry, "since", None), getattr(entry, "until", None)
    return (since is None or since <= day) and (until is None or day <= until)


def _tiers(doctrine: Doctrine) -> dict[str, Subject]:
    return {t.id: Subject(t.id, t.id, t.kind) for t in doctrine.tiers.values()}


def judged(
    doctrine: Doctrine, domain: Domain, epoch: Epoch, tier: str, known: dict[tuple[str, str], int]
) -> dict[str, Table]:
    """The verdicts of a tier and of the kinds of offers it has, over what it tells apart."""
    offers = {s.name: s.offer for s in epoch.subjects.values() if s.offer is not None and s.tier == tier}
    one = altered(doctrine, f"{tier} {epoch.days[0]}", tiers={tier: doctrine.tiers[tier]}, offers=offers)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in (tier, *offers)}
    for start in range(0, domain.size, CHUNK):
        profiles = domain.profiles(domain.numbers(start, CHUNK))
        for name, frame in judge(one, profiles, epoch.days[0], list(offers)):
            parts[name].append(frame.select("rank", _numbered(frame, known).alias("spoke")))
    tables = {}
    for name, frames in parts.items():
        whole = pl.concat(frames)
        tables[name] = Table(whole["rank"], whole["spoke"], whole.height)
    return tables


def judge(
    doctrine: Doctrine, profiles: pl.DataFrame, day: date, offers: Sequence[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The verdicts of profiles: for each tier and offer, ``rank``, ``rules`` and ``causes`` in the profiles' order."""
    found = evaluate(doctrine, profiles, day, offers=offers)
    for key, frame in (("tier", found.tiers), ("offer", found.offers)):
        if frame.is_empty():
            continue
        for (name,), part in frame.group_by(key, maintain_order=True):
            yield str(name), part.sort("row").select(RANK.alias("rank"), pl.col("rules", "causes").fill_null(""))


def _numbered(frame: pl.DataFrame, known: dict[tuple[str, str], int]) -> pl.Series:
    """The number of each row's pair of rules and causes; a new pair gets the next."""
    pairs = frame.select("rules", "causes")
    distinct = pairs.unique(maintain_order=True)
    numbers = [known.setdefault((rules, causes), len(known)) for rules, causes in distinct.iter_rows()]
    named = distinct.with_columns(pl.Series("spoke", numbers, dtype=pl.UInt32))
    return pairs.join(named, on=["rules", "causes"], how="left", maintain_order="left")["spoke"]


def named(subject: Subject, offers: Mapping[str, str]) -> str:
    """How a person calls a subject: a tier, or the offers that are it."""
    return subject.name if subject.offer is None else ", ".join(o for o, s in offers.items() if s == subject.name)
