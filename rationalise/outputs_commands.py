"""``francecloud report`` and ``francecloud diff``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from inventory.problems import Exit
from rationalise.language import _


@click.command(
    help=_("Write the report: one HTML page without JavaScript, from the proposal.\n\nExample: francecloud report")
)
@workspace_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=_("Where to write it (default: the workspace's reports/)."),
)
@json_option
def report(workspace: Path, output: Path | None, as_json: bool) -> None:
    """Write the report."""
    from inventory.language import language
    from inventory.workspace import open_workspace
    from rationalise.report.writing import write_report

    written = write_report(open_workspace(workspace), output)
    if as_json:
        emit({"path": str(written.path), "language": language(), "bytes": written.size, "changed": written.changed})
        return
    say(_("Report: {path}", path=written.path))
    note(_("open it in a browser; it loads nothing from the network"))


@click.command(
    help=_(
        "What an edit moves: tier, offer, treatment, application by application, and by which edit.\n\n"
        "BASE and HEAD are git revisions; by default, the last commit and the files as they are now. "
        "Both are analysed again at the same date.\n\n"
        "Example: francecloud diff main --note note.md"
    )
)
@click.argument("base", default="HEAD", metavar="[BASE]")
@click.argument("head", default="", metavar="[HEAD]")
@click.option(
    "--note",
    "note_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Also write a Markdown note for the merge request."),
)
@as_of_option
@workspace_option
@json_option
def diff(base: str, head: str, note_file: Path | None, as_of: date, workspace: Path, as_json: bool) -> int:
    """Compare two revisions of a workspace."""
    from inventory.workspace import open_workspace
    from rationalise.difference import difference
    from rationalise.note import forge_level, render_note
    from rationalise.report.writing import write_text

    opened = open_workspace(workspace)
    level = forge_level(opened.settings)
    found = difference(opened, base, head, as_of)
    if note_file:
        write_text(note_file, render_note("diff", {**found, "forge_level": level}))
    if as_json:
        emit(found)
    else:
        say(render_note("diff", found).partition("\n")[2].rstrip())
    return _exit(found)


def _exit(found: dict[str, object]) -> int:
    """Unreadable: 2. No longer lawful in a zone: 5. A move is not a fault: 0."""
    if found["problems"]:
        return Exit.USAGE
    return Exit.GOVERNANCE if found["verdict"] == "refused" else Exit.OK
