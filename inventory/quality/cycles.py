"""Circles: organisations that are their own parent, applications that feed each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import Problem, Severity

SHOWN = 8
"""Applications of a circle that a sentence names."""


def parents_in_circle(dataset: Package) -> Iterator[Problem]:
    """Organisations that are, through their parents, their own parent."""
    parents = dict(dataset["organisations"].select("id", "parent_id").iter_rows())
    places = {i: row for row, i in enumerate(dataset["organisations"]["id"], start=2)}
    for start in sorted(parents):
        seen, here = {start}, parents[start]
        while here in parents and here not in seen:
            seen.add(here)
            here = parents[here]
        if here == start:
            yield Problem(
                code="INV-051", message=_("organisation {id} is, through its parents, its own parent", id=start),
                file="dataset/organisations.csv", row=places[start], field="parent_id", value=start,
            )  # fmt: skip


def flows_in_circle(dataset: Package) -> Iterator[Problem]:
    """Groups of applications that feed each other: no mistake, but they move together or not at all."""
    applications = dataset["applications"]["id"].implode()
    edges = (
        dataset["flows"]
        .filter(pl.col("source_id").is_in(applications) & pl.col("target_id").is_in(applications))
        .filter(pl.col("source_id") != pl.col("target_id"))
        .select("source_id", "target_id")
        .unique()
        .group_by("source_id")
        .agg(pl.col("target_id").sort())
        .sort("source_id")
    )
    for group in circles(dict(edges.iter_rows())):
        some = ", ".join(group[:SHOWN]) + ("…" if len(group) > SHOWN else "")
        yield Problem(
            code="INV-180", severity=Severity.INFO, file="dataset/flows.csv", field="source_id", value=group[0],
            message=_.plural("{n} application feeds itself through flows: {some}",
                             "{n} applications feed each other through flows: {some}", len(group), some=some),
            hint=_("they move in the same wave, or the flow is cut first"),
        )  # fmt: skip


def circles(targets: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The groups of nodes that reach each other, of two or more, each sorted, the largest first.

    Strongly connected components by Tarjan's method, without recursion: a chain of flows may be long.
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    stacked: set[str] = set()
    found: list[list[str]] = []

    def enter(node: str) -> tuple[str, Iterator[str]]:
        order[node] = low[node] = len(order)
        stack.append(node)
        stacked.add(node)
        return node, iter(targets.get(node, ()))

    for start in targets:
        work = [enter(start)] if start not in order else []
        while work:
            node, left = work[-1]
            for target in left:
                if target not in order:
                    work.append(enter(target))
                    break
                if target in stacked:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    at = stack.index(node)
                    group = stack[at:]
                    del stack[at:]
                    stacked.difference_update(group)
                    if len(group) > 1:
                        found.append(sorted(group))
    return sorted(found, key=lambda group: (-len(group), group))
