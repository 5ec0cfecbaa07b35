"""Minimal: a rule or a presumption without effect at a date is named, with what shadows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rationalise.doctrine.models import Presumption, Rule
from rationalise.doctrine.proof.domain import Domain
from rationalise.doctrine.proof.tables import DENIED, Epoch, Table, Verdicts, altered, judged


@dataclass(frozen=True)
class Shadow:
    """An entry whose removal would change no verdict between two days."""

    entry: str
    since: date
    until: date | None
    by: tuple[str, ...]
    """What says the same where it speaks; empty where it never speaks."""


def shadows(found: Verdicts) -> list[Shadow]:
    """Every entry without effect, by set of rules in force."""
    listed: list[Shadow] = []
    for position, epoch in enumerate(found.epochs):
        following = found.epochs[position + 1].days[0] if position + 1 < len(found.epochs) else None
        until = date.fromordinal(following.toordinal() - 1) if following else None
        for entry, by in [*_rules(found, epoch), *_presumptions(found, epoch)]:
            before = next(
                (s for s in listed if (s.entry, s.by) == (entry, by) and _touch(s.until, epoch.days[0])), None
            )
            if before is not None:
                listed.remove(before)
            listed.append(Shadow(entry, before.since if before else epoch.days[0], until, by))
    return listed


def _touch(until: date | None, since: date) -> bool:
    return until is not None and until.toordinal() + 1 == since.toordinal()


def _rules(found: Verdicts, epoch: Epoch) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A rule has an effect where it alone makes a verdict, or where it alone warns of a place left open."""
    beside: dict[str, set[frozenset[str]]] = {}
    for name in epoch.subjects:
        for spoken, caused, denied in _said(found, epoch.tables[name]):
            causes = frozenset(caused.split("|")) - {""}
            for cause in causes:
                beside.setdefault(cause, set()).add(causes - {cause})
            for voice in frozenset(spoken.split("|")) - causes - {""} if not denied else ():
                if _warns(epoch.rules, voice):
                    beside.setdefault(voice, set()).add(frozenset())
    for rule in epoch.rules:
        others = beside.get(rule.id, set())
        if frozenset() not in others:
            yield rule.id, _covering(others)


def _said(found: Verdicts, table: Table) -> Iterator[tuple[str, str, bool]]:
    """Each distinct speech of a table, and whether it denies."""
    for denies in (False, True):
        for number in table.spoke.filter((table.rank == DENIED) == denies).unique().sort():
            yield (*found.speeches[number], denies)


def _warns(rules: Sequence[Rule], rule: str) -> bool:
    return any(r.id == rule and r.warn for r in rules)


def _covering(others: set[frozenset[str]]) -> tuple[str, ...]:
    """Few rules of which one is there each time: one if one is always there, else the most frequent first."""
    left, chosen = set(others), []
    while left:
        counts = {rule: sum(rule in o for o in left) for rule in sorted(frozenset().union(*left))}
        best = max(counts, key=lambda rule: counts[rule])
        chosen.append(best)
        left = {o for o in left if best not in o}
    return tuple(sorted(chosen))


def _presumptions(found: Verdicts, epoch: Epoch) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A presumption has no words of its own: it is taken away, and everything judged again."""
    every = found.doctrine.presumptions
    for taken in every:
        rest = [p for p in every if p is not taken]
        if not _differs(found, epoch, every, rest):
            by = [
                other.id
                for other in rest
                if _differs(found, epoch, [p for p in every if p is not other], [p for p in rest if p is not other])
            ]
            yield taken.id, tuple(by)


def _differs(found: Verdicts, epoch: Epoch, left: Sequence[Presumption], right: Sequence[Presumption]) -> bool:
    """Whether two sets of presumptions give some class two verdicts; the least domains first, one difference is enough."""
    for tier, domain in sorted(found.domains.items(), key=lambda item: item[1].size):
        one, two = (_tables(found, some, domain, epoch, tier) for some in (left, right))
        if any(one[name].rank.ne_missing(two[name].rank).any() for name in one):
            return True
    return False


def _tables(
    found: Verdicts, presumptions: Sequence[Presumption], domain: Domain, epoch: Epoch, tier: str
) -> dict[str, Table]:
    if tuple(presumptions) == found.doctrine.presumptions:
        return {name: epoch.tables[name] for name, subject in epoch.subjects.items() if subject.tier == tier}
    label = "presuming " + "+".join(p.id for p in presumptions)
    return judged(altered(found.doctrine, label, presumptions=tuple(presumptions)), domain, epoch, tier, {})
