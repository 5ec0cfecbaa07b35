"""How to look up, on the cloud, an object whose creation was cut short: one entry a type.

Adding a type is adding one entry to a table of this package; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stacks.run.recovery.pending import Pending

Cloud = Any
"""An ``openstack.connection.Connection``."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the cloud that could be the one whose creation was cut short."""

    id: str
    """The id under which the provider keeps it (not always the cloud's own)."""
    project_id: str | None = None
    """The project that owns it, None for what belongs to none."""
    created: datetime | None = None
    """When it was made, None where the API does not tell."""
    marked: bool | None = None
    """Whether it bears the mark of our zone; None where its key is made of our own objects' ids, or
    where what identifies it (a public key) can only be ours."""
    counted: bool = False
    """Whether only the census taken before the operation can tell that it was made since."""
    broken: bool = False
    """Whether the cloud itself gave up on it: it is deleted and made again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a type: how to find it, whether it can be taken in, how to finish or remove it."""

    find: Callable[[Cloud, Pending, str], Iterable[Found]]
    """Candidates among what the cloud holds: cloud, pending creation, our mark."""
    remove: Callable[[Cloud, str], None] | None = None
    """Delete the object; needed where it is remade."""
    adopt: Callable[[Pending], bool] = lambda pending: True
    """Whether the object, once found, can be taken into the state; else it is deleted and made again."""
    finish: Callable[[Cloud, Pending, str], None] | None = None
    """Do the part of the creation that may be missing and that the provider does only once."""


def marked(mark: str, *places: object) -> bool:
    """Whether *mark* (``francecloud:zone=<zone>``) is in a tag, a metadata entry or a description.

    A description bears it as the prefix ``[francecloud:<zone>]``.
    """
    key, _sep, zone = mark.partition("=")
    for place in places:
        if isinstance(place, str) and place.startswith(f"[{key.split(':')[0]}:{zone}]"):
            return True
        if isinstance(place, Mapping) and place.get(key) == zone:
            return True
        if isinstance(place, (list, tuple, set)) and mark in place:
            return True
    return False


def instant(text: str | None) -> datetime | None:
    """An API's ``created_at``, in UTC; OpenStack leaves the zone out or writes ``Z``."""
    if not text:
        return None
    from datetime import UTC

    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
