"""What may be true of a profile, a bit each: every condition of the doctrine over every profile at once.

A condition is a conjunction of terms, a term a disjunction of memberships. Attributes have closed lists,
so a term over one attribute is a table of as many rows as it has values, and all conditions over that
attribute are read together, one integer a value. Profiles that agree on every bit cannot be told apart
by the law: there are a few thousand such patterns whatever the number of applications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_
from typing import Literal

import polars as pl

from rationalise.doctrine.conditions import presumed
from rationalise.doctrine.models import Attribute, Condition, Presumption

Reading = Literal["closed", "sure", "possible", "otherwise", "unknown"]
"""How a term takes an unknown: *closed* as the value that closes, *sure* as no, *possible* as yes.
*otherwise* is what closed denies (a value that nothing closes counts), *unknown* is that nothing is known."""

WORD = 62
"""Bits in a word: positive in 64-bit integers of every engine."""


@dataclass(frozen=True)
class Term:
    """One of these attributes has one of its values, under a reading."""

    members: tuple[tuple[str, tuple[str, ...]], ...]
    reading: Reading


Signal = tuple[Term, ...]
"""Every term holds; no term at all always does."""


def signal(when: Condition | Literal["always"], reading: Reading) -> Signal:
    """A ``when`` mapping under a reading."""
    if isinstance(when, str):
        return ()
    return tuple(
        Term(
            tuple((n, tuple(v)) for n, v in values.items())
            if isinstance(values, Mapping)
            else ((name, tuple(values)),),
            reading,
        )
        for name, values in when.items()
    )


def truth(attribute: Attribute, accepted: Sequence[str], reading: Reading, value: str | None) -> bool:
    """Whether a value (None: unknown) is a member, under a reading."""
    if reading == "unknown":
        return value is None
    if reading == "sure":
        return value in accepted
    if reading == "possible":
        return value is None or value in accepted
    closed = value if value is not None else attribute.unknown_as
    return closed not in accepted if reading == "otherwise" else closed in accepted


class Signals:
    """The signals of a doctrine on a day: each has a number, the same condition always the same one."""

    def __init__(self, attributes: Mapping[str, Attribute], presumptions: Sequence[Presumption]) -> None:
        self.attributes = attributes
        self.presumptions = presumptions
        self.number: dict[Signal, int] = {}

    def bit(self, wanted: Signal) -> int:
        """The bit of a signal, given on first use."""
        strange = {name for term in wanted for name, _v in term.members} - self.attributes.keys()
        assert not strange, strange
        return 1 << self.number.setdefault(wanted, len(self.number))

    def encoded(self, profiles: pl.DataFrame) -> pl.DataFrame:
        """Profiles with presumptions applied, each value its place in the attribute's list, from 1; 0 is unknown.

        A word that is not in the list tells nothing, so it is unknown.
        """
        lists = {a.name: pl.Enum(a.values) for a in self.attributes.values()}
        cast = profiles.select(pl.col(n).cast(kind, strict=False) for n, kind in lists.items())
        found = presumed(self.attributes, self.presumptions, cast)
        return found.select((pl.col(n).to_physical().cast(pl.UInt32) + 1).fill_null(0) for n in lists)

    def patterns(self, profiles: pl.DataFrame) -> tuple[pl.Series, list[int]]:
        """The pattern of each profile, and what each pattern is.

        Returns:
            one number a profile, in the order given, and for each number the bits that are true.
        """
        words = self.encoded(profiles).select(self.words)
        names = words.columns
        distinct = words.unique(maintain_order=True).with_row_index("pattern")
        found = words.join(distinct, on=names, how="left", maintain_order="left")["pattern"]
        bits = [
            sum(word << (WORD * place) for place, word in enumerate(row)) for row in distinct.select(names).iter_rows()
        ]
        return found, bits

    @cached_property
    def words(self) -> list[pl.Expr]:
        """The truth of every signal as integer columns over encoded profiles, :data:`WORD` signals each."""
        signals = list(self.number)
        parts = [signals[at : at + WORD] for at in range(0, len(signals), WORD)]
        return [self._word(part).alias(f"word{n}") for n, part in enumerate(parts)]

    def _word(self, signals: Sequence[Signal]) -> pl.Expr:
        alone = [(n, t) for n, terms in enumerate(signals) for t in terms if len(t.members) == 1]
        every = (1 << len(signals)) - 1
        parts = []
        for name in self.attributes:
            table = self._table(name, alone, joined=and_, start=every)
            if any(entry != every for entry in table):
                parts.append(_look_up(name, table))
        # A term over several attributes is a disjunction: one table an attribute, joined before they meet the rest.
        for slot in _slots(signals):
            others = every & ~sum(1 << n for n, _t in slot)
            names = dict.fromkeys(m for _n, t in slot for m, _v in t.members)
            looked = [_look_up(m, self._table(m, slot, joined=or_, start=others)) for m in names]
            parts.append(reduce(or_, looked, pl.lit(others, pl.Int64)))
        return reduce(and_, parts, pl.lit(every, pl.Int64))

    def _table(self, name: str, terms: Iterable[tuple[int, Term]], *, joined: object, start: int) -> list[int]:
        attribute = self.attributes[name]
        table = []
        for value in (None, *attribute.values):
            entry = start
            for n, term in terms:
                for member, accepted in term.members:
                    if member != name:
                        continue
                    holds = truth(attribute, accepted, term.reading, value)
                    if joined is and_ and not holds:
                        entry &= ~(1 << n)
                    elif joined is or_ and holds:
                        entry |= 1 << n
            table.append(entry)
        return table


def _slots(signals: Sequence[Signal]) -> list[list[tuple[int, Term]]]:
    """The terms over several attributes, at most one a signal in each slot."""
    several = [[t for t in terms if len(t.members) != 1] for terms in signals]
    depth = max(map(len, several), default=0)
    return [[(n, terms[place]) for n, terms in enumerate(several) if place < len(terms)] for place in range(depth)]


def _look_up(name: str, table: Sequence[int]) -> pl.Expr:
    return pl.lit(pl.Series(table, dtype=pl.Int64)).gather(pl.col(name))
