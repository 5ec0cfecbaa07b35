"""One record for what several sources say of the same thing, replayed at each import.

What was recognised stays so, under the identifier it has, unless a person decides otherwise or two identifiers come to
contradict each other: then every source speaks of its own record again, and the evidence is weighed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from inventory.cells import LAST, Order
from inventory.language import _
from inventory.matching.decisions import Decision
from inventory.matching.groups import KINDS, PAIR, Matches, Scorer, match
from inventory.matching.servers import canonical_uuid, serial
from inventory.problems import Problem, Severity
from inventory.regroup import MOVES, own_names, regroup

FILE = "decisions/matches.csv"
IDENTIFIERS = {"uuid": canonical_uuid, "serial": serial}
DECIDED = {"left": pl.String, "right": pl.String, "decision": pl.String}


@dataclass
class Reconciled:
    """What reconciling did: by table the records that are now another's (``old``, ``new``), the pairs left to review."""

    joined: dict[str, pl.DataFrame] = field(default_factory=dict)
    review: dict[str, pl.DataFrame] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def reconcile(
    tables: dict[str, pl.DataFrame],
    decisions: Sequence[Decision],
    order: Order,
    older: Mapping[str, pl.Series] | None = None,
) -> Reconciled:
    """Make one record of what several sources say of the same machine, or application.

    Args:
        tables: the dataset's tables, changed in place.
        decisions: what people decided.
        order: which source is heard, and whose identifier a record takes.
        older: by table, the identifiers that were there before; those of *tables* when absent.
    """
    done = Reconciled()
    for table in KINDS:
        who = own_names(tables, table)
        mine = [d for d in decisions if d.table == table and d.decision]
        if who["source"].n_unique() < 2:
            continue
        done.problems += _dissolve(tables, table, mine, who, order)
        decided = _resolved(tables, table, mine, done)
        matches = match(table, tables[table], own_names(tables, table).select("id", "source"), decided)
        known = older[table] if older is not None and table in older else tables[table]["id"]
        names = _chosen(tables, table, matches, order, known)
        who = own_names(tables, table)
        moves = (
            who.rename({"id": "old"}).join(names, on="old").select(pl.lit(table).alias("table"), "source", "old", "new")
        )
        regroup(tables, moves.select(list(MOVES)), order)
        done.joined[table] = names
        done.review[table] = matches.review
        done.problems += _told(table, names, matches)
    return done


def pending(tables: Mapping[str, pl.DataFrame], decisions: Sequence[Decision]) -> dict[str, pl.DataFrame]:
    """The pairs of a dataset that a person must see, by table; see :class:`inventory.matching.groups.Matches`."""
    found = {}
    for table in KINDS:
        who = own_names(dict(tables), table).select("id", "source")
        mine = [d for d in decisions if d.table == table and d.decision]
        decided = _resolved(dict(tables), table, mine, Reconciled())
        found[table] = match(table, tables[table], who, decided).review
    return found


def evidence(tables: Mapping[str, pl.DataFrame], table: str, left: str, right: str) -> pl.DataFrame:
    """What is observed of a pair of records: a row, a column a term, ``score`` and ``zone``."""
    records = tables[table].filter(pl.col("id").is_in([left, right]))
    who = own_names(dict(tables), table).select("id", "source")
    scorer = Scorer(table, records, who)
    return scorer.scored(pl.DataFrame({"left": [0], "right": [1]}, schema={"left": pl.UInt32, "right": pl.UInt32}))


