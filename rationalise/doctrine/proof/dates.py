"""The days at which something in the doctrine changes, and what changes then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Offer
from rationalise.language import _


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that begins, or that held for the last time the day before."""

    day: date
    entry: str
    what: str
    """``begins`` or ``ends``."""
    detail: str = ""

    def text(self) -> str:
        """For a person."""
        entry = f"{self.entry} ({self.detail})" if self.detail else self.entry
        return _("{entry} begins", entry=entry) if self.what == "begins" else _("{entry} ends", entry=entry)


def changes(doctrine: Doctrine) -> dict[date, list[Change]]:
    """Every day from ``modelled_since`` on at which something changes, in order; the first is that day itself."""
    found: dict[date, list[Change]] = {doctrine.modelled_since: []}
    for change in sorted(_all(doctrine), key=lambda c: (c.day, c.entry, c.what, c.detail)):
        if change.day > doctrine.modelled_since:
            found.setdefault(change.day, []).append(change)
    return dict(sorted(found.items()))


def _all(doctrine: Doctrine) -> Iterator[Change]:
    dated: list[Any] = [*doctrine.rules.values(), *doctrine.gates.values(), *doctrine.presumptions, doctrine.blocking]
    for entry in dated:
        yield from _spans(entry.id, getattr(entry, "since", None), getattr(entry, "until", None))
    for offer in doctrine.offers.values():
        for q in offer.qualifications:
            yield from _spans(offer.id, q.since, q.to, q.scheme)
        for h in offer.hds:
            yield from _spans(offer.id, h.since, h.to, f"HDS v{h.version}")
        for fact in getattr(offer, "shown", ()):
            yield from _spans(offer.id, fact.since, fact.to, fact.fact)


def _spans(entry: str, since: date | None, until: date | None, detail: str = "") -> Iterator[Change]:
    if since is not None:
        yield Change(since, entry, "begins", detail)
    if until is not None:
        yield Change(until + timedelta(days=1), entry, "ends", detail)


SAID_OF = {"id", "title", "operator", "note", "read_on", "conf", "ref", "layers", "law", "qualifications", "hds", "api", "fit", "service_hours", "third_party_technology"}  # fmt: skip
"""What is said of an offer and that no rule reads; qualifications, layers and law are read through its tier."""


def behaviour(offer: Offer, day: date) -> tuple[object, ...]:
    """What rules may read of an offer on a day: two offers alike in this get the same verdicts."""
    there = frozen(offer, day, offer.id)
    rest = there.model_dump(exclude=SAID_OF)
    certificates = tuple(sorted({h.version for h in there.hds}))
    return (there.tier(day), certificates, *((key, repr(rest[key])) for key in sorted(rest)))


def frozen(offer: Offer, day: date, name: str) -> Offer:
    """The offer as it is on a day, for ever, under another name."""
    always = {"since": date.min, "to": date.max}
    # Facts shown for a time only, where the catalogue dates them.
    dated = getattr(offer, "on", None)
    there: Offer = dated(day) if dated is not None else offer
    return there.model_copy(
        update={
            "id": name,
            "qualifications": tuple(q.model_copy(update=always) for q in offer.qualifications if q.valid(day)),
            "hds": tuple(h.model_copy(update=always) for h in offer.hds if h.since <= day <= h.to),
            **({"shown": ()} if dated is not None else {}),
        }
    )
