"""What a source said, taken back: what only it said goes, what others said where they had lost comes back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from inventory.cells import (
    CELL,
    KEY,
    NOBODY,
    SEPARATOR,
    Order,
    heard,
    key,
    known_fields,
    lost_rows,
    sayers,
    spelt_out,
    written,
)
from inventory.package import Table


@dataclass(frozen=True)
class Withdrawn:
    """A table without a source: ``gone`` the keys of records no other source says, ``changes`` the cells that moved.

    ``changes``: ``_key``, ``field``, ``value`` (what it was), ``won`` (what it is, null when nobody else says it),
    ``winner``.
    """

    rows: pl.DataFrame
    origins: pl.DataFrame
    gone: list[str]
    changes: pl.DataFrame


def withdraw(
    table: Table, rows: pl.DataFrame, origins: pl.DataFrame, source: str, order: Order, keys: list[str] | None = None
) -> Withdrawn:
    """Take back what a source said of a table.

    Args:
        table: the contract.
        rows: the table as it is.
        origins: the dataset's origins as they are.
        source: the source.
        order: which of the others is heard.
        keys: the records it is about; all when absent.
    """
    own = origins.filter(pl.col("table") == table.name)
    mine = own.filter(pl.col("source") == source)
    if keys is not None:
        mine = mine.filter(pl.col("id").is_in(keys))
    heads = mine.filter(pl.col("field").is_null())
    if heads.height == 0:
        return Withdrawn(rows, origins, [], _no_change())
    known = rows.with_columns(key(table))
    rest = own.join(mine.select("id").unique(), on="id", how="semi").filter(pl.col("source") != source)
    others, losers = rest.filter(pl.col("field").is_null()), rest.filter(pl.col("field").is_not_null())
    # Where the record holds a cell that no source says, a person wrote it: the record stays.
    alone = heads.join(others, on="id", how="anti")
    gone = alone.filter(pl.col("fields").is_null())["id"].sort().to_list()
    left = known.filter(~pl.col(KEY).is_in(gone))
    cells = _said(table, left, heads)
    voices = _voices(cells, others, losers, mine)
    settled = heard(voices, order.ranks(table))
    changes = cells.join(settled, on=CELL, how="left").filter(pl.col("won").ne_missing(pl.col("value")))
    after = written(table, left, changes)
    touched = others.select(pl.col("id").alias(KEY)).unique()
    was = left.join(touched, on=KEY, how="semi").select(KEY, known_fields(table).alias("_before"))
    now = after.join(touched, on=KEY, how="semi").select(KEY, known_fields(table).alias("_after"))
    kept = origins.join(mine, on=["table", "id", "source", "field"], how="anti", nulls_equal=True)
    kept = kept.join(others, on=["table", "id", "source", "field"], how="anti", nulls_equal=True)
    moved = losers.join(changes, left_on=["id", "field"], right_on=CELL, how="semi")
    kept = kept.join(moved, on=["table", "id", "source", "field"], how="anti", nulls_equal=True)
    back = lost_rows(table, voices.join(changes, on=CELL, how="semi"), settled, others)
    return Withdrawn(
        table.conform(after.drop(KEY)), pl.concat([kept, spelt_out(others, was, now), back]), gone, changes
    )


def _no_change() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys((*CELL, "value", "winner", "won"), pl.String))


def _said(table: Table, known: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """The cells that the source said of records which stay: ``_key``, ``field``, ``value``."""
    rows = known.join(heads.select(pl.col("id").alias(KEY), "fields"), on=KEY, how="inner")
    said = pl.col("fields").str.split(SEPARATOR)
    found = [pl.DataFrame(schema={KEY: pl.String, "field": pl.String, "value": pl.String})]
    for n in (n for n in table.by_name if n not in table.primary_key):
        mine = pl.col(n).is_not_null() & (pl.col("fields").is_null() | said.list.contains(n))
        found.append(rows.filter(mine).select(KEY, pl.lit(n).alias("field"), pl.col(n).cast(pl.String).alias("value")))
    return pl.concat(found)


def _voices(cells: pl.DataFrame, others: pl.DataFrame, losers: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """Who else says something of these cells; nobody where a person wrote what the source itself was not heard for."""
    rest = sayers(cells, others, losers)
    held = rest.filter("incumbent").select(CELL)
    lost = mine.filter(pl.col("field").is_not_null()).select(pl.col("id").alias(KEY), "field")
    nobodys = cells.join(lost, on=CELL, how="semi").join(held, on=CELL, how="anti")
    nobody = [*CELL, pl.lit(NOBODY).alias("source"), pl.col("value").alias("text"), pl.lit(True).alias("incumbent")]
    return pl.concat([rest, nobodys.select(nobody)])
