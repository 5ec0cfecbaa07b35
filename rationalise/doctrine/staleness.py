"""What must be read again: the ANSSI catalogue monthly, texts quarterly, and where.

An entry whose reading nobody dated was never shown to be read: it is to be read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rationalise.doctrine.catalogue import Doctrine

OFFERS, TEXTS = timedelta(days=31), timedelta(days=92)
"""How long a reading holds: the register of qualifications moves monthly, the texts less often."""
ADDRESSES = Path(__file__).parents[1] / "data/addresses.yaml"


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry read too long ago, or at no known day; ``period_days`` is how long a reading holds."""

    id: str
    kind: str
    read_on: date | None
    due: date | None
    period_days: int
    ref: str
    address: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON; a day that is not known is null."""
        return {key: str(value) if isinstance(value, date) else value for key, value in asdict(self).items()}


def stale_entries(doctrine: Doctrine, as_of: date) -> list[Stale]:
    """The entries whose reading no longer holds on *as_of*, the oldest first, then those never dated."""
    found = [
        Stale(i, kind, day, day + period if day else None, period.days, ref, address)
        for i, kind, day, period, ref, address in _readings(doctrine)
        if day is None or day + period < as_of
    ]
    return sorted(found, key=lambda entry: (entry.due or date.max, entry.id))


def _readings(doctrine: Doctrine) -> list[tuple[str, str, date | None, timedelta, str, str]]:
    catalogues = [
        ("offer", OFFERS, doctrine.offers.values()),
        ("rule", TEXTS, [*doctrine.rules.values(), doctrine.blocking]),
        ("gate", TEXTS, doctrine.gates.values()),
        ("derogation", TEXTS, doctrine.derogations.values()),
        ("presumption", TEXTS, doctrine.presumptions),
    ]  # type: list[tuple[str, timedelta, Any]]
    return [
        (e.id, kind, getattr(e, "read_on", None), period, e.ref, getattr(e, "address", None) or address_of(e.ref))
        for kind, period, entries in catalogues
        for e in entries
    ]


def address_of(reference: str) -> str:
    """The official place where a reference is read again."""
    return next(address for words, address in _addresses() if all(word in reference for word in words))


@lru_cache
def _addresses() -> tuple[tuple[tuple[str, ...], str], ...]:
    rows = yaml.safe_load(ADDRESSES.read_text(encoding="utf-8"))["addresses"]
    return tuple((tuple(row["words"]), row["address"]) for row in rows)
