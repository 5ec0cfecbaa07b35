"""Who says what of a cell: what each source said, recovered from the dataset, and which of them is heard.

``origins`` holds a row a record and source; its ``fields`` names the cells that source says, empty where it says every
cell that is known. A row a field keeps the ``value`` of a source that another one won over. So what a source said is
the record's own cell, or that value: nothing a source said is lost, and no row a cell is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from inventory.package import Table
from inventory.readers.reading import ROW, SHEET

KEY = "_key"
SEPARATOR = "|"
ORIGINS: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "id": pl.String,
    "source": pl.String,
    "sheet": pl.String,
    "row": pl.Int64,
    "field": pl.String,
    "value": pl.String,
    "fields": pl.String,
}
NOBODY = ""
"""Whose a cell is that no source says: a person wrote it in the dataset."""
LAST = 1_000_000
"""The rank of a source that no setting names."""
CELL = [KEY, "field"]


@dataclass(frozen=True)
class Order:
    """Which source is heard first: for every field, and for some fields (``servers.vcpu``) before that."""

    sources: Sequence[str] = ()
    by_field: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, table: str, name: str) -> list[str]:
        """The sources in order, for a field of a table."""
        first = list(self.by_field.get(f"{table}.{name}", ()))
        return first + [s for s in self.sources if s not in first]

    def ranks(self, table: Table) -> pl.DataFrame:
        """``field``, ``source``, ``rank`` for every source that the settings name."""
        rows = [(n, s, i) for n in table.by_name for i, s in enumerate(self.of(table.name, n))]
        return pl.DataFrame(rows, schema={"field": pl.String, "source": pl.String, "rank": pl.Int64}, orient="row")


def key(table: Table) -> pl.Expr:
    """The key of a record as ``origins`` writes it."""
    parts = [pl.col(c).cast(pl.String).fill_null("") for c in table.primary_key]
    return pl.concat_str(parts, separator=SEPARATOR).alias(KEY)


def values(table: Table) -> list[str]:
    """The columns of a table that are not its key."""
    return [n for n in table.by_name if n not in table.primary_key]


def typed(table: Table, name: str) -> pl.Expr:
    """A text column in the type of the dataset."""
    kind, text = table.polars[name], pl.col(name)
    if kind == pl.Boolean:
        return pl.when(text.is_not_null()).then(text == "true")
    if kind == pl.Date:
        return text.str.to_date("%Y-%m-%d")
    return text.cast(kind)


def known_fields(table: Table, suffix: str = "") -> pl.Expr:
    """The names of the cells that are known, ``a|b``, sorted."""
    names = [pl.when(pl.col(n + suffix).is_not_null()).then(pl.lit(n)) for n in sorted(values(table))]
    return pl.concat_list(names).list.drop_nulls().list.join(SEPARATOR) if names else pl.lit("")


def statement(table: Table, known: pl.DataFrame, own: pl.DataFrame, source: str) -> pl.DataFrame:
    """What a source said of a table: ``_key``, every column that is not the key, typed, and the place.

    Args:
        table: the contract.
        known: the table's rows with their ``_key``.
        own: the origins of that table.
        source: the source.
    """
    mine = own.filter(pl.col("source") == source)
    heads = mine.filter(pl.col("field").is_null()).select(
        pl.col("id").alias(KEY), "fields", pl.col("sheet").alias(SHEET), pl.col("row").alias(ROW)
    )
    found = known.join(heads, on=KEY, how="inner", maintain_order="left")
    lost = mine.filter(pl.col("field").is_not_null())
    said = pl.col("fields").str.split(SEPARATOR)
    columns = values(table)
    listed = found["fields"].null_count() < found.height
    if listed:
        found = found.with_columns(
            pl.when(pl.col("fields").is_null() | said.list.contains(n)).then(pl.col(n)).alias(n) for n in columns
        )
    for name in lost["field"].unique().sort():
        other = lost.filter(pl.col("field") == name).select(pl.col("id").alias(KEY), pl.col("value").alias(name))
        found = (
            found.join(other.select(KEY, typed(table, name).alias("_lost")), on=KEY, how="left", maintain_order="left")
            .with_columns(pl.coalesce("_lost", name).alias(name))
            .drop("_lost")
        )
    return found.select(KEY, *table.primary_key, *columns, SHEET, ROW)


def sayers(cells: pl.DataFrame, heads: pl.DataFrame, losers: pl.DataFrame) -> pl.DataFrame:
    """Who says something of some cells: ``_key``, ``field``, ``source``, ``text``, ``incumbent``.

    Args:
        cells: ``_key``, ``field``, ``value``: the cells as they are.
        heads: record rows of origins.
        losers: field rows of origins.
    """
    said = pl.col("fields").is_null() | pl.col("fields").str.split(SEPARATOR).list.contains(pl.col("field"))
    lost = losers.select(pl.col("id").alias(KEY), "field", "source", pl.col("value").alias("_lost"))
    return (
        cells.select(*CELL, "value")
        .join(heads.select(pl.col("id").alias(KEY), "source", "fields"), on=KEY, how="inner")
        .filter(said)
        .join(lost, on=[*CELL, "source"], how="left")
        .select(
            *CELL, "source", pl.coalesce("_lost", "value").alias("text"), pl.col("_lost").is_null().alias("incumbent")
        )
        .drop_nulls("text")
    )


def heard(said: pl.DataFrame, ranks: pl.DataFrame) -> pl.DataFrame:
    """Of each cell the source that is heard: ``_key``, ``field``, ``winner``, ``won``.

    The first in the settings' order; of those they do not name the one whose value is already there.
    """
    ranked = said.join(ranks, on=["field", "source"], how="left").with_columns(pl.col("rank").fill_null(LAST))
    first = ranked.sort(*CELL, "rank", ~pl.col("incumbent"), "source").unique(CELL, keep="first", maintain_order=True)
    return first.select(*CELL, pl.col("source").alias("winner"), pl.col("text").alias("won"))


def written(table: Table, known: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """*known* with other values in some cells: ``_key``, ``field``, ``won`` (text; null empties the cell)."""
    for name in changes["field"].unique().sort():
        new = changes.filter(pl.col("field") == name).select(KEY, pl.col("won").alias(name))
        new = new.select(KEY, typed(table, name).alias("_new"), pl.lit(True).alias("_changed"))
        known = (
            known.join(new, on=KEY, how="left", maintain_order="left")
            .with_columns(pl.when("_changed").then("_new").otherwise(name).alias(name))
            .drop("_new", "_changed")
        )
    return known


def lost_rows(table: Table, said: pl.DataFrame, settled: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """The field rows of ``origins``: what the sources said that were not heard."""
    places = heads.select(pl.col("id").alias(KEY), "source", "sheet", "row")
    return (
        said.join(settled, on=CELL, how="inner")
        .filter((pl.col("text") != pl.col("won")) & (pl.col("source") != NOBODY))
        .join(places, on=[KEY, "source"], how="left")
        .select(
            pl.lit(table.name).alias("table"),
            pl.col(KEY).alias("id"),
            "source",
            "sheet",
            "row",
            "field",
            pl.col("text").alias("value"),
            pl.lit(None, pl.String).alias("fields"),
        )
    )


def spelt_out(heads: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Record rows whose ``fields`` still tell what each source says once the record knows more, or less.

    Args:
        heads: record rows.
        before: ``_key``, ``_before``: the cells that were known.
        after: ``_key``, ``_after``: the cells that are.
    """
    whole = heads.join(before, left_on="id", right_on=KEY, how="left").join(
        after, left_on="id", right_on=KEY, how="left"
    )
    fields = pl.coalesce("fields", "_before")
    kept = pl.when(pl.col("_after").is_null()).then("fields").when(fields != pl.col("_after")).then(fields)
    return whole.with_columns(kept.alias("fields")).select(list(ORIGINS))
