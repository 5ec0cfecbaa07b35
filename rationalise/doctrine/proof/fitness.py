"""What fit rules say of an offer, where the catalogue holds them as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any

from rationalise.doctrine.catalogue import Doctrine

KINDS = ("against", "open", "warnings")


def fit_rules(doctrine: Doctrine) -> Mapping[str, Any]:
    """The fit rules by identifier; none where the catalogue has no such collection."""
    found: Mapping[str, Any] = getattr(doctrine, "fit_rules", {})
    return found


def fit_said(
    doctrine: Doctrine, rules: Sequence[str], facts: Mapping[str, str], stack: str | None, offer: str, day: date
) -> str | None:
    """What the first of *rules* to speak says of an offer: ``against``, ``open`` or ``warnings``; None if none does."""
    # Found by name: this room of the proof stands whether or not the catalogue has fit rules.
    fit = import_module("rationalise.doctrine.fit")
    if stack is not None:
        refusals = fit.stack_refusals(doctrine, stack, doctrine.offers[offer], day)
        return "against" if {r.id for r in refusals} & set(rules) else None
    reasons = fit.fit_reasons(doctrine, facts, day)[offer]
    return next((kind for kind in KINDS if set(rules) & set(reasons[kind])), None)