def _dissolve(
    tables: dict[str, pl.DataFrame], table: str, decisions: Sequence[Decision], who: pl.DataFrame, order: Order
) -> list[Problem]:
    """Let every source speak of its own record again where people, or identifiers, say that one record is two."""
    names = _names(tables, table)
    held = [names.get(d.left_id) for d in decisions if d.decision == "same"]
    parted = {
        names[d.left_id]
        for d in decisions
        if d.decision == "different" and d.left_id in names and names[d.left_id] == names.get(d.right_id)
    }
    torn = set(_torn(tables, who) if table == "servers" else ()) - set(held) - parted
    apart = sorted(parted | torn)
    mixed = who.filter(pl.col("id").is_in(apart) & (pl.col("own") != pl.col("id")))
    moves = mixed.select(pl.lit(table).alias("table"), "source", pl.col("id").alias("old"), pl.col("own").alias("new"))
    if moves.height:
        regroup(tables, moves.select(list(MOVES)), order)
    return [
        Problem(code="INV-171", severity=Severity.WARNING, file="dataset/servers.csv", value=i,
                message=_("{id}: its sources now give identifiers that contradict each other: it is several machines", id=i))
        for i in sorted(torn & set(mixed["id"]))
    ]  # fmt: skip


def _torn(tables: Mapping[str, pl.DataFrame], who: pl.DataFrame) -> list[str]:
    """Machines of which two sources give identifiers that contradict each other, nothing else agreeing."""
    mixed = who.filter(pl.col("own") != pl.col("id"))["id"].unique()
    lost = tables["origins"].filter((pl.col("table") == "servers") & pl.col("id").is_in(mixed.implode()))
    found = set()
    for name, canonical in IDENTIFIERS.items():
        said = lost.filter(pl.col("field") == name).select("id", canonical(pl.col("value")).alias("_said"))
        if said.height == 0:
            continue
        kept = tables["servers"].join(said, on="id", how="semi").select(
            "id", *(c(pl.col(n)).alias(f"_{n}") for n, c in IDENTIFIERS.items())
        )  # fmt: skip
        both = said.join(kept, on="id").drop_nulls("_said")
        same = pl.any_horizontal((pl.col("_said") == pl.col(f"_{n}")).fill_null(False) for n in IDENTIFIERS)
        agreed = pl.col("_uuid").is_not_null() if name == "serial" else pl.lit(False)
        found |= set(both.filter(~same & ~agreed)["id"])
    return sorted(found)


def _names(tables: Mapping[str, pl.DataFrame], table: str) -> dict[str, str]:
    """Every identifier by which a record is known → the record's own."""
    aliases = tables["aliases"].filter(pl.col("table") == table).select("alias", "id").unique()
    lone = aliases.unique("alias", keep="none")
    return {**dict(lone.iter_rows()), **{i: i for i in tables[table]["id"]}}


def _resolved(
    tables: dict[str, pl.DataFrame], table: str, decisions: Sequence[Decision], done: Reconciled
) -> pl.DataFrame:
    """The decisions that can be applied, by the identifiers of the dataset; what cannot be, or is contradicted, is told."""
    if not decisions:
        return pl.DataFrame(schema=DECIDED)
    names = _names(tables, table)
    said = dict(own_names(tables, table).group_by("id").agg(pl.col("source").unique()).iter_rows())
    rows = []
    for d in decisions:
        unknown = [i for i in (d.left_id, d.right_id) if i not in names]
        if unknown:
            done.problems.append(_about(d, "INV-165", _("a decision is about {id}, which no source names any more", id=unknown[0])))  # fmt: skip
            continue
        left, right = names[d.left_id], names[d.right_id]
        if left == right:
            if d.decision == "different":
                done.problems.append(_about(d, "INV-168", _("{left} and {right} cannot be told apart: their sources give them one identifier", left=d.left_id, right=d.right_id)))  # fmt: skip
            continue
        if d.decision == "same" and (shared := sorted(set(said.get(left, ())) & set(said.get(right, ())))):
            done.problems.append(_about(d, "INV-168", _("{left} and {right} are two records of {source}: make them one there", left=left, right=right, source=shared[0])))  # fmt: skip
            continue
        rows.append((left, right, d.decision))
        done.problems += _contradicted(tables, table, d, left, right)
    return pl.DataFrame(rows, schema=DECIDED, orient="row")


def _contradicted(tables: dict[str, pl.DataFrame], table: str, d: Decision, left: str, right: str) -> list[Problem]:
    """A decision that the facts speak against now; it stands."""
    found = evidence(tables, table, left, right).row(0, named=True)
    if d.decision == "same" and found["contradiction"]:
        text = _("{left} and {right} were decided the same, and their identifiers contradict each other", left=left, right=right)  # fmt: skip
    elif d.decision == "different" and found.get("identifier") == "same":
        text = _("{left} and {right} were decided different, and they have the same identifier", left=left, right=right)
    else:
        return []
    return [_about(d, "INV-166", text)]


