"""What would change a verdict: the smallest sets of facts or decisions that open or close a tier, computed.

A breadth-first search over the finite space of profiles, by the number of steps a person takes: an unknown
answered, an assessment signed, a decision or a derogation granted, a fact shown of an offer. All the
candidates of a size are judged at once; the first size that moves a tier is its smallest, and every set of
that size is kept. What is known stays: correcting a fact is no answer to a question.

A tier is *open* when one of its offers is: nothing denies it and no evidence is awaited. A tier without an
offer in the catalogue is outside this search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any, Literal

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import open_offers
from rationalise.doctrine.models import Hds, Offer
from rationalise.questioning.space import SIGNED, value_classes

MOST = 6
"""The most steps that are tried together."""
ANSWERS = ("fact", "signature")
"""Steps that fill a profile; the others change what it is held against."""
Values = Mapping[str, str | None]


@dataclass(frozen=True, order=True)
class Step:
    """One thing a person does.

    ``kind``: ``fact`` (an unknown attribute answered), ``signature`` (the assessment of article 31 signed),
    ``decision`` (a decision of another kind), ``derogation`` or ``evidence`` (something shown of an offer).
    ``values``: any of these answers.
    """

    kind: Literal["fact", "signature", "decision", "derogation", "evidence"]
    subject: str
    values: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"kind": self.kind, "subject": self.subject, "values": list(self.values)}


Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Ways:
    """What opens a tier that is closed, or closes one that is open; no set when at most :data:`MOST` steps do."""

    tier: str
    open: bool
    sets: tuple[Steps, ...]
    answers: tuple[Steps, ...] = ()
    """The smallest sets of answers and signatures alone, where something else would take fewer steps."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``effect`` is what the sets do."""
        return {
            "tier": self.tier, "open": self.open, "effect": "closes" if self.open else "opens",
            "size": len(self.sets[0]) if self.sets else None, "searched_up_to": MOST,
            "sets": [[step.as_dict() for step in steps] for steps in self.sets],
            "by_answers_alone": [[step.as_dict() for step in steps] for steps in self.answers],
        }  # fmt: skip


@dataclass(frozen=True)
class Start:
    """A profile to start from and the step that leads there; None for the profile as it is."""

    step: Step | None
    profile: Values


def smallest_changes(doctrine: Doctrine, as_of: date, starts: Sequence[Start], *, derogable: bool = True) -> list[Ways]:
    """The smallest sets of steps that move each tier.

    Args:
        doctrine: the law and the offers.
        as_of: the day, not before what is modelled.
        starts: the profile as it is first, then those that one decision would give it.
        derogable: whether a derogation may be asked for (not where the project is known to be engaged too late).
    """
    laws: list[tuple[Step | None, Doctrine]] = [(None, _fewer_offers(doctrine, as_of))]
    laws += [(s, _fewer_offers(d, as_of)) for s, d in _variants(doctrine, as_of) if derogable or s.kind != "derogation"]
    tiers = sorted({o.tier(as_of) for o in doctrine.offers.values()}, key=lambda t: doctrine.tiers[t].order)
    searches = [_Search(doctrine, start) for start in starts]
    standing = _open_tiers(laws[0][1], searches[0].level(0), as_of, tiers).row(0, named=True)
    ways = _Found(tiers)
    for size in range(1, MOST + 1):
        moved: dict[str, set[Steps]] = {t: set() for t in tiers}
        for search, (law_step, law) in product(searches, laws):
            taken = [s for s in (search.start.step, law_step) if s is not None]
            left = ways.left(alone=not taken)
            frame = search.level(size - len(taken)) if left and size >= len(taken) else None
            if frame is None or frame.height == 0:
                continue
            opens = _open_tiers(law, frame, as_of, left)
            for tier in left:
                rows = frame.filter(opens[tier] != standing[tier])
                moved[tier] |= {tuple(sorted([*taken, *steps])) for steps in search.steps(rows)}
        ways.keep(moved)
        if not ways.left(alone=True):
            break
    return [ways.of(t, bool(standing[t])) for t in tiers]


class _Found:
    """The first sets found for each tier: of any steps, and of answers and signatures alone."""

    def __init__(self, tiers: Sequence[str]) -> None:
        self.any: dict[str, set[Steps]] = {tier: set() for tier in tiers}
        self.alone: dict[str, set[Steps]] = {tier: set() for tier in tiers}

    def left(self, *, alone: bool) -> list[str]:
        """The tiers that are still searched: by answers alone, the search goes on."""
        return [tier for tier, sets in (self.alone if alone else self.any).items() if not sets]

    def keep(self, moved: Mapping[str, set[Steps]]) -> None:
        for tier, sets in moved.items():
            self.any[tier] = self.any[tier] or sets
            self.alone[tier] = self.alone[tier] or {s for s in sets if all(x.kind in ANSWERS for x in s)}

    def of(self, tier: str, open_: bool) -> Ways:
        fewest, alone = self.any[tier], self.alone[tier]
        return Ways(tier, open_, _together(fewest), () if alone <= fewest else _together(alone))


