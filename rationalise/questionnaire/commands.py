"""``francecloud assess``: the questionnaire of article 31, written, read back, and what is in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from inventory.problems import Exit
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.questionnaire.filled import Filled


@click.group(help=_("The case-by-case analysis of article 31: the form to fill in, and what comes back."))
def assess() -> None:
    """The questionnaire's verbs."""


@assess.command(
    help=_(
        "Write the form (.xlsx, .ods or .yaml), pre-filled with what was answered before; never signed.\n\n"
        "Example: francecloud assess form art31.ods --organisation DSI-A"
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"))
@click.option(
    "--applications", metavar="A,B", help=_("These, joined by commas (default: all that have none in force).")
)
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="ID",
    help=_("Only this one and those below it; may be repeated."),
)
@click.option("--force", is_flag=True, help=_("Overwrite a file that is there."))
@as_of_option
@workspace_option
@json_option
def form(
    file: Path,
    applications: str | None,
    organisations: tuple[str, ...],
    force: bool,
    as_of: date,
    workspace: Path,
    as_json: bool,
) -> None:
    """The form."""
    from inventory.dataset import read_dataset
    from inventory.forms.writing import check_target, write_form, write_whole
    from inventory.workspace import open_workspace
    from rationalise.questionnaire.sheet import questionnaire_form, questionnaire_sheet
    from rationalise.questionnaire.text import text_form

    here = open_workspace(workspace)
    named = [a.strip() for a in (applications or "").split(",") if a.strip()]
    is_text = file.suffix.lower() in (".yaml", ".yml")
    check_target(file, force=force, more=(".yaml", ".yml"))
    dataset = read_dataset(here)
    if is_text:
        write_whole(file, text_form(dataset, here, as_of, applications=named, organisations=organisations).encode())
    else:
        sheet = questionnaire_sheet(dataset, here, as_of, applications=named, organisations=organisations)
        write_form(file, questionnaire_form(sheet), force=force)
    if as_json:
        emit({"file": str(file)})
        return
    say(_("written: {path}", path=file))
    note(_("when it comes back: francecloud assess read {path}", path=file))


@assess.command(
    help=_(
        "Read forms back into decisions/assessments/: signed answers count, the others are kept and count as unknown.\n\n"
        "Example: francecloud assess read art31.ods"
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar=_("FILE…"))
@workspace_option
@json_option
def read(files: tuple[Path, ...], workspace: Path, as_json: bool) -> int:
    """Forms into decisions."""
    from inventory.dataset import read_dataset
    from inventory.problems import render
    from inventory.workspace import open_workspace
    from rationalise.questionnaire.keeping import keep

    here = open_workspace(workspace)
    kept = keep([item for path in files for item in _read(path)], read_dataset(here), here.decisions)
    if as_json:
        emit(
            {"written": kept.written, "unchanged": kept.unchanged, "signed": kept.signed, "unsigned": kept.unsigned,
             "problems": [p.as_dict() for p in kept.problems]}
        )  # fmt: skip
    else:
        if kept.problems:
            note(render(kept.problems))
        if not kept.refused:
            say(_.plural("{n} assessment written", "{n} assessments written", len(kept.written)))
            say(
                _(
                    "signed: {signed}, not signed and worth unknown: {unsigned}",
                    signed=len(kept.signed),
                    unsigned=len(kept.unsigned),
                )
            )
    if kept.refused:
        note(_("nothing was written"))
        return Exit.USAGE
    return Exit.OK


def _read(path: Path) -> list[Filled]:
    from inventory.files import open_source
    from rationalise.questionnaire.sheet import read_workbook
    from rationalise.questionnaire.text import read_text

    source = open_source(path)
    return read_workbook(source) if source.is_workbook else read_text(path)


@assess.command(help=_("The assessments kept: in force, not signed, to come, or expired."))
@as_of_option
@workspace_option
@json_option
def status(as_of: date, workspace: Path, as_json: bool) -> None:
    """What is in force."""
    from inventory.workspace import open_workspace
    from rationalise.decisions import Assessment, load_decisions

    kept = load_decisions(open_workspace(workspace).decisions).of(Assessment)
    rows = [
        {
            "file": name,
            "applications": list(a.applications),
            "state": a.state(as_of),
            "signed_on": a.signed_on,
            "expires_on": a.expires_on,
        }
        for name, a in kept
    ]
    if as_json:
        emit({"assessments": rows})
        return
    words = {"in_force": _("in force"), "unsigned": _("not signed"), "to_come": _("to come"), "expired": _("expired")}
    for (name, found), row in zip(kept, rows, strict=True):
        until = f" → {found.expires_on}" if found.expires_on else ""
        say(f"{words[str(row['state'])]:12} {name}: {', '.join(found.applications)}{until}")
    if not kept:
        say(_("there is no assessment yet: francecloud assess form art31.ods"))
