"""A zone: what a landing zone must hold, for which applications, from which proposal.

``zones/<zone>.yaml`` is generated once by ``francecloud zones make``, then owned by people.
The published schema is ``stacks/schema/zone.json``. What a zone file says about the law (tier,
sensitivity) is for reading only: the gate asks the doctrine again (:mod:`stacks.gate`).
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from inventory.problems import InvalidInput, NotFound, Problem
from inventory.workspace import Workspace
from stacks.documents import Document, nearest, read_document
from stacks.language import _

NAME_LENGTH = 63
"""Longest name: a DNS label has 63 signs, a bucket too, a Keystone project 64."""

Archetype = Literal["socle", "interne", "expose", "rie", "dr", "bac-a-sable", "decommissionne"]
EnvironmentClass = Literal["production", "hors-prod"]
Side = Literal["rie", "internet", "aucun"]
Env = Literal["dev", "formation", "qualif", "test", "preprod", "prod"]
Layer = Literal["frontend", "backend", "db", "cache", "auth"]
Criticality = Literal["high", "medium", "low"]
Component = Literal[
    "nginx", "apache", "caddy", "tomcat", "python", "node", "openjdk", "golang", "php", "ruby", "perl", "drupal",
    "java", "postgres", "mariadb", "mysql", "mongo", "cassandra", "cockroach", "influx", "etcd", "varnish", "redis",
    "memcached", "rabbitmq", "kafka", "apachemq", "kubemq", "busybox",
]  # fmt: skip
"""Closed values of Cloud π Native's labels (cloud-pi-native/documentation, ``docs/agreement/labels-list.md``)."""


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > NAME_LENGTH:
        raise ValueError(_("expected lower-case letters, digits and single hyphens, at most {n}", n=NAME_LENGTH))
    return text


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(_("not a network such as 10.128.4.0/24: {error}", error=error)) from error
    if not isinstance(network, IPv4Network):
        raise ValueError(_("an IPv4 network is expected here"))
    return str(network)


def _ports(text: str) -> str:
    found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    if not found or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= 65535:
        raise ValueError(_("expected a port or a range, for example “443” or “8000-8010”"))
    return text


