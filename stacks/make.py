"""``zones make``: from the proposal to the files of the workspace, never over what a person has written.

A zone file is generated once, then owned by people. Generated again, a file that nobody touched is
brought up to date; one that somebody edited stays as it is, and the difference is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from inventory.problems import InvalidInput, Problem
from inventory.workspace import Workspace
from stacks.apis import driven_by
from stacks.documents import generated, lay_schema, untouched, write_text
from stacks.draft import Draft, Skipped, draft, zone_of
from stacks.evidence import doctrine_of
from stacks.language import _
from stacks.plan import AddressPlan, allocate, read_plan, write_plan
from stacks.platform import Domain, Grant, Hub, Platform, Project, Role, platforms_folder, read_platform
from stacks.requests import write_requests
from stacks.settings import read_settings
from stacks.zone import Zone, read_zone, zone_names

if TYPE_CHECKING:
    from inventory.package import Package

Status = Literal["created", "refreshed", "unchanged", "edited"]


@dataclass(frozen=True, slots=True)
class Laid:
    """A file and what became of it; ``difference`` is what would change in one that somebody edited."""

    name: str
    path: Path
    status: Status
    difference: str = ""

    def as_dict(self, root: Path) -> dict[str, object]:
        """The file for JSON."""
        return {"name": self.name, "file": str(self.path.relative_to(root)), "status": self.status,
                "difference": self.difference}  # fmt: skip


@dataclass(slots=True)
class MakeResult:
    """What ``zones make`` did: zones and platforms, applications without a zone, zones no longer asked for."""

    zones: list[Laid] = field(default_factory=list)
    platforms: list[Laid] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    no_longer: list[str] = field(default_factory=list)

    def as_dict(self, root: Path) -> dict[str, object]:
        """The result for JSON."""
        return {
            "zones": [laid.as_dict(root) for laid in self.zones],
            "platforms": [laid.as_dict(root) for laid in self.platforms],
            "skipped": [{"application_id": s.application_id, "name": s.name, "reason": s.reason} for s in self.skipped],
            "no_longer": self.no_longer,
        }


def make_zones(workspace: Workspace, as_of: date) -> MakeResult:
    """Make the zone files that the proposal asks for, and what goes with them.

    Raises:
        InvalidInput: no proposal or dataset, invalid settings, plan, or zone file of a person.
        Full: the address plan has no room left.
    """
    from inventory.dataset import read_dataset
    from rationalise import read_proposal

    settings = read_settings(workspace)
    proposal, dataset = read_proposal(workspace.proposal), read_dataset(workspace)
    apis: dict[str, Sequence[str]] = {name: offer.api for name, offer in doctrine_of(workspace).offers.items()}
    drafts, skipped = draft(proposal, dataset, apis)
    before = _known_zones(workspace)
    plan = _plan_for(read_plan(workspace), drafts, before)
    zones = [zone_of(d, plan, dataset, proposal.digest, as_of, before.get(d.name)) for d in drafts]
    write_plan(workspace, plan)
    result = MakeResult(skipped=skipped)
    lay_schema(workspace.zones, "zone")
    for zone in zones:
        result.zones.append(lay(workspace.zones / f"{zone.name}.yaml", zone.name, generated(zone, "zone")))
        kept = read_zone(workspace.zones / f"{zone.name}.yaml")
        write_requests(workspace, kept, settings, as_of)
    asked = {zone.name for zone in zones}
    result.no_longer = sorted(set(before) - asked)
    result.platforms = _platforms(workspace, zones, dataset, plan, apis)
    return result


def lay(path: Path, name: str, text: str) -> Laid:
    """Write a generated file unless somebody has edited it."""
    if not path.is_file():
        write_text(path, text)
        return Laid(name, path, "created")
    there = path.read_text(encoding="utf-8")
    if there == text:
        return Laid(name, path, "unchanged")
    if untouched(there):
        write_text(path, text)
        return Laid(name, path, "refreshed")
    if _without_header(there) == _without_header(text):
        return Laid(name, path, "unchanged")
    lines = unified_diff(_without_header(there), _without_header(text), _("yours: {file}", file=path.name),
                         _("generated: {file}", file=path.name), n=2)  # fmt: skip
    return Laid(name, path, "edited", "".join(lines))


def _without_header(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if not line.startswith("#")]


def _known_zones(workspace: Workspace) -> dict[str, Zone]:
    """The zones there are; every invalid file at once."""
    known: dict[str, Zone] = {}
    problems: list[Problem] = []
    for name in zone_names(workspace):
        try:
            known[name] = read_zone(workspace.zones / f"{name}.yaml")
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(*problems)
    return known


def _plan_for(plan: AddressPlan, drafts: Iterable[Draft], before: dict[str, Zone]) -> AddressPlan:
    """A plan with room for what is asked for and for what is still there, asked for or not."""
    wanted = {d.name: d.pool for d in drafts}
    still_there = {z: a.pool for z, a in plan.allocations.items() if z in before}
    return allocate(plan, {**still_there, **wanted})


def _platforms(workspace: Workspace, zones: Sequence[Zone], dataset: Package, plan: AddressPlan,
               apis: dict[str, Any]) -> list[Laid]:  # fmt: skip
    """One platform an OpenStack offer that has zones: for who runs that cloud."""
    laid = []
    offers = sorted({z.offer for z in zones if driven_by(apis.get(z.offer, ())) == "landing_zone"})
    if offers:
        lay_schema(platforms_folder(workspace), "platform")
    for offer in offers:
        path = platforms_folder(workspace) / f"{offer}.yaml"
        known = read_platform(path) if path.is_file() else None
        wanted = platform_of(offer, [z for z in zones if z.offer == offer], plan, known)
        laid.append(lay(path, offer, generated(wanted, "platform")))
    return laid


def platform_of(offer: str, zones: Sequence[Zone], plan: AddressPlan, known: Platform | None) -> Platform:
    """The platform that an offer's zones need; ids and provider networks written in *known* are kept."""
    functions = sorted({z.function for z in zones})
    externals = {h.side: h.external for h in known.hubs} if known else {}
    sides = sorted({z.network.side for z in zones} & {"rie", "internet"})
    return Platform(
        name=offer,
        offer=offer,
        domain=known.domain if known else Domain(name=offer),
        groups=tuple(group for f in functions for group in (f"{f}-equipe", f"{f}-lecteurs")),
        roles=known.roles if known else (Role(name="reader"), Role(name="member")),
        projects=tuple(
            Project(
                name=z.name,
                side=z.network.side,
                quotas=z.quotas,
                grants=(
                    Grant(group=f"{z.function}-equipe", role="member"),
                    Grant(group=f"{z.function}-lecteurs", role="reader"),
                ),
            )
            for z in zones
        ),
        encrypted_volume_type=known.encrypted_volume_type if known else None,
        hubs=tuple(
            Hub(
                side="rie" if side == "rie" else "internet",
                cidr=plan.pools["rie" if side == "rie" else "internet"].cidr,
                transit=plan.pools["rie" if side == "rie" else "internet"].transit,
                external=externals.get("rie" if side == "rie" else "internet"),
            )
            for side in sides
        ),
    )
