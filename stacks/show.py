"""A zone in plain words, with a small drawing of its network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stacks.archetypes import archetypes
from stacks.gate import Verdict
from stacks.language import _
from stacks.requests import Request
from stacks.zone import Rule, Zone

WIDTH = 46


def in_words(zone: Zone, verdict: Verdict, asked: Sequence[Request]) -> Iterator[str]:
    """The zone as lines: what it is, whether it is lawful, for which applications, what it holds, what is asked."""
    kind = archetypes().of(zone.archetype)
    yield _("Zone {name}: function “{function}” on {offer}, {environment}; {archetype}: {title}",
            name=zone.name, function=zone.function, offer=zone.offer, environment=zone.environment,
            archetype=zone.archetype, title=kind.title)  # fmt: skip
    yield from _verdict(verdict)
    yield ""
    yield _.plural("{n} application:", "{n} applications:", len(zone.applications))
    for application in zone.applications:
        yield _("  {id}  {name} — tier {tier}, sensitivity: {sensitivity}", id=application.id, name=application.name,
                tier=application.tier, sensitivity=application.sensitivity)  # fmt: skip
    yield ""
    yield from drawing(zone)
    yield ""
    yield from _openings(zone)
    yield from _contents(zone)
    if asked:
        yield ""
        yield _("Asked of the operator:")
        yield from (f"  {request.line()}" for request in asked)


def drawing(zone: Zone) -> Iterator[str]:
    """The zone's network, from the way out to the machines."""
    sides = {"rie": _("RIE"), "internet": _("Internet"), "aucun": _("network given to the tenant")}
    if zone.network.gateway:
        yield f"  ( {sides[zone.network.side]} )"
        yield "        │"
        yield _("  [ router {name} ]", name=zone.name)
        yield "        │"
    else:
        yield _("  ( no way out )")
    title = f" {zone.network.cidr} "
    yield f"  ┌──{title}{'─' * max(WIDTH - len(title) - 2, 2)}┐"
    machines = [f"{i.name}  ({', '.join(i.security_groups)})" for i in zone.instances] or [
        _("no machine asked for yet")
    ]
    disks = [_("volume {name}, {size} GiB", name=v.name, size=v.size_gib) for v in zone.volumes]
    for line in [*machines, *disks]:
        yield f"  │ {line[: WIDTH - 2]:{WIDTH - 2}} │"
    yield f"  └{'─' * WIDTH}┘"


def _verdict(verdict: Verdict) -> Iterator[str]:
    words = {
        "lawful": _("Lawful on {day}.", day=verdict.as_of.isoformat()),
        "narrowing": _("No longer lawful on {day}; it may only be narrowed.", day=verdict.as_of.isoformat()),
        "breakglass": _("Against the doctrine on {day}, by a break-glass decision.", day=verdict.as_of.isoformat()),
        "refused": _("REFUSED on {day}:", day=verdict.as_of.isoformat()),
    }
    yield words[verdict.ground]
    for problem in (*verdict.refusals, *verdict.notices):
        yield f"  [{problem.code}] {problem.message}"


def _openings(zone: Zone) -> Iterator[str]:
    yield _("Everything is shut but:")
    for group in zone.security_groups:
        for rule in group.rules:
            yield f"  {group.name}/{rule.name}: {_opening(rule)}"


def _opening(rule: Rule) -> str:
    other = rule.remote or _("group {name}", name=rule.remote_group)
    ports = rule.ports or _("all")
    if rule.direction == "ingress":
        return _("{protocol} {ports} from {other}", protocol=rule.protocol.upper(), ports=ports, other=other)
    return _("{protocol} {ports} to {other}", protocol=rule.protocol.upper(), ports=ports, other=other)


def _contents(zone: Zone) -> Iterator[str]:
    quotas = zone.quotas
    yield _("Quotas: {instances} machines, {vcpu} vCPU, {ram} GiB of memory, {storage} GiB of volumes",
            instances=quotas.instances, vcpu=quotas.vcpu, ram=quotas.ram_gib, storage=quotas.storage_gib)  # fmt: skip
    if zone.ci_credential:
        yield _("CI credential: {roles}, until {day}", roles=", ".join(zone.ci_credential.roles),
                day=zone.ci_credential.expires_on.isoformat())  # fmt: skip
