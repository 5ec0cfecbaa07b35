"""Cuts that people signed: which links each one cuts, and which it no longer covers.

A cut knows the flows it lists. A flow between the same two systems that it does not list came after it, or was
not known: it passes, and the decision is *to be signed again*. The same of an application that has joined
a database. Unsigned, not yet signed on the day or past, a cut cuts nothing and is listed as such.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from rationalise.decisions import Cut, Decisions

CUTS = {
    "via": pl.String, "kind": pl.String, "source_id": pl.String, "target_id": pl.String, "state": pl.String,
    "reason": pl.String, "hub_id": pl.String, "how": pl.String, "stops": pl.String, "expires_on": pl.Date,
}  # fmt: skip


def signed_cuts(links: pl.DataFrame, decisions: Decisions, as_of: date) -> tuple[pl.DataFrame, pl.Series]:
    """The cuts that decisions state, and the rows of *links* that they cut.

    Args:
        links: ``source``, ``target``, ``via``, ``kind``; a row is known by its position.
        decisions: all of them: those that do not count are listed too.
        as_of: the day.

    Returns:
        The list, with ``state`` *signed*, *unsigned*, *expired*, *to_sign_again* or *no_such_link* and ``how``
        the decision's file; and the positions of what is cut.
    """
    rows: list[pl.DataFrame] = []
    cut: list[pl.Series] = []
    bare = {c: pl.col(c).str.split("\x1f").list.last() for c in ("source", "target")}
    known = links.lazy().with_row_index("row").with_columns(**bare)
    for file, decision in decisions.of(Cut):
        found = _covered(known, decision)
        state = _state(decision, as_of)
        if state == "signed":
            cut.append(found.filter("listed")["row"])
        new = found.filter(~pl.col("listed"))
        listed = found.filter("listed")
        if listed.height == 0:
            listed = _nothing(decision, found)
            state = "no_such_link" if state == "signed" else state
        rows.append(_rows(listed, decision, file, state))
        if state in ("signed", "no_such_link"):
            rows.append(_rows(new, decision, file, "to_sign_again"))
    listing = pl.concat(rows) if rows else pl.DataFrame(schema=CUTS)
    return listing, pl.concat(cut) if cut else pl.Series("row", [], dtype=pl.UInt32)


def _state(decision: Cut, as_of: date) -> str:
    if decision.counts(as_of):
        return "signed"
    return "expired" if decision.expires_on is not None and as_of > decision.expires_on else "unsigned"


def _covered(known: pl.LazyFrame, decision: Cut) -> pl.DataFrame:
    """The links between what the decision names: ``listed`` says whether it knew them."""
    if decision.means == "separate_database":
        within = known.filter((pl.col("kind") == "database") & (pl.col("via") == decision.database))
        ours = list(decision.applications)
        return within.with_columns(listed=pl.col("source").is_in(ours) | pl.col("target").is_in(ours)).collect()
    between = (pl.col("source") == decision.source) & (pl.col("target") == decision.target)
    within = known.filter((pl.col("kind") == "flow") & between)
    return within.with_columns(listed=pl.col("via").is_in(list(decision.flows))).collect()


def _nothing(decision: Cut, like: pl.DataFrame) -> pl.DataFrame:
    """A cut of what the inventory does not hold is still shown."""
    row = {
        "via": decision.database or "|".join(decision.flows),
        "kind": "database" if decision.database else "flow",
        "source": decision.source or "|".join(decision.applications),
        "target": decision.target or decision.database,
    }
    return pl.DataFrame([row], schema={n: like.schema[n] for n in row})


def _rows(found: pl.DataFrame, decision: Cut, file: str, state: str) -> pl.DataFrame:
    return found.select(
        "via",
        "kind",
        source_id="source",
        target_id="target",
        state=pl.lit(state),
        reason=pl.lit(f"cut:{decision.means}"),
        hub_id=pl.lit(None, pl.String),
        how=pl.lit(file),
        stops=pl.lit("data" if state == "signed" else None, pl.String),
        expires_on=pl.lit(decision.expires_on, pl.Date),
    )
