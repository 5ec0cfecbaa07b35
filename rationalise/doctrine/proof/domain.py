"""The finite domain of profiles, and its quotient by what no condition tells apart.

Two values of an attribute are merged when every list of every condition, and every question asked of
an unknown, answers the same for both. Merging value by value is sound because a verdict reads
attributes through those lists only; the quotient of the product is the product of the quotients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate
from math import gcd, prod
from operator import add, mul

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Presumption, Rule
from rationalise.doctrine.proof.declared import harmless

SIGNED = "evaluation_art31"
Profile = Mapping[str, str | None]
"""``attribute -> value``, None where it is unknown."""


@dataclass(frozen=True)
class Axis:
    """An attribute and the classes of its values; the first of a class stands for it."""

    name: str
    classes: tuple[tuple[str | None, ...], ...]
    harmless: int
    """The class of the harmless value."""

    def at(self, value: str | None) -> int:
        """The class of a value."""
        return next(i for i, members in enumerate(self.classes) if value in members)


@dataclass(frozen=True)
class Domain:
    """Every profile, by classes: class number ``n`` has one digit an axis, in mixed radix."""

    axes: tuple[Axis, ...]
    sizes: tuple[int, ...] = field(init=False)
    strides: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        sizes = tuple(len(a.classes) for a in self.axes)
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "strides", tuple(accumulate((1, *sizes[:-1]), mul)))

    @property
    def size(self) -> int:
        """How many classes."""
        return prod(self.sizes)

    @property
    def raw(self) -> int:
        """How many profiles: the product of the values of every attribute, unknown included."""
        return prod(sum(len(c) for c in a.classes) for a in self.axes)

    def digit(self, axis: int) -> pl.Expr:
        """The class of an attribute, from the column ``at``."""
        return pl.col("at") // self.strides[axis] % self.sizes[axis]

    def numbers(self, start: int = 0, length: int | None = None) -> pl.DataFrame:
        """One column ``at``: class numbers from *start*, to the end when *length* is None."""
        end = self.size if length is None else min(self.size, start + length)
        return pl.int_range(start, end, dtype=pl.UInt32, eager=True).alias("at").to_frame()

    def profiles(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """The profile that stands for each class, one text column an attribute; null is unknown."""
        return numbers.select(
            pl.lit(pl.Series([c[0] for c in axis.classes], dtype=pl.String)).gather(self.digit(n)).alias(axis.name)
            for n, axis in enumerate(self.axes)
        )

    def weights(self) -> pl.Series:
        """How many profiles each class stands for."""
        return self._folded([[len(c) for c in a.classes] for a in self.axes], mul)

    def distances(self) -> pl.Series:
        """How many attributes of each class's profile are not at their harmless value."""
        table = [[int(i != a.harmless) for i in range(len(a.classes))] for a in self.axes]
        return self._folded(table, add)

    def profile(self, number: int) -> dict[str, str | None]:
        """The profile that stands for a class."""
        return {
            axis.name: axis.classes[number // stride % size][0]
            for axis, stride, size in zip(self.axes, self.strides, self.sizes, strict=True)
        }

    def number(self, profile: Profile) -> int:
        """The class of a profile."""
        return sum(axis.at(profile[axis.name]) * stride for axis, stride in zip(self.axes, self.strides, strict=True))

    def within(self, smaller: Domain) -> pl.Expr:
        """From the column ``at`` of this domain, the class in a coarser one."""
        parts = []
        for n, (axis, coarse) in enumerate(zip(self.axes, smaller.axes, strict=True)):
            places = pl.Series([coarse.at(c[0]) * smaller.strides[n] for c in axis.classes], dtype=pl.UInt32)
            parts.append(pl.lit(places).gather(self.digit(n)))
        return reduce(add, parts)

    def sample(self, count: int) -> Iterator[dict[str, str | None]]:
        """Some raw profiles, evenly spread and the same at each call: a stride prime to the product walks it all."""
        values = [[v for members in axis.classes for v in members] for axis in self.axes]
        stride = max(1, round(self.raw * 0.6180339887))
        while gcd(stride, self.raw) > 1:
            stride += 1
        for step in range(min(count, self.raw)):
            place = step * stride % self.raw
            profile = {}
            for axis, words in zip(self.axes, values, strict=True):
                place, which = divmod(place, len(words))
                profile[axis.name] = words[which]
            yield profile

    def _folded(self, table: Sequence[Sequence[int]], together: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Series:
        """For each class, the values of its digits put together."""
        parts = [pl.lit(pl.Series(row, dtype=pl.Int64)).gather(self.digit(n)) for n, row in enumerate(table)]
        return self.numbers().select(reduce(together, parts).alias("n"))["n"]


def domain_of(doctrine: Doctrine, rules: Sequence[Rule], tier: str | None = None) -> Domain:
    """The domain, quotiented by what *rules*, the presumptions and the offers tell apart.

    With a *tier*, by what is told apart there: the rules that speak of it, and the presumptions that
    set an attribute one of them reads.
    """
    spoken = [r for r in rules if tier is None or tier in speaks_of(r)]
    relevant = {name for rule in spoken for name in reads(rule)}
    presumptions: list[Presumption] = []
    while more := [p for p in doctrine.presumptions if p not in presumptions and relevant & set(p.then)]:
        presumptions += more
        relevant |= {name for p in more for name in p.when}
    start = harmless()
    return Domain(tuple(_axis(doctrine, spoken, presumptions, n, start.get(n)) for n in doctrine.attributes))


def _axis(
    doctrine: Doctrine, rules: Sequence[Rule], presumptions: Sequence[Presumption], name: str, first: str | None
) -> Axis:
    attribute = doctrine.attributes[name]
    lists = [set(v) for rule in rules for n, v in pairs(rule.when) if n == name]
    if any(r.require_offer and r.require_offer.entite_admise for r in rules) and name == "entity_kind":
        lists += [{*listed} for o in doctrine.offers.values() for listed in (o.admits, o.by_convention)]
    presumed = [set(p.when[name]) for p in presumptions if name in p.when]
    if name == SIGNED and any(p.unless_signed for p in presumptions):
        lists.append({"signed"})
    apart = attribute.block or _asked_when_unknown(rules, presumptions, name, attribute.unknown_as)
    marks: dict[tuple[object, ...], list[str | None]] = {}
    for value in [*sorted(attribute.values, key=lambda v: v != first), None]:
        filled = attribute.unknown_as if value is None else value
        # Of any attribute but the assessment, an unknown presumes nothing.
        read = filled if name == SIGNED else value
        mark = (
            *(filled in listed for listed in lists),
            *((filled in listed, read in listed) for listed in presumed),
            apart and value is None,
        )
        marks.setdefault(mark, []).append(value)
    classes = tuple(tuple(members) for members in marks.values())
    return Axis(name, classes, next((i for i, c in enumerate(classes) if first in c), 0))


def _asked_when_unknown(
    rules: Sequence[Rule], presumptions: Sequence[Presumption], name: str, closed: str | None
) -> bool:
    """Whether something asks if the attribute is unknown, and not only what it is closed to."""
    read = any(r.if_unknown and any(n == name for n, _v in pairs(r.when)) for r in rules)
    admitted = name == "entity_kind" and any(r.require_offer and r.require_offer.entite_admise for r in rules)
    # A presumption that a signed answer stops sets an unknown; where it sets what unknown is closed to, nothing differs.
    signed = any(p.unless_signed and p.then.get(name, closed) != closed for p in presumptions)
    return read or admitted or signed


def speaks_of(rule: Rule) -> set[str]:
    """The tiers a rule speaks of."""
    return {*rule.deny, *rule.warn, *rule.applies_to, *(rule.evidence.tiers if rule.evidence else ())}


def pairs(when: object) -> list[tuple[str, tuple[str, ...]]]:
    """Every attribute a condition reads with the values it accepts, those of ``any`` included."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, values in when.items() if isinstance(when, Mapping) else ():
        if isinstance(values, Mapping):
            found += [(n, tuple(v)) for n, v in values.items()]
        else:
            found.append((name, tuple(values)))
    return found


def reads(rule: Rule) -> set[str]:
    """The attributes a rule reads, the entity it asks the offer to admit included."""
    admitted = {"entity_kind"} if rule.require_offer and rule.require_offer.entite_admise else set()
    return {n for n, _v in pairs(rule.when)} | admitted
