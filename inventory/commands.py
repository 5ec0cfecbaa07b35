"""The verbs of the inventory: ``import`` and ``check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.language import _
from inventory.problems import Exit

if TYPE_CHECKING:
    from inventory.workspace import Workspace


@click.command("import", help=_("Read exports and lists into the dataset; everything is written, or nothing."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar=_("FILE…"))
@click.option(
    "--format", "format_name", metavar=_("NAME"), help=_("The format (default: recognised from the content).")
)
@workspace_option
@json_option
def import_(files: tuple[Path, ...], format_name: str | None, workspace: Path, as_json: bool) -> int:
    """Sources into the dataset."""
    from datetime import date

    from inventory.importing import import_files
    from inventory.problems import InvalidInput, render
    from inventory.workspace import SETTINGS

    here, made = _workspace(workspace)
    try:
        result = import_files(files, here, today=date.today(), format_name=format_name, told=note)
    except InvalidInput as error:
        if not as_json:
            raise
        emit({"tables": {}, "problems": [p.as_dict() for p in error.problems]})
        return error.exit_code
    finally:
        if made and not here.dataset.exists():
            # A refused import leaves no trace, not even the folder it would have begun.
            (here.root / SETTINGS).unlink(missing_ok=True)
            if not any(here.root.iterdir()):
                here.root.rmdir()
    for name, found in result.formats.items():
        note(_("{file}: read as {format}", file=name, format=found))
    if as_json:
        emit(result.as_dict())
    else:
        _tell(result.tables)
        if result.problems:
            note(render(result.problems))
    if result.refused:
        note(_("nothing was written"))
        return Exit.USAGE
    if made:
        note(_("a workspace was begun at {path}", path=here.root))
    return Exit.OK


@click.command(help=_("Say everything that is missing or wrong in the dataset."))
@workspace_option
@json_option
def check(workspace: Path, as_json: bool) -> int:
    """Problems of the dataset."""
    from inventory.checking import check_dataset, completeness
    from inventory.dataset import read_dataset
    from inventory.problems import has_errors, render
    from inventory.workspace import open_workspace

    dataset = read_dataset(open_workspace(workspace))
    problems = check_dataset(dataset)
    if as_json:
        gaps = completeness(dataset).sort("id").iter_rows(named=True)
        emit({"problems": [p.as_dict() for p in problems], "applications": list(gaps)})
    else:
        say(render(problems) if problems else _("nothing is missing"))
    return Exit.USAGE if has_errors(problems) else Exit.OK


def _workspace(start: Path) -> tuple[Workspace, bool]:
    """The workspace around *start*; where there is none, *start* becomes one. Whether it was made."""
    from inventory.documents import write_text
    from inventory.workspace import SETTINGS, Workspace, find_root, open_workspace

    if find_root(start) is not None:
        return open_workspace(start), False
    name = start.resolve().name.replace('"', "")
    start.mkdir(parents=True, exist_ok=True)
    write_text(start / SETTINGS, f'[workspace]\nname = "{name}"\n')
    return Workspace(start.resolve(), {"workspace": {"name": name}}), True


def _tell(tables: dict[str, dict[str, int]]) -> None:
    for table, counts in tables.items():
        say(
            _(
                "{table}: {read} read, {created} created, {updated} updated, {unchanged} unchanged",
                table=table,
                **counts,
            )
        )
