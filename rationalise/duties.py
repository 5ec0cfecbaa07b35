"""What must be done before a step: duties that follow from the governance gates, application by application.

They never choose a tier and never stop a creation. G-01: no homologation is established, so the application
may be created but not exposed in production. G-06: the qualification of the offer ends, within a life whose
end nobody states, so an offer to fall back on is named. G-10: what is retired may hold public archives or
personal data, so the archives' visa and the retention periods are asked for. Unknown asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.doctrine.notices import last_day
from rationalise.placement import Price, place

LEAVING = ("retire", "retire_archive")
CLASSIFIED = ("secret", "tres_secret")
SCHEMA = {
    "id": pl.String, "application_id": pl.String, "gate": pl.String, "needs": pl.String, "offer": pl.String,
    "until": pl.Date, "fallback_offer": pl.String, "lawful_after": pl.Boolean,
}  # fmt: skip
"""``needs``: ``homologation``, ``fallback``, ``archives_visa``, ``gdpr_retention``; ``until``: the last valid day."""
DAY = timedelta(days=1)


def duties(
    applications: pl.DataFrame,
    movable: pl.DataFrame,
    placed: pl.DataFrame,
    profiles: pl.DataFrame,
    doctrine: Doctrine,
    as_of: date,
    prices: Mapping[str, Price],
) -> pl.DataFrame:
    """The duties of a portfolio.

    Args:
        applications: ``id``, ``homologation``, ``homologation_until``.
        movable: what placement needs of each application, as :func:`rationalise.placement.place` takes it.
        placed: ``id``, ``offer``: where each is proposed.
        profiles: ``id`` and the attributes of every profile that *movable* names.
        doctrine: gates and offers.
        as_of: the day.
        prices: what the DSI filled in.

    Returns:
        One row an application and duty, columns of :data:`SCHEMA`, sorted by ``id``; nothing of what is classified.
    """
    known = movable.filter(~pl.col("classification").is_in(CLASSIFIED).fill_null(False))
    asked: dict[str, Callable[[], pl.DataFrame]] = {
        "G-01": lambda: _unhomologated(applications, known, as_of),
        "G-06": lambda: lapses(known, placed, profiles, doctrine, as_of, prices),
        "G-10": lambda: _retired(known, profiles),
    }
    found = [pl.DataFrame(schema=SCHEMA)]
    for gate, rows in asked.items():
        if gate in doctrine.gates and doctrine.gates[gate].in_force(as_of):
            found.append(_shaped(rows().with_columns(pl.lit(gate).alias("gate"))))
    return pl.concat(found).sort("id")


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    named = pl.concat_str("gate", "application_id", "needs", "offer", separator=":", ignore_nulls=True)
    missing = [pl.lit(None, kind).alias(n) for n, kind in SCHEMA.items() if n not in (*rows.columns, "id")]
    return rows.with_columns(missing).with_columns(named.alias("id")).select(*SCHEMA)


def _unhomologated(applications: pl.DataFrame, known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    valid = (pl.col("homologation") == "dispensee") | (
        (pl.col("homologation") == "valide") & (pl.col("homologation_until") >= as_of)
    )
    staying = known.filter(~pl.col("treatment").is_in(LEAVING)).select("id")
    return (
        applications.join(staying, on="id", how="semi")
        .filter(~valid.fill_null(False))
        .select(pl.col("id").alias("application_id"), pl.lit("homologation").alias("needs"),
                pl.col("homologation_until").alias("until"))
    )  # fmt: skip


def _retired(known: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    facts = profiles.select(pl.col("id").alias("profile_id"), "donnees_perso")
    asked = [
        pl.lit("archives_visa"),
        # Only what is known to hold no personal data has no retention period to check.
        pl.when((pl.col("donnees_perso") != "aucune").fill_null(True)).then(pl.lit("gdpr_retention")),
    ]
    return (
        known.filter(pl.col("treatment").is_in(LEAVING))
        .join(facts, on="profile_id", how="left")
        .select(pl.col("id").alias("application_id"), pl.concat_list(asked).list.drop_nulls().alias("needs"))
        .explode("needs")
    )


def lapses(
    known: pl.DataFrame,
    placed: pl.DataFrame,
    profiles: pl.DataFrame,
    doctrine: Doctrine,
    as_of: date,
    prices: Mapping[str, Price],
) -> pl.DataFrame:
    """Applications on a qualified offer, or proposed on one, with its end and where they would go the day after."""
    ends = {o.id: end for o in doctrine.offers.values() if (end := last_day(o, as_of))}
    chosen = placed.select("id", "offer").filter(pl.col("offer").is_not_null())
    present = known.filter(~pl.col("treatment").is_in(LEAVING)).select("id", offer=pl.col("offre_actuelle"))
    there = pl.concat([chosen, present]).unique().filter(pl.col("offer").is_in(list(ends)))
    dated = there.with_columns(pl.col("offer").replace_strict(ends, default=None, return_dtype=pl.Date).alias("until"))
    parts = [pl.DataFrame(schema={n: SCHEMA[n] for n in
                                  ("application_id", "needs", "offer", "until", "fallback_offer", "lawful_after")})]  # fmt: skip
    for end in sorted(set(ends.values())):
        rows = dated.filter(pl.col("until") == end)
        if rows.height:
            parts.append(_fallbacks(rows, known, profiles, doctrine, end + DAY, prices))
    return pl.concat(parts)


def _fallbacks(
    rows: pl.DataFrame,
    known: pl.DataFrame,
    profiles: pl.DataFrame,
    doctrine: Doctrine,
    day: date,
    prices: Mapping[str, Price],
) -> pl.DataFrame:
    moving = known.join(rows.select("id").unique(), on="id", how="semi")
    needed = profiles.join(moving.select(id="profile_id").unique(), on="id", how="semi")
    judged = evaluate(doctrine, needed.drop("id"), day, offers=list(doctrine.offers)).offers
    verdicts = judged.join(needed.select(profile_id="id").with_row_index("row"), on="row")
    # Whatever was to become of it, the day the offer is lost it must be able to go somewhere.
    later = place(moving.with_columns(treatment=pl.lit("rehost")), verdicts, doctrine, day, prices)
    lawful = verdicts.select("profile_id", "offer", lawful_after=(pl.col("verdict") != "denied") & ~pl.col("blocking"))
    return (
        rows.join(moving.select("id", "profile_id"), on="id")
        .join(lawful, on=["profile_id", "offer"], how="left")
        .join(later.select("id", fallback_offer="offer"), on="id", how="left")
        .select(pl.col("id").alias("application_id"), pl.lit("fallback").alias("needs"), "offer", "until",
                "fallback_offer", "lawful_after")
    )  # fmt: skip