def _about(d: Decision, code: str, message: str) -> Problem:
    return Problem(
        code=code, severity=Severity.WARNING, file=FILE, value=f"{d.left_id} | {d.right_id}", message=message
    )


def _chosen(
    tables: Mapping[str, pl.DataFrame], table: str, matches: Matches, order: Order, older: pl.Series
) -> pl.DataFrame:
    """For every record that becomes another's, the identifier kept: ``old``, ``new``.

    That of the source that comes first in the settings, then the one that was there before, then a machine's own.
    """
    groups = _components(matches.same.select(PAIR))
    ranks = {s: n for n, s in enumerate(order.sources)}
    who = own_names(dict(tables), table).filter(pl.col("own") == pl.col("id"))
    first = who.group_by("id").agg(
        pl.col("source").replace_strict(ranks, default=LAST, return_dtype=pl.Int64).min().alias("rank")
    )
    own = pl.col("uuid").is_null() if table == "servers" else pl.lit(False)
    members = groups.join(first, on="id", how="left").join(
        tables[table].select("id", own.alias("_bare")), on="id", how="left"
    )
    ordered = members.sort("group", pl.col("rank").fill_null(LAST), ~pl.col("id").is_in(older.implode()), "_bare", "id")
    kept = ordered.unique("group", keep="first", maintain_order=True).select("group", pl.col("id").alias("new"))
    return (
        groups.join(kept, on="group")
        .filter(pl.col("id") != pl.col("new"))
        .select(pl.col("id").alias("old"), "new")
        .sort("old")
    )


def _components(pairs: pl.DataFrame) -> pl.DataFrame:
    """The groups that pairs make: ``id``, ``group`` (the first identifier of each)."""
    both = pl.concat([pairs, pairs.select(pl.col("right").alias("left"), pl.col("left").alias("right"))])
    found = both.select(pl.col("left").alias("id"), pl.col("left").alias("group")).unique()
    while True:
        reach = (
            both.join(found, left_on="right", right_on="id").group_by("left").agg(pl.col("group").min().alias("_to"))
        )
        after = found.join(reach, left_on="id", right_on="left", how="left").select(
            "id", pl.min_horizontal("group", "_to").alias("group")
        )
        if after.sort("id").equals(found.sort("id")):
            return after
        found = after


def _told(table: str, names: pl.DataFrame, matches: Matches) -> list[Problem]:
    found = []
    if names.height:
        some = ", ".join(f"{old} = {new}" for old, new in names.head(5).iter_rows())
        text = _.plural("{n} record of {table} is the same as another and joins it ({some})",
                        "{n} records of {table} are the same as others and join them ({some})", names.height, table=table, some=some)  # fmt: skip
        found.append(Problem(code="INV-170", severity=Severity.INFO, file=f"dataset/{table}.csv", message=text,
                             hint=_("see why, or settle otherwise: francecloud matches")))  # fmt: skip
    if matches.review.height:
        text = _.plural("{n} pair of {table} may be the same: a person must say", "{n} pairs of {table} may be the same: a person must say",
                        matches.review.height, table=table)  # fmt: skip
        found.append(Problem(code="INV-169", severity=Severity.INFO, file=f"dataset/{table}.csv", message=text,
                             hint=_("list them: francecloud matches; settle them: francecloud matches --write")))  # fmt: skip
    return found


def known_names(tables: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """``id``, ``name`` of every record, and again for each other name or identifier a source knows it by."""
    lost = tables["origins"].filter((pl.col("table") == table) & (pl.col("field") == "name"))
    return pl.concat(
        [
            tables[table].select("id", "name"),
            tables["aliases"].filter(pl.col("table") == table).select("id", pl.col("alias").alias("name")),
            lost.select("id", pl.col("value").alias("name")),
        ]
    ).unique(maintain_order=True)