def _key(text: str) -> str:
    if not re.match(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( .*)?$", text):
        raise ValueError(_("expected an OpenSSH public key, for example “ssh-ed25519 AAAA… name”"))
    return text


Slug = Annotated[str, AfterValidator(_slug)]
Cidr = Annotated[str, AfterValidator(_network)]
Ports = Annotated[str, AfterValidator(_ports)]
PublicKey = Annotated[str, AfterValidator(_key)]
Count = Annotated[int, Field(ge=0)]


class Application(Document):
    """An application the zone is for. Tier and effective sensitivity are those of the proposal, to be read."""

    id: str
    name: str
    tier: str
    sensitivity: str


class Network(Document):
    """The zone's own network, its place in the address plan, and which side of the State it looks at."""

    cidr: Cidr
    side: Side
    gateway: bool = Field(description="Whether its router is attached to the external network the tenant was given")
    dns: tuple[str, ...] = ()


class Rule(Document):
    """A named opening in a security group; what no rule opens stays shut, both ways."""

    name: Slug
    direction: Literal["ingress", "egress"]
    protocol: Literal["tcp", "udp", "icmp"]
    ports: Ports | None = None
    remote: Cidr | None = None
    remote_group: Slug | None = None

    @model_validator(mode="after")
    def _one_remote(self) -> Self:
        if (self.remote is None) == (self.remote_group is None):
            raise ValueError(_("give “remote” or “remote_group”, one of the two"))
        if self.ports is not None and self.protocol == "icmp":
            raise ValueError(_("ICMP has no ports"))
        return self


class SecurityGroup(Document):
    """A security group of the zone: shut but for its rules."""

    name: Slug
    description: str = ""
    rules: tuple[Rule, ...] = ()


class Volume(Document):
    """A data volume. ``type`` absent: the cloud's default one."""

    name: Slug
    size_gib: Annotated[int, Field(ge=1)]
    type: str | None = None


class KeyPair(Document):
    """A key pair. Without a public key the cloud makes one, and the state keeps the private key encrypted."""

    name: Slug
    public_key: PublicKey | None = None


class AccessRule(Document):
    """One call a CI credential may make: service, method, path, as Keystone writes access rules."""

    service: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    path: str


class CiCredential(Document):
    """The application credential of the zone's CI: never unrestricted, always with an end."""

    name: Slug = "ci"
    roles: tuple[Literal["member", "reader"], ...] = ("member", "reader")
    expires_on: date
    access_rules: tuple[AccessRule, ...] = ()


class Instance(Document):
    """A virtual machine asked for. ``image`` and ``flavor``: the cloud's id, or its exact name."""

    name: Slug
    image: str
    flavor: str
    security_groups: tuple[Slug, ...]
    key_pair: Slug | None = None
    volumes: tuple[Slug, ...] = ()


class Quotas(Document):
    """What the zone's project must be allowed."""

    instances: Count
    vcpu: Count
    ram_gib: Count
    volumes: Count
    storage_gib: Count
    networks: Count = 1
    subnets: Count = 1
    routers: Count = 1
    ports: Count
    security_groups: Count
    security_group_rules: Count
    floating_ips: Count = 0


class Tags(Document):
    """What every object of the zone says of itself; values closed as Cloud π Native closes them."""

    env: Env
    tier: Layer
    criticality: Criticality
    component: Component | None = None
    owner: str
    end_on: date | None = None


class Zone(Document):
    """One landing zone: a function, an offer, an archetype, an environment class."""

    schema_version: Literal["1"] = "1"
    name: Slug
    function: Slug
    offer: Slug
    archetype: Archetype
    environment: EnvironmentClass
    organisations: tuple[str, ...] = ()
    proposal_digest: str
    applications: tuple[Application, ...]
    network: Network
    security_groups: tuple[SecurityGroup, ...] = ()
    volumes: tuple[Volume, ...] = ()
    key_pairs: tuple[KeyPair, ...] = ()
    ci_credential: CiCredential | None = None
    instances: tuple[Instance, ...] = ()
    quotas: Quotas
    tags: Tags

    @model_validator(mode="after")
    def _stands(self) -> Self:
        problems = [*_name(self), *_unique(self), *_references(self), *_sides(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def application_ids(self) -> tuple[str, ...]:
        """The applications, by id."""
        return tuple(a.id for a in self.applications)


def zone_name(function: str, offer: str, archetype: str, environment: str) -> str:
    """The name of a zone, from what it is."""
    return f"{function}-{offer}-{archetype}-{environment}"


def read_zone(path: Path) -> Zone:
    """Read a zone file.

    Raises:
        InvalidInput: every mistake at once (``WSP-003`` not YAML, ``ZON-002`` content, ``ZON-003`` the
            file is not named for its zone).
    """
    zone = read_document(path, Zone, code="ZON-002")
    if path.stem != zone.name:
        raise InvalidInput(
            Problem(
                code="ZON-003",
                message=_("this file says it is zone “{name}”", name=zone.name),
                file=str(path),
                field="name",
                hint=_("rename the file {name}.yaml, or the zone {stem}", name=zone.name, stem=path.stem),
            )
        )
    return zone


def zone_names(workspace: Workspace) -> list[str]:
    """The zones of a workspace, by name."""
    return sorted(p.stem for p in workspace.zones.glob("*.yaml") if not p.name.startswith("."))


def find_zone(workspace: Workspace, name: str) -> Zone:
    """The zone of that name.

    Raises:
        NotFound: there is none (``ZON-010``); the nearest name is given.
        InvalidInput: as :func:`read_zone`.
    """
    path = workspace.zones / f"{name}.yaml"
    if not path.is_file():
        known = zone_names(workspace)
        near = nearest(name, known)
        raise NotFound(
            Problem(
                code="ZON-010",
                message=_("there is no zone “{name}”", name=name),
                file=str(workspace.zones),
                value=name,
                hint=_("did you mean “{near}”?", near=near) if near else _("list them with: francecloud zones list"),
            )
        )
    return read_zone(path)


def _name(zone: Zone) -> list[str]:
    expected = zone_name(zone.function, zone.offer, zone.archetype, zone.environment)
    if zone.name == expected:
        return []
    return [_("a zone is named for what it is, here “{expected}”, not “{name}”", expected=expected, name=zone.name)]


def _unique(zone: Zone) -> list[str]:
    found: list[str] = []
    listed: dict[str, list[str]] = {
        "applications": [a.id for a in zone.applications],
        "security_groups": [g.name for g in zone.security_groups],
        "volumes": [v.name for v in zone.volumes],
        "key_pairs": [k.name for k in zone.key_pairs],
        "instances": [i.name for i in zone.instances],
    }
    for group in zone.security_groups:
        listed[f"security_groups.{group.name}.rules"] = [r.name for r in group.rules]
    for field, names in listed.items():
        twice = sorted({n for n in names if names.count(n) > 1})
        found += [_("“{field}” has {name} twice", field=field, name=name) for name in twice]
    return found


def _references(zone: Zone) -> list[str]:
    groups = {g.name for g in zone.security_groups}
    volumes = [v for i in zone.instances for v in i.volumes]
    wanted: list[tuple[str, str, set[str]]] = [
        (f"security_groups.{g.name}", r.remote_group, groups)
        for g in zone.security_groups
        for r in g.rules
        if r.remote_group
    ]
    for instance in zone.instances:
        where = f"instances.{instance.name}"
        wanted += [(where, name, groups) for name in instance.security_groups]
        wanted += [(where, name, {v.name for v in zone.volumes}) for name in instance.volumes]
        wanted += [(where, k, {p.name for p in zone.key_pairs}) for k in [instance.key_pair] if k]
    found = [
        _("{where} names “{name}”, which the zone does not have", where=w, name=n) for w, n, k in wanted if n not in k
    ]
    shared = sorted({v for v in volumes if volumes.count(v) > 1})
    return found + [_("volume “{name}” is attached to two instances", name=name) for name in shared]


def _sides(zone: Zone) -> list[str]:
    """One spoke never has both routes, and restricted information has none of the two."""
    if zone.archetype == "dr" and (zone.network.side != "aucun" or zone.network.gateway):
        return [_("a zone for restricted information (DR) has neither a side nor a gateway")]
    wrong = {"expose": "rie", "rie": "internet"}.get(zone.archetype)
    if wrong == zone.network.side:
        return [_("a zone “{archetype}” does not look at “{side}”", archetype=zone.archetype, side=wrong)]
    return []
