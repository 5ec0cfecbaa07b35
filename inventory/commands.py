"""The verbs of the inventory: ``import`` and ``check``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from inventory.language import _
from inventory.problems import Exit

if TYPE_CHECKING:
    from inventory.importing import ImportResult
    from inventory.workspace import Workspace


@click.command("import", help=_("Read exports and lists into the dataset; everything is written, or nothing."))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar=_("FILE…"))
@click.option(
    "--format", "format_name", metavar=_("NAME"), help=_("The format (default: recognised from the content).")
)
@click.option(
    "--remove",
    multiple=True,
    metavar=_("SOURCE"),
    help=_("Remove a source: what only it said goes, what others said comes back. Repeatable."),
)
@click.option("--dry-run", is_flag=True, help=_("With --remove: only say what would go."))
@workspace_option
@json_option
def import_(
    files: tuple[Path, ...],
    format_name: str | None,
    remove: tuple[str, ...],
    dry_run: bool,
    workspace: Path,
    as_json: bool,
) -> int:
    """Sources into the dataset."""
    from datetime import date

    if bool(files) == bool(remove) or (dry_run and not remove):
        raise click.UsageError(_("give files to import, or --remove and a source, with --dry-run to try it"))
    if remove:
        return _remove(remove, workspace, dry_run, as_json)

    from inventory.importing import import_files
    from inventory.problems import InvalidInput
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
    _told(result, as_json)
    if result.refused:
        note(_("nothing was written"))
        return Exit.USAGE
    if made:
        note(_("a workspace was begun at {path}", path=here.root))
    return Exit.OK


def _told(result: ImportResult, as_json: bool) -> None:
    from inventory.problems import render

    for name, found in result.formats.items():
        note(_("{file}: read as {format}", file=name, format=found))
    if result.unchanged:
        note(_("nothing changed since the last import: no file was read again"))
    if as_json:
        emit(result.as_dict())
        return
    _tell(result.tables)
    if result.problems:
        note(render(result.problems))


@click.command(
    help=_(
        "Say everything that is missing or wrong in the dataset, and what to ask of whom.\n\n"
        "Example: francecloud check --format sarif > check.sarif"
    )
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "gitlab", "sarif"]),
    default="table",
    help=_("A table, JSON, GitLab's Code Quality report, or SARIF 2.1.0."),
)
@as_of_option
@workspace_option
@json_option
def check(form: str, as_of: date, workspace: Path, as_json: bool) -> int:
    """Problems of the dataset."""
    from inventory.checking import check_dataset, completeness
    from inventory.dataset import read_dataset
    from inventory.identity_checks import check_identity
    from inventory.problems import has_errors
    from inventory.workspace import open_workspace

    here = open_workspace(workspace)
    dataset = read_dataset(here)
    problems = [*check_dataset(dataset, here.settings, as_of), *check_identity(here, dataset)]
    if form in ("gitlab", "sarif"):
        from inventory.quality.gitlab import code_quality
        from inventory.quality.places import places
        from inventory.quality.sarif import sarif

        where = places(problems, dataset, here)
        emit(code_quality(problems, where) if form == "gitlab" else sarif(problems, where))
    else:
        from inventory.quality.asking import questions
        from inventory.quality.maturity import maturity
        from inventory.quality.telling import tell

        known, levels, asked = completeness(dataset), maturity(dataset), questions(dataset)
        if as_json or form == "json":
            emit(
                {
                    "problems": [p.as_dict() for p in problems],
                    "applications": known.sort("id").to_dicts(),
                    "maturity": levels.to_dicts(),
                    "questions": asked.to_dicts(),
                }
            )
        else:
            for line in tell(problems, levels, asked, known):
                say(line)
    return Exit.USAGE if has_errors(problems) else Exit.OK


def _remove(names: tuple[str, ...], start: Path, dry_run: bool, as_json: bool) -> int:
    """Remove sources, and list all that goes or changes."""
    from inventory.removal import remove_sources
    from inventory.workspace import open_workspace

    removal = remove_sources(names, open_workspace(start), dry_run=dry_run)
    if as_json:
        emit(removal.as_dict())
        return Exit.OK
    for table, ids in removal.records.items():
        for identifier in ids:
            say(_("{table}: {id} goes, no other source says it", table=table, id=identifier.replace("|", " ")))
    for row in removal.cells.iter_rows(named=True):
        text = (
            _("{table} {id}, {field}: “{value}” becomes “{now}”, from {source}", **row)
            if row["now"] is not None
            else _("{table} {id}, {field}: “{value}” goes, no other source says it", **row)
        )
        say(text)
    note(_("nothing was written: this only says what would go") if dry_run
         else _.plural("{n} source was removed", "{n} sources were removed", len(names)))  # fmt: skip
    return Exit.OK


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
