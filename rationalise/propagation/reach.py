"""Who is reached, at which rank, by which edge: one visit a node and one reading an edge.

Ranks are few and ordered. From the highest down, whatever holds a rank gives it to all it reaches, level
by level; a node once raised is not visited again at a lower rank. So the whole costs O(nodes + edges), cycles
included. Levels are swept as columns; a graph so thin and deep that its levels hold a few nodes each
is walked node by node instead, to the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

NARROW, WIDE, PATIENCE = 256, 20_000, 24
"""Levels under NARROW nodes, PATIENCE times in a row, are walked; over WIDE nodes they are swept again."""


@dataclass
class Links:
    """A directed graph of *size* nodes, edges grouped by where they leave from.

    Edges are known by their row in the frame the graph was made of: the order given is the order of
    preference among equals, so a caller that sorts by a stable key gets stable answers.
    """

    size: int
    starts: pl.Series
    """``size + 1`` positions: the edges that leave node n are at ``starts[n]`` up to ``starts[n + 1]``."""
    targets: pl.Series
    edges: pl.Series
    _lists: tuple[list[int], list[int], list[int]] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, size: int, edges: pl.DataFrame) -> Links:
        """Group *edges* (``source``, ``target``: node numbers under *size*; ``edge``: its number, optional)."""
        numbered = edges if "edge" in edges.columns else edges.with_row_index("edge")
        grouped = numbered.select("source", "target", "edge").sort("source", maintain_order=True)
        first = grouped["source"].search_sorted(pl.int_range(size + 1, dtype=pl.UInt32, eager=True))
        return cls(size, first.cast(pl.Int64), grouped["target"].cast(pl.UInt32), grouped["edge"].cast(pl.Int32))

    def lists(self) -> tuple[list[int], list[int], list[int]]:
        """The same as plain lists, made once."""
        if self._lists is None:
            self._lists = (self.starts.to_list(), self.targets.to_list(), self.edges.to_list())
        return self._lists


@dataclass(frozen=True)
class Reached:
    """One value a node: ``rank`` (its own or the higher one that reached it) and ``edge`` (-1: its own)."""

    rank: pl.Series
    edge: pl.Series


def reach(links: Links, own: pl.Series) -> Reached:
    """Give every node the highest rank that reaches it, and the edge through which it came.

    Args:
        links: the graph.
        own: one Int8 a node: its own rank, 0 for nothing to give.

    Returns:
        The edge is that of the shortest way from a holder of the rank; among equals, the first edge.
    """
    rank = own.cast(pl.Int8).clone()
    edge = pl.repeat(-1, links.size, dtype=pl.Int32, eager=True)
    for level in sorted((r for r in own.unique().to_list() if r), reverse=True):
        front = (rank == level).arg_true()
        narrow = 0
        while front.len():
            narrow = narrow + 1 if front.len() < NARROW else 0
            if narrow > PATIENCE:
                rank, edge, front = _walk(links, rank, edge, front, level)
                narrow = 0
                continue
            found = _next(links, rank, front, level)
            front = found["node"]
            if front.len():
                rank = rank.scatter(front, level)
                edge = edge.scatter(front, found["edge"])
    return Reached(rank.alias("rank"), edge.alias("edge"))


def _next(links: Links, rank: pl.Series, front: pl.Series, level: int) -> pl.DataFrame:
    """The nodes that *front* reaches and that hold less than *level*: ``node``, ``edge``."""
    begins, ends = links.starts.gather(front), links.starts.gather(front + 1)
    some = ends > begins
    if not some.any():
        return pl.DataFrame(schema={"node": pl.UInt32, "edge": pl.Int32})
    places = pl.int_ranges(begins.filter(some), ends.filter(some), eager=True).explode()
    nodes = links.targets.gather(places)
    lower = rank.gather(nodes) < level
    return (
        pl.DataFrame({"node": nodes.filter(lower), "edge": links.edges.gather(places.filter(lower))})
        .group_by("node")
        .agg(pl.col("edge").min())
    )


def _walk(
    links: Links, rank: pl.Series, edge: pl.Series, front: pl.Series, level: int
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """As the sweep, in plain Python, until a level is wide again: a chain has as many levels as nodes."""
    starts, targets, edges = links.lists()
    held = rank.to_list()
    raised: dict[int, int] = {}
    here: list[int] = front.to_list()
    while here and len(here) <= WIDE:
        found: dict[int, int] = {}
        for node in here:
            for at in range(starts[node], starts[node + 1]):
                target = targets[at]
                if held[target] < level and found.get(target, edges[at]) >= edges[at]:
                    found[target] = edges[at]
        for target in found:
            held[target] = level
        raised |= found
        here = list(found)
    if raised:
        nodes = pl.Series(list(raised), dtype=pl.UInt32)
        rank = rank.scatter(nodes, level)
        edge = edge.scatter(nodes, pl.Series(list(raised.values()), dtype=pl.Int32))
    return rank, edge, pl.Series(here, dtype=pl.UInt32)
