"""Which value of which attribute comes to whom, from whom, through what.

*Data* attributes go with the data, from who sends to who receives; *mission* and *availability* go the
other way, from who consumes to what it depends on. Only a value that is known is given: an unknown is never "no",
and is not "yes" for others either; it closes what is unknown, which is the receiver's own when it does
not know. What is presumed of the giver stays with it, in its presumed reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from rationalise.inheritance import ORDERS
from rationalise.propagation.hubs import Sense
from rationalise.propagation.network import Network
from rationalise.propagation.reach import Links, Reached, reach

SENSES: Mapping[str, Sense] = {
    "classification": "data",
    "secret_protege": "data",
    "atteinte": "data",
    "donnees_perso": "data",
    "sante": "data",
    "mission_essentielle": "mission",
    "service_hours": "mission",
}
"""The attributes that spread, and in which sense."""
LEAST = {"service_hours": ("ouvre", "etendu", "24x7")}
"""The order of what is no attribute of the law: hours of service, an attribute of fit."""


@dataclass(frozen=True)
class Spread:
    """What reached each node: by attribute, its ``own`` rank, then the rank that counts and the link it came by."""

    network: Network
    own: Mapping[str, pl.Series]
    reached: Mapping[str, Reached]


def given(attribute: str) -> tuple[str, ...]:
    """The values of an attribute that can be given, from the least: a value's rank is its place from one."""
    known = [v for v in ORDERS.get(attribute, LEAST.get(attribute, ())) if v is not None]
    return tuple(known[1:])


def spread(found: Network, known: pl.DataFrame) -> Spread:
    """Let every known value reach whom it reaches.

    Args:
        found: the graph.
        known: ``id`` and one column an attribute that spreads; null is unknown.
    """
    size = found.nodes.height
    held = found.nodes.select(id="name").join(known, on="id", how="left", maintain_order="left")
    ways: dict[Sense, Links] = {}
    held_ranks: dict[str, pl.Series] = {}
    reached = {}
    for name, sense in SENSES.items():
        if name not in known.columns:
            continue
        ranks = {value: n for n, value in enumerate(given(name), 1)}
        held_ranks[name] = own = held[name].replace_strict(ranks, default=0, return_dtype=pl.Int8)
        if sense not in ways:
            ways[sense] = Links.of(size, passing(found.links, sense))
        reached[name] = reach(ways[sense], own)
    return Spread(found, held_ranks, reached)


def passing(links: pl.DataFrame, sense: Sense) -> pl.DataFrame:
    """The links that are not cut in a sense, as ``source``, ``target``, ``edge``: who gives, who takes."""
    numbered = links.with_row_index("edge").filter(sense)
    # A copy inherits the mission too: it is not what production depends on.
    turned = (pl.col("kind") != "copy") if sense == "mission" else pl.lit(False)
    return numbered.select(
        pl.when(turned).then("target").otherwise("source").alias("source"),
        pl.when(turned).then("source").otherwise("target").alias("target"),
        "edge",
    )


def steps(found: Spread, attribute: str) -> pl.DataFrame:
    """Of each node raised: ``node``, ``giver`` (the node before), ``edge``, ``rank``."""
    reached, sense = found.reached[attribute], SENSES[attribute]
    raised = (
        pl.DataFrame({"rank": reached.rank, "edge": reached.edge}).with_row_index("node").filter(pl.col("edge") >= 0)
    )
    ends = passing(found.network.links, sense).select(giver="source", edge=pl.col("edge").cast(pl.Int32))
    return raised.join(ends, on="edge", how="left", maintain_order="left").select("node", "giver", "edge", "rank")


def arrivals(found: Spread, attribute: str) -> pl.DataFrame:
    """Of each application raised, in one line: ``id``, ``attribute``, ``value``, the system before, the holder.

    Returns:
        ``from_id`` (the application or outside system before it), ``via`` and ``via_kind`` (the flow, database or
        copy), ``holder_id`` (whose own value it is), ``steps`` (how many systems away).
    """
    rows = steps(found, attribute)
    network = found.network
    size = network.nodes.height
    this = pl.int_range(size, dtype=pl.UInt32, eager=True)
    # Scatter writes in place: the copy keeps `this` as it is.
    parent = this.clone().scatter(rows["node"], rows["giver"].cast(pl.UInt32))
    system = ~network.nodes["name"].str.contains("\x1f")
    before, edge, counted = (
        parent,
        found.reached[attribute].edge,
        system.cast(pl.Int32) * (parent != this).cast(pl.Int32),
    )
    kinds = network.links["kind"]
    via = edge
    for _hop in range(2):
        # Servers and databases are ways, not systems: name the flow, and who stands before them.
        passed = kinds.gather(via.clip(0)).eq("server").fill_null(False) & (via >= 0) & (~system.gather(before))
        via = _either(passed, edge.gather(before), via)
        before = _either(~system.gather(before), parent.gather(before), before)
    holder, away = parent, counted
    while (following := holder.gather(holder)).ne(holder).any():
        away = away + away.gather(holder)
        holder = following
    names = network.nodes["label"]
    values = dict(enumerate(given(attribute), 1))
    table = pl.DataFrame(
        {
            "id": network.nodes["name"], "application": network.nodes["application"], "edge": edge,
            "value": found.reached[attribute].rank.replace_strict(values, default=None, return_dtype=pl.String),
            "from_id": names.gather(before), "via": network.links["via"].gather(via.clip(0)),
            "via_kind": kinds.gather(via.clip(0)), "holder_id": names.gather(holder), "steps": away,
        }
    )  # fmt: skip
    return (
        table.filter(pl.col("application") & (pl.col("edge") >= 0))
        .drop("application", "edge")
        .insert_column(1, pl.lit(attribute).alias("attribute"))
    )


def _either(where: pl.Series, yes: pl.Series, no: pl.Series) -> pl.Series:
    return pl.select(pl.when(where).then(yes).otherwise(no)).to_series()


def chain(found: Spread, identifier: str, attribute: str) -> list[dict[str, Any]]:
    """Every step by which a value came, the last first: ``to``, ``from``, ``kind``, ``via``."""
    nodes, links = found.network.nodes, found.network.links
    reached = found.reached[attribute]
    at = nodes["name"].index_of(identifier)
    told: list[dict[str, Any]] = []
    while at is not None and (edge := reached.edge[at]) >= 0:
        source, target, via, kind = links.row(edge)[:4]
        giver = target if source == at else source
        told.append({"to": nodes["label"][at], "from": nodes["label"][giver], "kind": kind, "via": via})
        at = giver
    return told
