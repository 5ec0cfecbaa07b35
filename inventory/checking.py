"""What is missing or wrong in a dataset, all of it: the checks of :mod:`inventory.quality` put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from inventory.package import Package
from inventory.problems import Problem
from inventory.quality.contradictions import contradictions
from inventory.quality.cycles import flows_in_circle, parents_in_circle
from inventory.quality.links import dangling, orphans
from inventory.quality.needs import completeness, unknown_facts
from inventory.quality.staleness import stale_sources

__all__ = ["check_dataset", "completeness"]


def check_dataset(
    dataset: Package, settings: Mapping[str, Any] | None = None, as_of: date | None = None
) -> list[Problem]:
    """Every problem of a dataset, the same kinds together.

    Args:
        dataset: the inventory.
        settings: the workspace's; ``[inventory] stale_after_days`` says when a source is too old.
        as_of: the day it is judged at; without one, neither the age of sources nor days to come are judged.

    Raises:
        InvalidInput: a setting is not what it must be (``INV-186``).
    """
    return [
        *dangling(dataset),
        *parents_in_circle(dataset),
        *contradictions(dataset, as_of),
        *orphans(dataset),
        *flows_in_circle(dataset),
        *(stale_sources(dataset, settings or {}, as_of) if as_of else ()),
        *unknown_facts(dataset),
    ]
