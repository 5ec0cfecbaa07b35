"""What must be read again: the ANSSI catalogue monthly, texts quarterly."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from rationalise.doctrine.catalogue import Doctrine

OFFERS, TEXTS = timedelta(days=31), timedelta(days=92)
"""How long a reading holds: the register of qualifications moves monthly, the texts less often."""


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry read too long ago."""

    id: str
    read_on: date
    due: date
    ref: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {key: str(value) for key, value in asdict(self).items()}


def stale_entries(doctrine: Doctrine, as_of: date) -> list[Stale]:
    """The entries whose reading no longer holds on *as_of*, the oldest first."""
    read = [(o.id, o.read_on, OFFERS, o.ref) for o in doctrine.offers.values()]
    read += [(r.id, r.read_on, TEXTS, r.ref) for r in doctrine.rules.values() if r.read_on]
    found = [Stale(i, day, day + period, ref) for i, day, period, ref in read if day + period < as_of]
    return sorted(found, key=lambda entry: (entry.due, entry.id))
