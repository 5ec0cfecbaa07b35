"""Reaching: the same as a naive fixpoint, whatever the graph, the order of its edges and its shape."""

import random
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rationalise.propagation import reach as module
from rationalise.propagation.reach import Links, reach

graphs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40),
    )
)


def frame(edges: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(edges, schema={"source": pl.UInt32, "target": pl.UInt32}, orient="row")


def spread(own: list[int], edges: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    found = reach(Links.of(len(own), frame(edges)), pl.Series(own, dtype=pl.Int8))
    return found.rank.to_list(), found.edge.to_list()


def naive(own: list[int], edges: list[tuple[int, int]]) -> list[int]:
    rank, moved = list(own), True
    while moved:
        moved = False
        for source, target in edges:
            if rank[target] < rank[source]:
                rank[target], moved = rank[source], True
    return rank


@given(graphs)
@settings(max_examples=300, deadline=None)
def test_it_agrees_with_a_naive_fixpoint(graph: tuple[list[int], list[tuple[int, int]]]) -> None:
    own, edges = graph
    rank, edge = spread(own, edges)
    assert rank == naive(own, edges)
    for node, through in enumerate(edge):
        assert (through >= 0) == (rank[node] > own[node])
        # Following the edges back leads to a holder of the very rank, without turning in circles.
        at, seen = node, set()
        while edge[at] >= 0:
            assert at not in seen
            seen.add(at)
            assert edges[edge[at]][1] == at
            at = edges[edge[at]][0]
        assert own[at] == rank[node]


@given(graphs)
@settings(max_examples=100, deadline=None)
def test_walking_node_by_node_gives_the_same_as_sweeping(graph: tuple[list[int], list[tuple[int, int]]]) -> None:
    own, edges = graph
    swept = spread(own, edges)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PATIENCE", 0)  # walked while under three nodes, swept above
        patch.setattr(module, "NARROW", 3)
        patch.setattr(module, "WIDE", 3)
        assert spread(own, edges) == swept


@given(graphs, st.tuples(st.integers(0, 11), st.integers(0, 11)))
@settings(max_examples=100, deadline=None)
def test_an_edge_more_never_lowers_anyone(
    graph: tuple[list[int], list[tuple[int, int]]], more: tuple[int, int]
) -> None:
    own, edges = graph
    added = [*edges, (more[0] % len(own), more[1] % len(own))]
    assert all(b >= a for a, b in zip(spread(own, edges)[0], spread(own, added)[0], strict=True))


def test_what_is_given_is_left_as_it_was() -> None:
    own = pl.Series([1, 0], dtype=pl.Int8)
    reach(Links.of(2, frame([(0, 1)])), own)
    assert own.to_list() == [1, 0]


def test_a_long_chain_is_walked_to_its_end() -> None:
    size = 20_000
    order = random.Random(3).sample(range(size), size)
    own = [0] * size
    own[order[0]] = 2
    rank, edge = spread(own, list(pairwise(order)))
    assert set(rank) == {2}
    assert sum(e >= 0 for e in edge) == size - 1
