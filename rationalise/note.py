"""Notes for a merge request, in Markdown: verdict first, never green by accident, never too long.

``render_note("preview", data)`` says what Pulumi would do and whether it is lawful;
``render_note("diff", data)`` what moves in the analysis between two revisions. Each note starts with
a hidden marker by which a later job finds it to replace it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from inventory.problems import InvalidInput, Problem
from rationalise.language import _
from rationalise.templating import render

BUDGET = 60_000
"""Characters a note may have; the strictest forge takes 65,536."""

LEVELS = ("full", "counts")
"""What the setting ``forge_level`` may be: everything, or counts and verdicts only."""

VERDICTS = ("allowed", "to confirm", "refused", "unknown")
"""Verdicts a note may carry. Any other word, or none, reads as ``unknown``, which is shown as a refusal."""

_TEMPLATES = {"preview": "note/preview.md.j2", "diff": "note/diff.md.j2"}
_ROWS = {"preview": "refusals", "diff": "moves"}
"""The list shortened last, once no detail is left."""

_MARKDOWN = {c: f"\\{c}" for c in "\\`*_[]|~#"} | {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "@": "@\u200b",
    "\n": " ",
    "\r": " ",
    "\t": " ",
}
_ESCAPES = str.maketrans(_MARKDOWN)


def forge_level(settings: Mapping[str, Any]) -> str:
    """What notes may say on the workspace's forge; where the settings do not speak, the least.

    Raises:
        InvalidInput: another word than those of :data:`LEVELS` (``ANA-070``).
    """
    level = settings.get("notes", {}).get("forge_level", "counts")
    if level not in LEVELS:
        raise InvalidInput(
            Problem(
                code="ANA-070",
                message=_("forge_level: “{level}” is not known", level=level),
                file="francecloud.toml",
                field="notes.forge_level",
                value=str(level),
                hint=_("expected: {expected}", expected=", ".join(LEVELS)),
            )
        )
    return str(level)


def render_note(kind: str, data: Mapping[str, Any]) -> str:
    """The note as Markdown, at most :data:`BUDGET` characters.

    The top (verdict, counts, stacks) is always whole. Details go first, the longest list next; what
    was cut is counted in the note.

    Args:
        kind: ``preview`` or ``diff``.
        data: for both: ``loosened`` (or nothing), identifiers of the rules that the workspace's own doctrine
            makes say less. For ``preview``: ``verdict``, ``refusals`` [{application, rule, title, ref, since}], ``stacks``
            [{stack, project, create, update, replace, delete, same, mode}], ``details``
            [{stack, op, type, name, properties}], ``as_of``, ``cost`` (or nothing); for ``diff``: what
            :func:`rationalise.difference.difference` gives. ``forge_level`` limits what is said (``full``
            when absent); every text is escaped here.
    """
    safe = inert(dict(data))
    safe["verdict"] = _verdict(kind, data)
    if data.get("forge_level", "full") != "full":
        safe |= {"refusals": [], "moves": [], "details": [], "withheld": True}
    rows, details = list(safe.get(_ROWS[kind], ())), list(safe.get("details", ()))

    def note(shown_rows: int, shown_details: int) -> str:
        return render(
            _TEMPLATES[kind],
            **{
                "withheld": False,
                "cost": None,
                "loosened": [],
                **safe,
                "rows": rows[:shown_rows],
                "rows_left": len(rows) - shown_rows,
                "details": details[:shown_details],
                "details_left": len(details) - shown_details,
            },
        )

    shown = _most(len(details), lambda n: len(note(len(rows), n)))
    if shown >= 0:
        return note(len(rows), shown)
    return note(max(_most(len(rows), lambda n: len(note(n, 0))), 0), 0)


def _verdict(kind: str, data: Mapping[str, Any]) -> str:
    """The verdict given, unless the rest of the data contradicts it."""
    verdict = str(data.get("verdict"))
    if kind == "preview" and data.get("refusals"):
        return "refused"
    if kind == "preview" and not data.get("stacks") and verdict != "refused":
        return "unknown"
    return verdict if verdict in VERDICTS else "unknown"


def _most(available: int, length: Callable[[int], int]) -> int:
    """The most items that keep the note within its budget, -1 when not even none does."""
    return bisect_right(range(available + 1), BUDGET, key=length) - 1


def inert(value: Any) -> Any:
    """The same data with every text made inert in Markdown: no markup, no mention, no line break."""
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, Mapping):
        return {k: inert(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [inert(v) for v in value]
    return value
