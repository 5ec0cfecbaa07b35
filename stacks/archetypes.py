"""Archetypes: the side, the gateway and the security groups that a kind of zone begins with. Data."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal

from inventory.language import language
from stacks.documents import Document, read_document
from stacks.plan import AddressPlan
from stacks.zone import Archetype as ArchetypeName
from stacks.zone import Ports, Rule, SecurityGroup, Side, Slug

FILE = Path(__file__).with_name("archetypes.yaml")
EVERYONE = ("0.0.0.0/0",)
METADATA = ("169.254.169.254/32",)
"""Where a machine of an OpenStack or EC2 cloud asks who it is."""


class Text(Document):
    """A text in both languages."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr if language() == "fr" else self.en


class RuleTemplate(Document):
    """A rule whose other end is a word."""

    name: Slug
    direction: Literal["ingress", "egress"]
    protocol: Literal["tcp", "udp", "icmp"]
    ports: Ports | None = None
    remote: str


class GroupTemplate(Document):
    """A security group to begin with."""

    name: Slug
    description: Text
    rules: tuple[RuleTemplate, ...] = ()


class Archetype(Document):
    """A kind of zone."""

    id: ArchetypeName
    title: Text
    side: Side
    gateway: bool
    groups: tuple[GroupTemplate, ...] = ()


class Archetypes(Document):
    """Every kind of zone, and the groups they all have."""

    common: tuple[GroupTemplate, ...]
    archetypes: tuple[Archetype, ...]

    def of(self, name: str) -> Archetype:
        """The kind of that name."""
        return next(a for a in self.archetypes if a.id == name)


@lru_cache
def archetypes() -> Archetypes:
    """The kinds of zones as shipped."""
    return read_document(FILE, Archetypes, code="ZON-009")


def archetype_of(sensitivity: str, exposition: str | None) -> ArchetypeName:
    """The kind of zone an application goes to; where nobody said who reaches it, the ministry only."""
    if sensitivity == "dr":
        return "dr"
    kinds: dict[str | None, ArchetypeName] = {"internet": "expose", "rie": "rie"}
    return kinds.get(exposition, "interne")


def groups_of(kind: Archetype, network: str, plan: AddressPlan) -> tuple[SecurityGroup, ...]:
    """The security groups a zone of this kind begins with, its words turned into addresses.

    What is written in a zone file does not follow the language of who generates it.
    """
    return tuple(
        SecurityGroup(
            name=group.name,
            description=group.description.fr,
            rules=tuple(rule for template in group.rules for rule in _rules(template, network, plan)),
        )
        for group in (*archetypes().common, *kind.groups)
    )


def _rules(template: RuleTemplate, network: str, plan: AddressPlan) -> list[Rule]:
    values = template.model_dump(exclude={"remote", "name"})
    if template.remote.startswith("group:"):
        return [Rule(name=template.name, remote_group=template.remote.removeprefix("group:"), **values)]
    remotes = _addresses(template.remote, network, plan)
    names = [template.name] if len(remotes) == 1 else [f"{template.name}-{n}" for n in range(1, len(remotes) + 1)]
    return [Rule(name=name, remote=remote, **values) for name, remote in zip(names, remotes, strict=True)]


def _addresses(word: str, network: str, plan: AddressPlan) -> tuple[str, ...]:
    match word:
        case "zone":
            return (network,)
        case "internet":
            return EVERYONE
        case "metadata":
            return METADATA
        case "rie":
            return plan.range_of("rie")
        case "interne":
            return plan.range_of("interne")
    return (str(IPv4Network(word)),)
