"""Nova and Cinder: instances, key pairs, flavours, groups, volumes, quotas; Glance: images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from stacks.run.recovery.kinds import Cloud, Found, Kind, instant, marked
from stacks.run.recovery.pending import Pending


def _instance(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    name = pending.inputs["name"]
    for server in cloud.compute.servers(name=f"^{name}$"):
        if server.name == name:
            yield Found(
                server.id,
                server.project_id,
                instant(server.created_at),
                marked(mark, server.metadata, getattr(server, "tags", None)),
                broken=server.status == "ERROR",
            )


def _volume(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    name = pending.inputs["name"]
    for volume in cloud.block_storage.volumes(name=name):
        if volume.name == name:
            yield Found(
                volume.id,
                volume.project_id,
                instant(volume.created_at),
                marked(mark, volume.metadata, volume.description),
                broken=volume.status == "error",
            )


def _ready_instance(cloud: Cloud, pending: Pending, identity: str) -> None:
    server = cloud.compute.get_server(identity)
    if server.status == "BUILD":
        cloud.compute.wait_for_server(server, wait=300, interval=1)


def _ready_volume(cloud: Cloud, pending: Pending, identity: str) -> None:
    volume = cloud.block_storage.get_volume(identity)
    if volume.status in ("creating", "downloading"):
        cloud.block_storage.wait_for_status(volume, status="available", failures=["error"], interval=1, wait=300)


def _keypair(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # A name is unique for a user; the public key, ours alone, proves whose it is.
    wanted = pending.inputs
    key = cloud.compute.find_keypair(wanted["name"], ignore_missing=True)
    if key is not None:
        whole = cloud.compute.get_keypair(key.id)
        same = bool(wanted.get("publicKey")) and _material(whole.public_key) == _material(wanted["publicKey"])
        yield Found(key.id, None, instant(whole.created_at), None if same or not wanted.get("publicKey") else False)


def _material(public_key: str) -> list[str]:
    return public_key.split()[:2]


def _server_group(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # No date and no mark on the API: the census taken before the operation stands for both.
    for group in cloud.compute.server_groups():
        if group.name == pending.inputs["name"]:
            yield Found(group.id, group.project_id, counted=True)


def _flavor(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    for flavor in cloud.compute.flavors(details=True, is_public=None):
        if flavor.name == pending.inputs["name"]:
            yield Found(flavor.id, None, None, marked(mark, flavor.description, flavor.extra_specs))


def _volume_type(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    for kind in cloud.block_storage.types():
        if kind.name == pending.inputs["name"]:
            yield Found(kind.id, None, None, marked(mark, kind.description, kind.extra_specs))


def _image(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    for image in cloud.image.images(name=pending.inputs["name"]):
        yield Found(
            image.id,
            image.owner_id,
            instant(image.created_at),
            marked(mark, list(image.tags or ())),
            broken=image.status != "active",
        )


def _attachment(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    for attachment in cloud.compute.volume_attachments(wanted["instanceId"]):
        if attachment.volume_id == wanted["volumeId"]:
            yield Found(f"{wanted['instanceId']}/{wanted['volumeId']}")


def _quota(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    yield Found(f"{pending.inputs['projectId']}/{pending.inputs.get('region') or cloud.config.get_region_name()}")


def _delete(service: str, method: str) -> Callable[[Cloud, str], None]:
    def remove(cloud: Cloud, identity: str) -> None:
        proxy: Any = getattr(cloud, service)
        getattr(proxy, method)(identity, ignore_missing=True)

    return remove


def _delete_server(cloud: Cloud, identity: str) -> None:
    cloud.delete_server(identity, wait=True, timeout=300)


def _given_key(pending: Pending) -> bool:
    # The cloud shows a generated private key once: a pair made by it cannot be taken in.
    return bool(pending.inputs.get("publicKey"))


COMPUTE_KINDS: dict[str, Kind] = {
    "openstack:compute/instance:Instance": Kind(_instance, _delete_server, finish=_ready_instance),
    "openstack:compute/keypair:Keypair": Kind(_keypair, _delete("compute", "delete_keypair"), adopt=_given_key),
    "openstack:compute/serverGroup:ServerGroup": Kind(_server_group, _delete("compute", "delete_server_group")),
    "openstack:compute/flavor:Flavor": Kind(_flavor, _delete("compute", "delete_flavor")),
    "openstack:compute/volumeAttach:VolumeAttach": Kind(_attachment),
    "openstack:compute/quotaSetV2:QuotaSetV2": Kind(_quota),
    "openstack:blockstorage/volume:Volume": Kind(
        _volume, _delete("block_storage", "delete_volume"), finish=_ready_volume
    ),
    "openstack:blockstorage/volumeTypeV3:VolumeTypeV3": Kind(_volume_type, _delete("block_storage", "delete_type")),
    "openstack:blockstorage/quoteSetV3:QuoteSetV3": Kind(_quota),
    "openstack:images/image:Image": Kind(_image, _delete("image", "delete_image")),
}
"""Type token → how it is found."""
