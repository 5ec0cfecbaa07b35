"""One dataset from many sources: field by field, with who won kept, and nothing deleted in silence.

A value a source no longer gives stays; a value it changes is changed where it was that source's; where
two sources disagree the one that comes first in the settings' precedence wins, else the one already there,
and the disagreement is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from inventory.language import _
from inventory.package import Table
from inventory.problems import Problem, Severity
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
}


@dataclass(frozen=True)
class Merged:
    """A table after a source: its rows, its origins, and what happened, by record."""

    rows: pl.DataFrame
    origins: pl.DataFrame
    read: int
    created: int
    updated: int
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        """As ``import --json`` tells them."""
        return {
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.read - self.created - self.updated,
        }


def merge(
    table: Table,
    rows: pl.DataFrame,
    origins: pl.DataFrame,
    records: pl.DataFrame,
    source: str,
    precedence: Sequence[str],
) -> Merged:
    """Merge a source's records into a table.

    Args:
        table: the contract.
        rows: the table as it is.
        origins: its origins as they are.
        records: what the source says: text columns, and the place of each record.
        source: the source's name.
        precedence: sources by name, the first wins; one that is not named comes after those that are.
    """
    keyed = records.with_columns(_key(table)).unique(KEY, keep="first", maintain_order=True)
    known = rows.with_columns(_key(table))
    rank = _ranks(precedence)
    held = _long(table, known).join(_winners(table, known, origins, rank), on=[KEY, "field"], how="left")
    said = _long(table, keyed).with_columns(pl.lit(source).alias("source"))
    both = held.join(said, on=[KEY, "field"], how="full", coalesce=True, suffix="_said")
    differs = (
        pl.col("value").is_not_null() & pl.col("value_said").is_not_null() & (pl.col("value") != pl.col("value_said"))
    )
    own = pl.col("source") == source
    ahead = _rank_of("source_said", rank) < _rank_of("source", rank)
    takes = pl.col("value_said").is_not_null() & (pl.col("value").is_null() | (differs & (own | ahead)))
    decided = both.with_columns(takes.alias("takes"), (differs & ~own).alias("disputed")).with_columns(
        pl.when("takes").then("value_said").otherwise("value").alias("now"),
        pl.when("takes").then(pl.lit(source)).otherwise("source").alias("winner"),
    )
    changed = decided.filter("takes").select(KEY).unique()
    created = keyed.join(known.select(KEY), on=KEY, how="anti")
    return Merged(
        rows=_wide(table, decided, known, keyed),
        origins=_origins(table, origins, keyed, decided, source, rank),
        read=keyed.height,
        created=created.height,
        updated=changed.join(known.select(KEY), on=KEY, how="semi").height,
        problems=tuple(_disputes(table, decided, keyed, source)),
    )


def _key(table: Table) -> pl.Expr:
    return pl.concat_str(
        [pl.col(c).cast(pl.String).fill_null("") for c in table.primary_key], separator=SEPARATOR
    ).alias(KEY)


def _long(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """One row a field that holds something: ``_key``, ``field``, ``value`` as text."""
    columns = [n for n in table.by_name if n in frame.columns and n not in table.primary_key]
    text = frame.select(KEY, *(_as_text(table, n).alias(n) for n in columns))
    return text.unpivot(on=columns, index=KEY, variable_name="field").filter(pl.col("value").is_not_null())


def _as_text(table: Table, name: str) -> pl.Expr:
    """A value as one text whichever side it comes from, so that 2 and 2.0 are equal."""
    kind = table.polars[name]
    return pl.col(name).cast(pl.String) if kind == pl.String else _typed(table, name).cast(pl.String)


def _typed(table: Table, name: str) -> pl.Expr:
    kind = table.polars[name]
    column = pl.col(name)
    if kind == pl.Boolean:
        return pl.when(column.cast(pl.String) == "true").then(True).when(column.cast(pl.String) == "false").then(False)
    if kind == pl.Date:
        return column.cast(pl.String).str.to_date("%Y-%m-%d")
    return column.cast(kind)


def _wide(table: Table, decided: pl.DataFrame, known: pl.DataFrame, keyed: pl.DataFrame) -> pl.DataFrame:
    keys = [KEY, *table.primary_key]
    base = pl.concat([known.select(keys), keyed.select(keys)]).unique(KEY, keep="first", maintain_order=True)
    values = decided.select(KEY, "field", "now")
    if values.height:
        base = base.join(values.pivot(on="field", index=KEY, values="now"), on=KEY, how="left")
    present = [n for n in table.by_name if n in base.columns]
    return table.conform(base.select(*(_typed(table, n).alias(n) for n in present)))


def _winners(table: Table, known: pl.DataFrame, origins: pl.DataFrame, rank: Mapping[str, int]) -> pl.DataFrame:
    """For each record and field, the source whose value stands."""
    own = origins.filter(pl.col("table") == table.name).rename({"id": KEY})
    primary = _primary(own, rank)
    fields = pl.DataFrame(
        {"field": [n for n in table.by_name if n not in table.primary_key]}, schema={"field": pl.String}
    )
    won = own.filter(pl.col("field").is_not_null()).select(KEY, "field", pl.col("source").alias("won"))
    return (
        known.select(KEY)
        .join(fields, how="cross")
        .join(primary, on=KEY, how="left")
        .join(won, on=[KEY, "field"], how="left")
        .select(KEY, "field", pl.coalesce("won", "primary").alias("source"))
    )


def _primary(own: pl.DataFrame, rank: Mapping[str, int]) -> pl.DataFrame:
    """The source each record comes from unless a field says else: the first by precedence, then by name."""
    return (
        own.filter(pl.col("field").is_null())
        .sort(KEY, _rank_of("source", rank), "source")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("source").first().alias("primary"))
    )


def _origins(
    table: Table,
    origins: pl.DataFrame,
    keyed: pl.DataFrame,
    decided: pl.DataFrame,
    source: str,
    rank: Mapping[str, int],
) -> pl.DataFrame:
    others = origins.filter(pl.col("table") != table.name)
    records = origins.filter((pl.col("table") == table.name) & pl.col("field").is_null())
    mine = keyed.select(
        pl.lit(table.name).alias("table"),
        pl.col(KEY).alias("id"),
        pl.lit(source).alias("source"),
        pl.col(SHEET).alias("sheet"),
        pl.col(ROW).alias("row"),
        pl.lit(None, pl.String).alias("field"),
    )
    kept = records.join(mine, on=["id", "source"], how="anti")
    whole = pl.concat([_as_origins(kept), _as_origins(mine)])
    primary = _primary(whole.rename({"id": KEY}), rank)
    places = whole.select(pl.col("id").alias(KEY), "source", "sheet", "row")
    won = (
        decided.join(primary, on=KEY, how="left")
        .filter(pl.col("winner") != pl.col("primary"))
        .select(KEY, "field", pl.col("winner").alias("source"))
        .join(places, on=[KEY, "source"], how="left")
        .select(pl.lit(table.name).alias("table"), pl.col(KEY).alias("id"), "source", "sheet", "row", "field")
    )
    return pl.concat([_as_origins(others), whole, _as_origins(won)])


def _as_origins(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in ORIGINS.items())


def _ranks(precedence: Sequence[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(precedence)}


def _rank_of(column: str, rank: Mapping[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(rank, default=len(rank), return_dtype=pl.Int64)


def _disputes(table: Table, decided: pl.DataFrame, keyed: pl.DataFrame, source: str) -> list[Problem]:
    rows = decided.filter("disputed").join(keyed.select(KEY, SHEET, ROW), on=KEY, how="left").sort(KEY, "field")
    return [
        Problem(
            code="INV-041", severity=Severity.WARNING, file=source, sheet=r[SHEET], row=r[ROW], field=r["field"],
            value=r["value_said"],
            message=_("{id}, {field}: “{said}” here, “{held}” in {other}; {winner} is kept",
                      id=str(r[KEY]).replace(SEPARATOR, " "), field=table.by_name[r["field"]].label(), said=r["value_said"],
                      held=r["value"], other=r["source"], winner=r["winner"]),
            hint=_("say which source comes first: [inventory] precedence in francecloud.toml"),
        )
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
