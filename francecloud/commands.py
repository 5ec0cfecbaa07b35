"""``francecloud init``, ``explain`` and ``demo``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from francecloud.language import _
from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option

DEMO = Path("francecloud-demo")
"""Where ``demo`` works when no folder is given."""


@click.command(
    help=_(
        "Make a workspace: settings, folders, CI files, the Pulumi projects, in a git repository.\n\n"
        "Nothing that exists is touched; run again, it completes what is missing.\n\n"
        "Example: francecloud init my-dsi"
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
@json_option
def init(directory: Path, as_json: bool) -> None:
    """Make a workspace."""
    from francecloud.scaffold import lay_workspace

    laid = lay_workspace(directory)
    if as_json:
        emit({"workspace": str(laid.root), "written": laid.written, "kept": laid.kept, "git": laid.git})
        return
    say(
        _.plural(
            "Workspace {path}: {n} file written.",
            "Workspace {path}: {n} files written.",
            len(laid.written),
            path=laid.root,
        )
    )
    if laid.kept:
        say(_("Left as they were: {files}", files=", ".join(laid.kept)))
    if laid.git == "absent":
        note(_("git is not installed: the workspace is not under version control, and “diff” needs it"))
    elif laid.git == "failed":
        note(_("git could not make a repository here: make one before using “diff”"))
    say(_("Next: put exports in {path} and run: francecloud import sources/*", path=laid.root / "sources"))


@click.command(
    help=_(
        "Why: an application's verdicts and evidence, an error code, a rule, a tier or an offer.\n\n"
        "Examples: francecloud explain APP-0042 · francecloud explain INV-012 · francecloud explain FC-04"
    )
)
@click.argument("word", metavar="WORD", nargs=-1, required=True)
@as_of_option
@workspace_option
@json_option
def explain(word: tuple[str, ...], as_of: date, workspace: Path, as_json: bool) -> None:
    """Explain a word."""
    from francecloud.explaining import meaning, nearest_workspace

    found = meaning(" ".join(word), nearest_workspace(workspace), as_of)
    if as_json:
        emit(found.as_dict())
        return
    if found.title:
        say(f"{found.word} — {found.title}")
        say()
    say(found.body)


@click.command(
    help=_(
        "The whole chain on a bundled, fictitious sample: inventory, analysis, report, zones, a preview.\n\n"
        "Example: francecloud demo"
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=DEMO, metavar="[DIR]")
@json_option
def demo(directory: Path, as_json: bool) -> None:
    """Run the whole chain on the sample."""
    from francecloud.demo.closing import tell
    from francecloud.demo.run import run_demo

    outcome = run_demo(directory, note)
    if as_json:
        emit(outcome.as_dict())
        return
    for line in tell(outcome):
        say(line)
