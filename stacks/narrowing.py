"""Whether a change of a zone only takes away: what the gate lets pass on a zone the law now denies."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from stacks.language import _
from stacks.zone import Instance, Rule, Zone


def widenings(before: Zone, after: Zone) -> list[str]:
    """What *after* adds to *before*, in words; nothing when the change only narrows.

    Narrowing: fewer applications; fewer or narrower rules; fewer instances, volumes, quotas, or smaller
    ones; a key or a CI credential exchanged for another; labels.
    """
    return [*_identity(before, after), *_applications(before, after), *_network(before, after),
            *_rules(before, after), *_instances(before, after), *_volumes(before, after),
            *_access(before, after), *_quotas(before, after)]  # fmt: skip


def covers(wide: Rule, narrow: Rule) -> bool:
    """Whether everything *narrow* opens is open by *wide* already."""
    if (wide.direction, wide.protocol, wide.remote_group) != (narrow.direction, narrow.protocol, narrow.remote_group):
        return False
    first, last = _range(narrow)
    if not (_range(wide)[0] <= first and last <= _range(wide)[1]):
        return False
    if wide.remote is None or narrow.remote is None:
        return wide.remote == narrow.remote
    return IPv4Network(narrow.remote).subnet_of(IPv4Network(wide.remote))


def _range(rule: Rule) -> tuple[int, int]:
    if rule.ports is None:
        return 0, 65535
    first, _dash, last = rule.ports.partition("-")
    return int(first), int(last or first)


def _identity(before: Zone, after: Zone) -> Iterator[str]:
    for field in ("name", "offer", "archetype", "environment", "function"):
        if getattr(before, field) != getattr(after, field):
            yield _("“{field}” goes from {before} to {after}",
                    field=field, before=getattr(before, field), after=getattr(after, field))  # fmt: skip


def _applications(before: Zone, after: Zone) -> Iterator[str]:
    for name in sorted(set(after.application_ids) - set(before.application_ids)):
        yield _("application {name} is added", name=name)


def _network(before: Zone, after: Zone) -> Iterator[str]:
    if after.network.cidr != before.network.cidr:
        yield _("the network goes from {before} to {after}", before=before.network.cidr, after=after.network.cidr)
    if after.network.gateway and not before.network.gateway:
        yield _("a gateway is added")
    if after.network.side not in (before.network.side, "aucun"):
        yield _("the network is turned towards “{side}”", side=after.network.side)


def _rules(before: Zone, after: Zone) -> Iterator[str]:
    open_before = {g.name: g.rules for g in before.security_groups}
    for group in after.security_groups:
        for rule in group.rules:
            if not any(covers(old, rule) for old in open_before.get(group.name, ())):
                yield _("rule {group}/{rule} opens what was shut", group=group.name, rule=rule.name)


def _instances(before: Zone, after: Zone) -> Iterator[str]:
    known = {i.name: i for i in before.instances}
    for instance in after.instances:
        old = known.get(instance.name)
        if old is None:
            yield _("instance {name} is added", name=instance.name)
        elif _grown(old, instance):
            yield _("instance {name} gets another image, flavour, security group or volume", name=instance.name)


def _grown(old: Instance, new: Instance) -> bool:
    # Nothing here tells which of two flavours is the smaller.
    return (
        (old.image, old.flavor) != (new.image, new.flavor)
        or not set(new.security_groups) <= set(old.security_groups)
        or not set(new.volumes) <= set(old.volumes)
    )


def _volumes(before: Zone, after: Zone) -> Iterator[str]:
    known = {v.name: v for v in before.volumes}
    for volume in after.volumes:
        old = known.get(volume.name)
        if old is None:
            yield _("volume {name} is added", name=volume.name)
        elif volume.size_gib > old.size_gib or volume.type != old.type:
            yield _("volume {name} grows or changes type", name=volume.name)


def _access(before: Zone, after: Zone) -> Iterator[str]:
    if len(after.key_pairs) > len(before.key_pairs):
        yield _("a key pair is added")
    old, new = before.ci_credential, after.ci_credential
    if new is None:
        return
    if old is None:
        yield _("a CI credential is added")
    elif not set(new.roles) <= set(old.roles) or (
        old.access_rules and (not new.access_rules or not set(new.access_rules) <= set(old.access_rules))
    ):
        yield _("the CI credential may do more")


def _quotas(before: Zone, after: Zone) -> Iterator[str]:
    for field in type(after.quotas).model_fields:
        old, new = getattr(before.quotas, field), getattr(after.quotas, field)
        if new > old:
            yield _("quota “{field}” goes from {before} to {after}", field=field, before=old, after=new)
