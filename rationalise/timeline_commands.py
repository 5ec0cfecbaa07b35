"""``francecloud doctrine timeline``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import Day, as_of_option, emit, json_option, say, workspace_option
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.timeline import Timeline

SPAN = timedelta(days=3 * 365)
"""How far the timeline looks when no end is given: a qualification is granted for three years."""


@click.command(
    help=_(
        "When each application's placement, present or proposed, stops being lawful: a table, and a calendar.\n\n"
        "Example: francecloud doctrine timeline --to 2028-12-31 --ics echeances.ics"
    )
)
@click.option("--from", "first", type=Day(), metavar="DATE", help=_("The first day (default: the day of --as-of)."))
@click.option("--to", "last", type=Day(), metavar="DATE", help=_("The last day (default: three years later)."))
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Also write a calendar file (RFC 5545)."),
)
@workspace_option
@as_of_option
@json_option
def timeline(
    first: date | None, last: date | None, ics: Path | None, workspace: Path, as_of: date, as_json: bool
) -> None:
    """Tell what stops being lawful, and when."""
    from inventory import read_dataset
    from inventory.language import language
    from inventory.workspace import open_workspace
    from rationalise import load_decisions, load_doctrine
    from rationalise.calendar import calendar_file
    from rationalise.report.writing import write_text
    from rationalise.timeline import grouped
    from rationalise.timeline import timeline as run

    here = open_workspace(workspace)
    begin = first or as_of
    doctrine = load_doctrine(here.doctrine if here.doctrine.is_dir() else None)
    dataset, decisions = read_dataset(here), load_decisions(here.decisions)
    found = run(dataset, decisions, doctrine, begin, last or begin + SPAN, here.settings)
    groups = list(grouped(found.events))
    if ics is not None:
        write_text(ics, calendar_file(groups, as_of, found.marking[language()]))
    if as_json:
        emit(_document(found, groups, ics))
        return
    for line in _lines(found, groups):
        say(line)
    if ics is not None:
        say(_("calendar: {path}", path=ics))


def _document(found: Timeline, groups: list[dict[str, Any]], ics: Path | None) -> dict[str, Any]:
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "days": [day.isoformat() for day in found.days],
        "placements": found.placements,
        "unknown_offers": found.unknown_offers,
        "groups": groups,
        "events": [
            {**row, "rules": row["rules"].split("|") if row["rules"] else []}
            for row in found.events.iter_rows(named=True)
        ],
        "calendar": str(ics) if ics else None,
    }


def _lines(found: Timeline, groups: list[dict[str, Any]]) -> list[str]:
    from rationalise.calendar import cause_text

    lines = [_("{n} placements from {first} to {last}, judged at {days} days",
               n=found.placements, first=found.first, last=found.last, days=len(found.days))]  # fmt: skip
    if found.unknown_offers:
        lines.append(_("applications whose present offer is not in the catalogue: {n}", n=found.unknown_offers))
    words = {"unlawful": _("already not lawful"), "stops": _("last lawful day"), "becomes": _("lawful from")}
    placement = {"current": _("there today"), "proposed": _("proposed")}
    for group in groups:
        day = group["last_day"] or group["day"]
        names = ", ".join(group["applications"][:5]) + (", …" if len(group["applications"]) > 5 else "")
        lines.append(f"{day}  {words[group['event']]}  {group['offer']} ({placement[group['placement']]})"
                     f"  {len(group['applications'])}: {names}")  # fmt: skip
        lines.append(f"            {cause_text(group)} [{', '.join(group['rules'])}]")
        if group["event"] == "stops":
            offers = ", ".join(group["fallbacks"]) or _("none found")
            lines.append("            " + _("fallback: {offers}", offers=offers))
    if not groups:
        lines.append(_("nothing stops being lawful"))
    return lines
