"""One dataset from many sources: field by field, with who won kept, and nothing deleted in silence.

A value a source no longer gives stays, and that is said; a value it changes is changed where it was that source's;
where two sources disagree the one that comes first in the settings' precedence wins, else the one already there,
and the disagreement is said.

Whose value a cell holds is kept without a row a cell: a record's cells are those of its first source by name, but
where ``origins`` has a row for the field. That order never depends on the settings, which may change.
"""

from __future__ import annotations

from collections.abc import Sequence
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
SAID = "_said"


@dataclass(frozen=True)
class From:
    """The source being merged: its name, the path it was given by, and the order of sources, first wins."""

    name: str
    file: str
    precedence: Sequence[str] = ()

    def rank(self, column: str) -> pl.Expr:
        """The place of a source in the order; those not named come last."""
        ranks = {name: position for position, name in enumerate(self.precedence)}
        return pl.col(column).replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)

    @property
    def own_rank(self) -> int:
        """The place of this source in the order."""
        return self.precedence.index(self.name) if self.name in self.precedence else len(self.precedence)


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


def merge(table: Table, rows: pl.DataFrame, origins: pl.DataFrame, records: pl.DataFrame, source: From) -> Merged:
    """Merge a source's records into a table.

    Args:
        table: the contract.
        rows: the table as it is.
        origins: the dataset's origins as they are.
        records: what the source says: text columns, and the place of each record.
        source: the source.
    """
    present = [n for n in table.by_name if n in records.columns]
    said = records.select(*(_typed(table, n).alias(n) for n in present), SHEET, ROW)
    said = said.with_columns(_key(table)).unique(KEY, keep="first", maintain_order=True)
    known = rows.with_columns(_key(table))
    own = origins.filter(pl.col("table") == table.name)
    whole, fields = own.filter(pl.col("field").is_null()), own.filter(pl.col("field").is_not_null())
    before = said.select(KEY).join(_first(whole), on=KEY, how="left")
    cells = _decided(_contested(table, known, said, source), before, fields, source)
    new = said.join(known, on=KEY, how="anti").select(present)
    whole = pl.concat(
        [whole.join(said, left_on=["id"], right_on=[KEY], how="anti"), _places(table, whole, said, source)]
    )
    return Merged(
        rows=table.conform(pl.concat([_applied(table, known, cells), new], how="diagonal")),
        origins=pl.concat(
            [origins.filter(pl.col("table") != table.name), whole, _field_origins(table, known, whole, fields, before, cells, source)]
        ),
        read=said.height,
        created=new.height,
        updated=cells.filter("takes")[KEY].n_unique(),
        problems=(*_disputes(table, cells, said, source), *_silent(table, cells, own, said, source)),
    )  # fmt: skip


def _key(table: Table) -> pl.Expr:
    parts = [pl.col(c).cast(pl.String).fill_null("") for c in table.primary_key]
    return pl.concat_str(parts, separator=SEPARATOR).alias(KEY)


def _typed(table: Table, name: str) -> pl.Expr:
    kind, text = table.polars[name], pl.col(name)
    if kind == pl.Boolean:
        return pl.when(text.is_not_null()).then(text == "true")
    if kind == pl.Date:
        return text.str.to_date("%Y-%m-%d")
    return text.cast(kind)


def _first(whole: pl.DataFrame) -> pl.DataFrame:
    """The source a record's cells come from unless a field says else: the first by name."""
    return whole.group_by(pl.col("id").alias(KEY)).agg(pl.col("source").min().alias("first"))


def _contested(table: Table, known: pl.DataFrame, said: pl.DataFrame, source: From) -> pl.DataFrame:
    """A row a cell about which something may have to be decided: ``_key``, ``field``, ``value``, ``value_said``."""
    both = known.join(said, on=KEY, how="inner", suffix=SAID)
    # A source that no setting names can claim nothing: cells that it says as they are need no decision.
    open_to_claim = pl.lit(source.own_rank < len(source.precedence))
    found = [pl.DataFrame(schema=dict.fromkeys((KEY, "field", "value", "value_said"), pl.String))]
    for name in (n for n in table.by_name if n not in table.primary_key):
        given = pl.col(name + SAID) if name in said.columns else pl.lit(None, table.polars[name])
        some = pl.col(name).is_not_null() | given.is_not_null()
        matters = some & (open_to_claim | pl.col(name).ne_missing(given))
        value = given.cast(pl.String).alias("value_said")
        found.append(
            both.filter(matters).select(
                KEY, pl.lit(name).alias("field"), pl.col(name).cast(pl.String).alias("value"), value
            )
        )
    return pl.concat(found)


