"""What a merge request is told of a preview: verdict, refusals, one line a stack, details."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from inventory.workspace import Workspace
from stacks.evidence import doctrine_of
from stacks.run.gate import Judged, refusals_for_a_note
from stacks.run.preview import Preview


def note_data(as_of: date, judgements: Sequence[Judged], previews: Sequence[Preview], failed: bool) -> dict[str, Any]:
    """The data of ``rationalise.note.render_note("preview", …)``.

    *failed*: something was refused or could not be previewed: the verdict is then never a green one.
    """
    refused = any(not judgement.verdict.allowed for judgement in judgements)
    if refused:
        verdict = "refused"
    elif failed or not previews:
        verdict = "unknown"
    else:
        verdict = "to confirm" if any(judgement.conditional for judgement in judgements) else "allowed"
    return {
        "verdict": verdict,
        "as_of": as_of,
        "refusals": [row for judgement in judgements for row in refusals_for_a_note(judgement)],
        "stacks": [_row(preview) for preview in previews],
        "details": [detail for preview in previews for detail in _details(preview)],
        "cost": None,
    }


def write_note(path: Path, workspace: Workspace, data: dict[str, Any]) -> None:
    """Write the note, no more than the workspace's forge may be told."""
    from rationalise.note import forge_level, render_note

    loosened = [entry.entry for entry in doctrine_of(workspace).loosened]
    text = render_note("preview", {"loosened": loosened, **data, "forge_level": forge_level(workspace.settings)})
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _row(preview: Preview) -> dict[str, Any]:
    return {
        "stack": preview.target.stack,
        "project": preview.target.project,
        **preview.counts,
        "mode": "blank" if preview.blank else "engine",
    }


def _details(preview: Preview) -> list[dict[str, Any]]:
    return [
        {
            "stack": preview.target.stack,
            "op": step.op,
            "type": step.kind,
            "name": step.name,
            "properties": [{"path": c.path, "before": c.before, "after": c.after} for c in step.changes],
        }
        for step in preview.steps
        if step.op != "same"
    ]
