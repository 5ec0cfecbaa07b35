"""A zone's own network: one subnet of the address plan, a router where the zone has a way out."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks import marks
from stacks.zone import Zone


class SpokeNetwork(pulumi.ComponentResource):
    """Network, subnet and router of a zone. Anti-spoofing is on; the only way out is the router's gateway."""

    def __init__(self, zone: Zone, external_network_id: str | None, opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:landing:SpokeNetwork", zone.name, {}, opts)
        own = ResourceOptions(parent=self)
        tags, description = marks.tags(zone), marks.described(zone.name)
        self.network = openstack.networking.Network(
            f"{zone.name}-net", name=zone.name, description=description, tags=tags, admin_state_up=True,
            port_security_enabled=True, opts=own,
        )  # fmt: skip
        self.subnet = openstack.networking.Subnet(
            f"{zone.name}-subnet", name=zone.name, description=description, tags=tags, network_id=self.network.id,
            cidr=zone.network.cidr, ip_version=4, enable_dhcp=True, no_gateway=not zone.network.gateway or None,
            dns_nameservers=list(zone.network.dns) or None, opts=own,
        )  # fmt: skip
        self.router: openstack.networking.Router | None = None
        if zone.network.gateway:
            self.router = openstack.networking.Router(
                f"{zone.name}-router", name=zone.name, description=description, tags=tags, admin_state_up=True,
                external_network_id=external_network_id, opts=own,
            )  # fmt: skip
            openstack.networking.RouterInterface(
                f"{zone.name}-interface", router_id=self.router.id, subnet_id=self.subnet.id, opts=own
            )
        self.register_outputs({})
