"""What the readers of lists of a known model share: headings known by their words, rows with their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from inventory.files import Grid
from inventory.headings import FIRST_ROWS, Heading, Layout, headings, kept_text
from inventory.readers.reading import ROW, SHEET

Shown = Mapping[str, str]
"""A target that only serves to decide (underscore first) → the column it is shown to lead to in the mapping."""


def known_layout(
    grid: Grid, table: str, aliases: Mapping[str, str], telling: Callable[[set[str]], bool],
    kept: Mapping[str, str | None], shown: Shown,
) -> Layout | None:  # fmt: skip
    """The first row whose headings tell the model, or None.

    Args:
        grid: the sheet.
        table: the table its rows are records of.
        aliases: the words of a heading → its target.
        telling: whether the targets found are those of the model.
        kept: the source's mapping for this sheet; of it only what people changed counts.
        shown: what the mapping says of targets that are no column.
    """
    for position, row in enumerate(grid.cells.head(FIRST_ROWS).rows()):
        ours = Layout(position, table, tuple(headings(row, table, aliases, {})))
        if not telling({str(h.target) for h in ours.headings if h.target}):
            continue
        said = shown_mapping(ours, shown)
        theirs = {h: to for h, to in kept.items() if h not in said or said[h] != to}
        return Layout(position, table, tuple(headings(row, table, aliases, theirs)))
    return None


def shown_mapping(layout: Layout, shown: Shown) -> dict[str, str | None]:
    """What each heading leads to, as kept in the source's mapping file."""
    found: dict[str, str | None] = {}
    for h in layout.headings:
        target = shown.get(h.target, h.target) if h.target else None
        hidden = target is None or target.startswith("_")
        found[h.text] = None if hidden else kept_text(layout.table, Heading(h.position, h.text, target, h.unit))
    return found


def rows_below(grid: Grid, layout: Layout) -> pl.DataFrame:
    """The rows below the headings that hold something, columns by target, with their place."""
    known = [h for h in layout.headings if h.target]
    rows = grid.cells.with_row_index("_n", offset=1).slice(layout.row + 1)
    picked = rows.select(
        *(pl.col(str(h.position)).alias(str(h.target)) for h in known),
        pl.lit(grid.name, pl.String).alias(SHEET),
        pl.col("_n").cast(pl.Int64).alias(ROW),
    )
    return picked.filter(pl.any_horizontal(pl.col(str(h.target)).is_not_null() for h in known))
