"""``preview``, ``up``, ``drift``, ``down``: the engine on a zone, behind the gate."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from inventory.problems import Exit, render
from stacks.language import _

if TYPE_CHECKING:
    from stacks.run.target import Target

PROJECTS = ("landing_zone", "foundation", "network", "external")

project_option = click.option(
    "--project",
    type=click.Choice(PROJECTS),
    help=_("The Pulumi project; by default the one that drives the zone's offer. A platform's: foundation, network."),
)


@click.command(
    help=_("What Pulumi would change, zone by zone, behind the sovereignty gate. Touches nothing, needs no credential.")
)
@click.argument("zones", nargs=-1, metavar="[ZONE]…")
@project_option
@click.option(
    "--note",
    "note_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Write a note for a merge request there, in Markdown."),
)
@click.option("--expect-no-changes", is_flag=True, help=_("Leave with code 7 if anything would change."))
@click.option("--without-state", is_flag=True, help=_("Leave the states aside: no passphrase, everything is new."))
@click.option("--without-engine", is_flag=True, help=_("Preview à blanc even where the engine is present."))
@workspace_option
@as_of_option
@json_option
def preview(
    zones: tuple[str, ...],
    project: str | None,
    note_file: Path | None,
    expect_no_changes: bool,
    without_state: bool,
    without_engine: bool,
    workspace: Path,
    as_of: date,
    as_json: bool,
) -> int:
    """Preview zones (all of them when none is named); every one is looked at, whatever the others say."""
    from inventory.workspace import open_workspace
    from stacks.run.engines import find
    from stacks.run.gate import names_of
    from stacks.run.previews import preview_all
    from stacks.run.words import preview_words

    place = open_workspace(workspace)
    named = zones or names_of(place, project or "landing_zone")
    targets = [_target(workspace, project, name, as_of) for name in named]
    engine = None if without_engine else find()
    if engine is None and not without_engine:
        note(_("no Pulumi engine here: previews are made à blanc (francecloud engine install)"))
    result = preview_all(targets, engine, without_state=without_state)
    code = result.exit_code(expect_no_changes)
    if note_file:
        result.write_note(note_file, place, as_of)
    if as_json:
        emit({"as_of": as_of.isoformat(), "exit_code": int(code), **result.as_dict()})
    else:
        for made in result.previews:
            for line in preview_words(made):
                say(line)
    if result.problems:
        note(render(result.problems))
    return int(code)


@click.command(help=_("Make a zone what its file says, behind the sovereignty gate; run again, it changes nothing."))
@click.argument("zone")
@project_option
@click.option("--yes", "-y", is_flag=True, help=_("Do it without asking."))
@click.option("--parallel", type=click.IntRange(1), help=_("How many resources are made at once (default: all)."))
@workspace_option
@as_of_option
@json_option
def up(
    zone: str, project: str | None, yes: bool, parallel: int | None, workspace: Path, as_of: date, as_json: bool
) -> int:
    """Deploy one stack."""
    from inventory.problems import Severity
    from stacks.gate import require
    from stacks.marks import mark
    from stacks.run.changes import deploy
    from stacks.run.engines import required
    from stacks.run.gate import judged
    from stacks.run.preview import preview as look
    from stacks.run.provenance import require_trusted
    from stacks.run.words import outcome_words, preview_words

    target = _target(workspace, project, zone, as_of)
    verdict = require(judged(target).verdict)
    if verdict.notices:
        note(render(p for p in verdict.notices if p.severity is not Severity.ERROR))
    engine = required()
    require_trusted(target, built_here=engine.built_here)
    if not yes:
        _ask(
            lambda: say("\n".join(preview_words(look(target, engine)))),
            _("Make {label} so?", label=target.label),
            as_json,
        )
    outcome = deploy(target, engine, mark(target.stack), note, parallel=parallel, progress=_progress())
    if as_json:
        emit({**outcome.as_dict(), "verdict": verdict.as_dict()})
    else:
        for line in outcome_words(outcome):
            say(line)
    return int(Exit.OK)


@click.command(help=_("What changed behind Pulumi's back: on the resources it knows, and security rules it does not."))
@click.argument("zone")
@project_option
@workspace_option
@as_of_option
@json_option
def drift(zone: str, project: str | None, workspace: Path, as_of: date, as_json: bool) -> int:
    """Compare a stack's state with the cloud; code 7 when they differ."""
    from stacks.run.drift import drift as look
    from stacks.run.engines import required
    from stacks.run.words import drift_words

    found = look(_target(workspace, project, zone, as_of), required())
    if as_json:
        emit(found.as_dict())
    else:
        for line in drift_words(found):
            say(line)
    return int(Exit.CHANGES if found.found else Exit.OK)


@click.command(help=_("Remove everything a zone holds; always allowed. Says what cannot be removed."))
@click.argument("zone")
@project_option
@click.option("--yes", "-y", is_flag=True, help=_("Do it without asking."))
@click.option("--keep-stack", is_flag=True, help=_("Keep the empty stack and its history."))
@workspace_option
@as_of_option
@json_option
def down(
    zone: str, project: str | None, yes: bool, keep_stack: bool, workspace: Path, as_of: date, as_json: bool
) -> int:
    """Destroy one stack; the gate never stands in the way."""
    from stacks.marks import mark
    from stacks.run.changes import destroy
    from stacks.run.engines import required
    from stacks.run.leftovers import reset_for
    from stacks.run.words import outcome_words

    target = _target(workspace, project, zone, as_of)
    engine = required()
    if not yes:
        _ask(lambda: None, _("Remove everything {label} holds?", label=target.label), as_json)
    outcome = destroy(target, engine, mark(target.stack), note, keep=keep_stack, reset=reset_for(target))
    if as_json:
        emit(outcome.as_dict())
    else:
        for line in outcome_words(outcome):
            say(line)
    return int(Exit.OK)


def _target(workspace: Path, project: str | None, stack: str, as_of: date) -> Target:
    from inventory.workspace import open_workspace
    from stacks.run.gate import project_of
    from stacks.run.target import Target

    place = open_workspace(workspace)
    return Target(place, project or project_of(place, stack), stack, as_of)


def _ask(show: Any, question: str, as_json: bool) -> None:
    """Ask on a terminal; elsewhere say that ``--yes`` is needed.

    Raises:
        InvalidInput: nobody can be asked (``RUN-001``).
        click.Abort: the answer is no.
    """
    import sys

    from stacks.run.problems import InvalidInput, problem

    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(
            problem("RUN-001", _("nobody can be asked here: say --yes"), hint=_("look first with: francecloud preview"))
        )
    show()
    click.confirm(question, abort=True)


def _progress() -> Any:
    """Tell each step on a terminal; nothing elsewhere."""
    import sys

    from stacks.run.steps import SIGNS

    if not sys.stderr.isatty():
        return None
    return lambda step: note(f"  {SIGNS[step.op]} {step.kind} {step.name}") if step.op != "same" else None
