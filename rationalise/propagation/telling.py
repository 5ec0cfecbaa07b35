"""The steps by which a value came, as data and as sentences."""

from __future__ import annotations

from typing import Any

import polars as pl

from rationalise.language import _
from rationalise.propagation.spread import chain
from rationalise.sensitivity import Sensitivity


def inherited_by(found: Sensitivity, identifier: str) -> list[dict[str, Any]]:
    """What an application inherits: each value with its own one, the reading it counts in, and every step.

    ``steps`` goes from the application back to the holder: ``to``, ``from``, ``kind``, ``via``.
    """
    rows = found.inherited.filter(pl.col("application_id") == identifier)
    return [{**row, "steps": chain(found.spread, identifier, row["attribute"])} for row in rows.iter_rows(named=True)]


def told(inherited: list[dict[str, Any]]) -> list[str]:
    """The same as lines for a person."""
    lines = []
    for value in inherited:
        lines.append(f"  {value['attribute']}: " + _first(value))
        lines += [f"    {_step(step)}" for step in value["steps"]]
    return lines


def _first(value: dict[str, Any]) -> str:
    if value["reading"] == "presumed":
        return _("inherits {value} from {holder}, once the presumptions are confirmed",
                 value=value["value"], holder=value["holder_id"])  # fmt: skip
    return _("inherits {value} from {holder}", value=value["value"], holder=value["holder_id"])


def _step(step: dict[str, Any]) -> str:
    names = {"to": step["to"], "giver": step["from"], "via": step["via"]}
    if step["kind"] == "flow":
        return _("{to}, from {giver} through flow {via}", **names)
    if step["kind"] == "database":
        return _("{to}, from {giver} by sharing database {via}", **names)
    if step["kind"] == "copy":
        return _("{to}, as a copy of {via}", to=step["to"], via=step["via"])
    return _("{to}, from {giver} through what flows reach on server {via}", **names)
