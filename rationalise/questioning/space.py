"""When a verdict no longer depends on what is unknown: the law's answer over every way to fill the unknowns.

The law reads finite lists, so all of it fits a small cube: one axis an attribute, one position a class
of values the law does not tell apart. A profile with unknowns is a slice of that cube; it is *decided*
when the slice agrees on

- the *admissible tiers*: those with at least one offer of the catalogue open on the day, or
- the *preferred tier*: the first admissible one in the order of circulaire 6519/SG, there being one. What
  is unknown may then open other tiers, never move the placement.

An assessment that is not signed is an unknown: signing it may change the verdict. A classification
nobody signed leaves everything open, hence nothing decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, reduce
from itertools import accumulate
from operator import mul, or_

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import open_offers
from rationalise.placement import RANK

SIGNED = "evaluation_art31"
Profile = tuple[str | None, ...]
"""The values of a profile, in the order of the doctrine's attributes; None is unknown."""
Standing = tuple[bool, bool]
"""Whether the admissible tiers are settled, and whether the preferred tier is."""


@dataclass
class Space:
    """The law's answers, on one day, for every combination of classes of values.

    ``cube``: ``at`` (the combination, one digit an attribute), least and greatest ``tiers`` (the
    admissible ones, as bits) and ``preferred`` (the preferred tier, zero for none).
    """

    names: tuple[str, ...]
    classes: tuple[Mapping[str, int], ...]
    cube: pl.DataFrame
    _slices: dict[tuple[int, ...], pl.DataFrame] = field(default_factory=dict)
    _agreed: dict[tuple[int, ...], dict[int, Standing]] = field(default_factory=dict)
    _known: dict[Profile, Standing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sizes = [len(set(c.values())) for c in self.classes]
        self.strides = [1, *accumulate(self.sizes[:-1], mul)]

    def decided(self, profile: Profile) -> bool:
        """Whether no unknown of the profile can change where it goes."""
        return any(self.standing(profile))

    def standing(self, profile: Profile) -> Standing:
        """What no unknown of the profile can change."""
        if profile not in self._known:
            axes = tuple(n for n, value in enumerate(profile) if self._unknown(n, value))
            at = sum(self.strides[n] * self.classes[n][value] for n, value in enumerate(profile)
                     if n not in axes and value is not None)  # fmt: skip
            self._known[profile] = self._agreement(axes)[at]
        return self._known[profile]

    def _unknown(self, axis: int, value: str | None) -> bool:
        return value is None or (self.names[axis] == SIGNED and value != "signed")

    def _agreement(self, axes: tuple[int, ...]) -> dict[int, Standing]:
        """For the values of the other attributes, whether all the values of *axes* give the same answer."""
        if axes not in self._agreed:
            tiers = pl.col("tiers_least") == pl.col("tiers_most")
            preferred = (pl.col("preferred_least") == pl.col("preferred_most")) & (pl.col("preferred_least") > 0)
            rows = self._slice(axes).select("at", tiers.alias("tiers"), preferred.alias("preferred")).iter_rows()
            self._agreed[axes] = {at: (settled, stands) for at, settled, stands in rows}
        return self._agreed[axes]

    def _slice(self, axes: tuple[int, ...]) -> pl.DataFrame:
        if not axes:
            return self.cube
        if axes not in self._slices:
            # One axis at a time: slices shrink, and patterns of unknowns share their beginnings.
            stride, size = self.strides[axes[-1]], self.sizes[axes[-1]]
            place = pl.col("at") - (pl.col("at") // stride % size) * stride
            self._slices[axes] = (
                self._slice(axes[:-1]).group_by(place).agg(pl.col("^.*_least$").min(), pl.col("^.*_most$").max())
            )
        return self._slices[axes]


def space(doctrine: Doctrine, as_of: date) -> Space:
    """The law's answers on a day; worked out once a doctrine and day."""
    return _space(_Held(doctrine), as_of)


@lru_cache(maxsize=4)
def _space(held: _Held, as_of: date) -> Space:
    doctrine = held.doctrine
    names = tuple(doctrine.attributes)
    classes = tuple(value_classes(doctrine, name) for name in names)
    found = Space(names, classes, pl.DataFrame())
    number = pl.int_range(reduce(mul, found.sizes, 1), dtype=pl.UInt32, eager=True).alias("at")
    profiles = number.to_frame().select(
        (pl.col("at") // stride % size)
        .replace_strict({c: v for v, c in reversed(values.items())}, return_dtype=pl.String)
        .alias(name)
        for name, values, stride, size in zip(names, classes, found.strides, found.sizes, strict=True)
    )
    open_ = open_offers(doctrine, profiles, as_of)
    tiers = _open_tiers(doctrine, open_, as_of).with_columns(profiles["classification"])
    bits = reduce(or_, (pl.col(t).cast(pl.UInt8) * (1 << tier.order) for t, tier in doctrine.tiers.items()))
    preferred = _preferred(doctrine)
    found.cube = tiers.select(
        number,
        *(bits.alias(f"tiers_{side}") for side in ("least", "most")),
        *(preferred.alias(f"preferred_{side}") for side in ("least", "most")),
    )
    return found


def _open_tiers(doctrine: Doctrine, open_: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One boolean column a tier: some offer of it is open."""
    offers = {t: [o.id for o in doctrine.offers.values() if o.tier(as_of) == t] for t in doctrine.tiers}
    return open_.select(
        (pl.any_horizontal(*listed) if listed else pl.lit(False)).alias(tier) for tier, listed in offers.items()
    )


def _preferred(doctrine: Doctrine) -> pl.Expr:
    """The first admissible tier in the order of placement; a reserved zone is for what it is reserved to."""
    choice = pl.lit(0)
    for tier in sorted(RANK, key=lambda t: (-RANK[t], -doctrine.tiers[t].order)):
        reserved = doctrine.tiers[tier].reserved_for
        admissible = pl.col(tier) & pl.col("classification").is_in(reserved) if reserved else pl.col(tier)
        choice = pl.when(admissible).then(pl.lit(doctrine.tiers[tier].order + 1)).otherwise(choice)
    return choice.cast(pl.UInt8)


class _Held:
    """Carries a doctrine through a cache that knows it by its digest alone."""

    def __init__(self, doctrine: Doctrine) -> None:
        self.doctrine = doctrine

    def __hash__(self) -> int:
        return hash(self.doctrine.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.doctrine.digest == other.doctrine.digest


def value_classes(doctrine: Doctrine, name: str) -> dict[str, int]:
    """Value → class: two values are of one class when no condition of the law tells them apart."""
    lists = [values for condition in _conditions(doctrine) for attribute, values in condition if attribute == name]
    if name == "entity_kind":
        lists += [tuple(v) for o in doctrine.offers.values() for v in (o.admits, o.by_convention)]
    lists += [("signed",), *(t.reserved_for for t in doctrine.tiers.values())]
    marks: dict[tuple[bool, ...], int] = {}
    return {
        value: marks.setdefault(tuple(value in listed for listed in lists), len(marks))
        for value in doctrine.attributes[name].values
    }


def _conditions(doctrine: Doctrine) -> list[list[tuple[str, tuple[str, ...]]]]:
    found = []
    for when in [r.when for r in doctrine.rules.values()] + [p.when for p in doctrine.presumptions]:
        if isinstance(when, str):
            continue
        flat: list[tuple[str, tuple[str, ...]]] = []
        for name, values in when.items():
            flat += (
                [(n, tuple(v)) for n, v in values.items()] if isinstance(values, Mapping) else [(name, tuple(values))]
            )
        found.append(flat)
    found.append([(n, (v,)) for p in doctrine.presumptions for n, v in p.then.items()])
    return found
