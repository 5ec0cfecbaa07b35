"""Which answers to ask for first: verdicts unlock jointly, so sets of answers are weighed, not single ones.

A perimeter declaration alone, or a health answer alone, may settle nothing, and both together everything.
So each group of like applications knows its smallest sets of answers that decide it; the greedy choice
takes, each time, the set with most weight decided per cost, and only weighs again the sets its last
choice touched. Where few answers are possible every combination is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from rationalise.questioning.space import Profile

JOINT = 3
"""The most answers that are weighed together."""
FEW = 12
"""Up to so many possible answers, every combination is tried."""
ALTERNATIVES = 64
"""The most ways to decide one group that are kept."""

Effect = Profile
"""What an answer fills of a profile, attribute by attribute; None leaves it."""
Answers = frozenset[int]


@dataclass(frozen=True)
class Group:
    """Applications alike: the same profile, the same answers cover them with the same effect."""

    profile: Profile
    effects: Mapping[int, Effect]
    applications: int
    weight: int
    """Users, one where unknown: what deciding them is worth."""


def filled(profile: Profile, effects: Iterable[Effect]) -> Profile:
    """A profile once answers have filled it."""
    for effect in effects:
        profile = tuple(e if e is not None else p for p, e in zip(profile, effect, strict=True))
    return profile


def deciding_sets(groups: Sequence[Group], decided: Callable[[Profile], bool]) -> list[list[Answers]]:
    """For each group, the smallest sets of answers that decide it; none for a group decided already.

    A set is smallest when no part of it decides; sets of more than :data:`JOINT` answers are not looked for.
    """
    known: dict[tuple[Profile, frozenset[Effect]], list[tuple[Effect, ...]]] = {}
    found = []
    for group in groups:
        ways: dict[Effect, list[int]] = {}
        for answer, effect in sorted(group.effects.items()):
            ways.setdefault(effect, []).append(answer)
        key = (group.profile, frozenset(ways))
        if key not in known:
            ordered = sorted(ways, key=lambda effect: tuple(v or "" for v in effect))
            known[key] = _smallest(group.profile, tuple(ordered), decided)
        # Answers with the same effect stand for one another.
        sets = (frozenset(picked) for effects in known[key] for picked in product(*(ways[e] for e in effects)))
        found.append(list(dict.fromkeys(sets))[:ALTERNATIVES])
    return found


def _smallest(
    profile: Profile, effects: tuple[Effect, ...], decided: Callable[[Profile], bool]
) -> list[tuple[Effect, ...]]:
    if decided(profile):
        return []
    found: list[tuple[Effect, ...]] = []
    for size in range(1, JOINT + 1):
        for some in combinations(effects, size):
            if not any(set(smaller) <= set(some) for smaller in found) and decided(filled(profile, some)):
                found.append(some)
    return found


def choose(weights: Sequence[int], sets: Sequence[list[Answers]], costs: Sequence[float], limit: int) -> list[int]:
    """The answers to ask for, in order: greedy, and exact for at most :data:`FEW` possible answers.

    Args:
        weights: what each group is worth.
        sets: the smallest sets of answers that decide each group.
        costs: of each answer.
        limit: the most answers.
    """
    weights, sets = _together(weights, sets)
    chosen = greedy(weights, sets, costs, limit)
    useful = sorted({a for ways in sets for way in ways for a in way})
    if limit < len(useful) <= FEW:
        best = max(combinations(useful, limit), key=lambda some: worth(weights, sets, some))
        if worth(weights, sets, best) > worth(weights, sets, chosen):
            inside = [[way for way in ways if way <= set(best)] for ways in sets]
            return greedy(weights, inside, costs, limit)
    return chosen


def _together(weights: Sequence[int], sets: Sequence[list[Answers]]) -> tuple[list[int], list[list[Answers]]]:
    """Groups that the same answers decide, counted once; those nothing decides left out."""
    merged: dict[frozenset[Answers], int] = {}
    for weight, ways in zip(weights, sets, strict=True):
        if ways:
            merged[frozenset(ways)] = merged.get(frozenset(ways), 0) + weight
    return list(merged.values()), [sorted(ways, key=sorted) for ways in merged]


def worth(weights: Sequence[int], sets: Sequence[list[Answers]], answers: Collection[int]) -> int:
    """The weight that some answers decide together."""
    given = set(answers)
    return sum(w for w, ways in zip(weights, sets, strict=True) if any(way <= given for way in ways))


def greedy(weights: Sequence[int], sets: Sequence[list[Answers]], costs: Sequence[float], limit: int) -> list[int]:
    """The greedy choice alone: see :func:`choose`."""
    open_ = {g: set(ways) for g, ways in enumerate(sets) if ways}
    holders: dict[Answers, set[int]] = {}
    for group, ways in open_.items():
        for way in ways:
            holders.setdefault(way, set()).add(group)
    gains: dict[Answers, int] = {}
    stale = set(holders)
    chosen: list[int] = []
    while holders and len(chosen) < limit:
        for way in stale & holders.keys():
            gains[way] = _gain(way, holders, weights)
        room = limit - len(chosen)
        affordable = [way for way in holders if len(way) <= room]
        if not affordable:
            break
        best = min(affordable, key=lambda way: (-gains[way] / sum(costs[a] for a in way), len(way), sorted(way)))
        chosen += sorted(best, key=lambda a: (-_gain(frozenset([a]), holders, weights), a))
        stale = _give(best, open_, holders)
        gains = {way: gain for way, gain in gains.items() if way in holders}
    return chosen


def _gain(way: Answers, holders: Mapping[Answers, set[int]], weights: Sequence[int]) -> int:
    """The weight of the groups that a set decides: those with a way inside it."""
    inside: set[int] = set()
    for size in range(1, len(way) + 1):
        for some in combinations(sorted(way), size):
            inside |= holders.get(frozenset(some), set())
    return sum(weights[g] for g in inside)


def _give(given: Answers, open_: dict[int, set[Answers]], holders: dict[Answers, set[int]]) -> set[Answers]:
    """Take given answers out of every way; the sets that must be weighed again."""
    touched: set[int] = set()
    for way in [w for w in holders if w & given]:
        touched |= holders.pop(way)
    moved: set[int] = set()
    for group in touched:
        left = {way - given for way in open_[group]}
        for way in open_[group]:
            moved |= way
            if way in holders:
                holders[way].discard(group)
                if not holders[way]:
                    del holders[way]
        if frozenset() in left:
            del open_[group]
            continue
        open_[group] = {w for w in left if not any(other < w for other in left)}
        for way in open_[group]:
            holders.setdefault(way, set()).add(group)
    return {way for way in holders if way & moved}
