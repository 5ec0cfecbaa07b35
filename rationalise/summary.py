"""The proposal in figures: totals, breakdowns, digests of what it was made from, and its marking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.obsolescence import snapshot

MARKINGS = {
    "restreinte": {
        "fr": "Désigne des systèmes Diffusion Restreinte : à traiter comme tel",
        "en": "Names Diffusion Restreinte systems: to be handled as such",
    },
    "sensible": {
        "fr": "Sensible : carte de systèmes de l'État (CRPA L.311-5 2° d), à qui a besoin d'en connaître",
        "en": "Sensitive: a map of State systems (CRPA L.311-5 2° d), need-to-know only",
    },
}


def summarise(
    tables: Mapping[str, pl.DataFrame], dataset: Package, decisions: Decisions, doctrine: Doctrine, as_of: date
) -> dict[str, Any]:
    """The summary of a proposal, every list sorted, no date but those given."""
    applications = tables["applications"]
    now, later = _filled("lawful_now"), _filled("lawful_if_confirmed")
    # What the inventory itself says is restricted marks the proposal, even where the verdict is "unknown".
    restricted = (applications["effective_sensitivity"] == "dr").any() or (
        dataset["applications"]["classification"] == "dr"
    ).any()
    code = "restreinte" if restricted else "sensible"
    totals = applications.select(
        applications=pl.len(),
        lawful_now=now.sum(),
        lawful_if_confirmed=(now | later).sum(),
        blocked=_filled("blocked_by").sum(),
        placed=_filled("offer").sum(),
        placed_if_confirmed=_filled("presumed_offer").sum(),
        unpriced=(_filled("offer") & ~pl.col("priced").fill_null(False)).sum(),
    ).row(0, named=True)
    return {
        "schema_version": "1",
        "as_of": as_of.isoformat(),
        "marking": {"code": code, **MARKINGS[code]},
        "inputs": {"dataset": dataset.digest, "decisions": decisions.digest, "doctrine": doctrine.digest},
        "doctrine": {
            "read_on": doctrine.read_on.isoformat(),
            "catalogue_read_on": doctrine.catalogue_read_on.isoformat(),
            "overlaid": list(doctrine.overlaid),
            "loosened": [entry.as_dict() for entry in doctrine.loosened],
        },
        "endoflife": {"snapshot": snapshot().day.isoformat(), "source": snapshot().source},
        "totals": {**totals, "servers": tables["servers"].height, "profiles": tables["profiles"].height},
        "by_tier": _counted(applications, "tier"),
        "by_presumed_tier": _counted(applications, "presumed_tier"),
        "by_offer": _counted(applications, "offer"),
        "by_treatment": _counted(applications, "treatment"),
        "by_sensitivity": _counted(applications, "effective_sensitivity"),
        "by_ministry": _by_ministry(applications, dataset["organisations"]),
        "organisations": dict(dataset["organisations"].select("id", "name").sort("id").iter_rows()),
        "placement": {
            "method": "best lawful offer of each application, in the order of circulaire 6519/SG",
            "gap": None,
        },
    }


def _filled(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & (pl.col(column) != "")


def _counted(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counted = frame.filter(pl.col(column).is_not_null()).group_by(column).agg(pl.len()).sort(column)
    return dict(counted.iter_rows())


def _by_ministry(applications: pl.DataFrame, organisations: pl.DataFrame) -> list[dict[str, Any]]:
    rows = {row["id"]: row for row in organisations.iter_rows(named=True)}
    top = {identifier: _top(identifier, rows) for identifier in rows}
    now, later = _filled("lawful_now"), _filled("lawful_if_confirmed")
    counted = (
        applications.with_columns(
            pl.col("organisation_id").replace_strict(top, default=None, return_dtype=pl.String).alias("id")
        )
        .group_by("id")
        .agg(
            applications=pl.len(),
            lawful_now=now.sum(),
            lawful_if_confirmed=(now | later).sum(),
            blocked=(~now & _filled("blocked_by")).sum(),
        )
        .sort("id", nulls_last=True)
    )
    return [
        {
            "id": row["id"] or "",
            "name": rows[row["id"]]["name"] if row["id"] else "—",
            **{k: v for k, v in row.items() if k != "id"},
        }
        for row in counted.iter_rows(named=True)
    ]


def _top(identifier: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    seen = {identifier}
    while (parent := rows[identifier]["parent_id"]) in rows and parent not in seen:
        identifier = parent
        seen.add(identifier)
    return identifier
