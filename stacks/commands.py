"""``francecloud zones``: from the proposal to zone files, and zones in plain words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from inventory.problems import Exit
from stacks.language import _


@click.group(help=_("Zones: made from the proposal, listed, shown in plain words."))
def zones() -> None:
    """The group of the commands on zones."""


@zones.command(
    "make",
    help=_(
        "Make zone files from the proposal, with the address plan, the operators' platforms and the requests.\n\n"
        "A file somebody edited is never overwritten: the difference is shown."
    ),
)
@workspace_option
@as_of_option
@json_option
def make(workspace: Path, as_of: date, as_json: bool) -> None:
    """Make zone files."""
    from inventory.workspace import open_workspace
    from stacks.make import make_zones

    opened = open_workspace(workspace)
    result = make_zones(opened, as_of)
    if as_json:
        emit(result.as_dict(opened.root))
        return
    words = {"created": _("created"), "refreshed": _("brought up to date"), "unchanged": _("unchanged"),
             "edited": _("edited by hand, left as it is")}  # fmt: skip
    for laid in (*result.zones, *result.platforms):
        say(f"{laid.path.relative_to(opened.root)}: {words[laid.status]}")
        if laid.difference:
            say(laid.difference.rstrip("\n"))
    for name in result.no_longer:
        say(_("zones/{name}.yaml: the proposal no longer asks for it; left as it is", name=name))
    for skipped in result.skipped:
        note(_("no zone for {name} ({id}): {reason}", name=skipped.name, id=skipped.application_id,
               reason=skipped.reason))  # fmt: skip
    say(_.plural("{n} zone", "{n} zones", len(result.zones)) + ", "
        + _.plural("{n} application without one", "{n} applications without one", len(result.skipped)))  # fmt: skip


@zones.command("list", help=_("The zones of the workspace, and whether each is lawful on the day."))
@workspace_option
@as_of_option
@json_option
def list_(workspace: Path, as_of: date, as_json: bool) -> None:
    """List zones."""
    from inventory.workspace import open_workspace
    from stacks.gate import judge
    from stacks.zone import find_zone, zone_names

    opened = open_workspace(workspace)
    rows = []
    for name in zone_names(opened):
        zone = find_zone(opened, name)
        verdict = judge(opened, zone, as_of)
        rows.append(
            {
                "name": name, "offer": zone.offer, "archetype": zone.archetype, "environment": zone.environment,
                "applications": len(zone.applications), "network": zone.network.cidr, "allowed": verdict.allowed,
                "ground": verdict.ground,
            }
        )  # fmt: skip
    if as_json:
        emit({"as_of": as_of.isoformat(), "zones": rows})
        return
    if not rows:
        say(_("no zone yet: francecloud zones make"))
    for row in rows:
        count = int(str(row["applications"]))
        state = _("lawful") if row["ground"] == "lawful" else _("break-glass") if row["allowed"] else _("REFUSED")
        say(
            f"{row['name']}  {row['network']}  " + _.plural("{n} application", "{n} applications", count) + f"  {state}"
        )


@zones.command("show", help=_("One zone in plain words. Leaves with code 5 when the doctrine refuses it."))
@click.argument("name", metavar="ZONE")
@workspace_option
@as_of_option
@json_option
def show(name: str, workspace: Path, as_of: date, as_json: bool) -> int:
    """Show a zone."""
    from inventory.workspace import open_workspace
    from stacks.documents import printable
    from stacks.gate import judge
    from stacks.requests import prerequisites
    from stacks.settings import read_settings
    from stacks.show import in_words
    from stacks.zone import find_zone

    opened = open_workspace(workspace)
    zone = find_zone(opened, name)
    verdict = judge(opened, zone, as_of)
    asked = prerequisites(opened, zone, read_settings(opened), as_of)
    if as_json:
        emit({"zone": printable(zone), "verdict": verdict.as_dict(), "requests": [printable(r) for r in asked]})
    else:
        for line in in_words(zone, verdict, asked):
            say(line)
    return Exit.OK if verdict.allowed else Exit.GOVERNANCE


@zones.command("discover", help=_("Ask an operated cloud for the ids of its roles and domain, for its platform file."))
@click.argument("platform", metavar="PLATFORM")
@workspace_option
@json_option
def discover(platform: str, workspace: Path, as_json: bool) -> None:
    """Fill a platform's file in with what its cloud knows."""
    from inventory.workspace import open_workspace
    from stacks.discover import discover_into
    from stacks.documents import printable

    found = discover_into(open_workspace(workspace), platform)
    if as_json:
        emit(printable(found))
        return
    for role in found.roles:
        say(_("role {name}: {id}", name=role.name, id=role.id))
    say(_("domain {name}: {id}", name=found.domain.name, id=found.domain.id or _("to be made by foundation")))
