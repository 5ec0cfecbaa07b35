"""An entry of the doctrine as ``doctrine show`` prints it: both languages, its witnesses, whom it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.staleness import address_of
from rationalise.explaining.witness import DEPTH, Vector, witnesses
from rationalise.language import _


def entries(doctrine: Doctrine) -> dict[str, Any]:
    """Every entry by its identifier: tiers, rules, the blocking, presumptions, gates, derogations, offers."""
    return {
        **doctrine.tiers, **doctrine.rules, doctrine.blocking.id: doctrine.blocking,
        **{p.id: p for p in doctrine.presumptions}, **doctrine.gates, **doctrine.derogations, **doctrine.offers,
    }  # fmt: skip


def document(doctrine: Doctrine, word: str, as_of: date, touches: Mapping[str, Any] | None) -> dict[str, Any]:
    """The entry for JSON: what the catalogue holds, with ``address``, ``vectors`` and ``touches``."""
    entry = entries(doctrine)[word]
    said: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude_none=True)
    if getattr(entry, "ref", None):
        said["address"] = getattr(entry, "address", None) or address_of(entry.ref)
    if word in doctrine.rules or word in {p.id for p in doctrine.presumptions}:
        said["vectors"] = [v.as_dict() for v in witnesses(doctrine, word, as_of)]
    return {**said, "touches": dict(touches) if touches is not None else None}


def as_text(doctrine: Doctrine, word: str, as_of: date, touches: Mapping[str, Any] | None) -> list[str]:
    """The same for a person: both titles, then each field on its line."""
    entry = entries(doctrine)[word]
    title = entry.title
    lines = [word, *([f"  fr  {title.fr}", f"  en  {title.en}"] if hasattr(title, "fr") else [f"  {title}"])]
    said = entry.model_dump(mode="json", by_alias=True, exclude_none=True)
    lines += [
        f"  {key}: {_plain(value)}"
        for key, value in said.items()
        if key not in ("id", "title") and value not in ([], {})
    ]
    if getattr(entry, "ref", None):
        lines.append(
            "  " + _("to be read at: {address}", address=getattr(entry, "address", None) or address_of(entry.ref))
        )
    if word in doctrine.rules or word in {p.id for p in doctrine.presumptions}:
        lines += _vectors(witnesses(doctrine, word, as_of))
    if touches is not None:
        lines.append("  " + _touches(touches))
    return lines


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ; ".join(f"{k}: {_plain(v)}" for k, v in value.items())
    return ", ".join(_plain(v) for v in value) if isinstance(value, list) else str(value)


def _vectors(found: Sequence[Vector]) -> list[str]:
    if not found:
        return [
            "  "
            + _(
                "no vector of at most {n} attributes: without it nothing changes on any day, others say the same",
                n=DEPTH,
            )
        ]
    lines = ["  " + _("what would change without it, from a profile without any sensitivity:")]
    for v in found:
        said = ", ".join(f"{n}={value}" for n, value in v.said.items()) or _("nothing more")
        lines.append(f"    {v.day} · {said} · {v.subject}{_(': ')}{v.before} → {v.after}")
    return lines


def _touches(touches: Mapping[str, Any]) -> str:
    if "speaks" in touches:
        where = ", ".join(f"{tier} {n}" for tier, n in touches["by_tier"].items()) or "—"
        return _("in this workspace: speaks of {speaks} of {all} applications, weighs on {weighs} ({where})",
                 speaks=touches["speaks"], all=touches["applications"], weighs=touches["weighs"], where=where)  # fmt: skip
    return _("in this workspace, of {all} applications: {allowed} allowed, {conditional} conditional, {denied} denied",
             all=touches["applications"], allowed=touches["allowed"], conditional=touches["conditional"],
             denied=touches["denied"])  # fmt: skip
