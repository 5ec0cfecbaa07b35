"""Virtual machines of a zone, for a zone that asks for them."""

from __future__ import annotations

import re

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks import marks
from stacks.components.access import Access
from stacks.components.security import SecurityGroups
from stacks.components.spoke import SpokeNetwork
from stacks.components.storage import Storage
from stacks.settings import OfferSettings
from stacks.zone import Instance, Zone

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Machines(pulumi.ComponentResource):
    """Instances, each with a port of its own on the zone's subnet, and their volumes attached."""

    def __init__(self, zone: Zone, settings: OfferSettings, parts: tuple[SpokeNetwork, SecurityGroups, Storage, Access],
                 opts: ResourceOptions | None = None) -> None:  # fmt: skip
        super().__init__("francecloud:landing:Machines", zone.name, {}, opts)
        self.parts = parts
        self.instances: dict[str, openstack.compute.Instance] = {}
        self.ports: dict[str, openstack.networking.Port] = {}
        for wanted in zone.instances:
            self._instance(zone, settings, wanted)
        self.register_outputs({})

    def _instance(self, zone: Zone, settings: OfferSettings, wanted: Instance) -> None:
        spoke, security, storage, access = self.parts
        name, own = f"{zone.name}-{wanted.name}", ResourceOptions(parent=self)
        port = openstack.networking.Port(
            f"{name}-port", name=name, description=marks.described(zone.name), tags=marks.tags(zone),
            network_id=spoke.network.id, admin_state_up=True, port_security_enabled=True,
            security_group_ids=[security.groups[group].id for group in wanted.security_groups],
            # Without a fixed address the provider replaces a port at every run.
            fixed_ips=[openstack.networking.PortFixedIpArgs(subnet_id=spoke.subnet.id)],
            opts=own,
        )  # fmt: skip
        instance = openstack.compute.Instance(
            name, name=name, metadata=marks.metadata(zone),
            availability_zone=settings.availability_zone,
            key_pair=access.key_pairs[wanted.key_pair].name if wanted.key_pair else None,
            networks=[openstack.compute.InstanceNetworkArgs(port=port.id)],
            **_named("image", wanted.image), **_named("flavor", wanted.flavor),
            opts=own,
        )  # fmt: skip
        for volume in wanted.volumes:
            openstack.compute.VolumeAttach(
                f"{name}-{volume}", instance_id=instance.id, volume_id=storage.volumes[volume].id, opts=own
            )
        self.instances[wanted.name], self.ports[wanted.name] = instance, port


def _named(what: str, value: str) -> dict[str, str]:
    """``image_id`` or ``image_name``, by what *value* looks like."""
    return {f"{what}_id" if _UUID.fullmatch(value) else f"{what}_name": value}
