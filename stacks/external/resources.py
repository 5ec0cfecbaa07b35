"""The bucket and the network as Pulumi resources: thin adapters over the plain classes beside them.

Provider classes are pickled by reference, so they live in a module that can be imported; clients and
credentials are made inside each method and never stored.
"""

from __future__ import annotations

from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from stacks.external.bucket import Bucket
from stacks.external.private_network import PrivateNetwork

Props = dict[str, Any]


class BucketProvider(ResourceProvider):
    """Adapter of :class:`stacks.external.bucket.Bucket`."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Nothing to complete: inputs are checked with the zone."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Name and region replace; tags and versioning are updated."""
        return _difference(_olds, _news, replacing=("bucket", "region"), others=("tags", "versioned"))

    def create(self, props: Props) -> CreateResult:
        """Make the bucket."""
        return CreateResult(_bucket(props).ensure(), outs=_inputs(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The bucket as it is."""
        found = Bucket.observe(id_, props.get("region"))
        if found is None:
            return ReadResult("", {})
        seen = {"bucket": found.name, "region": found.region, "tags": found.tags, "versioned": found.versioned}
        return ReadResult(id_, seen, seen)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring it to what is asked, its mark included."""
        _bucket(_news).ensure(ours=True)
        return UpdateResult(outs=_inputs(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Remove it, if it is empty."""
        Bucket.remove(_id, _props.get("region"))


class PrivateNetworkProvider(ResourceProvider):
    """Adapter of :class:`stacks.external.private_network.PrivateNetwork`."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Nothing to complete: inputs are checked with the zone."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Name, region and addresses replace; tags are updated."""
        return _difference(_olds, _news, replacing=("network", "region", "cidr"), others=("tags",))

    def create(self, props: Props) -> CreateResult:
        """Make the network."""
        made = _network(props).ensure()
        return CreateResult(made.vpc_id, outs=_network_outs(props, made.subnet_id, made.security_group_id))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The network as it is."""
        found = PrivateNetwork.observe(id_, props.get("region"))
        if found is None:
            return ReadResult("", {})
        network, made = found
        seen = {"network": network.name, "region": network.region, "cidr": network.cidr, "tags": network.tags}
        return ReadResult(id_, _network_outs(seen, made.subnet_id, made.security_group_id), seen)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring it to what is asked; the default group is shut again."""
        made = _network(_news).ensure()
        return UpdateResult(outs=_network_outs(_news, made.subnet_id, made.security_group_id))

    def delete(self, _id: str, _props: Props) -> None:
        """Remove it."""
        PrivateNetwork.remove(_id, _props.get("region"))


class BucketResource(Resource, module="francecloud", name="Bucket"):
    """A private, versioned bucket."""

    bucket: Output[str]

    def __init__(self, name: str, *, region: str | None, tags: dict[str, str],
                 opts: ResourceOptions | None = None) -> None:  # fmt: skip
        props: dict[str, Input[Any]] = {"bucket": name, "region": region, "tags": tags, "versioned": True}
        super().__init__(BucketProvider(), name, props, opts)


class PrivateNetworkResource(Resource, module="francecloud", name="PrivateNetwork"):
    """A VPC with one subnet and its default security group shut. The id is the VPC's."""

    subnet_id: Output[str]
    security_group_id: Output[str]

    def __init__(self, name: str, *, region: str | None, cidr: str, tags: dict[str, str],
                 opts: ResourceOptions | None = None) -> None:  # fmt: skip
        props: dict[str, Input[Any]] = {
            "network": name, "region": region, "cidr": cidr, "tags": tags,
            "subnet_id": None, "security_group_id": None,
        }  # fmt: skip
        super().__init__(PrivateNetworkProvider(), name, props, opts)


def _bucket(props: Props) -> Bucket:
    return Bucket(props["bucket"], props.get("region"), dict(props["tags"]), bool(props["versioned"]))


def _network(props: Props) -> PrivateNetwork:
    return PrivateNetwork(props["network"], props.get("region"), props["cidr"], dict(props["tags"]))


def _inputs(props: Props) -> Props:
    return {key: value for key, value in props.items() if not key.startswith("__")}


def _network_outs(props: Props, subnet: str, group: str) -> Props:
    return {**_inputs(props), "subnet_id": subnet, "security_group_id": group}


def _difference(olds: Props, news: Props, *, replacing: tuple[str, ...], others: tuple[str, ...]) -> DiffResult:
    replaces = [key for key in replacing if olds.get(key) != news.get(key)]
    changes = bool(replaces) or any(olds.get(key) != news.get(key) for key in others)
    # Names are keys on these clouds: the new one cannot stand beside the old one.
    return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)
