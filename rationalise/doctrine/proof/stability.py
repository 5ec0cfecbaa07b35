"""Stable in time: what moves at each date at which something changes, counted, with a profile that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from rationalise.doctrine.proof.dates import Change, changes
from rationalise.doctrine.proof.findings import Seeker
from rationalise.doctrine.proof.tables import Epoch, Verdicts, word


@dataclass(frozen=True)
class Move:
    """Verdicts that change on a day, from one word to another."""

    subject: str
    """A tier, or offers that move alike, joined with a comma."""
    before: str
    after: str
    profiles: int
    """How many raw profiles."""
    witness: Mapping[str, str | None]


@dataclass(frozen=True)
class Day:
    """A date at which something changes: what changes in the data, what moves in the verdicts."""

    day: date
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    classes: int
    profiles: int


def days(found: Verdicts) -> list[Day]:
    """Every date at which something changes, in order; at the first, nothing moves."""
    listed: list[Day] = []
    known: dict[tuple[str, ...], list[Move]] = {}
    before: tuple[Epoch, date] | None = None
    for day, what in changes(found.doctrine).items():
        epoch = found.at(day)
        moves = tuple(_moves(found, before, (epoch, day), known)) if before else ()
        listed.append(Day(day, tuple(what), moves, sum(d.size for d in found.domains.values()), found.whole.raw))
        before = (epoch, day)
    return listed


def _moves(
    found: Verdicts, before: tuple[Epoch, date], after: tuple[Epoch, date], known: dict[tuple[str, ...], list[Move]]
) -> Iterator[Move]:
    subjects = {tier: (tier, tier) for tier in found.domains}
    subjects |= {offer: (before[0].offers[before[1]][offer], now) for offer, now in after[0].offers[after[1]].items()}
    alike: dict[tuple[str, str], list[str]] = {}
    for name, pair in subjects.items():
        alike.setdefault(pair, []).append(name)
    for (old, new), names in alike.items():
        if old == new and before[0] is after[0]:
            continue
        key = (str(before[0].days[0]), old, str(after[0].days[0]), new)
        if key not in known:
            known[key] = list(_compared(found, before[0], old, after[0], new))
        for move in known[key]:
            yield Move(", ".join(names), move.before, move.after, move.profiles, move.witness)


def _compared(found: Verdicts, before: Epoch, old: str, after: Epoch, new: str) -> Iterator[Move]:
    """The moves of one subject: over what its tier tells apart, or over everything when its tier moves."""
    tiers = before.subjects[old].tier, after.subjects[new].tier
    domain = found.domains[tiers[0]] if tiers[0] == tiers[1] else found.whole
    ranks = [
        pl.lit(epoch.tables[name].rank).gather(domain.within(found.domains[tier])).alias(side)
        for side, epoch, name, tier in (("old", before, old, tiers[0]), ("new", after, new, tiers[1]))
    ]
    moved = (
        domain.numbers()
        .with_columns(*ranks, domain.weights().alias("weight"))
        .with_columns(pl.col("old", "new").replace_strict({n: word(n) for n in range(4)}, return_dtype=pl.String))
        .filter(pl.col("old") != pl.col("new"))
    )
    seeker = Seeker(domain)
    for (old_word, new_word), part in sorted(moved.group_by("old", "new"), key=lambda item: str(item[0])):
        witness = domain.profile(seeker.first(part["at"]))
        yield Move("", str(old_word), str(new_word), int(part["weight"].sum()), witness)
