"""Put a report or a note on disk, whole or not at all, and only when it differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inventory.language import language
from inventory.workspace import Workspace
from rationalise.report.page import report_html

NAMES = {"fr": "rapport.html", "en": "report.html"}
"""The report's file name in each language."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file written: where, how many bytes, and whether it changed."""

    path: Path
    size: int
    changed: bool


def write_report(workspace: Workspace, output: Path | None = None) -> Written:
    """Write the report on the workspace's proposal, in the language in force.

    Raises:
        InvalidInput: there is no proposal, or it is not of this version.
    """
    from rationalise.proposal import read_proposal, read_summary

    proposal, summary = read_proposal(workspace.proposal), read_summary(workspace.proposal)
    name = workspace.settings.get("workspace", {}).get("name") or workspace.root.resolve().name
    return write_text((output or workspace.reports) / NAMES[language()], report_html(proposal, summary, name))


def write_text(path: Path, text: str) -> Written:
    """Write *text* at *path* so that a reader sees the old file or the new one, never half of one."""
    body = text.encode()
    if path.is_file() and path.read_bytes() == body:
        return Written(path, len(body), False)
    path.parent.mkdir(parents=True, exist_ok=True)
    ready = path.with_name(f".{path.name}.next")
    ready.write_bytes(body)
    ready.replace(path)
    return Written(path, len(body), True)
