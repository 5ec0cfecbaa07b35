"""The ranking as the proposal keeps it: a row a question, and the curve in the summary."""

from __future__ import annotations

from typing import Any

import polars as pl

from rationalise.questioning.ranking import Ranking

SCHEMA = {
    "id": pl.String, "kind": pl.String, "subject": pl.String, "attribute": pl.String, "applications": pl.Int64,
    "text_fr": pl.String, "text_en": pl.String, "whom": pl.String, "rank": pl.Int64, "unlocks": pl.Int64,
    "decided": pl.Int64,
}  # fmt: skip


def table(ranking: Ranking, conflicts: pl.DataFrame) -> pl.DataFrame:
    """The questions in their order, then the conflicts between what is signed and what the inventory says.

    Args:
        ranking: the order.
        conflicts: ``id``, ``attribute``, ``file``.
    """
    rows: list[tuple[Any, ...]] = [
        (q.id, q.kind.kind, q.subject, "|".join(q.kind.attributes), len(q.covers), q.text.fr, q.text.en, q.kind.whom,
         q.rank, q.unlocks, q.decided)
        for q in ranking.questions
    ]  # fmt: skip
    rows += [
        (f"conflict:{application}:{attribute}", "conflict", application, attribute, 1,
         f"{application}, {attribute} : la décision {file} dit non, l'inventaire dit oui",
         f"{application}, {attribute}: decision {file} says no, the inventory says yes",
         "administrateur des données", None, None, None)
        for application, attribute, file in conflicts.iter_rows()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def curve(ranking: Ranking) -> dict[str, Any]:
    """Signed answers → applications decided: the number before any, then after each."""
    return {
        "applications": ranking.applications,
        "decided": [ranking.decided, *(q.decided for q in ranking.questions)],
        "settled": [ranking.settled, *(q.settled for q in ranking.questions)],
        "users": {"all": ranking.all_users, "decided": [ranking.users, *(q.users for q in ranking.questions)]},
    }


def share(part: int, whole: int) -> float:
    """A part of a whole, of nothing all of it."""
    return round(part / whole, 4) if whole else 1.0
