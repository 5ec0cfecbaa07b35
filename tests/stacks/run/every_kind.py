"""A program with one resource of each kind that a killed run may leave half made."""

from typing import Any

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks.marks import described, mark

NAME = "essai-reprise"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1d7zY6tXHq8O3uQ2ZcvI2h0n0yKqf0bq7Yw5oE8m1t essai"


def program(facts: dict[str, str]) -> None:
    """Declare them all. *facts*: ids of the lab (``image``, ``member``, ``reader``)."""
    cloud = openstack.Provider("cloud", cloud="lab")
    own: dict[str, Any] = {"opts": ResourceOptions(provider=cloud)}
    described_here, tags = described(NAME), [mark(NAME)]
    group = openstack.identity.GroupV3("group", name=NAME, description=described_here, **own)
    role = openstack.identity.Role("role", name=NAME, **own)
    project = openstack.identity.Project("project", name=NAME, description=described_here, tags=tags, **own)
    openstack.identity.RoleAssignment("grant", project_id=project.id, group_id=group.id, role_id=role.id, **own)
    openstack.compute.QuotaSetV2("quota-compute", project_id=project.id, instances=3, **own)
    openstack.blockstorage.QuoteSetV3("quota-volumes", project_id=project.id, volumes=3, **own)
    openstack.networking.QuotaV2("quota-network", project_id=project.id, network=3, **own)
    openstack.identity.ApplicationCredential(
        "credential", name=NAME, description=described_here, roles=["member", "reader"], **own
    )
    _network(own, described_here, tags, project)
    _machine(own, described_here, tags, facts)


def _network(own: dict[str, Any], text: str, tags: list[str], project: openstack.identity.Project) -> None:
    scope = openstack.networking.AddressScope("scope", name=NAME, ip_version=4, **own)
    pool = openstack.networking.SubnetPool(
        "pool", name=NAME, prefixes=["10.244.0.0/16"], ip_version=4, default_prefixlen=24, description=text, tags=tags,
        address_scope_id=scope.id, **own,
    )  # fmt: skip
    openstack.networking.RbacPolicyV2(
        "sharing", object_type="subnetpool", object_id=pool.id, action="access_as_shared", target_tenant=project.id,
        opts=ResourceOptions.merge(own["opts"], ResourceOptions(depends_on=[_share(own, scope, project)])),
    )  # fmt: skip


def _share(own: dict[str, Any], scope: Any, project: Any) -> openstack.networking.RbacPolicyV2:
    return openstack.networking.RbacPolicyV2(
        "sharing-scope", object_type="address_scope", object_id=scope.id, action="access_as_shared",
        target_tenant=project.id, **own,
    )  # fmt: skip


def _machine(own: dict[str, Any], text: str, tags: list[str], facts: dict[str, str]) -> None:
    bearing: dict[str, Any] = {"description": text, "tags": tags, **own}
    outside = openstack.networking.Network("outside", name=f"{NAME}-dehors", external=True, **bearing)
    addresses = openstack.networking.Subnet(
        "addresses", name=f"{NAME}-dehors", network_id=outside.id, cidr="203.0.113.0/24", ip_version=4, **bearing
    )
    network = openstack.networking.Network("network", name=NAME, **bearing)
    subnet = openstack.networking.Subnet(
        "subnet", name=NAME, network_id=network.id, cidr="10.245.0.0/24", ip_version=4, **bearing
    )
    after = {"opts": ResourceOptions.merge(own["opts"], ResourceOptions(depends_on=[addresses]))}
    router = openstack.networking.Router(
        "router", name=NAME, external_network_id=outside.id, description=text, tags=tags, **after
    )
    openstack.networking.RouterInterface("interface", router_id=router.id, subnet_id=subnet.id, **own)
    group = openstack.networking.SecGroup("group-of-rules", name=NAME, delete_default_rules=True, **bearing)
    openstack.networking.SecGroupRule(
        "rule", security_group_id=group.id, direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=443,
        port_range_max=443, remote_ip_prefix="10.0.0.0/8", description=text, **own,
    )  # fmt: skip
    port = openstack.networking.Port(
        "port", name=NAME, network_id=network.id, security_group_ids=[group.id],
        fixed_ips=[{"subnet_id": subnet.id}], **bearing,
    )  # fmt: skip
    openstack.networking.FloatingIp("address", pool=outside.name, description=text, tags=tags, **after)
    openstack.blockstorage.VolumeTypeV3("volume-type", name=NAME, description=text, is_public=True, **own)
    volume = openstack.blockstorage.Volume(
        "volume", name=NAME, size=1, description=text, metadata=dict([mark(NAME).split("=")]), **own
    )
    key = openstack.compute.Keypair("key", name=NAME, public_key=KEY, **own)
    openstack.compute.Keypair("made-key", name=f"{NAME}-faite", **own)
    openstack.compute.ServerGroup("apart", name=NAME, policies="anti-affinity", **own)
    flavor = openstack.compute.Flavor("flavor", name=NAME, ram=64, vcpus=1, disk=1, description=text, **own)
    instance = openstack.compute.Instance(
        "instance", name=NAME, image_id=facts["image"], flavor_id=flavor.id, key_pair=key.name,
        networks=[{"port": port.id}], metadata=dict([mark(NAME).split("=")]), **own,
    )  # fmt: skip
    openstack.compute.VolumeAttach("attachment", instance_id=instance.id, volume_id=volume.id, **own)
    pulumi.export("done", True)


def census(cloud: Any) -> dict[str, int]:
    """How many objects of ours there are, by kind; a duplicate or an orphan shows."""
    name, network = NAME, cloud.network
    ours = {
        "networks": network.networks(), "subnets": network.subnets(), "routers": network.routers(),
        "ports": (p for p in network.ports() if not str(p.device_owner).startswith("network:router_gateway")),
        "groups": network.security_groups(), "scopes": network.address_scopes(), "pools": network.subnet_pools(),
        "volumes": cloud.block_storage.volumes(), "types": cloud.block_storage.types(),
        "servers": cloud.compute.servers(), "keys": cloud.compute.keypairs(), "flavors": cloud.compute.flavors(),
        "apart": cloud.compute.server_groups(), "projects": cloud.identity.projects(),
        "people": cloud.identity.groups(), "roles": cloud.identity.roles(),
        "credentials": cloud.identity.application_credentials(cloud.current_user_id),
    }  # fmt: skip
    counted = {kind: sum(1 for item in items if str(item.name).startswith(name)) for kind, items in ours.items()}
    counted["addresses"] = sum(1 for ip in network.ips() if name in str(ip.description))
    counted["rules"] = sum(1 for rule in network.security_group_rules() if name in str(rule.description))
    return counted
