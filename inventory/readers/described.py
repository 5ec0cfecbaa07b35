"""What each format says of itself: the headings it knows and where they lead, for the reference pages.

A reader may have ``describes()``, giving :class:`Described`; of one that has not, what can be seen is told: its
docstring, and the module's mappings from a heading to a column.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.dataset import schema
from inventory.readers.reading import Reader


@dataclass(frozen=True, slots=True)
class Described:
    """A mapping table of a format: its title, and the headings that lead to each ``table.column``."""

    title: str
    columns: Mapping[str, tuple[str, ...]]


def described(reader: Reader) -> list[Described]:
    """The mapping tables of a reader, its own or those that its module shows."""
    own = getattr(reader, "describes", None)
    if own is not None:
        return list(own())
    module = sys.modules[type(reader).__module__]
    seen = (
        Described(name, gathered(table))
        for name, value in vars(module).items()
        if name.isupper() and not name.startswith("_")
        for table in _mappings(value)
    )
    return [d for d in seen if any(_is_column(c) for c in d.columns)]


def gathered(headings: Mapping[str, str], table: str | None = None) -> dict[str, tuple[str, ...]]:
    """Heading → column turned round: each column, in the order of the first heading, with all that lead to it.

    Args:
        headings: as readers keep them; columns that only serve to decide (``_name``) are left out.
        table: the table, put before the name of a column.
    """
    found: dict[str, tuple[str, ...]] = {}
    for heading, column in headings.items():
        if not column.startswith("_"):
            name = f"{table}.{column}" if table else column
            found[name] = (*found.get(name, ()), heading)
    return found


def _mappings(value: object) -> Iterator[Mapping[str, str]]:
    """The mappings of text to text in a constant: itself, or those of each of its tables."""
    if not isinstance(value, Mapping) or not value:
        return
    if all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        yield value
    else:
        for inner in value.values():
            yield from _mappings(inner)


def _is_column(name: str) -> bool:
    """Whether a text is, or ends with, the name of a column of the dataset."""
    last = name.rpartition(".")[2]
    return any(last in t.by_name for t in schema().tables.values())
