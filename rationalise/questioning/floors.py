"""An answer about an application does not undo what comes to it through links: what it fills is at least that."""

from __future__ import annotations

import polars as pl

from rationalise.propagation.inheriting import worth
from rationalise.propagation.spread import SENSES


def floored(rows: pl.DataFrame, inherited: pl.DataFrame) -> pl.DataFrame:
    """What answers fill, raised to what is inherited.

    Args:
        rows: ``id``, ``answer`` and one text column an attribute, what the answer would fill; null is nothing.
        inherited: as :mod:`rationalise.propagation.inheriting` lists it. What comes to a copy for being one goes
            with its fictitious data, once signed.
    """
    fictitious = rows["answer"].str.starts_with("fictitious:")
    for name in [n for n in SENSES if n in rows.columns]:
        lines = inherited.filter(pl.col("attribute") == name)
        if lines.height == 0:
            continue
        kept = lines.select(id="application_id", _floor="value", _copy=pl.col("via_kind") == "copy")
        floor = rows.select("id").join(kept, on="id", how="left", maintain_order="left")
        applies = floor["_floor"].is_not_null() & ~(fictitious & floor["_copy"].fill_null(False))
        both = rows.with_columns(floor["_floor"])
        higher = applies & both.select(pl.col(name).is_not_null() & (worth(name, "_floor") > worth(name, name)))[name]
        rows = both.with_columns(pl.when(higher).then("_floor").otherwise(name).alias(name)).drop("_floor")
    return rows
