"""One dataset from many sources: field by field, with who won kept, and nothing deleted in silence.

A value a source no longer gives stays, and that is said; a value it changes is changed where it was that source's;
where two sources disagree the one that comes first in the settings' precedence wins, else the one already there,
and the disagreement is said. What the others said is kept beside (:mod:`inventory.cells`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from inventory.cells import (
    CELL,
    KEY,
    NOBODY,
    ORIGINS,
    SEPARATOR,
    Order,
    heard,
    key,
    known_fields,
    lost_rows,
    sayers,
    spelt_out,
    statement,
    typed,
    values,
    written,
)
from inventory.language import _
from inventory.package import Table
from inventory.problems import Problem, Severity
from inventory.readers.reading import ROW, SHEET

__all__ = ["KEY", "ORIGINS", "SEPARATOR", "From", "Merged", "merge"]

SAID = "_said"


@dataclass(frozen=True)
class From:
    """The source being merged: its name, the path it was given by, and the order of sources, first wins.

    ``precedence_of`` gives another order for some fields, named ``table.field``.
    """

    name: str
    file: str
    precedence: Sequence[str] = ()
    precedence_of: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def order(self) -> Order:
        """The order of the sources."""
        return Order(self.precedence, self.precedence_of)


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
    table: Table, rows: pl.DataFrame, origins: pl.DataFrame, records: pl.DataFrame, source: From, *, whole: bool = True
) -> Merged:
    """Merge a source's records into a table.

    Args:
        table: the contract.
        rows: the table as it is.
        origins: the dataset's origins as they are.
        records: what the source says: text columns, and the place of each record.
        source: the source.
        whole: whether *records* is all the source says of the table: what it says no more is then told.
    """
    present = [n for n in table.by_name if n in records.columns]
    said = records.select(*(typed(table, n).alias(n) for n in present), SHEET, ROW)
    said = said.with_columns(key(table)).unique(KEY, keep="first", maintain_order=True)
    known = rows.with_columns(key(table))
    own = origins.filter(pl.col("table") == table.name)
    heads, losers = own.filter(pl.col("field").is_null()), own.filter(pl.col("field").is_not_null())
    before = statement(table, known.join(said, on=KEY, how="semi", maintain_order="left"), own, source.name)
    mine = _statement_now(table, said, before)
    places = _place(table, said, source)
    others = heads.filter(pl.col("source") != source.name).join(said, left_on="id", right_on=KEY, how="semi")
    cells = _contested(table, known, mine, losers)
    voices = _voices(cells, before, others, losers, source)
    settled = heard(voices, source.order.ranks(table))
    changes = cells.join(settled, on=CELL, how="inner").filter(pl.col("won").ne_missing(pl.col("value")))
    after = written(table, known, changes)
    new = said.join(known, on=KEY, how="anti", maintain_order="left").select(present)
    touched = pl.concat([others, places])
    return Merged(
        rows=table.conform(pl.concat([after.drop(KEY), new], how="diagonal")),
        origins=pl.concat(
            [
                origins.filter(pl.col("table") != table.name),
                heads.join(said, left_on="id", right_on=KEY, how="anti"),
                _heads(table, known, after, mine, others, places),
                losers.join(cells, left_on=["id", "field"], right_on=CELL, how="anti"),
                lost_rows(table, voices, settled, touched),
            ]
        ),
        read=said.height,
        created=new.height,
        updated=changes[KEY].n_unique(),
        problems=(
            *_disputes(table, _disputed(cells, before, settled, voices, source), said, source),
            *(_silent(table, _no_longer(table, before, said), heads, said, source) if whole else ()),
        ),
    )


def _statement_now(table: Table, said: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """What the source says now, with what it said before where it gives nothing any more."""
    joined = said.join(before.drop(SHEET, ROW, *table.primary_key), on=KEY, how="left", suffix="_before")
    cells = []
    for n in values(table):
        if n in said.columns:
            cells.append(pl.coalesce(n, n + "_before").alias(n))
        else:
            cells.append(pl.col(n))
    return joined.select(KEY, *cells)


def _place(table: Table, said: pl.DataFrame, source: From) -> pl.DataFrame:
    """The record rows of ``origins`` of this source."""
    return said.select(
        pl.lit(table.name).alias("table"), pl.col(KEY).alias("id"), pl.lit(source.name).alias("source"),
        pl.col(SHEET).alias("sheet"), pl.col(ROW).alias("row"), *(pl.lit(None, pl.String).alias(n) for n in ("field", "value", "fields")),
    )  # fmt: skip


def _contested(table: Table, known: pl.DataFrame, mine: pl.DataFrame, losers: pl.DataFrame) -> pl.DataFrame:
    """A row a cell about which something has to be decided: ``_key``, ``field``, ``value``, ``mine``.

    Cells where the source says another thing than is there, and those about which sources disagreed already.
    """
    both = known.join(mine, on=KEY, how="inner", suffix=SAID)
    disputed = losers.select(pl.col("id").alias(KEY), "field").unique()
    already = set(disputed["field"])
    found = [pl.DataFrame(schema=dict.fromkeys((KEY, "field", "value", "mine"), pl.String))]
    for n in values(table):
        differs = pl.col(n + SAID).is_not_null() & pl.col(n).ne_missing(pl.col(n + SAID))
        if n in already:
            differs = differs | pl.col(KEY).is_in(disputed.filter(pl.col("field") == n)[KEY].implode())
        text = pl.col(n).cast(pl.String).alias("value"), pl.col(n + SAID).cast(pl.String).alias("mine")
        found.append(both.filter(differs).select(KEY, pl.lit(n).alias("field"), *text))
    return pl.concat(found)


def _voices(
    cells: pl.DataFrame, before: pl.DataFrame, others: pl.DataFrame, losers: pl.DataFrame, source: From
) -> pl.DataFrame:
    """Who says what of the contested cells, this source included, and nobody where no source says what is there."""
    rest = sayers(cells, others, losers.filter(pl.col("source") != source.name))
    held = rest.filter("incumbent").select(CELL).unique().with_columns(pl.lit(True).alias("_held"))
    was = _own_before(cells, before, losers, source)
    own = cells.join(was, on=CELL, how="left").join(held, on=CELL, how="left").with_columns(
        pl.col("_held").fill_null(False)
    )  # fmt: skip
    # A source that changes a value another one still gives no longer holds it.
    holds = pl.col("was").is_not_null() & ~pl.col("_lost") & (~pl.col("_held") | (pl.col("was") == pl.col("mine")))
    nobodys = pl.col("value").is_not_null() & ~pl.col("_held") & (pl.col("was").is_null() | pl.col("_lost"))
    voice = [*CELL, pl.lit(source.name).alias("source"), pl.col("mine").alias("text"), holds.fill_null(False).alias("incumbent")]  # fmt: skip
    nobody = [*CELL, pl.lit(NOBODY).alias("source"), pl.col("value").alias("text"), pl.lit(True).alias("incumbent")]
    return pl.concat([rest, own.drop_nulls("mine").select(voice), own.filter(nobodys.fill_null(False)).select(nobody)])


def _own_before(cells: pl.DataFrame, before: pl.DataFrame, losers: pl.DataFrame, source: From) -> pl.DataFrame:
    """What the source said of these cells: ``was``, and whether another one was heard: ``_lost``."""
    found = [pl.DataFrame(schema={KEY: pl.String, "field": pl.String, "was": pl.String})]
    asked = cells.select(CELL)
    for n in asked["field"].unique().sort():
        keys = asked.filter(pl.col("field") == n)
        found.append(keys.join(before.select(KEY, pl.col(n).cast(pl.String).alias("was")), on=KEY, how="inner"))
    lost = losers.filter(pl.col("source") == source.name).select(pl.col("id").alias(KEY), "field", pl.lit(True).alias("_lost"))  # fmt: skip
    return (
        pl.concat(found)
        .drop_nulls("was")
        .join(lost, on=CELL, how="left")
        .with_columns(pl.col("_lost").fill_null(False))
    )


def _heads(
    table: Table, known: pl.DataFrame, after: pl.DataFrame, mine: pl.DataFrame, others: pl.DataFrame, places: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    """The record rows of the records said, each with the cells its source says where these are not all of them."""
    alone = places.join(others, on="id", how="anti")
    orphans = alone.join(known, left_on="id", right_on=KEY, how="semi")
    several = pl.concat([places.join(others, on="id", how="semi"), orphans])
    if several.height == 0:
        return places
    keys = several.select(pl.col("id").alias(KEY))
    was = known.join(keys, on=KEY, how="semi").select(KEY, known_fields(table).alias("_before"))
    now = after.join(keys, on=KEY, how="semi").select(KEY, known_fields(table).alias("_after"))
    says = mine.join(keys, on=KEY, how="semi").select(pl.col(KEY).alias("id"), known_fields(table).alias("_says"))
    own = several.join(says, on="id", how="left").with_columns(pl.col("_says").alias("fields")).select(list(ORIGINS))
    return pl.concat([alone.join(orphans, on="id", how="anti"), spelt_out(own, was, now), spelt_out(others, was, now)])


def _disputed(
    cells: pl.DataFrame, before: pl.DataFrame, settled: pl.DataFrame, voices: pl.DataFrame, source: From
) -> pl.DataFrame:
    """What is worth telling: ``_key``, ``field``, ``said``, ``held``, ``other``, ``winner``."""
    rest = voices.filter(pl.col("source") != source.name)
    told = cells.join(settled, on=CELL, how="inner").drop_nulls("mine")
    lost = told.filter(pl.col("won") != pl.col("mine")).select(
        *CELL, pl.col("mine").alias("said"), pl.col("won").alias("held"), pl.col("winner").alias("other"), "winner"
    )
    took = told.filter((pl.col("won") == pl.col("mine")) & (pl.col("value") != pl.col("mine")))
    against = rest.join(took.select(*CELL, "mine", "value"), on=CELL, how="inner").filter(
        (pl.col("text") == pl.col("value")) & (pl.col("text") != pl.col("mine"))
    )
    against = against.sort("source").unique(CELL, keep="first", maintain_order=True)
    return pl.concat(
        [lost, against.select(*CELL, pl.col("mine").alias("said"), pl.col("text").alias("held"), pl.col("source").alias("other"),
                              pl.lit(source.name).alias("winner"))]
    )  # fmt: skip


def _no_longer(table: Table, before: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The cells that the source gave and gives no more: ``_key``, ``field``."""
    joined = before.join(said, on=KEY, how="inner", suffix=SAID)
    found = [pl.DataFrame(schema={KEY: pl.String, "field": pl.String})]
    for n in values(table):
        given = pl.col(n + SAID).is_null() if n in said.columns else pl.lit(True)
        found.append(joined.filter(pl.col(n).is_not_null() & given).select(KEY, pl.lit(n).alias("field")))
    return pl.concat(found)


def _disputes(table: Table, cells: pl.DataFrame, said: pl.DataFrame, source: From) -> list[Problem]:
    rows = cells.join(said.select(KEY, SHEET, ROW), on=KEY, how="left").sort(KEY, "field")
    return [
        Problem(
            code="INV-041", severity=Severity.WARNING, file=source.file, sheet=r[SHEET], row=r[ROW], field=r["field"],
            value=r["said"],
            message=_("{id}, {field}: “{said}” here, “{held}” in {other}; {winner} is kept",
                      id=_shown(r[KEY]), field=table.by_name[r["field"]].label(), said=r["said"], held=r["held"],
                      other=r["other"] or _("the dataset"), winner=r["winner"] or _("the dataset")),
            hint=_("say which source comes first: [inventory] precedence in francecloud.toml"),
        )
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip


def _silent(table: Table, empty: pl.DataFrame, heads: pl.DataFrame, said: pl.DataFrame, source: From) -> list[Problem]:
    """What the source said before and says no more: it stays, and that is told once a table."""
    gone = heads.filter(pl.col("source") == source.name)
    gone = gone.join(said, left_on="id", right_on=KEY, how="anti").sort("id")
    empty = empty.sort(KEY, "field")
    found = []
    if gone.height:
        some = ", ".join(_shown(i) for i in gone["id"].head(5))
        text = _.plural("{n} record of {table} is no longer in this source: it stays ({some})",
                        "{n} records of {table} are no longer in this source: they stay ({some})",
                        gone.height, table=table.name, some=some)  # fmt: skip
        found.append(Problem(code="INV-043", severity=Severity.INFO, file=source.file, message=text))
    if empty.height:
        some = ", ".join(f"{_shown(i)} {f}" for i, f in empty.head(5).select(KEY, "field").iter_rows())
        text = _.plural("{n} value of {table} is no longer given by this source: it stays ({some})",
                        "{n} values of {table} are no longer given by this source: they stay ({some})",
                        empty.height, table=table.name, some=some)  # fmt: skip
        found.append(Problem(code="INV-042", severity=Severity.INFO, file=source.file, message=text))
    return found


def _shown(key: str) -> str:
    return key.replace(SEPARATOR, " ")
