"""What to do about one unfinished creation, decided from what the cloud holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stacks.run.recovery.kinds import Found

TOLERANCE = timedelta(seconds=2)
"""APIs give whole seconds, and clocks are never quite the same."""


class Act(StrEnum):
    """What happens to an unfinished creation."""

    ADOPT = "adopt"
    REMAKE = "remake"
    FORGET = "forget"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An act, and the objects it is about (several only when a person is asked)."""

    act: Act
    found: tuple[Found, ...] = ()


def decide(
    candidates: Iterable[Found],
    *,
    project_id: str | None,
    began: datetime | None,
    known: Collection[str],
    counted: bool = False,
    adoptable: bool = True,
    removable: bool = False,
) -> Verdict:
    """Decide for one creation. *known*: ids of the state, and of the census where one was taken (*counted*).

    An object that the state already holds, that belongs to another project, or that is older than the
    operation (by its date, or by the census) is somebody else's for certain: it is left alone. Of what
    remains: none, the entry is forgotten; exactly one, bearing our mark where its type carries one and
    of a known age, it is ours; anything else is for a person to say. Names are not unique on OpenStack,
    and adopting a colleague's object would one day delete it.
    """
    possible = [
        found
        for found in candidates
        if found.id not in known
        and (found.project_id is None or found.project_id == project_id)
        and not (began and found.created and found.created < began - TOLERANCE)
    ]
    if not possible:
        return Verdict(Act.FORGET)
    only = possible[0]
    age_known = counted if only.counted else only.created is None or began is not None
    if len(possible) > 1 or only.marked is False or not age_known:
        return Verdict(Act.ASK, tuple(possible))
    if adoptable and not only.broken:
        return Verdict(Act.ADOPT, (only,))
    return Verdict(Act.REMAKE if removable else Act.ASK, (only,))
