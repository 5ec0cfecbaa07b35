"""Which source is heard where two disagree: settings, for every field and for some.

.. code-block:: toml

    [inventory]
    precedence = ["rvtools.xlsx", "glpi.csv"]

    [inventory.precedence_of]
    "servers.environment" = ["liste.csv"]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inventory.cells import Order
from inventory.dataset import schema
from inventory.documents import nearest
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.workspace import SETTINGS, Workspace


def order_of(workspace: Workspace) -> Order:
    """The order of the sources as the settings give it; what is not a list of names there is left aside."""
    section = workspace.settings.get("inventory", {})
    by_field = section.get("precedence_of", {})
    return Order(
        _names(section.get("precedence", ())),
        {str(f): _names(names) for f, names in by_field.items()} if isinstance(by_field, dict) else {},
    )


def precedence_problems(workspace: Workspace, sources: Iterable[str]) -> list[Problem]:
    """What the settings of precedence name and that is not known, each with what is nearest.

    Args:
        workspace: its settings.
        sources: the sources known, those being imported included.
    """
    section = workspace.settings.get("inventory", {})
    by_field = section.get("precedence_of", {})
    known = sorted(set(sources))
    problems = _not_known("precedence", section.get("precedence", []), known, workspace)
    if not isinstance(by_field, dict):
        return [*problems, _malformed("precedence_of", workspace)]
    columns = [f"{t.name}.{f.name}" for t in schema().tables.values() for f in t.fields if f.name not in t.primary_key]
    for field, names in by_field.items():
        if field not in columns:
            problems.append(_unknown(f"precedence_of.{field}", field, columns, workspace, Severity.ERROR))
        problems += _not_known(f"precedence_of.{field}", names, known, workspace)
    return problems


def _names(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, (list, tuple)) else []


def _not_known(where: str, names: Any, known: list[str], workspace: Workspace) -> list[Problem]:
    if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
        return [_malformed(where, workspace)]
    # A source named before its first import is no mistake of the settings.
    return [_unknown(where, n, known, workspace, Severity.WARNING) for n in names if n not in known]


def _unknown(where: str, name: str, known: list[str], workspace: Workspace, severity: Severity) -> Problem:
    near = nearest(name, known)
    return Problem(
        code="INV-160", severity=severity, file=str(workspace.root / SETTINGS), field=f"inventory.{where}", value=name,
        message=_("precedence names “{name}”, which is not known", name=name),
        hint=_("did you mean “{near}”?", near=near) if near else _("known here: {known}", known=", ".join(known[:8])),
    )  # fmt: skip


def _malformed(where: str, workspace: Workspace) -> Problem:
    return Problem(
        code="INV-161", file=str(workspace.root / SETTINGS), field=f"inventory.{where}",
        message=_("inventory.{where} is not a list of sources", where=where),
        hint=_("expected for example {example}", example='["rvtools.xlsx", "glpi.csv"]'),
    )  # fmt: skip
