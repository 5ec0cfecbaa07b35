"""How far a dataset may go: its marking, and the highest of several."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import InvalidInput, Problem

MARKINGS = ("sensible", "restreinte")
"""From the lowest to the highest; what is above them has no place in a dataset."""


def marking_of(package: Package) -> str:
    """The marking of a dataset: what its descriptor says, and never less than what it holds asks for.

    Raises:
        InvalidInput: the descriptor names none that is known (``INV-214``).
    """
    said = package.descriptor.get("marking", MARKINGS[0])
    named = package["applications"].filter(pl.col("classification") == "dr").height > 0
    return highest([_known(said), MARKINGS[1] if named else MARKINGS[0]])


def highest(markings: Iterable[str]) -> str:
    """The highest of several markings."""
    return max((_known(m) for m in markings), key=MARKINGS.index, default=MARKINGS[0])


def _known(marking: object) -> str:
    if isinstance(marking, str) and marking in MARKINGS:
        return marking
    raise InvalidInput(
        Problem(code="INV-214", value=str(marking), message=_("“{marking}” is not a marking of a dataset", marking=marking),
                hint=_("expected: {expected}", expected=", ".join(MARKINGS)))
    )  # fmt: skip
