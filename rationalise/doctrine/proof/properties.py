"""Complete, consistent, monotone, closed: checked over every class, at every set of rules in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from rationalise.doctrine.proof.declared import Declared, declared
from rationalise.doctrine.proof.domain import Domain, reads
from rationalise.doctrine.proof.findings import Failure, Seeker
from rationalise.doctrine.proof.tables import ALLOWED, DENIED, Epoch, Subject, Table, Verdicts, word
from rationalise.language import _


@dataclass(frozen=True)
class Case:
    """One subject's verdicts between two changes of the rules, and how to show one of them."""

    found: Verdicts
    epoch: Epoch
    subject: Subject
    table: Table
    seeker: Seeker

    @property
    def domain(self) -> Domain:
        """What the subject's tier tells apart."""
        return self.seeker.domain

    def failure(self, code: str, message: str, at: int) -> Failure:
        """A failure shown by a class."""
        return Failure(code, message, self.subject.name, self.epoch.days[0], self.domain.profile(at))


def cases(found: Verdicts) -> Iterator[Case]:
    """Every subject at every set of rules in force."""
    seekers = {tier: Seeker(domain) for tier, domain in found.domains.items()}
    for epoch in found.epochs:
        for name, subject in epoch.subjects.items():
            yield Case(found, epoch, subject, epoch.tables[name], seekers[subject.tier])


def complete(found: Verdicts) -> Iterator[Failure]:
    """One verdict, of the three words, for every class and subject; the classes are all the profiles."""
    for tier, domain in found.domains.items():
        if (total := domain.weights().sum()) != domain.raw:
            yield Failure(
                "DOC-050", _("{tier}: the classes hold {n} profiles of {all}", tier=tier, n=total, all=domain.raw)
            )
    for case in cases(found):
        table, size = case.table, case.domain.size
        if table.rows != size:
            message = _("{subject}: {n} verdicts for {all} classes", subject=case.subject.name, n=table.rows, all=size)
            yield Failure("DOC-050", message, case.subject.name, case.epoch.days[0])
        elif (without := table.rank.is_null().arg_true()).len():
            message = _("{subject}: no verdict", subject=case.subject.name)
            yield case.failure("DOC-050", message, case.seeker.first(without))


def consistent(found: Verdicts) -> Iterator[Failure]:
    """A verdict agrees with its causes, an offer with its tier, and the rules leave some place to everyone."""
    for case in cases(found):
        yield from _causes(case)
        if case.subject.offer is not None:
            yield from _with_tier(case)
    for epoch in found.epochs:
        yield from _some_place(found, epoch)


def _causes(case: Case) -> Iterator[Failure]:
    """No denial without a rule in force, no cause that did not speak, none where all is allowed."""
    known = {r.id for r in case.epoch.rules} | {case.found.doctrine.blocking.id}
    wrong_denied: list[int] = []
    wrong_allowed: list[int] = []
    foreign: list[int] = []
    for number, (spoken, caused) in enumerate(case.found.speeches):
        rules, causes = set(spoken.split("|")) - {""}, set(caused.split("|")) - {""}
        (wrong_allowed if causes else wrong_denied).append(number)
        if not causes <= rules or not rules <= known:
            foreign.append(number)
    spoke, rank = case.table.spoke, case.table.rank
    checks = (
        ((rank < ALLOWED) & spoke.is_in(wrong_denied), _("a verdict that is not “allowed” names no rule")),
        ((rank == ALLOWED) & spoke.is_in(wrong_allowed), _("“allowed”, and yet a rule denies or asks")),
        (spoke.is_in(foreign), _("a rule that is not in force, or did not speak, is named")),
    )
    for broken, message in checks:
        if (rows := broken.arg_true()).len():
            yield case.failure("DOC-051", message, case.seeker.first(rows))


def _with_tier(case: Case) -> Iterator[Failure]:
    """What denies a tier denies its offers; what is asked of a tier's offers is all that can."""
    tier = case.epoch.tables[case.subject.tier].rank
    broken = ((tier == DENIED) & (case.table.rank > DENIED)) | ((tier == ALLOWED) & (case.table.rank < ALLOWED))
    if (rows := broken.arg_true()).len():
        message = _("the offer's verdict contradicts that of its tier {tier}", tier=case.subject.tier)
        yield case.failure("DOC-051", message, case.seeker.first(rows))


