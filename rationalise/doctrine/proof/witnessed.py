"""Witnessed: every vector gets its answer, and every entry has one that its removal flips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.proof.declared import harmless
from rationalise.doctrine.proof.findings import Failure, Seeker
from rationalise.doctrine.proof.loosening import Loosening, entries, loosenings, removals
from rationalise.doctrine.proof.tables import DENIED, Verdicts, word
from rationalise.doctrine.proof.vectors import Answer, Vector, Witnesses, expected, whole_profile
from rationalise.language import _


def wrong(doctrine: Doctrine, witnesses: Witnesses) -> Iterator[Failure]:
    """Vectors that do not get their answer, or that witness nothing known."""
    known = {*entries(doctrine), *doctrine.offers, *doctrine.attributes, *doctrine.derogations}
    found = witnesses.answers(doctrine)
    for vector in witnesses:
        for entry in (e for e in vector.witnesses if e not in known):
            yield Failure(
                "DOC-058", _("{vector} witnesses “{entry}”, which is no entry", vector=vector.id, entry=entry), entry
            )
        if (answer := found[vector.id]) != expected(vector):
            yield _differs(vector, answer)


def _differs(vector: Vector, answer: Answer) -> Failure:
    message = _(
        "{vector}: {found} where {expected} is expected",
        vector=vector.id,
        found=_said(answer),
        expected=_said(expected(vector)),
    )
    subject = vector.offer or vector.tier or ", ".join(vector.witnesses)
    profile = None if vector.in_force is not None else {**vector.profile} or whole_profile(vector)
    return Failure("DOC-054", message, subject, vector.as_of, profile)


def _said(answer: Answer) -> str:
    if answer.in_force is not None:
        return _("in force") if answer.in_force else _("not in force")
    verdict = _("no verdict") if answer.verdict is None else answer.verdict
    return f"{verdict} ({', '.join(sorted(answer.speaks))})" if answer.speaks else verdict


def unwitnessed(found: Verdicts, witnesses: Witnesses) -> Iterator[Failure]:
    """Entries that could be removed without any vector noticing; where one is seen, a vector is proposed."""
    for removal in removals(found.doctrine):
        if not caught(removal, witnesses):
            proposed = proposal(found, removal.entry)
            message = _("{entry}: no vector would notice its removal", entry=removal.entry)
            yield Failure("DOC-055", f"{message}\n    {proposed}" if proposed else message, removal.entry)


def unseen(doctrine: Doctrine, witnesses: Witnesses) -> tuple[int, list[Loosening]]:
    """How many ways to loosen an entry there are, and those that no vector notices."""
    listed = list(loosenings(doctrine))
    return len(listed), [one for one in listed if not caught(one, witnesses)]


def caught(loosening: Loosening, witnesses: Witnesses) -> bool:
    """Whether a vector of the entry changes its answer."""
    concerned = witnesses.of(loosening.entry)
    found = concerned.answers(loosening.doctrine)
    return any(found[v.id] != expected(v) for v in concerned)


def proposal(found: Verdicts, entry: str) -> str | None:
    """A vector that an entry alone decides, ready to be kept: the one closest to the harmless profile."""
    best: tuple[int, str] | None = None
    for epoch in found.epochs:
        for name, subject in epoch.subjects.items():
            if subject.offer is not None:
                continue
            domain, table = found.domains[subject.tier], epoch.tables[name]
            alone = [
                n for n, (rules, causes) in enumerate(found.speeches) if entry == causes or _warns(rules, causes, entry)
            ]
            rows = (
                table.spoke.is_in(alone) & ((table.rank > DENIED) | table.spoke.is_in(_caused(found, entry)))
            ).arg_true()
            if not rows.len():
                continue
            at = Seeker(domain).first(rows.cast(pl.UInt32))
            text = _as_vector(
                entry, epoch.days[0], domain.profile(at), name, word(table.rank[at]), found, at, table.spoke
            )
            distance = int(domain.distances()[at])
            if best is None or distance < best[0]:
                best = (distance, text)
    return best[1] if best else None


def _warns(rules: str, causes: str, entry: str) -> bool:
    return entry in rules.split("|") and entry not in causes.split("|") and not causes


def _caused(found: Verdicts, entry: str) -> list[int]:
    return [n for n, (_rules, causes) in enumerate(found.speeches) if causes == entry]


def _as_vector(
    entry: str,
    day: date,
    profile: dict[str, str | None],
    tier: str,
    verdict: str,
    found: Verdicts,
    at: int,
    spoke: pl.Series,
) -> str:
    """The vector as a line of YAML."""
    start = harmless()
    words = {name: "null" if value is None else f'"{value}"' for name, value in profile.items()}
    said = ", ".join(f"{name}: {value}" for name, value in words.items() if profile[name] != start.get(name))
    speaks = "" if found.speeches[spoke[at]][1] == entry else f", speaks: [{entry}]"
    return (
        f"- {{id: {entry}-v1, witnesses: [{entry}], as_of: {day}, profile: {{{said}}}, tier: {tier}, "
        f"verdict: {verdict}{speaks}}}"
    )
