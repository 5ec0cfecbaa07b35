"""``francecloud matches``: the pairs that a person must settle, why, and a file to settle them in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.language import _
from inventory.problems import Exit

if TYPE_CHECKING:
    import polars as pl

    from inventory.matching.decisions import Decision
    from inventory.package import Package


@click.command(
    help=_(
        "The records that may be the same, with the evidence; a person says which are.\n\n"
        "Without an identifier: the pairs to review. With two: why they are, or are not, the same.\n\n"
        "Examples: francecloud matches · francecloud matches srv-web-01 srv-web-1 · francecloud matches --write"
    )
)
@click.argument("identifiers", nargs=-1, metavar=_("[ID [ID]]"))
@click.option("--write", is_flag=True, help=_("Add the pairs to review to decisions/matches.csv, for a person to complete."))  # fmt: skip
@workspace_option
@json_option
def matches(identifiers: tuple[str, ...], write: bool, workspace: Path, as_json: bool) -> int:
    """Pairs to review."""
    from inventory.dataset import read_dataset
    from inventory.matching.decisions import matches_file, read_decisions, write_decisions
    from inventory.reconcile import pending
    from inventory.workspace import open_workspace

    here = open_workspace(workspace)
    dataset, decisions = read_dataset(here), read_decisions(here)
    if len(identifiers) == 2:
        return _explain(dataset, identifiers[0], identifiers[1], as_json)
    found = pending(dataset.tables, decisions)
    pairs = [_pair(dataset, table, row) for table, rows in found.items() for row in rows.iter_rows(named=True)]
    if identifiers:
        pairs = [p for p in pairs if set(identifiers) & {p["left_id"], p["right_id"]}]
    if write and write_decisions(here, _completed(decisions, pairs)):
        note(_("{file}: complete the column “decision” (same or different), sign, and import again", file=matches_file(here)))  # fmt: skip
    if as_json:
        emit({"pairs": pairs, "decided": sum(bool(d.decision) for d in decisions)})
        return Exit.OK
    for pair in pairs:
        say(_text(pair))
    if not pairs:
        say(_("no pair is left to review"))
    return Exit.OK


def _pair(dataset: Package, table: str, row: dict[str, Any]) -> dict[str, Any]:
    from inventory.matching.weights import weights

    bits = weights(table).bits
    terms = [
        {"term": t, "observed": row[t], "bits": round(levels[row[t]], 1), **_both(dataset, table, t, row)}
        for t, levels in bits.items()
        if row.get(t) is not None
    ]
    return {
        "table": table, "left_id": row["left"], "right_id": row["right"], "score": round(row["score"], 1),
        "zone": row["zone"], "prior": weights(table).prior, "contradiction": row["contradiction"], "evidence": terms,
    }  # fmt: skip


SHOWN = {
    "servers": {"identifier": ["uuid", "serial"], "domain": ["fqdn", "name"], "address": ["ip", "addresses"], "memory": ["ram_gib"],
                "host": ["host_id"], "site": ["site_id"], "organisation": ["organisation_id"]},
    "applications": {"code": ["id"], "organisation": ["organisation_id"]},
}  # fmt: skip
"""The columns behind a term, where they do not have its name."""


def _both(dataset: Package, table: str, term: str, row: dict[str, Any]) -> dict[str, str]:
    """What each of the two records says of a term."""
    columns = SHOWN[table].get(term, [term])
    found = {}
    for side in ("left", "right"):
        record = dataset[table].row(by_predicate=_is(row[side]), named=True)
        found[side] = " ".join(str(record[c]) for c in columns if record.get(c) is not None)
    return found


def _is(identifier: str) -> pl.Expr:
    import polars as pl

    return pl.col("id") == identifier


def _text(pair: dict[str, Any]) -> str:
    zone = {"same": _("the same"), "review": _("to review"), "different": _("different")}[pair["zone"]]
    lines = [
        _("{table}: {left} and {right}: {zone}, {score} bits", table=pair["table"], left=pair["left_id"], right=pair["right_id"],
          zone=zone, score=f"{pair['score']:+.1f}"),
        f"  {pair['prior']:+6.1f}  " + _("before any comparison"),
    ]  # fmt: skip
    lines += [
        f"  {t['bits']:+6.1f}  {t['term']}: {t['observed']} ({t['left']} | {t['right']})" for t in pair["evidence"]
    ]
    if pair["contradiction"]:
        lines.append("          " + _("their identifiers contradict each other: never the same"))
    return "\n".join(lines)


def _explain(dataset: Package, left: str, right: str, as_json: bool) -> int:
    """Why two records are, or are not, the same."""
    from inventory.matching.groups import KINDS
    from inventory.problems import NotFound, Problem
    from inventory.reconcile import evidence

    for table in KINDS:
        records = set(dataset[table]["id"])
        if {left, right} <= records and left != right:
            row = evidence(dataset.tables, table, left, right).row(0, named=True)
            first, second = (i for i in dataset[table]["id"] if i in (left, right))
            pair = _pair(dataset, table, {**row, "left": first, "right": second})
            if as_json:
                emit(pair)
            else:
                say(_text(pair))
            return Exit.OK
        names = dict(dataset["aliases"].filter(_in(table)).select("alias", "id").iter_rows())
        if names.get(left, left) == names.get(right, right) in records:
            known = dataset["aliases"].filter(_in(table) & _of(names.get(left, left))).sort("source")
            told = [f"{source}: {alias}" for source, alias in known.select("source", "alias").iter_rows()]
            if as_json:
                emit(
                    {"table": table, "id": names.get(left, left), "aliases": known.select("source", "alias").to_dicts()}
                )
            else:
                say(_("{left} and {right} are one record, {id} ({known})", left=left, right=right, id=names.get(left, left), known="; ".join(told)))  # fmt: skip
            return Exit.OK
    raise NotFound(
        Problem(code="INV-172", message=_("{left} and {right} are not two records of one table", left=left, right=right),
                hint=_("list the pairs to review: francecloud matches"))
    )  # fmt: skip


def _in(table: str) -> pl.Expr:
    import polars as pl

    return pl.col("table") == table


def _of(identifier: str) -> pl.Expr:
    import polars as pl

    return pl.col("id") == identifier


def _completed(decisions: list[Decision], pairs: list[dict[str, Any]]) -> list[Decision]:
    """What is decided, then every pair to review that no row holds; rows that nobody decided and that are settled go."""
    from inventory.matching.decisions import Decision

    asked = [Decision(p["table"], p["left_id"], p["right_id"]) for p in pairs]
    waiting = {d.pair for d in asked}
    kept = [d for d in decisions if d.decision or d.pair in waiting]
    held = {d.pair for d in kept}
    return kept + [d for d in asked if d.pair not in held]
