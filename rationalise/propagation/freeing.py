"""What propagation closes, and what cutting a link would open again: counted, not guessed.

A link's subtree is whatever it raised, one way or another; cutting it frees at most that. The most
promising links by that bound are cut one at a time on paper, what else reaches their subtree is worked
out, and the law is applied to what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.propagation.inheriting import worth
from rationalise.propagation.reach import Links, reach
from rationalise.propagation.spread import SENSES, Spread, given, passing, steps
from rationalise.sensitivity import Sensitivity

TRIED = 40
"""The links that are cut on paper: those that could free most."""
RAISING = {
    "id": pl.String, "kind": pl.String, "source_id": pl.String, "target_id": pl.String, "attributes": pl.String,
    "applications": pl.Int64, "tiers_now": pl.Int64, "tiers_if_confirmed": pl.Int64, "rank": pl.Int64,
}  # fmt: skip
READINGS = ("now", "presumed")


def alone(found: Sensitivity, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    """What the law would say if nothing came through a link: ``id``, ``lawful_alone``, ``lawful_alone_if_confirmed``."""
    own = {"lawful_alone": found.alone_now, "lawful_alone_if_confirmed": found.alone_presumed}
    columns = [_lawful(f, doctrine, as_of).select("id", pl.col("tiers").alias(name)) for name, f in own.items()]
    return columns[0].join(columns[1], on="id", how="left", maintain_order="left")


def raising(found: Sensitivity, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    """The links that cost an application a tier, what cutting each alone would free, the most first.

    Returns:
        ``applications`` that a tier would be open to again, in either reading; ``tiers_now`` and
        ``tiers_if_confirmed`` count application × tier. A link whose cut alone frees nothing is not there.
    """
    lost = _lost(found, doctrine, as_of)
    if lost.height == 0:
        return pl.DataFrame(schema=RAISING)
    weights = dict(lost.iter_rows())
    trees = {name: _Tree.of(found.spread, name) for name in found.spread.reached}
    trees = {name: tree for name, tree in trees.items() if tree.giver}
    tried = _promising(found.spread, trees, weights)
    parts = [_without(found, trees, via, kind) for via, kind in tried]
    if not parts:
        return pl.DataFrame(schema=RAISING)
    return _counted(found, pl.concat(parts), doctrine, as_of)


@dataclass(frozen=True)
class _Tree:
    """Who gave an attribute to whom: of each node raised its giver and link, its children, and an order."""

    giver: Mapping[int, int]
    edge: Mapping[int, int]
    children: Mapping[int, list[int]]

    @classmethod
    def of(cls, found: Spread, attribute: str) -> _Tree:
        rows = steps(found, attribute)
        below = rows.group_by("giver", maintain_order=True).agg("node")
        return cls(
            dict(rows.select("node", "giver").iter_rows()),
            dict(rows.select("node", "edge").iter_rows()),
            dict(below.iter_rows()),
        )

    def under(self, tops: list[int]) -> list[int]:
        """The nodes at and under *tops*, each once, a node before those under it."""
        found, seen = list(tops), set(tops)
        for node in found:
            for child in self.children.get(node, ()):
                if child not in seen:
                    seen.add(child)
                    found.append(child)
        return found

    def sums(self, weight: Mapping[int, int]) -> dict[int, int]:
        """The weight at and under each node; a sum over a tree goes node by node."""
        roots = sorted(set(self.giver.values()) - set(self.giver))
        total: dict[int, int] = {}
        for node in reversed(self.under(roots)):
            total[node] = total.get(node, 0) + weight.get(node, 0)
            if node in self.giver:
                total[self.giver[node]] = total.get(self.giver[node], 0) + total[node]
        return total


def _promising(found: Spread, trees: Mapping[str, _Tree], weights: Mapping[str, int]) -> list[tuple[str, str]]:
    """The flows and databases by the most that cutting them could free."""
    names = found.network.nodes["name"].to_list()
    at = {n: weights[name] for n, name in enumerate(names) if name in weights}
    via, kinds = found.network.links["via"], found.network.links["kind"]
    bound: dict[tuple[str, str], int] = {}
    for tree in trees.values():
        total = tree.sums(at)
        nodes = [n for n in tree.edge if total.get(n)]
        edges = pl.Series([tree.edge[n] for n in nodes], dtype=pl.Int32)
        for node, key, kind in zip(nodes, via.gather(edges), kinds.gather(edges), strict=True):
            if kind in ("flow", "database"):
                bound[key, kind] = bound.get((key, kind), 0) + total[node]
    return sorted(bound, key=lambda link: (-bound[link], link))[:TRIED]


def _without(found: Sensitivity, trees: Mapping[str, _Tree], via: str, kind: str) -> pl.DataFrame:
    """What would reach applications, one link gone: ``via``, ``kind``, ``id``, ``attribute``, ``value``."""
    links, nodes = found.spread.network.links, found.spread.network.nodes
    cut = set(((links["via"] == via) & (links["kind"] == kind)).arg_true().to_list())
    parts = []
    for name, tree in trees.items():
        tops = [n for n, edge in tree.edge.items() if edge in cut]
        if not tops:
            continue
        under = pl.Series("node", sorted(tree.under(tops)), dtype=pl.UInt32)
        ranks = _again(found, name, under, cut)
        values = dict(enumerate(given(name), 1))
        parts.append(
            pl.DataFrame(
                {
                    "id": nodes["name"].gather(under),
                    "application": nodes["application"].gather(under),
                    "value": ranks.replace_strict(values, default=None, return_dtype=pl.String),
                }
            )
            .filter("application")
            .select(
                pl.lit(via).alias("via"), pl.lit(kind).alias("kind"), "id", pl.lit(name).alias("attribute"), "value"
            )
        )
    return pl.concat(parts)


def _again(found: Sensitivity, attribute: str, under: pl.Series, cut: set[int]) -> pl.Series:
    """The ranks that reach some nodes without some links; what is not under the cut keeps what it has."""
    spread = found.spread
    links = passing(spread.network.links, SENSES[attribute])
    local = pl.DataFrame({"node": under}).with_row_index("at")
    there = (
        links.filter(~pl.col("edge").is_in(sorted(cut)))
        .join(local.rename({"node": "target", "at": "to"}), on="target")
        .join(local.rename({"node": "source", "at": "from"}), on="source", how="left")
    )
    final = spread.reached[attribute].rank
    outside = there.filter(pl.col("from").is_null())
    brought = outside.with_columns(rank=final.gather(outside["source"])).group_by(at="to").agg(pl.col("rank").max())
    own = spread.own[attribute].gather(under)
    start = local.with_columns(own=own).join(brought, on="at", how="left", maintain_order="left")
    begun = start.select(pl.max_horizontal("own", pl.col("rank").fill_null(0)).cast(pl.Int8)).to_series()
    inside = there.filter(pl.col("from").is_not_null()).select(source="from", target="to")
    return reach(Links.of(under.len(), inside), begun).rank


def _counted(found: Sensitivity, changed: pl.DataFrame, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    names = [n for n in doctrine.attributes if n in SENSES]
    wide = changed.filter(pl.col("attribute").is_in(names)).with_columns(changed=pl.lit(True))
    keys = ["via", "kind", "id"]
    freed = []
    for reading in READINGS:
        effective: pl.DataFrame = getattr(found, reading)
        own: pl.DataFrame = getattr(found, f"alone_{reading}")
        pairs = wide.select(keys).unique().sort(keys)
        frame = pairs.join(effective, on="id", how="left", maintain_order="left")
        for name in names:
            this = wide.filter(pl.col("attribute") == name).select(*keys, "value", "changed")
            seen = pairs.join(this, on=keys, how="left", maintain_order="left").join(
                own.select("id", _own=name), on="id", how="left", maintain_order="left"
            )
            left = seen.select(
                pl.when(worth(name, "value") > worth(name, "_own")).then("value").otherwise("_own")
                .alias("left"), pl.col("value").is_null().alias("none"), "_own", "changed",
            )  # fmt: skip
            value = pl.select(pl.when(left["none"]).then(left["_own"]).otherwise(left["left"])).to_series()
            frame = frame.with_columns(
                pl.when(left["changed"].fill_null(False)).then(value).otherwise(pl.col(name)).alias(name)
            )
        after = _lawful(frame, doctrine, as_of)["count"]
        before = _lawful(effective.join(pairs.select("id").unique(), on="id", how="semi"), doctrine, as_of)
        was = pairs.join(before.select("id", "count"), on="id", how="left", maintain_order="left")["count"]
        freed.append((after.cast(pl.Int64) - was.cast(pl.Int64)).clip(0).alias(reading))
    table = pairs.with_columns(freed).filter(pl.sum_horizontal(*READINGS) > 0)
    moved = wide.group_by("via", "kind").agg(pl.col("attribute").unique().sort().str.join("|").alias("attributes"))
    summed = (
        table.group_by("via", "kind")
        .agg(applications=pl.len(), tiers_now=pl.col("now").sum(), tiers_if_confirmed=pl.col("presumed").sum())
        .join(moved, on=["via", "kind"])
        .join(_ends(found.spread), on=["via", "kind"], how="left")
        .sort("tiers_if_confirmed", "tiers_now", "via", descending=[True, True, False])
        .with_row_index("rank", offset=1)
    )
    return summed.rename({"via": "id"}).select(pl.col(c).cast(t) for c, t in RAISING.items())


def _ends(found: Spread) -> pl.DataFrame:
    label = found.network.nodes["label"]
    flows = found.network.links.filter(pl.col("kind") == "flow")
    return flows.select(
        "via", "kind", source_id=label.gather(flows["source"]), target_id=label.gather(flows["target"])
    ).unique(["via", "kind"], keep="first", maintain_order=True)


def _lost(found: Sensitivity, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    """Applications that propagation costs a tier, and how many in both readings: ``id``, ``lost``."""
    law = [n for n in SENSES if n in doctrine.attributes]
    touched = found.inherited.filter(pl.col("attribute").is_in(law)).select(id="application_id").unique().sort("id")
    lost = touched.with_columns(lost=pl.lit(0, pl.Int64))
    for reading in READINGS:
        pair = [
            touched.join(f, on="id", how="left", maintain_order="left")
            for f in (getattr(found, f"alone_{reading}"), getattr(found, reading))
        ]
        before, after = (_lawful(f, doctrine, as_of)["count"].cast(pl.Int64) for f in pair)
        lost = lost.with_columns(lost=pl.col("lost") + (before - after).clip(0))
    return lost.filter(pl.col("lost") > 0)


def _lawful(frame: pl.DataFrame, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    """The tiers open to each row, once per distinct profile: ``id``, ``tiers`` (``|``, in order), ``count``."""
    names = list(doctrine.attributes)
    distinct = frame.select(names).unique(maintain_order=True)
    order = {tier: t.order for tier, t in doctrine.tiers.items()}
    judged = evaluate(doctrine, distinct, as_of).tiers
    open_ = (
        judged.filter((pl.col("verdict") != "denied") & ~pl.col("blocking"))
        .sort(pl.col("tier").replace_strict(order, return_dtype=pl.Int8))
        .group_by("row")
        .agg(pl.col("tier").str.join("|").alias("tiers"), pl.len().alias("count"))
    )
    known = distinct.with_row_index("row").join(open_, on="row", how="left").drop("row")
    return frame.join(known, on=names, how="left", nulls_equal=True, maintain_order="left").select(
        "id", "tiers", pl.col("count").fill_null(0)
    )
