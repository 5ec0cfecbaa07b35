"""What leads from what to what: flows, shared databases and copies as one graph, and the links that are cut.

A node is an application, a database, a system outside the inventory, or one side of a server: what a
flow brings to a server comes to the applications there, what leaves it may come from any of them, and yet
one application of a server gives nothing to its neighbour. That a server is shared is a finding, not a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.inheritance import heirs
from rationalise.propagation.cuts import signed_cuts
from rationalise.propagation.hubs import hub_words, hubs, plain

LINK = {"source": pl.String, "target": pl.String, "via": pl.String, "kind": pl.String, "nature": pl.String}
IN, OUT, DATABASE = "in\x1f", "out\x1f", "db\x1f"
"""What sets apart, among the names of nodes, the two sides of a server and a database."""


@dataclass(frozen=True)
class Network:
    """The graph.

    ``nodes``: ``name``, ``label``, ``application`` (whether it is one), by number.
    ``links``: ``source``, ``target`` (node numbers), ``via`` (the flow's or database's identifier), ``kind``
    (flow, database, copy, server), ``data`` and ``mission``: whether each passes.
    ``cuts``: every link that is or was meant to be cut, as the proposal's table of that name.
    ``hubs``: ``id``, ``hub``, ``how``.
    """

    nodes: pl.DataFrame
    links: pl.DataFrame
    cuts: pl.DataFrame
    hubs: pl.DataFrame


def network(dataset: Package, decisions: Decisions, as_of: date) -> Network:
    """Gather the links of an inventory and cut those to cut.

    Args:
        dataset: the inventory.
        decisions: signed cuts and hubs; what does not count on *as_of* cuts nothing, and is listed.
        as_of: the day.
    """
    copies = heirs(dataset, decisions, as_of)
    # One order whatever the inventory's: among equal ways, the same step is always the one named.
    links = pl.concat([_flows(dataset), _databases(dataset), _copies(copies), _servers(dataset)]).sort(
        "kind", "via", "source", "target"
    )
    applications = dataset["applications"]["id"]
    names = pl.concat([links["source"], links["target"]]).unique().sort()
    nodes = pl.DataFrame({"name": names}).select(
        "name",
        label=pl.col("name").str.split("\x1f").list.last(),
        application=pl.col("name").is_in(applications.implode()),
    )
    known = hubs(dataset, decisions, as_of)
    marked, cuts = _cut(links, known, decisions, as_of)
    at = pl.DataFrame({"name": names}).with_row_index("at")
    numbered = (
        marked.join(at.rename({"name": "source", "at": "s"}), on="source", how="left", maintain_order="left")
        .join(at.rename({"name": "target", "at": "t"}), on="target", how="left", maintain_order="left")
        .select(pl.col("s").alias("source"), pl.col("t").alias("target"), "via", "kind", "data", "mission")
    )
    return Network(nodes, numbered, cuts, known)


def _flows(dataset: Package) -> pl.DataFrame:
    ends = {
        "servers": {"source_id": OUT, "target_id": IN},
        "databases": {"source_id": DATABASE, "target_id": DATABASE},
    }
    flows = dataset["flows"].drop_nulls(["source_id", "target_id"]).filter(pl.col("source_id") != pl.col("target_id"))
    applications = dataset["applications"]["id"].implode()
    for table, marks in ends.items():
        there = dataset[table]["id"].implode()
        flows = flows.with_columns(
            pl.when(pl.col(c).is_in(there) & ~pl.col(c).is_in(applications))
            .then(pl.lit(mark) + pl.col(c))
            .otherwise(pl.col(c))
            .alias(c)
            for c, mark in marks.items()
        )
    return flows.select(
        source="source_id", target="target_id", via="id", kind=pl.lit("flow"), nature=plain("nature")
    )  # fmt: skip


def _databases(dataset: Package) -> pl.DataFrame:
    """Who writes in a shared database and who reads it is not known: each gives to it, and takes from it."""
    there = dataset["deployments"].filter(pl.col("target_kind") == "database")
    database = pl.lit(DATABASE) + pl.col("target_id")
    common = {"via": pl.col("target_id"), "kind": pl.lit("database"), "nature": pl.lit(None, pl.String)}
    return pl.concat(
        [
            there.select(source="application_id", target=database, **common),
            there.select(source=database, target="application_id", **common),
        ]
    )


def _copies(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        source="production_id", target="id", via="production_id", kind=pl.lit("copy"), nature=pl.lit(None, pl.String)
    )


def _servers(dataset: Package) -> pl.DataFrame:
    """From the side of a server that flows come to, to its applications; from these, to the side they leave by."""
    ends = pl.concat([dataset["flows"].select(id=c) for c in ("source_id", "target_id")]).unique()
    there = (
        dataset["deployments"]
        .filter(pl.col("target_kind") == "server")
        .join(ends, left_on="target_id", right_on="id", how="semi")
    )
    common = {"via": pl.col("target_id"), "kind": pl.lit("server"), "nature": pl.lit(None, pl.String)}
    return pl.concat(
        [
            there.select(source=pl.lit(IN) + pl.col("target_id"), target="application_id", **common),
            there.select(source="application_id", target=pl.lit(OUT) + pl.col("target_id"), **common),
        ]
    )


def _cut(
    links: pl.DataFrame, known: pl.DataFrame, decisions: Decisions, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The links with what passes through each, and the list of cuts."""
    words = hub_words()
    typed = (
        links.with_row_index("row")
        .join(known.select(source="id", from_hub="hub", from_how="how"), on="source", how="left", maintain_order="left")
        .join(known.select(target="id", to_hub="hub", to_how="how"), on="target", how="left", maintain_order="left")
    )
    out = pl.col("from_hub").is_not_null() & (pl.col("kind") != "copy")
    into = pl.col("to_hub").is_not_null()
    empty = pl.col("nature").is_in(list(words.natures_without_data)).fill_null(False)
    listed, signed = signed_cuts(links, decisions, as_of)
    marked = typed.with_columns(
        pl.when(out).then(pl.format("hub:{}", "from_hub"))
        .when(into & ~pl.col("to_hub").is_in(words.keeping("data"))).then(pl.format("hub:{}", "to_hub"))
        .when(empty).then(pl.format("nature:{}", "nature")).alias("reason"),
        # What depends on a hub leans on it; nothing that the hub leans on is raised in its turn.
        mission=~(into & (pl.col("kind") != "copy"))
        & (~out | pl.col("from_hub").is_in(words.keeping("mission"))) & (pl.col("kind") != "database"),
        signed=pl.col("row").is_in(signed.implode()),
    ).with_columns(data=pl.col("reason").is_null() & ~pl.col("signed")).with_columns(
        # A flow to what keeps data gives it the data, and leaves it as a consumer that asks nothing more.
        reason=pl.coalesce("reason", pl.when(into & ~pl.col("mission") & (pl.col("kind") == "flow"))
                           .then(pl.format("hub:{}", "to_hub"))),
    )  # fmt: skip
    hub = pl.when(pl.col("reason").str.starts_with("hub:")).then(
        pl.when(out).then(pl.struct(id="source", how="from_how")).otherwise(pl.struct(id="target", how="to_how"))
    )
    assumed = marked.filter(pl.col("reason").is_not_null() & (pl.col("kind") != "server")).select(
        "via",
        "kind",
        source_id=pl.col("source").str.split("\x1f").list.last(),
        target_id=pl.col("target").str.split("\x1f").list.last(),
        state=pl.when(hub.struct.field("how").str.starts_with("hubs/")).then(pl.lit("signed")).otherwise(pl.lit("assumed")),
        reason="reason",
        hub_id=hub.struct.field("id"),
        how=pl.coalesce(hub.struct.field("how"), pl.lit("nature")),
        stops=pl.concat_str(
            pl.when(~pl.col("data")).then(pl.lit("data")), pl.when(~pl.col("mission")).then(pl.lit("mission")),
            separator="|", ignore_nulls=True,
        ),
        expires_on=pl.lit(None, pl.Date),
    )  # fmt: skip
    cuts = pl.concat([assumed, listed.select(assumed.columns)]).unique(
        ["via", "source_id", "target_id", "state", "how"], keep="first", maintain_order=True
    )
    return marked.select(*LINK, "data", "mission"), cuts.sort(
        "state", "reason", "hub_id", "via", "source_id", "target_id"
    )
