"""Effective sensitivity: what is known of each application itself, raised by what reaches it.

A value only ever raises: where the receiver's own value, or what its being unknown closes, is worth as
much, nothing changes. A signed "no" that something contradicts does not stand: it is listed, to be signed again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from rationalise.inheritance import ORDERS
from rationalise.propagation.spread import LEAST, SENSES, Spread, arrivals

INHERITED = {
    "application_id": pl.String, "attribute": pl.String, "value": pl.String, "own_value": pl.String,
    "own_origin": pl.String, "from_id": pl.String, "via_kind": pl.String, "via": pl.String, "holder_id": pl.String,
    "steps": pl.Int64, "reading": pl.String,
}  # fmt: skip
"""The proposal's table of that name; ``reading``: *now*, *presumed* or *both*, where the value raises."""


@dataclass(frozen=True)
class Raised:
    """Both readings and the origins once inherited, and one line a value that raised something."""

    now: pl.DataFrame
    presumed: pl.DataFrame
    origin: pl.DataFrame
    inherited: pl.DataFrame


def raised(found: Spread, now: pl.DataFrame, presumed: pl.DataFrame, origin: pl.DataFrame) -> Raised:
    """Raise both readings by what was spread; frames of ``id`` and one text column an attribute."""
    lines = []
    for name in SENSES:
        if name not in now.columns:
            continue
        came = arrivals(found, name)
        if came.height == 0:
            continue
        own = (
            came.select("id")
            .join(now.select("id", own_value=name), on="id", how="left", maintain_order="left")
            .join(presumed.select("id", _presumed=name), on="id", how="left", maintain_order="left")
            .join(origin.select("id", own_origin=name), on="id", how="left", maintain_order="left")
        )
        table = pl.concat([came, own.drop("id")], how="horizontal").with_columns(
            _now=worth(name, "value") > worth(name, "own_value"),
            _later=worth(name, "value") > worth(name, "_presumed"),
        )
        lines.append(table.filter(pl.col("_now") | pl.col("_later")))
        now = _raise(now, table.filter("_now"), name, "value")
        presumed = _raise(presumed, table.filter("_later"), name, "value")
        origin = _raise(origin, table.filter("_now"), name, "from_id")
    return Raised(now, presumed, origin, _listed(lines))


def worth(attribute: str, column: str) -> pl.Expr:
    """How much a value of *column* is worth, what closes being worth more than what it stands above."""
    order = ORDERS.get(attribute, LEAST.get(attribute, ()))
    known = {v: n for n, v in enumerate(order) if v is not None}
    unknown = order.index(None) if None in order else 0
    return pl.col(column).replace_strict(known, default=unknown, return_dtype=pl.Int8)


def _raise(frame: pl.DataFrame, table: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    higher = frame.select("id").join(table.select("id", _higher=column), on="id", how="left", maintain_order="left")
    return frame.with_columns(pl.coalesce(higher["_higher"], pl.col(name)).alias(name))


def _listed(lines: list[pl.DataFrame]) -> pl.DataFrame:
    if not lines:
        return pl.DataFrame(schema=INHERITED)
    reading = (
        pl.when(pl.col("_now") & pl.col("_later"))
        .then(pl.lit("both"))
        .when(pl.col("_now"))
        .then(pl.lit("now"))
        .otherwise(pl.lit("presumed"))
    )
    named = pl.concat(lines).with_columns(reading.alias("reading"), pl.col("steps").cast(pl.Int64))
    return named.rename({"id": "application_id"}).select(list(INHERITED)).sort("application_id", "attribute")