def _some_place(found: Verdicts, epoch: Epoch) -> Iterator[Failure]:
    """Rules that deny every tier together contradict one another; where the law blocks, nothing is expected."""
    denied = [
        pl.lit(epoch.tables[tier].rank == DENIED).gather(found.whole.within(domain))
        for tier, domain in found.domains.items()
    ]
    blocked = [
        found.whole.digit(n) == axis.at(None)
        for n, axis in enumerate(found.whole.axes)
        if found.doctrine.attributes[axis.name].block
    ]
    nowhere = found.whole.numbers().filter(pl.all_horizontal(*denied), ~pl.any_horizontal(pl.lit(False), *blocked))[
        "at"
    ]
    if nowhere.len():
        at = Seeker(found.whole).first(nowhere)
        yield Failure("DOC-051", _("the rules deny every tier"), "", epoch.days[0], found.whole.profile(at))


def monotone(found: Verdicts) -> Iterator[Failure]:
    """Among FranceCloud's tiers, raising a sensitivity attribute never allows more."""
    for case in cases(found):
        if case.subject.kind == "outside":
            continue
        for n, axis in enumerate(case.domain.axes):
            for low, high in _declared(axis.name).raises:
                broken = _more(case, n, axis.at(low), axis.at(high))
                if broken.len():
                    at = case.seeker.first(broken)
                    yield case.failure("DOC-052", _risen(case, at, n, axis.at(high), axis.name, low, high), at)


def closed(found: Verdicts) -> Iterator[Failure]:
    """Unknown never allows more than any known value; where only flagged, an open question is carried."""
    for case in cases(found):
        for n, axis in enumerate(case.domain.axes):
            unknown = axis.at(None)
            if _declared(axis.name).unknown[case.subject.kind] == "flag":  # type: ignore[index]
                yield from _flagged(case, n, axis.name, unknown)
                continue
            for value in (v for members in axis.classes for v in members if v is not None):
                broken = _more(case, n, axis.at(value), unknown)
                if broken.len():
                    at = case.seeker.first(broken)
                    message = _risen(case, at, n, unknown, axis.name, value, None)
                    yield case.failure("DOC-053", message, at)
                    break


def _more(case: Case, axis: int, low: int, high: int) -> pl.Series:
    """The classes at *low* on an axis that allow less than the same at *high*."""
    if low == high:
        return pl.Series([], dtype=pl.UInt32)
    stride = case.domain.strides[axis]
    at = case.domain.numbers().filter(case.domain.digit(axis) == low)["at"]
    other = (at.cast(pl.Int64) + (high - low) * stride).cast(pl.UInt32)
    return at.filter(case.table.rank.gather(other) > case.table.rank.gather(at))


def _flagged(case: Case, axis: int, name: str, unknown: int) -> Iterator[Failure]:
    """Where known values differ and unknown is not worth the strictest, a rule that reads it must ask."""
    stride = case.domain.strides[axis]
    at = case.domain.numbers().filter(case.domain.digit(axis) == unknown)["at"]
    known = [
        case.table.rank.gather((at.cast(pl.Int64) + (other - unknown) * stride).cast(pl.UInt32)).alias(str(other))
        for other in range(case.domain.sizes[axis])
        if other != unknown
    ]
    if not known:
        return
    readers = {r.id for r in case.epoch.rules if name in reads(r)}
    asked = [n for n, (_rules, causes) in enumerate(case.found.speeches) if readers & set(causes.split("|"))]
    here = pl.DataFrame(
        [at, case.table.rank.gather(at).alias("here"), case.table.spoke.gather(at).alias("spoke"), *known]
    )
    least = pl.min_horizontal(*(k.name for k in known))
    broken = here.filter(
        pl.col("here") > least, (pl.col("here") == ALLOWED) | ~pl.col("spoke").is_in(asked)
    )["at"]  # fmt: skip
    if broken.len():
        message = _(
            "{attribute} unknown: some known value is allowed less, and no open question says so", attribute=name
        )
        failure = case.failure("DOC-053", message, case.seeker.first(broken))
        # The class may hold known values too: the case to show is the unknown.
        yield replace(failure, profile={**(failure.profile or {}), name: None})


def _risen(case: Case, at: int, axis: int, high: int, name: str, low_value: str | None, value: str | None) -> str:
    stride, size = case.domain.strides[axis], case.domain.sizes[axis]
    other = at + (high - at // stride % size) * stride
    return _(
        "{attribute}: from {low} ({before}) to {high} ({after}) more is allowed",
        attribute=name,
        low=low_value,
        before=word(case.table.rank[at]),
        high=_("unknown") if value is None else value,
        after=word(case.table.rank[other]),
    )


def _declared(name: str) -> Declared:
    return declared()[name]
