"""Tier × rule: what each rule that spoke says of each tier, as data and as lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.language import _

MARKS = {"denies": "✗", "asks": "?", "awaits": "!", "speaks": "·"}
"""What a rule does: it denies, sets a condition, awaits evidence without which nothing is provisioned, warns or is met."""
WIDTH = 80


def matrix(tiers: Mapping[str, Mapping[str, Any]], doctrine: Doctrine) -> dict[str, dict[str, str]]:
    """Rule → tier → what it does there (a key of :data:`MARKS`), rules by identifier; tiers it is silent on left out.

    Args:
        tiers: tier → ``verdict``, ``because`` (identifiers), ``rules`` (each with ``id``).
        doctrine: for the rules that ask for evidence.
    """
    found: dict[str, dict[str, str]] = {}
    for tier, verdict in tiers.items():
        for rule in verdict["rules"]:
            weighs = rule["id"] in verdict["because"]
            found.setdefault(rule["id"], {})[tier] = _does(doctrine, rule["id"], tier, verdict["verdict"], weighs)
    return dict(sorted(found.items()))


def _does(doctrine: Doctrine, rule: str, tier: str, verdict: str, weighs: bool) -> str:
    if not weighs:
        return "speaks"
    if verdict == "denied":
        return "denies"
    known = doctrine.rules.get(rule)
    return "awaits" if known and known.evidence and tier in known.evidence.tiers else "asks"


def lines(rows: Mapping[str, Mapping[str, str]], tiers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The matrix for a terminal: a column a tier, a line a rule, the verdicts last."""
    verdict_marks = {"allowed": "✓", "conditional": "?", "denied": "✗"}
    room = WIDTH - sum(len(t) + 2 for t in tiers)
    label = min(max([len(r) for r in rows] + [len(_("verdict"))]), room)
    head = " " * label + "".join(f"  {t}" for t in tiers)
    body = [
        f"{_cut(rule, label):{label}}" + "".join(f"  {MARKS[marks[t]] if t in marks else ' ':^{len(t)}}" for t in tiers)
        for rule, marks in rows.items()
    ]
    foot = f"{_cut(_('verdict'), label):{label}}" + "".join(
        f"  {verdict_marks[v['verdict']]:^{len(t)}}" for t, v in tiers.items()
    )
    key = _("✗ denies   ? sets a condition   ! awaits evidence   · speaks without weighing   ✓ allowed")
    return [*(line.rstrip() for line in (head, *body, foot)), *wrap(key, WIDTH)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
