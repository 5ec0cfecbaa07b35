"""What must be known of an offer beside its verdict: it changes none, it goes with all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Offer
from rationalise.doctrine.staleness import OFFERS
from rationalise.language import _

LAPSE, DEPENDENCE, CATALOGUE = "G-06", "G-09", "G-06"
"""The gates that ask for it: the end of a qualification, a technology under licence, the register it is read in."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know of an offer: its kind, the gate that asks for it, the day it turns on."""

    offer: str
    kind: Literal["lapses", "lapsed", "in_progress", "reading_old", "third_party_technology"]
    gate: str
    day: date | None = None
    what: str | None = None

    def __str__(self) -> str:
        day, what = self.day and self.day.isoformat(), self.what
        return {
            "lapses": lambda: _("its qualification ends on {day}: a fallback is due", day=day),
            "lapsed": lambda: _("its qualification ended on {day}, or was not read again", day=day),
            "in_progress": lambda: _("a qualification ({what}) is in progress, and counts for nothing yet", what=what),
            "reading_old": lambda: _("read on {day}: the catalogue is to be read again", day=day),
            "third_party_technology": lambda: _("it depends on a technology under licence: {what}", what=what),
        }[self.kind]()

    def as_dict(self) -> dict[str, str]:
        """For JSON; what is not there is left out."""
        found = {"kind": self.kind, "gate": self.gate}
        if self.day:
            found["day"] = self.day.isoformat()
        return {**found, "what": self.what} if self.what else found


def notices(doctrine: Doctrine, offers: Iterable[str], as_of: date, life_end: date | None = None) -> list[Notice]:
    """What is to be known of offers on a day.

    Args:
        doctrine: the offers.
        offers: their identifiers.
        as_of: the day.
        life_end: the planned end of life of what would go there; a life nobody planned has no end.

    Returns:
        by offer: a qualification that ends within the life, one that has ended, one under way (which counts for
        nothing yet), a reading older than its period, a third party's technology.
    """
    found = []
    for offer in (doctrine.offers[name] for name in offers):
        end, lapsed = last_day(offer, as_of), offer.lapsed(as_of)
        if end is not None and (life_end is None or end < life_end):
            found.append(Notice(offer.id, "lapses", LAPSE, end))
        if lapsed is not None:
            found.append(Notice(offer.id, "lapsed", LAPSE, lapsed))
        if offer.in_progress and not offer.qualified(as_of):
            found.append(Notice(offer.id, "in_progress", CATALOGUE, what=offer.in_progress))
        if offer.internal is None and offer.read_on + OFFERS < as_of:
            found.append(Notice(offer.id, "reading_old", CATALOGUE, offer.read_on))
        if offer.third_party_technology:
            found.append(Notice(offer.id, "third_party_technology", DEPENDENCE, what=offer.third_party_technology))
    return [n for n in found if n.gate in doctrine.gates and doctrine.gates[n.gate].in_force(as_of)]


def last_day(offer: Offer, as_of: date) -> date | None:
    """The last day to which qualifications carry an offer from a day on without a gap; None when it is not qualified."""
    if offer.internal or not offer.qualified(as_of):
        return None
    ends = sorted({q.to for q in offer.qualifications if q.to >= as_of})
    return next(end for end in ends if not offer.qualified(end + timedelta(days=1)))
