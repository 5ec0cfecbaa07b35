"""What a source said of a record, moved to another: two records become one, or one becomes two again.

Whatever refers to the record follows: components, databases, deployments, flows.
"""

from __future__ import annotations

import polars as pl

from inventory.cells import KEY, Order, key, statement
from inventory.dataset import schema
from inventory.merge import From, merge
from inventory.withdrawal import withdraw

MOVES = {"table": pl.String, "source": pl.String, "old": pl.String, "new": pl.String}
REFERENCES = {
    "servers": (("components", "subject_id", "server"), ("databases", "server_id", None),
                ("deployments", "target_id", "server"), ("flows", "source_id", None), ("flows", "target_id", None)),
    "applications": (("components", "subject_id", "application"), ("deployments", "application_id", None),
                     ("flows", "source_id", None), ("flows", "target_id", None)),
}  # fmt: skip
"""The columns that name a record of a table, and the kind that must be said beside where one may be of several."""
KINDS = {"components": "subject_kind", "deployments": "target_kind"}


def regroup(tables: dict[str, pl.DataFrame], moves: pl.DataFrame, order: Order) -> None:
    """Move what sources said of records.

    Args:
        tables: the dataset's tables, changed in place.
        moves: ``table``, ``source``, ``old``, ``new``: what that source said of ``old`` is said of ``new``.
        order: which source is heard.
    """
    for table in moves["table"].unique().sort():
        own = moves.filter((pl.col("table") == table) & (pl.col("old") != pl.col("new")))
        for source in own["source"].unique().sort():
            names = own.filter(pl.col("source") == source).select("old", "new")
            _move(tables, table, source, pl.col(KEY), names, order)
            _rename_aliases(tables, table, source, names)
        _references(tables, table, own, order)


def _move(
    tables: dict[str, pl.DataFrame], name: str, source: str, where: pl.Expr, names: pl.DataFrame, order: Order
) -> None:
    """Rename, in what a source said of a table, the records of *names*: taken back, then said again."""
    table = schema().tables[name]
    own = tables["origins"].filter((pl.col("table") == name) & (pl.col("source") == source))
    known = tables[name].with_columns(key(table))
    known = known.join(own.select(pl.col("id").alias(KEY)), on=KEY, how="semi")
    column = "id" if where.meta.output_name() == KEY else where.meta.output_name()
    said = statement(table, known, own, source)
    concerned = said.filter(pl.col(column).is_in(names["old"].implode()))
    if KINDS.get(name) and names.columns == ["old", "new", "kind"]:
        concerned = concerned.filter(pl.col(KINDS[name]) == names["kind"][0])
    if concerned.height == 0:
        return
    taken = withdraw(table, tables[name], tables["origins"], source, order, concerned[KEY].to_list())
    renamed = concerned.drop(KEY).with_columns(
        pl.col(column).replace(names["old"].implode(), names["new"].implode()),
    )
    text = renamed.with_columns(pl.col(n).cast(pl.String) for n in table.by_name)
    merged = merge(
        table, taken.rows, taken.origins, text, From(source, source, order.sources, order.by_field), whole=False
    )
    tables[name], tables["origins"] = merged.rows, merged.origins


def _references(tables: dict[str, pl.DataFrame], table: str, moves: pl.DataFrame, order: Order) -> None:
    """Let what refers to the records moved follow: of every source where the record is no more, else of that source."""
    left = moves.join(tables[table], left_on="old", right_on="id", how="semi")
    gone = moves.join(tables[table], left_on="old", right_on="id", how="anti").select("old", "new").unique("old")
    for name, column, kind in REFERENCES.get(table, ()):
        asked = pl.col(column).is_in(pl.concat([left["old"], gone["old"]]).implode())
        if tables[name].filter(asked).height == 0:
            continue
        for source in tables["origins"].filter(pl.col("table") == name)["source"].unique().sort():
            own = left.filter(pl.col("source") == source).select("old", "new")
            names = pl.concat([gone, own]).sort("old")
            if kind is not None and name in KINDS:
                names = names.with_columns(pl.lit(kind).alias("kind"))
            if names.height:
                _move(tables, name, source, pl.col(column), names, order)


def _rename_aliases(tables: dict[str, pl.DataFrame], table: str, source: str, names: pl.DataFrame) -> None:
    """Keep under which identifier the source knows each record moved."""
    known = tables["aliases"]
    own = (pl.col("table") == table) & (pl.col("source") == source)
    before = known.filter(own).select(pl.col("id").alias("old"), "alias")
    moved = names.join(before, on="old", how="left").with_columns(pl.coalesce("alias", "old").alias("alias"))
    rows = moved.filter(pl.col("alias") != pl.col("new")).select(
        pl.lit(table).alias("table"), pl.lit(source).alias("source"), "alias", pl.col("new").alias("id")
    )
    kept = known.filter(~(own & pl.col("id").is_in(names["old"].implode())).fill_null(False))
    tables["aliases"] = pl.concat([kept, rows])


def own_names(tables: dict[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """Under which identifier each source knows each record: ``id``, ``source``, ``own``."""
    heads = tables["origins"].filter((pl.col("table") == table) & pl.col("field").is_null()).select("id", "source")
    aliases = tables["aliases"].filter(pl.col("table") == table).select("id", "source", "alias")
    return (
        heads.join(aliases, on=["id", "source"], how="left")
        .with_columns(pl.coalesce("alias", "id").alias("own"))
        .drop("alias")
    )
