"""How old what an explanation rests on is: the files of the inventory, the decisions, the readings of the law."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.staleness import stale_entries


def ages(
    dataset: Package, decisions: Decisions, doctrine: Doctrine, as_of: date, identifier: str, files: Collection[str],
    entries: Iterable[str],
) -> dict[str, Any]:  # fmt: skip
    """The dates behind an explanation.

    Args:
        dataset: its ``origins`` and ``sources`` say which exports hold the application.
        decisions: to date the decisions.
        doctrine: to date the readings.
        as_of: the day ages are counted to.
        identifier: the application.
        files: the decisions its values come from.
        entries: the rules and offers of the explanation.

    Returns:
        ``inventory`` (each source with ``read_on`` and ``age_days``), ``decisions`` (each with ``signed_on``,
        ``expires_on``, ``days_left``), ``doctrine`` (``catalogue_read_on``, ``age_days``, ``stale``: the entries
        used here that must be read again).
    """
    here = dataset["origins"].filter((pl.col("table") == "applications") & (pl.col("id") == identifier))
    read = dataset["sources"].join(here.select(id="source").unique(), on="id", how="semi").sort("id")
    used = set(entries)
    return {
        "inventory": [
            {"source": source, "read_on": str(day) if day else None, "age_days": (as_of - day).days if day else None}
            for source, day in read.select("id", pl.col("read_on").cast(pl.String).str.to_date(strict=False)).iter_rows()
        ],
        "decisions": [_decision(decisions, file, as_of) for file in sorted(files)],
        "doctrine": {
            "catalogue_read_on": doctrine.catalogue_read_on.isoformat(),
            "age_days": (as_of - doctrine.catalogue_read_on).days,
            "stale": [entry.as_dict() for entry in stale_entries(doctrine, as_of) if entry.id in used],
        },
    }  # fmt: skip


def _decision(decisions: Decisions, file: str, as_of: date) -> dict[str, Any]:
    decision = decisions.by_file[file]
    ends = decision.expires_on
    return {
        "file": file,
        "signed_on": str(decision.signed_on) if decision.signed_on else None,
        "expires_on": str(ends) if ends else None,
        "days_left": (ends - as_of).days if ends else None,
    }
