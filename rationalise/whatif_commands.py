"""``francecloud whatif``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from inventory.cli import Day, as_of_option, emit, json_option, say, workspace_option
from rationalise.language import _


@click.command(
    help=_(
        "Which verdicts move if a rule, an offer, the day, the overlay or a decision were otherwise. "
        "Nothing is written.\n\n"
        "Example: francecloud whatif --without FC-04 --at 2026-12-01"
    )
)
@click.option(
    "--without",
    multiple=True,
    metavar="ID",
    help=_("Take out a rule, a presumption, an offer or a decision (folder/file.yaml)."),
)
@click.option("--with", "held", multiple=True, metavar=_("RULE"), help=_("Hold a rule as in force whatever its dates."))
@click.option(
    "--offer", "offers", multiple=True, metavar="ID|FILE", help=_("Take out an offer, or add those of a YAML file.")
)
@click.option("--at", type=Day(), metavar="DATE", help=_("Judge on that day instead."))
@click.option(
    "--overlay",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=_("A folder in place of the workspace's doctrine/."),
)
@click.option(
    "--assessment",
    "--decision",
    "decisions",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Add a decision, supposed signed if it is not."),
)
@click.option(
    "--limit", type=click.IntRange(1), default=20, metavar="N", help=_("The most sorts of move to print (default: 20).")
)
@workspace_option
@as_of_option
@json_option
def whatif(
    without: tuple[str, ...],
    held: tuple[str, ...],
    offers: tuple[str, ...],
    at: date | None,
    overlay: Path | None,
    decisions: tuple[Path, ...],
    limit: int,
    workspace: Path,
    as_of: date,
    as_json: bool,
) -> None:
    """Suppose, and tell what moves."""
    from inventory.workspace import open_workspace
    from rationalise.supposing.suppositions import Suppositions
    from rationalise.supposing.whatif import as_text
    from rationalise.supposing.whatif import whatif as run

    supposed = Suppositions(without, held, offers, at, overlay, decisions)
    if not supposed:
        raise click.UsageError(
            _("nothing is supposed: give --without, --with, --offer, --at, --overlay or --assessment")
        )
    found = run(open_workspace(workspace), supposed, as_of)
    if as_json:
        emit(found)
        return
    for line in as_text(found, limit):
        say(line)
