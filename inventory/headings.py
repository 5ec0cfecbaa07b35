"""Headings as people write them, led to the columns of the dataset by a dictionary that is data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from inventory.values import UNITS, plain

DICTIONARY = Path(__file__).parent / "data/aliases.json"
FIRST_ROWS = 40
"""Rows among which the headings are looked for, below any banner."""
LONGEST_HEADING = 1_000
"""Characters beyond which a cell is no heading."""
Dictionary = Mapping[str, Mapping[str, str]]
"""For each table: the words of a heading → the column it leads to."""
_UNIT = re.compile(r"[(\[]\s*([^)\]]+?)\s*[)\]]\s*$")
_TRAILING = re.compile(r"\s+(?:(?:en|in)\s+)?([a-zA-Zéàî€%]+(?:\s+(?:TTC|HT))?)\s*$")
"""“Mémoire en Go”, “Coût k€ TTC”: a unit without brackets."""
_KEPT = re.compile(r"(?P<table>\w+)\.(?P<column>[\w:]+)(?:\s*\((?P<unit>[^)]+)\))?$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a sheet: its position, its text, the unit it gives, the column of the dataset it leads to."""

    position: int
    text: str
    target: str | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out: the row of the headings (0-based), the table, its columns."""

    row: int
    table: str
    headings: tuple[Heading, ...]

    def mapping(self) -> dict[str, str | None]:
        """What each heading leads to, as kept in the source's mapping file; null is "ignored".

        Of two headings of the same text the first is the one that is read.
        """
        kept: dict[str, str | None] = {}
        for heading in self.headings:
            kept.setdefault(heading.text, kept_text(self.table, heading))
        return kept


def kept_text(table: str, heading: Heading) -> str | None:
    """``servers.ram_gib (mo)``: where a heading leads and the unit its values are in, as people may edit it."""
    if heading.target is None:
        return None
    return f"{table}.{heading.target}" + (f" ({heading.unit})" if heading.unit else "")


def parse_kept(text: str) -> tuple[str, str, str | None] | None:
    """The table, column and unit of a mapping's entry; None when it is not one."""
    found = _KEPT.match(text.strip())
    return (found["table"], found["column"], found["unit"]) if found else None


def words(heading: str) -> tuple[str, str | None]:
    """A heading as it is compared, and the unit in its brackets if they hold one."""
    if len(heading) > LONGEST_HEADING:
        return "", None
    found = _UNIT.search(heading)
    unit = found[1].casefold() if found and _is_unit(found[1]) else None
    text = heading[: found.start()] if found and unit else heading
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(text)).split()), unit


def _is_unit(text: str) -> bool:
    bare = re.sub(r"\s+(ttc|ht)$", "", text.strip().casefold())
    return any(bare in known for known in UNITS.values())


def _unbracketed(heading: str, aliases: Mapping[str, str]) -> tuple[str | None, str | None]:
    """What a heading leads to without the unit at its end, and that unit; nothing where it ends otherwise."""
    found = _TRAILING.search(heading)
    if found is None or not _is_unit(found[1]):
        return None, None
    target = aliases.get(words(heading[: found.start()])[0])
    return target, found[1].casefold() if target else None


@lru_cache
def dictionary() -> Dictionary:
    """The dictionary shipped, French, English and Italian; a column's own name leads to it too."""
    raw = json.loads(DICTIONARY.read_text(encoding="utf-8"))
    return {
        table: {alias: column for column, aliases in columns.items() for alias in [*aliases, words(column)[0]]}
        for table, columns in raw.items()
    }


def find_layout(
    rows: Sequence[Sequence[str | None]],
    kept: Mapping[str, str | None] | None = None,
    known: Dictionary | None = None,
) -> Layout | None:
    """Find the headings among the first rows of a sheet, and the table they describe.

    Args:
        rows: the first rows.
        kept: the source's mapping for this sheet, heading → ``table.column`` or null; it wins.
        known: another dictionary than the one shipped.

    Returns:
        The layout with the most known headings, or None when fewer than two are known.
    """
    best: tuple[int, int, Layout] | None = None
    for position, row in enumerate(rows[:FIRST_ROWS]):
        if sum(cell is not None for cell in row) < 2:
            continue
        for table, aliases in (known or dictionary()).items():
            layout = Layout(position, table, tuple(headings(row, table, aliases, kept or {})))
            targets = {h.target for h in layout.headings if h.target}
            score = (len(targets), _telling(layout), layout)
            if _identifies(table, targets) and (best is None or score[:2] > best[:2]):
                best = score
    return best[2] if best else None


def headings(
    row: Sequence[str | None], table: str, aliases: Mapping[str, str], kept: Mapping[str, str | None]
) -> list[Heading]:
    """The headings of a row read as those of a table; of two that lead to the same column, the first does."""
    taken: set[str] = set()
    found = []
    for position, cell in enumerate(row):
        if cell is None:
            continue
        text, unit = words(cell)
        target = aliases.get(text)
        if target is None and unit is None:
            target, unit = _unbracketed(cell, aliases)
        if cell in kept:
            entry = parse_kept(kept[cell] or "")
            target = entry[1] if entry and entry[0] == table else None
            unit = entry[2] if entry and entry[2] else unit
        if target in taken:
            target = None
        if target:
            taken.add(target)
        found.append(Heading(position, cell, target, unit.casefold() if unit else None))
    return found


def _identifies(table: str, known: set[str]) -> bool:
    """Whether the headings say enough for rows to be records of a table."""
    if table == "deployments":
        return known == {"application", "server"}
    if table == "flows":
        return {"source", "target"} <= known
    return len(known) >= 2 and bool(known & {"id", "name"})


def _telling(layout: Layout) -> int:
    """How many headings name the table itself ("Code application", "Serveur"); breaks ties."""
    stems = {"applications": "application", "servers": "serveur", "organisations": "organisation"}
    stem = stems.get(layout.table)
    head = [h for h in layout.headings if h.target in ("id", "name")]
    link = 10 if layout.table == "deployments" and len(layout.headings) <= 3 else 0
    return link + sum(stem in words(h.text)[0] for h in head if stem)