class _Search:
    """The profiles that are so many answers away from a start, level by level."""

    def __init__(self, doctrine: Doctrine, start: Start) -> None:
        self.start = start
        self.names = list(doctrine.attributes)
        self.options = pl.DataFrame(
            [(n, name, value) for n, name in enumerate(self.names) for value in self._answers(doctrine, name)],
            schema={"axis": pl.Int8, "name": pl.String, "value": pl.String},
            orient="row",
        )
        self.classes = {name: value_classes(doctrine, name) for name in self.names}
        row: dict[str, Any] = {**{n: start.profile.get(n) for n in self.names}, "last": -1, "moved": []}
        schema: dict[str, Any] = {**dict.fromkeys(self.names, pl.String), "last": pl.Int8, "moved": pl.List(pl.Int8)}
        self.levels = [pl.DataFrame([row], schema=schema, orient="row")]

    def _answers(self, doctrine: Doctrine, name: str) -> list[str]:
        value = self.start.profile.get(name)
        if name == SIGNED:
            return [] if value == "signed" else ["signed"]
        if value is not None:
            return []
        # One value of each class: the law does not tell the others apart.
        return list({c: v for v, c in reversed(value_classes(doctrine, name).items())}.values())

    def level(self, size: int) -> pl.DataFrame:
        """Every profile with *size* answers more than the start."""
        while len(self.levels) <= size:
            wider = self.levels[-1].join(self.options, how="cross").filter(pl.col("axis") > pl.col("last"))
            self.levels.append(
                wider.select(
                    *(pl.when(pl.col("name") == n).then(pl.col("value")).otherwise(pl.col(n)).alias(n)
                      for n in self.names),
                    pl.col("axis").alias("last"),
                    pl.concat_list("moved", "axis").alias("moved"),
                )
            )  # fmt: skip
        return self.levels[size]

    def steps(self, rows: pl.DataFrame) -> list[Steps]:
        """The answers that each row gives, every value of their classes."""
        found = []
        for row in rows.iter_rows(named=True):
            names = [self.names[axis] for axis in row["moved"]]
            found.append(tuple(
                Step("signature", n) if n == SIGNED
                else Step("fact", n, tuple(v for v, c in self.classes[n].items() if c == self.classes[n][row[n]]))
                for n in names
            ))  # fmt: skip
        return found


def _open_tiers(doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, tiers: Sequence[str]) -> pl.DataFrame:
    """One boolean column a tier: one of its offers is open."""
    wanted = {o.id: o for o in doctrine.offers.values() if o.tier(as_of) in tiers}
    found = open_offers(replace(doctrine, offers=wanted), profiles, as_of)
    return found.select(
        pl.any_horizontal(*[o.id for o in wanted.values() if o.tier(as_of) == tier]).alias(tier) for tier in tiers
    )


def _fewer_offers(doctrine: Doctrine, as_of: date) -> Doctrine:
    """One offer of those the law does not tell apart on a day."""
    kept: dict[tuple[object, ...], Offer] = {}
    for o in doctrine.offers.values():
        health = tuple(sorted({h.version for h in o.hds if h.since <= as_of <= h.to}))
        law = (o.tier(as_of), o.admits, o.by_convention, o.convention, o.country, o.agrement_archives,
               o.homologation_dr, health)  # fmt: skip
        kept.setdefault(law, o)
    return replace(doctrine, offers={o.id: o for o in kept.values()})


def _variants(doctrine: Doctrine, as_of: date) -> list[tuple[Step, Doctrine]]:
    """The law as a derogation leaves it, or the offers with something more shown of them."""
    rules = [r for r in doctrine.rules.values() if r.in_force(as_of)]
    found: list[tuple[Step, Doctrine]] = []
    for name in sorted({r.derogation for r in rules if r.derogation}):
        left = {i: r for i, r in doctrine.rules.items() if r.derogation != name}
        found.append((Step("derogation", name), replace(doctrine, rules=left)))
    asked = [r.require_offer for r in rules if r.require_offer]
    if any(r.evidence for r in rules):
        found.append((Step("evidence", "homologation_dr"), _shown(doctrine, homologation_dr=True)))
    if any(a.agrement_archives for a in asked):
        found.append((Step("evidence", "agrement_archives"), _shown(doctrine, agrement_archives=True)))
    for version in sorted({a.hds_version for a in asked if a.hds_version}):
        certificate = Hds.model_validate({"version": version, "from": as_of, "to": as_of, "certificate": ""})
        found.append((Step("evidence", "hds", (str(version),)), _shown(doctrine, hds=(certificate,))))
    if any(a.entite_admise for a in asked):
        for answer in ("signed", "none"):
            unsaid = {i: o.model_copy(update={"convention": answer}) if o.convention is None else o
                      for i, o in doctrine.offers.items()}  # fmt: skip
            found.append((Step("evidence", "convention", (answer,)), replace(doctrine, offers=unsaid)))
    return found


def _shown(doctrine: Doctrine, **facts: object) -> Doctrine:
    return replace(doctrine, offers={i: o.model_copy(update=facts) for i, o in doctrine.offers.items()})


def _together(sets: set[Steps]) -> tuple[Steps, ...]:
    """Sets that differ by the values only, as one where every combination of those values does it."""
    grouped: dict[tuple[tuple[str, str], ...], list[Steps]] = {}
    for steps in sorted(sets):
        grouped.setdefault(tuple((s.kind, s.subject) for s in steps), []).append(steps)
    merged: list[Steps] = []
    for group in grouped.values():
        columns = [sorted({s.values for s in column}) for column in zip(*group, strict=True)]
        if len(group) == len(list(product(*columns))):
            merged.append(tuple(replace(s, values=tuple(v for values in column for v in values))
                                for s, column in zip(group[0], columns, strict=True)))  # fmt: skip
        else:
            merged += group
    return tuple(merged)
