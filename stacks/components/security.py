"""Security groups: shut both ways but for the rules the zone names."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks import marks
from stacks.zone import Rule, Zone


class SecurityGroups(pulumi.ComponentResource):
    """The zone's security groups. Neutron's own two opening rules are deleted from each."""

    def __init__(self, zone: Zone, opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:landing:SecurityGroups", zone.name, {}, opts)
        own = ResourceOptions(parent=self)
        self.groups: dict[str, openstack.networking.SecGroup] = {
            group.name: openstack.networking.SecGroup(
                f"{zone.name}-{group.name}", name=f"{zone.name}-{group.name}", delete_default_rules=True,
                description=marks.described(zone.name, group.description), tags=marks.tags(zone), opts=own,
            )
            for group in zone.security_groups
        }  # fmt: skip
        for group in zone.security_groups:
            for rule in group.rules:
                self._rule(zone, group.name, rule)
        self.register_outputs({})

    def _rule(self, zone: Zone, group: str, rule: Rule) -> None:
        first, _dash, last = (rule.ports or "").partition("-")
        openstack.networking.SecGroupRule(
            f"{zone.name}-{group}-{rule.name}",
            security_group_id=self.groups[group].id,
            description=marks.described(zone.name, rule.name),
            direction=rule.direction,
            ethertype="IPv4",
            protocol=rule.protocol,
            port_range_min=int(first) if first else None,
            port_range_max=int(last or first) if first else None,
            remote_ip_prefix=rule.remote,
            remote_group_id=self.groups[rule.remote_group].id if rule.remote_group else None,
            # Every field of a rule replaces it, and Neutron refuses two equal ones side by side.
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )
