"""Vectors that witness an entry of the doctrine: profiles whose verdict flips when it is taken out.

Searched breadth-first from a profile without any sensitivity, over the values the law tells apart, at the day
asked and at the days something changes: the witness found is the simplest there is, and is never written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.questioning.space import value_classes

CALM: Mapping[str, str] = {
    "entity_kind": "etat", "classification": "aucune", "secret_protege": "false", "mission_essentielle": "false",
    "atteinte": "false", "evaluation_art31": "signed", "donnees_perso": "aucune", "sante": "false",
    "responsable_distinct_hebergeur": "false", "acces_hors_ue": "none", "siiv": "false", "service_archivage": "aucun",
    "usage_collaboratif": "false",
}  # fmt: skip
"""Nothing sensitive, everything known and signed."""
DEPTH = 3
"""The most attributes of a witness that differ from :data:`CALM`."""


@dataclass(frozen=True)
class Vector:
    """A profile that differs from :data:`CALM` by ``said``; on ``day``, ``subject`` is ``after`` without the entry.

    ``before`` and ``after`` are the same for an entry that only speaks (a warning): it is then no longer heard.
    """

    day: date
    said: Mapping[str, str]
    subject: str
    before: str
    after: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"day": self.day.isoformat(), "profile": dict(self.said), "subject": self.subject,
                "with": self.before, "without": self.after}  # fmt: skip


def witnesses(doctrine: Doctrine, identifier: str, as_of: date) -> list[Vector]:
    """The simplest vectors of a rule or presumption, one a tier or offer moved; on *as_of*, else at the nearest day.

    Nothing where it has no effect on any day: another entry shadows it.
    """
    without = _without(doctrine, identifier)
    profiles = _profiles(doctrine)
    for day in _days(doctrine, as_of):
        found = _flips(doctrine, without, profiles, day) or _unheard(doctrine, profiles, identifier, day)
        if found:
            return found
    return []


def _without(doctrine: Doctrine, identifier: str) -> Doctrine:
    rules = {i: r for i, r in doctrine.rules.items() if i != identifier}
    return replace(doctrine, rules=rules, presumptions=tuple(p for p in doctrine.presumptions if p.id != identifier))


def _days(doctrine: Doctrine, as_of: date) -> list[date]:
    """The day asked, then the days something changes and their eves, nearest first."""
    changes = {d for r in doctrine.rules.values() for d in (r.since, r.until) if d}
    every = {doctrine.modelled_since} | {d + timedelta(days=n) for d in changes for n in (-1, 0, 1)}
    modelled = [d for d in every if d >= doctrine.modelled_since]
    return [as_of, *sorted(modelled, key=lambda d: (abs((d - as_of).days), d))]


def _profiles(doctrine: Doctrine) -> pl.DataFrame:
    """Every profile at most :data:`DEPTH` attributes away from calm, nearest first: ``row``, ``depth``, attributes."""
    names = list(doctrine.attributes)
    calm = {n: CALM.get(n) or doctrine.attributes[n].unknown_as for n in names}
    options = [
        (axis, name, value)
        for axis, name in enumerate(names)
        for value in [*{c: v for v, c in reversed(value_classes(doctrine, name).items())}.values()]
        if value != calm[name]
    ]
    table = pl.DataFrame(options, schema={"axis": pl.Int8, "name": pl.String, "value": pl.String}, orient="row")
    levels = [pl.DataFrame([{**calm, "last": -1}], schema={**dict.fromkeys(names, pl.String), "last": pl.Int8})]
    for _level in range(DEPTH):
        wider = levels[-1].join(table, how="cross").filter(pl.col("axis") > pl.col("last"))
        put = [pl.when(pl.col("name") == n).then(pl.col("value")).otherwise(pl.col(n)).alias(n) for n in names]
        levels.append(wider.select(*put, pl.col("axis").alias("last")))
    stacked = [level.drop("last").with_columns(depth=pl.lit(depth)) for depth, level in enumerate(levels)]
    return pl.concat(stacked).with_row_index("row")


def _flips(doctrine: Doctrine, without: Doctrine, profiles: pl.DataFrame, day: date) -> list[Vector]:
    names = list(doctrine.attributes)
    both = [evaluate(law, profiles.select(names), day, offers=list(doctrine.offers)) for law in (doctrine, without)]
    parts = []
    for kind in ("tier", "offer"):
        frames = [getattr(found, f"{kind}s").select("row", kind, "verdict") for found in both]
        parts.append(
            frames[0].join(frames[1], on=["row", kind], suffix="_without")
            .filter(pl.col("verdict") != pl.col("verdict_without"))
            .rename({kind: "subject"})
        )  # fmt: skip
    # A tier says more than each of its offers: offers only where no tier moves.
    moved = parts[0] if parts[0].height else parts[1]
    return _vectors(moved, profiles, day)


def _unheard(doctrine: Doctrine, profiles: pl.DataFrame, identifier: str, day: date) -> list[Vector]:
    tiers = evaluate(doctrine, profiles.select(list(doctrine.attributes)), day).tiers
    heard = tiers.filter(pl.col("rules").str.split("|").list.contains(identifier))
    warns = identifier in doctrine.rules and bool(doctrine.rules[identifier].warn)
    return _vectors(
        heard.select("row", subject="tier", verdict="verdict", verdict_without="verdict"), profiles, day
    ) if warns else []  # fmt: skip


def _vectors(moved: pl.DataFrame, profiles: pl.DataFrame, day: date) -> list[Vector]:
    first = (
        moved.join(profiles, on="row")
        .sort("depth", "row")
        .group_by("subject", maintain_order=True)
        .first()
        .sort("row", "subject")
    )
    return [
        Vector(day, {n: row[n] for n in CALM if n in row and row[n] != CALM[n]}, row["subject"], row["verdict"],
               row["verdict_without"])
        for row in first.iter_rows(named=True)
    ]  # fmt: skip
