"""What an operator's foundation and network hold on one cloud: ``platforms/<platform>.yaml``.

A tenant never needs this file; who runs the cloud (or the lab) does. Ids that only the cloud knows
(its roles, its domain) are data here: programs look nothing up while they run.
"""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inventory.problems import InvalidInput, NotFound, Problem
from inventory.workspace import Workspace
from stacks.documents import Document, nearest, read_document
from stacks.language import _
from stacks.zone import Cidr, Quotas, Side, Slug

RoleName = Literal["reader", "member", "manager"]


class Domain(Document):
    """Where projects and groups are. With ``id``, an existing domain; without, one is made."""

    name: str
    id: str | None = None


class Role(Document):
    """A role given to groups: the cloud's own, whose id ``francecloud zones discover`` writes."""

    name: RoleName
    id: str | None = None


class Grant(Document):
    """A role that a group has on a project. Roles go to groups, never to a person."""

    group: str
    role: RoleName


class Project(Document):
    """A tenant's project, named for its zone: the side it may reach, its quotas, who may do what in it."""

    name: Slug
    side: Side
    description: str = ""
    quotas: Quotas
    grants: tuple[Grant, ...]


class VolumeType(Document):
    """A volume type that the operator makes for volumes encrypted at rest.

    Its encryption specification (key size, cipher) is set once by the operator: the provider cannot.
    """

    name: str
    description: str = ""
    extra_specs: dict[str, str] = Field(default_factory=dict)


class External(Document):
    """The provider network by which a hub leaves the cloud, made by who runs it."""

    network_type: Literal["flat", "vlan", "local", "geneve", "vxlan"]
    physical_network: str | None = None
    segmentation_id: Annotated[int, Field(ge=1, le=16777215)] | None = None
    cidr: Cidr


class Hub(Document):
    """One side of the State as seen from this cloud.

    The zones' routers have their gateway on the hub's transit network, and only its router goes further.
    """

    side: Literal["rie", "internet"]
    cidr: Cidr = Field(description="Addresses of the zones of that side: address scope and subnet pool")
    transit: Cidr = Field(description="The network between the hub's router and those of the zones")
    external: External | None = None

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if ip_network(self.cidr).overlaps(ip_network(self.transit)):
            raise ValueError(_("the transit network {transit} is inside {cidr}", transit=self.transit, cidr=self.cidr))
        return self


class Platform(Document):
    """One operated cloud."""

    schema_version: Literal["1"] = "1"
    name: Slug
    offer: Slug
    domain: Domain
    groups: tuple[str, ...]
    roles: tuple[Role, ...]
    projects: tuple[Project, ...] = ()
    encrypted_volume_type: VolumeType | None = None
    hubs: tuple[Hub, ...] = ()

    @model_validator(mode="after")
    def _stands(self) -> Self:
        roles = {r.name for r in self.roles}
        problems = []
        for project in self.projects:
            for grant in project.grants:
                if grant.group not in self.groups:
                    problems.append(
                        _("project {name}: group “{group}” is not listed", name=project.name, group=grant.group)
                    )
                if grant.role not in roles:
                    problems.append(
                        _("project {name}: role “{role}” is not listed", name=project.name, role=grant.role)
                    )
        sides = [h.side for h in self.hubs]
        if len(set(sides)) < len(sides):
            problems.append(_("a side has one hub"))
        if problems:
            raise ValueError("; ".join(problems))
        return self


def platforms_folder(workspace: Workspace) -> Path:
    """Where the platforms of a workspace are."""
    return workspace.root / "platforms"


def platform_names(workspace: Workspace) -> list[str]:
    """The platforms of a workspace, by name."""
    return sorted(p.stem for p in platforms_folder(workspace).glob("*.yaml") if not p.name.startswith("."))


def read_platform(path: Path) -> Platform:
    """Read a platform file.

    Raises:
        InvalidInput: every mistake at once (``WSP-003``, ``ZON-005``; ``ZON-003`` misnamed file).
    """
    platform = read_document(path, Platform, code="ZON-005")
    if platform.name != path.stem:
        message = _("this file says it is platform “{name}”", name=platform.name)
        raise InvalidInput(Problem(code="ZON-003", message=message, file=str(path), field="name"))
    return platform


def find_platform(workspace: Workspace, name: str) -> Platform:
    """The platform of that name.

    Raises:
        NotFound: there is none (``ZON-011``).
        InvalidInput: as :func:`read_platform`.
    """
    path = platforms_folder(workspace) / f"{name}.yaml"
    if not path.is_file():
        near = nearest(name, platform_names(workspace))
        raise NotFound(
            Problem(
                code="ZON-011",
                message=_("there is no platform “{name}”", name=name),
                file=str(path.parent),
                value=name,
                hint=_("did you mean “{near}”?", near=near) if near else _("make it with: francecloud zones make"),
            )
        )
    return read_platform(path)
