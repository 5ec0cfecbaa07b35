"""How much a text may hold before it is taken for a mistake or a bomb: limits of size, said and never silent."""

from __future__ import annotations

import polars as pl

from inventory.language import _
from inventory.workbooks import LAST_COLUMN, Swollen

LARGEST_TEXT = 2**29
"""Bytes of a text file: a million rows of five hundred characters; reading takes some ten times its size."""
LARGEST_CELL = 1_000_000
"""Characters of one cell; a spreadsheet itself holds 32,767."""
MOST_CELLS = 2**26
"""Cells of a text, its longest row times its rows: two million rows of thirty columns."""


def check_shape(rows: int, columns: int) -> None:
    """Refuse a text before it is laid out.

    Raises:
        Swollen: more columns than a spreadsheet has, or more cells than :data:`MOST_CELLS`.
    """
    if columns > LAST_COLUMN or rows * columns > MOST_CELLS:
        raise Swollen(f"{rows} × {columns}")


def check_cells(frame: pl.DataFrame) -> None:
    """Refuse a cell that no person wrote.

    Raises:
        Swollen: a cell longer than :data:`LARGEST_CELL`.
    """
    if frame.width == 0 or frame.height == 0:
        return
    longest = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item() or 0
    if longest > LARGEST_CELL:
        raise Swollen(_("a cell of {n} bytes", n=longest))
