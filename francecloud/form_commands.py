"""``francecloud template``: the workbook that people fill in, made of what each room asks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from francecloud.language import _
from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option


@click.command(
    help=_(
        "A spreadsheet (.xlsx or .ods) to fill in, empty or pre-filled, that import reads back.\n\n"
        "Example: francecloud template model.ods --prefilled --organisation DSI-A --missing"
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False, metavar=_("[FILE]"))
@click.option("--prefilled", is_flag=True, help=_("With the records that are known."))
@click.option("--missing", is_flag=True, help=_("Only the applications and facts the analysis lacks."))
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="ID",
    help=_("Only this one and those below it; may be repeated."),
)
@click.option("--questionnaire", is_flag=True, help=_("With the sheet of the article 31 assessment."))
@click.option("--force", is_flag=True, help=_("Overwrite a file that is there."))
@as_of_option
@workspace_option
@json_option
def template(
    file: Path | None, prefilled: bool, missing: bool, organisations: tuple[str, ...], questionnaire: bool, force: bool,
    as_of: date, workspace: Path, as_json: bool,
) -> None:  # fmt: skip
    """The spreadsheet to fill in."""
    from inventory.dataset import empty_dataset, read_dataset
    from inventory.forms.inventory_form import inventory_form
    from inventory.forms.writing import check_target, write_form
    from inventory.stores import open_store
    from inventory.workspace import find_root, open_workspace

    path = file or Path(_("template.xlsx"))
    check_target(path, force=force)
    here = open_workspace(workspace) if find_root(workspace) else None
    # An empty template needs no workspace: it may be what a workspace begins with.
    known = here is not None and open_store(here).exists()
    wanted = prefilled or missing or questionnaire or bool(organisations)
    dataset = read_dataset(here or open_workspace(workspace)) if known or wanted else empty_dataset()
    sheets = []
    if questionnaire and here is not None:
        from rationalise.questionnaire import questionnaire_sheet

        sheets.append(questionnaire_sheet(dataset, here, as_of, organisations=organisations))
    form = inventory_form(dataset, prefilled=prefilled, organisations=organisations, missing=missing, more=sheets)
    write_form(path, form, force=force)
    rows = {sheet.name: sheet.rows.height for sheet in form.sheets}
    if as_json:
        emit({"file": str(path), "sheets": rows})
        return
    for name, count in rows.items():
        say(_.plural("{sheet}: {n} row", "{sheet}: {n} rows", count, sheet=name))
    say(_("written: {path}", path=path))
    note(_("when it comes back: francecloud import {path}", path=path))
