"""What every object made for a zone says of itself: tags, metadata or the head of a description.

Few OpenStack types take tags and fewer take metadata; where a type takes neither, its description
begins with the mark; a type with none of the three (key pair, role, quota) cannot bear one.
"""

from __future__ import annotations

import re

from stacks.zone import Zone

KEY = "francecloud:zone"
LISTED = 30
"""Applications named one by one in tags; past it their number stands there (Nova takes 50 tags)."""
METADATA_LENGTH = 255


def mark(name: str) -> str:
    """The mark of a zone (or platform): ``francecloud:zone=<name>``."""
    return f"{KEY}={name}"


def described(name: str, text: str = "") -> str:
    """A description that begins with the mark: ``[francecloud:<name>] text``."""
    return f"[francecloud:{name}] {text}".rstrip()


def tags(zone: Zone) -> list[str]:
    """The tags of a zone's objects, ``key=value``, sorted; no comma nor slash, which some services refuse."""
    pairs = [*labels(zone).items(), (KEY, zone.name)]
    ids = zone.application_ids
    pairs += [("application", i) for i in ids] if len(ids) <= LISTED else [("applications", str(len(ids)))]
    return sorted(clean(f"{key}={value}") for key, value in pairs)


def metadata(zone: Zone) -> dict[str, str]:
    """The same as metadata, for the types that take no tags; values of at most 255 signs."""
    ids = zone.application_ids
    listed = ",".join(ids)
    values = {
        **labels(zone),
        KEY: zone.name,
        "applications": listed if len(listed) <= METADATA_LENGTH else str(len(ids)),
    }
    return dict(sorted(values.items()))


def labels(zone: Zone) -> dict[str, str]:
    """The labels of a zone that have a value, as text."""
    return {key: str(value) for key, value in zone.tags.model_dump(exclude_none=True).items()}


def clean(tag: str) -> str:
    """A tag every OpenStack service accepts."""
    return re.sub(r"[,/]", "_", tag)[:255]
