"""Data volumes of a zone."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks import marks
from stacks.settings import OfferSettings
from stacks.zone import Zone


class Storage(pulumi.ComponentResource):
    """The zone's volumes, of the type the zone names, else of the one the settings give for the offer."""

    def __init__(self, zone: Zone, settings: OfferSettings, opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:landing:Storage", zone.name, {}, opts)
        self.volumes: dict[str, openstack.blockstorage.Volume] = {
            volume.name: openstack.blockstorage.Volume(
                f"{zone.name}-{volume.name}", name=f"{zone.name}-{volume.name}", size=volume.size_gib,
                description=marks.described(zone.name), metadata=marks.metadata(zone),
                volume_type=volume.type or settings.volume_type, availability_zone=settings.availability_zone,
                enable_online_resize=True, opts=ResourceOptions(parent=self),
            )
            for volume in zone.volumes
        }  # fmt: skip
        self.register_outputs({})