def _decided(cells: pl.DataFrame, before: pl.DataFrame, fields: pl.DataFrame, source: From) -> pl.DataFrame:
    """Each contested cell with its ``holder``, and whether the source ``takes`` or ``claims`` it.

    It takes a cell that is empty, its own, or held by a source that comes after it; it claims a cell whose value it
    says too, held by a source that comes after it, so that what that one says later no longer counts.
    """
    won = fields.select(pl.col("id").alias(KEY), "field", pl.col("source").alias("won"))
    held = cells.join(before, on=KEY, how="left").join(won, on=[KEY, "field"], how="left")
    held = held.with_columns(pl.coalesce("won", "first").alias("holder"))
    given, empty = pl.col("value_said").is_not_null(), pl.col("value").is_null()
    same = (pl.col("value") == pl.col("value_said")).fill_null(False)
    own = (pl.col("holder") == source.name).fill_null(False)
    ahead = pl.lit(source.own_rank) < source.rank("holder")
    return held.with_columns(
        (given & (empty | (~same & (own | ahead)))).alias("takes"),
        (given & ~empty & same & ~own & ahead).alias("claims"),
        (given & ~empty & ~same & ~own).alias("disputed"),
        (~given & own).alias("silent"),
    ).select(KEY, "field", "value", "value_said", "holder", "takes", "claims", "disputed", "silent")


def _applied(table: Table, known: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The table's rows with the values that were taken."""
    taken = cells.filter("takes")
    if taken.height == 0:
        return known.drop(KEY)
    wide = taken.pivot(on="field", index=KEY, values="value_said")
    names = [n for n in wide.columns if n != KEY]
    typed = wide.select(KEY, *(_typed(table, n).alias(n + SAID) for n in names))
    joined = known.join(typed, on=KEY, how="left")
    return joined.with_columns(pl.coalesce(n + SAID, n).alias(n) for n in names).select(list(table.by_name))


def _places(table: Table, whole: pl.DataFrame, said: pl.DataFrame, source: From) -> pl.DataFrame:
    """The record rows of ``origins`` for the records said: this source's and those of the others."""
    others = whole.filter(pl.col("source") != source.name).join(said, left_on="id", right_on=KEY, how="semi")
    mine = said.select(
        pl.lit(table.name).alias("table"), pl.col(KEY).alias("id"), pl.lit(source.name).alias("source"),
        pl.col(SHEET).alias("sheet"), pl.col(ROW).alias("row"), pl.lit(None, pl.String).alias("field"),
    )  # fmt: skip
    return pl.concat([others, mine])


def _field_origins(
    table: Table, known: pl.DataFrame, whole: pl.DataFrame, fields: pl.DataFrame, before: pl.DataFrame, cells: pl.DataFrame,
    source: From,
) -> pl.DataFrame:  # fmt: skip
    """The field rows of ``origins``: a row where a cell is not of its record's first source."""
    now = _first(whole)
    gained = cells.filter(pl.col("takes") | pl.col("claims")).select(KEY, "field", pl.lit(source.name).alias("source"))
    kept = fields.select(pl.col("id").alias(KEY), "field", "source").join(gained, on=[KEY, "field"], how="anti")
    settled = pl.concat([kept, gained])
    moved = before.drop_nulls("first").join(now, on=KEY, suffix="_now").filter(pl.col("first") != pl.col("first_now"))
    left = _left_behind(table, known, moved).join(settled, on=[KEY, "field"], how="anti")
    places = whole.select(pl.col("id").alias(KEY), "source", "sheet", "row")
    return (
        pl.concat([settled, left])
        .join(now, on=KEY, how="left")
        .filter((pl.col("source") != pl.col("first")).fill_null(True))
        .join(places, on=[KEY, "source"], how="left")
        .select(pl.lit(table.name).alias("table"), pl.col(KEY).alias("id"), "source", "sheet", "row", "field")
    )


def _left_behind(table: Table, known: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The cells of records whose first source changed: they are still those of the one before."""
    columns = [n for n in table.by_name if n not in table.primary_key]
    rows = known.join(moved.select(KEY, "first"), on=KEY, how="inner")
    found = [rows.filter(pl.col(n).is_not_null()).select(KEY, pl.lit(n).alias("field"), pl.col("first").alias("source")) for n in columns]  # fmt: skip
    return pl.concat(found) if found else pl.DataFrame(schema={KEY: pl.String, "field": pl.String, "source": pl.String})


def _disputes(table: Table, cells: pl.DataFrame, said: pl.DataFrame, source: From) -> list[Problem]:
    rows = cells.filter("disputed").join(said.select(KEY, SHEET, ROW), on=KEY, how="left").sort(KEY, "field")
    return [
        Problem(
            code="INV-041", severity=Severity.WARNING, file=source.file, sheet=r[SHEET], row=r[ROW], field=r["field"],
            value=r["value_said"],
            message=_("{id}, {field}: “{said}” here, “{held}” in {other}; {winner} is kept",
                      id=_shown(r[KEY]), field=table.by_name[r["field"]].label(), said=r["value_said"], held=r["value"],
                      other=r["holder"] or _("the dataset"),
                      winner=source.name if r["takes"] else r["holder"] or _("the dataset")),
            hint=_("say which source comes first: [inventory] precedence in francecloud.toml"),
        )
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip


def _silent(table: Table, cells: pl.DataFrame, own: pl.DataFrame, said: pl.DataFrame, source: From) -> list[Problem]:
    """What the source said before and says no more: it stays, and that is told once a table."""
    gone = own.filter((pl.col("source") == source.name) & pl.col("field").is_null())
    gone = gone.join(said, left_on="id", right_on=KEY, how="anti").sort("id")
    empty = cells.filter("silent").sort(KEY, "field")
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
