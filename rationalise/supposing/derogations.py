"""Denials that a derogation lifts: profiles know nothing of it, so it is applied application by application."""

from __future__ import annotations

import polars as pl

from rationalise.decisions import DerogationDecision
from rationalise.derogation import derogated
from rationalise.proposal import Proposal
from rationalise.supposing.moves import VERDICTS
from rationalise.supposing.suppositions import Ground

Key = tuple[str, str]
"""An application and an offer."""


def with_derogations(
    verdicts: pl.DataFrame, before: tuple[Ground, Proposal], after: tuple[Ground, Proposal]
) -> pl.DataFrame:
    """The moves of :func:`rationalise.supposing.moves.moved_verdicts`, derogations counted on both sides."""
    sides = [_verdicts(*side, keys) for keys in [_named(before[0]) | _named(after[0])] for side in (before, after)]
    if not sides[0] and not sides[1]:
        return verdicts
    keys = sorted(sides[0].keys() | sides[1].keys())
    names = dict(before[1]["applications"].select("id", "name").iter_rows())
    rows = []
    for application, offer in keys:
        (was, by), (now, new) = (side.get((application, offer), ("denied", None)) for side in sides)
        if was != now and (by or new):
            rows.append((application, names.get(application), "offer", offer, was, now, by, new, None, None))
    mine = pl.DataFrame(rows, schema=verdicts.schema, orient="row")
    touched = [(a, o) for a, o in keys if any(side.get((a, o), ("", None))[1] for side in sides)]
    kept = (
        verdicts.filter(~pl.struct("id", "subject").is_in([{"id": a, "subject": o} for a, o in touched]))
        if touched
        else verdicts
    )
    return pl.concat([kept, mine]).select("id", "name", *VERDICTS).sort("id", "kind", "subject")


def _named(ground: Ground) -> set[Key]:
    decided = ground.decisions.of(DerogationDecision, ground.as_of)
    return {(application, d.offer) for _file, d in decided for application in d.applications}


def _verdicts(ground: Ground, proposal: Proposal, keys: set[Key]) -> dict[Key, tuple[str, str | None]]:
    """The verdict of each application on the offer, and the derogation it owes it to."""
    profile = dict(
        proposal["applications"]
        .filter(pl.col("id").is_in(sorted(a for a, _o in keys)))
        .select("id", "profile_id")
        .iter_rows()
    )
    judged = {
        (row["profile_id"], row["offer"]): row
        for row in proposal["profile_offers"].filter(pl.col("profile_id").is_in(sorted(profile.values()))).iter_rows(named=True)
    }  # fmt: skip
    found: dict[Key, tuple[str, str | None]] = {}
    for application, offer in keys:
        row = judged.get((profile.get(application), offer))
        if row is None:
            continue
        causes = [c for c in (row["conditions"] or "").split("|") if c]
        freed = row["verdict"] == "denied" and derogated(
            ground.doctrine, ground.decisions, ground.as_of, application, offer, causes
        )
        law = {ground.doctrine.rules[c].derogation for c in causes if c in ground.doctrine.rules} if freed else set()
        found[application, offer] = (
            ("conditional", "|".join(sorted(d for d in law if d))) if freed else (row["verdict"], None)
        )
    return found
