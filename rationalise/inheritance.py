"""Non-production inherits production's sensitivity, unless someone signed that its data are fictitious.

A copy for tests is fed from production until the contrary is signed: attribute by attribute it is worth
the more sensitive of the two, and what is unknown of one is unknown of both. With a signed
``fictitious_data`` decision it is judged as what it is: no real person's data in it, the rest as known.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions, FictitiousData

NON_PRODUCTION = r"pre ?prod(?:uction)?|recettes?|qualification|qualif|tests?|integration|developpement|dev|formation|bac a sable|uat|staging"
"""Words, folded, that name an environment other than production; a backup site (secours) holds production's data."""
_WHOLE = rf"\b(?:{NON_PRODUCTION})\b"
NO_REAL_DATA = {"donnees_perso": "aucune", "sante": "false"}
"""What follows from the statement alone; a secret or a harm of the system itself is still to be assessed."""
ORDERS: dict[str, tuple[str | None, ...]] = {
    "classification": ("aucune", "dr", None, "secret", "tres_secret"),
    "secret_protege": ("false", None, "true"),
    "mission_essentielle": ("false", None, "true"),
    "atteinte": ("false", None, "true"),
    "evaluation_art31": ("signed", "draft", "none", None),
    "donnees_perso": ("aucune", "ordinaires", None, "art9", "penal"),
    "sante": ("false", None, "true"),
    "responsable_distinct_hebergeur": ("false", None, "true"),
    "siiv": ("false", None, "true"),
    "service_archivage": ("aucun", None, "definitif", "tiers_intermediaire"),
    "usage_collaboratif": ("false", None, "true"),
}
"""What is inherited, from the least to the most sensitive; unknown stands where it closes."""


def non_production(dataset: Package) -> pl.DataFrame:
    """Applications that are not production: ``id``, ``organisation_id``, ``stem`` (the name without the environment).

    The environment says it; where it is unknown, the name does.
    """
    return _environments(dataset).filter("elsewhere").select("id", "organisation_id", "stem")


def heirs(dataset: Package, decisions: Decisions, as_of: date) -> pl.DataFrame:
    """Who inherits from whom: ``id``, ``production_id``.

    Of one organisation, production has the name that is left once the environment is taken out; of
    several, all are inherited from. Those whose fictitious data are signed inherit nothing.
    """
    known = _environments(dataset)
    production = known.filter(~pl.col("elsewhere")).select("stem", "organisation_id", production_id="id")
    signed = {a for _file, d in decisions.of(FictitiousData, as_of) for a in d.applications}
    return (
        known.filter(pl.col("elsewhere") & ~pl.col("id").is_in(signed))
        .join(production, on=["stem", "organisation_id"], nulls_equal=True)
        .select("id", "production_id")
        .sort("id", "production_id")
    )


def with_production(dataset: Package, decisions: Decisions, as_of: date, wanted: Collection[str]) -> Package:
    """The dataset cut to some applications and those they inherit from: judged alone, they must not forget them."""
    pairs = heirs(dataset, decisions, as_of).filter(pl.col("id").is_in(list(wanted)))
    kept = [*wanted, *pairs["production_id"]]
    applications = dataset["applications"].filter(pl.col("id").is_in(kept))
    return Package({**dataset.tables, "applications": applications}, dataset.descriptor)


def inherited(now: pl.DataFrame, origin: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is known once inherited, and where from: an inherited value's origin is its production's identifier.

    Args:
        now: ``id`` and one text column an attribute.
        origin: the same of where each value comes from.
        pairs: as :func:`heirs` gives them.
    """
    if pairs.height == 0:
        return now, origin
    names = [n for n in ORDERS if n in now.columns]
    ranked = now.select("id", *(_rank(n).alias(n) for n in names))
    above = (
        pairs.join(ranked, left_on="production_id", right_on="id")
        .sort("id", "production_id")
        .group_by("id", maintain_order=True)
        .agg(pl.col(names).max(), pl.col("production_id").first())
    )
    both = ranked.select("id").join(above, on="id", how="left", maintain_order="left")
    raised = {n: (both[n].fill_null(-1) > ranked[n]) for n in names}
    values = [pl.when(raised[n]).then(_value(n, both[n])).otherwise(pl.col(n)).alias(n) for n in names]
    sources = [
        pl.when(raised[n] & _value(n, both[n]).is_not_null()).then(both["production_id"])
        .when(raised[n]).then(None).otherwise(pl.col(n)).alias(n)
        for n in names
    ]  # fmt: skip
    return now.with_columns(values), origin.with_columns(sources)


def _environments(dataset: Package) -> pl.DataFrame:
    """``id``, ``organisation_id``, ``stem``, ``elsewhere``: whether the application is not production."""
    environment, name = _folded("environment"), _folded("name")
    says = pl.coalesce(environment.str.contains(_WHOLE), name.str.contains(_WHOLE))
    return dataset["applications"].select(
        "id",
        "organisation_id",
        name.str.replace_all(rf"{_WHOLE}|\bproduction\b|\bprod\b", " ").str.replace_all(r"\s+", " ").str.strip_chars()
        .alias("stem"),
        says.fill_null(False).alias("elsewhere"),
    )  # fmt: skip


def _folded(column: str) -> pl.Expr:
    plain = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return plain.str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()


def _rank(name: str) -> pl.Expr:
    order = ORDERS[name]
    known = {v: n for n, v in enumerate(order) if v is not None}
    return pl.col(name).replace_strict(known, default=order.index(None) if None in order else 0, return_dtype=pl.Int8)


def _value(name: str, ranks: pl.Series) -> pl.Series:
    known = {n: v for n, v in enumerate(ORDERS[name]) if v is not None}
    return ranks.replace_strict(known, default=None, return_dtype=pl.String)
