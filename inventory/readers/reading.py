"""What a reader gives back: records with their place, how the columns were understood, what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from inventory.files import SourceFile
from inventory.problems import Problem

SHEET, ROW = "_sheet", "_row"
"""Columns that carry the place of each record beside its values."""
MADE, IMPLIED = "_made", "_implied"
"""Columns that say, where true, that the identifier was made of the name; that only a reference implies the record."""

Mapped = dict[str, dict[str, str | None]]
"""Sheet ("" for a text file) → heading → ``table.column`` and its unit, or null for a column that is ignored."""
Kept = Mapping[str, Mapping[str, str | None]]
"""The same, as people may have edited it; it wins."""


@dataclass
class Reading:
    """A source read.

    ``tables``: by table, text columns of the dataset in its own spelling, plus ``_sheet`` and ``_row``. ``links``:
    pairs (application, server) as named in the source, with their place, to be resolved once all is read.
    """

    source: SourceFile
    format: str
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    links: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"application": pl.String, "server": pl.String, SHEET: pl.String, ROW: pl.Int64}
        )
    )
    problems: list[Problem] = field(default_factory=list)
    mapping: Mapped = field(default_factory=dict)
    corrects: bool = False
    """Whether what it says was asked of people as a correction: it comes before the sources no setting ranks."""


class Reader(Protocol):
    """A format. ``recognises`` looks at the content, ``read`` takes the source's kept mapping into account."""

    name: str

    def recognises(self, source: SourceFile) -> bool:
        """Whether the content is of this format."""

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read everything, with every problem found."""
