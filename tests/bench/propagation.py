"""How long sensitivity takes to spread: ``python -m tests.bench.propagation [SEED]``.

One million applications and five million flows at random, one application in fifty holding something, in
four ranks; the same ten times smaller; a chain, the worst there is for a sweep; and networkx beside, doing
the same search, on a size it can bear.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable

import polars as pl

from rationalise.propagation.reach import Links, Reached, reach


def made(nodes: int, flows: int, seed: int) -> tuple[pl.DataFrame, pl.Series]:
    """Flows and own ranks, the same for the same seed."""
    everyone = pl.int_range(nodes, dtype=pl.UInt32, eager=True)
    draw = [everyone.sample(flows, with_replacement=True, seed=seed + n) for n in range(2)]
    own = pl.int_range(nodes, eager=True).sample(nodes, with_replacement=True, seed=seed + 2) % 200
    return pl.DataFrame({"source": draw[0], "target": draw[1]}), pl.select(
        pl.when(own < 4).then(own).otherwise(0).cast(pl.Int8)
    ).to_series()


def best(run: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """The shortest of several runs, in seconds of wall clock, and the least of processor, all threads together."""
    wall, processor = [], []
    for _n in range(times):
        begun, worked = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - begun)
        processor.append(time.process_time() - worked)
    return min(wall), min(processor)


def with_networkx(flows: pl.DataFrame, own: pl.Series) -> tuple[float, float, list[int]]:
    """Seconds to make the graph, then to spread over it; and the ranks it finds."""
    import networkx

    begun = time.perf_counter()
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(own.len()))
    graph.add_edges_from(flows.rows())
    made_in = time.perf_counter() - begun
    begun = time.perf_counter()
    rank = own.to_list()
    for level in sorted(set(rank) - {0}, reverse=True):
        holders = [n for n, r in enumerate(rank) if r == level]
        for layer in networkx.bfs_layers(graph, holders):
            for node in layer:
                rank[node] = max(rank[node], level)
    return made_in, time.perf_counter() - begun, rank


def main() -> None:
    """Print the figures."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    spent: dict[int, tuple[float, float]] = {}
    for nodes in (100_000, 1_000_000):
        flows, own = made(nodes, 5 * nodes, seed)
        grouping = best(lambda: Links.of(nodes, flows))  # noqa: B023
        links = Links.of(nodes, flows)
        spreading = best(lambda: reach(links, own))  # noqa: B023
        found: Reached = reach(links, own)
        spent[nodes] = (grouping[0] + spreading[0], grouping[1] + spreading[1])
        print(
            f"{nodes:>9,} applications, {5 * nodes:>9,} flows: grouped in {grouping[0]:.2f} s, spread in "
            f"{spreading[0]:.2f} s (processor: {grouping[1]:.2f} and {spreading[1]:.2f} s), "
            f"{(found.edge >= 0).sum():,} raised, each with its flow"
        )
    more, less = spent[1_000_000], spent[100_000]
    print(f"ten times the rows: ×{more[0] / less[0]:.1f} of wall clock, ×{more[1] / less[1]:.1f} of processor")
    nodes = 1_000_000
    order = list(range(nodes))
    random.Random(seed).shuffle(order)
    chain = pl.DataFrame({"source": order[:-1], "target": order[1:]}, schema={"source": pl.UInt32, "target": pl.UInt32})
    lone = pl.zeros(nodes, dtype=pl.Int8, eager=True).scatter(order[0], 1)
    links = Links.of(nodes, chain)
    print(f"a chain of {nodes:,} applications: {best(lambda: reach(links, lone), 1)[1]:.2f} s of processor")
    print(f"largest memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    flows, own = made(100_000, 500_000, seed)
    making, spreading, ranks = with_networkx(flows, own)
    links = Links.of(100_000, flows)
    assert reach(links, own).rank.to_list() == ranks, "networkx finds other ranks"
    ours = best(lambda: reach(links, own))
    print(
        f"networkx, 100,000 applications, 500,000 flows: {making:.2f} s to make, {spreading:.2f} s to spread, "
        f"against {best(lambda: Links.of(100_000, flows))[0]:.2f} and {ours[0]:.2f} s: ×{spreading / ours[0]:.0f} to spread"
    )
    whole()


def whole(applications: int = 100_000, flows: int = 500_000) -> None:
    """The whole step as the analysis runs it, identifiers and all attributes included."""
    from datetime import date

    from inventory.dataset import empty_dataset, schema
    from inventory.package import Package
    from rationalise.decisions import Decisions
    from rationalise.doctrine.catalogue import load_doctrine
    from rationalise.propagation.network import network
    from rationalise.sensitivity import sensitivity

    edges, own = made(applications, flows, 1)
    named = pl.int_range(applications, eager=True).cast(pl.String).str.zfill(7)
    table = pl.DataFrame({"id": named, "classification": own.replace_strict({0: None, 1: "dr", 2: None, 3: None})})
    ends = {c: named.gather(edges[e]) for c, e in (("source_id", "source"), ("target_id", "target"))}
    listed = pl.DataFrame({"id": pl.int_range(flows, eager=True).cast(pl.String), **ends})
    tables = {**empty_dataset().tables, "applications": schema().tables["applications"].conform(table)}
    full = Package({**tables, "flows": schema().tables["flows"].conform(listed)})
    day = date(2026, 11, 23)
    graph = best(lambda: network(full, Decisions(), day), 1)
    everything = best(lambda: sensitivity(full, Decisions(), load_doctrine(), day), 1)
    without = best(lambda: sensitivity(Package(tables), Decisions(), load_doctrine(), day), 1)
    print(
        f"the step of the analysis, {applications:,} applications and {flows:,} flows by their identifiers: "
        f"{everything[0]:.2f} s, of which the graph {graph[0]:.2f} s; without a flow {without[0]:.2f} s"
    )


if __name__ == "__main__":
    main()
