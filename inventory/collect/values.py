"""From what systems say to values of a record: only what is sure, and only what is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from ipaddress import ip_address
from typing import Any

from inventory.headings import dictionary, words
from inventory.values import SIZES, plain

LABELS = {"environment": "environment", "application": "link:applications"}
"""What labels are read for; the others may hold anything, secrets included, and are not kept."""
MORE = {"env": "environment", "app": "application", "apps": "application"}
_SIZE = re.compile(r"([\d\s  ]+(?:[.,]\d+)?)\s*([A-Za-z]+)$")


def labels(tags: Mapping[str, Any]) -> dict[str, str]:
    """The environment and the applications that a machine's labels name, under any name the dictionary knows."""
    aliases = dictionary()["servers"]
    found: dict[str, str] = {}
    for key in sorted(tags):
        word = words(str(key))[0]
        kind = MORE.get(word) or next((k for k, column in LABELS.items() if aliases.get(word) == column), None)
        if kind and tags[key]:
            found.setdefault(kind, str(tags[key]))
    return found


def addresses(texts: Iterable[object]) -> list[str]:
    """The addresses of a machine, sorted by family then value: those of its own or of a link say nothing."""
    found = set()
    for text in texts:
        try:
            value = ip_address(str(text).strip().partition("/")[0])
        except ValueError:
            continue
        if not (value.is_loopback or value.is_link_local or value.is_unspecified or value.is_multicast):
            found.add(value)
    return [str(a) for a in sorted(found, key=lambda a: (a.version, int(a)))]


def gib(text: object) -> float | None:
    """A size written with its unit, in GiB; None without one: 8192 may be of any."""
    found = _SIZE.match(str(text or "").strip())
    factor = SIZES.get(found[2].casefold()) if found else None
    if found is None or factor is None:
        return None
    return round(float(re.sub(r"[\s  ]", "", found[1]).replace(",", ".")) * factor, 3)


def count(text: object) -> int | None:
    """A whole number above zero that is written as one, else None."""
    word = str(text if text is not None else "").strip()
    return int(word) if re.fullmatch(r"\d{1,6}", word) and int(word) else None


def day(text: object) -> str | None:
    """The day of a moment written as ISO 8601; None where there is none."""
    found = re.match(r"(\d{4}-\d{2}-\d{2})", str(text or ""))
    return found[1] if found and not found[1].startswith("0000") else None


def prose(text: object) -> str | None:
    """A text without the markup of a web form."""
    line = " ".join(unescape(re.sub(r"<[^<>]*>", " ", str(text or ""))).split())
    return line or None


def identifier(text: object) -> str | None:
    """A UUID in its usual spelling; None for what firmware writes when it has none."""
    found = re.fullmatch(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", str(text or "").strip().casefold())
    if found is None or len(set(found[0].replace("-", ""))) <= 1:
        return None
    bare = found[0].replace("-", "")
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def serial(text: object) -> str | None:
    """A serial number; None for the words that makers leave in its place."""
    line = " ".join(str(text or "").split())
    filler = {"to be filled by o e m", "default string", "not specified", "none", "system serial number", "n a", "0"}
    return None if not line or re.sub(r"[^a-z0-9]+", " ", plain(line)).strip() in filler else line


def owners(names: Mapping[str, str | None], prefix: str) -> dict[str, str]:
    """An identifier for each record whose name another record bears too; the others are known by their name.

    Args:
        names: the name of each record, by its key in the system.
        prefix: the system and place.
    """
    times: dict[str, int] = {}
    for name in names.values():
        key = plain(name or "")
        times[key] = times.get(key, 0) + 1
    return {k: f"{prefix}-{k}" for k, name in names.items() if times[plain(name or "")] > 1 or not plain(name or "")}
