"""Each kind: the object asked for is found, its lookalikes are not."""

import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.run.recovery.pending import Pending
from stacks.run.recovery.registry import KINDS

sys.path.insert(0, str(Path(__file__).parent))
from fakes import MARK, TEXT, cloud

NAMED = {"name": "essai"}
KEY = "ssh-ed25519 AAAA agent@poste"

CASES: list[tuple[str, dict[str, Any], str, str, dict[str, Any], dict[str, Any], str]] = [
    # type, inputs, service, collection, the object, what makes a lookalike, the provider's id
    ("networking/network:Network", NAMED, "network", "networks", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("networking/subnet:Subnet", {**NAMED, "networkId": "n"}, "network", "subnets",
     {"id": "i", **NAMED, "network_id": "n"}, {"network_id": "autre"}, "i"),
    ("networking/router:Router", NAMED, "network", "routers", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("networking/routerInterface:RouterInterface", {"routerId": "r", "subnetId": "s"}, "network", "ports",
     {"id": "i", "device_id": "r", "device_owner": "network:router_interface", "fixed_ips": [{"subnet_id": "s"}]},
     {"fixed_ips": [{"subnet_id": "autre"}]}, "i"),
    ("networking/secGroup:SecGroup", NAMED, "network", "security_groups", {"id": "i", **NAMED}, {"name": "x"}, "i"),
    ("networking/secGroupRule:SecGroupRule",
     {"securityGroupId": "g", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "portRangeMin": 443,
      "portRangeMax": 443, "remoteIpPrefix": "10.0.0.0/8"}, "network", "security_group_rules",
     {"id": "i", "security_group_id": "g", "direction": "ingress", "ether_type": "IPv4", "protocol": "tcp",
      "port_range_min": 443, "port_range_max": 443, "remote_ip_prefix": "10.0.0.0/8", "remote_group_id": None,
      "remote_address_group_id": None}, {"remote_ip_prefix": "0.0.0.0/0"}, "i"),
    ("networking/port:Port", {**NAMED, "networkId": "n"}, "network", "ports",
     {"id": "i", **NAMED, "network_id": "n"}, {"network_id": "autre"}, "i"),
    ("networking/floatingIp:FloatingIp", {"pool": "dehors", "description": TEXT}, "network", "ips",
     {"id": "i"}, {"description": "autre"}, "i"),
    ("networking/rbacPolicyV2:RbacPolicyV2",
     {"objectType": "network", "objectId": "n", "action": "access_as_shared", "targetTenant": "p"}, "network",
     "rbac_policies", {"id": "i", "object_type": "network", "object_id": "n", "action": "access_as_shared",
                       "target_project_id": "p"}, {"target_project_id": "autre"}, "i"),
    ("networking/addressScope:AddressScope", NAMED, "network", "address_scopes",
     {"id": "i", **NAMED}, {"name": "x"}, "i"),
    ("networking/subnetPool:SubnetPool", NAMED, "network", "subnet_pools", {"id": "i", **NAMED}, {"name": "x"}, "i"),
    ("networking/routerRoute:RouterRoute", {"routerId": "i", "destinationCidr": "10.0.0.0/8", "nextHop": "10.1.0.1"},
     "network", "routers", {"id": "i", "routes": [{"destination": "10.0.0.0/8", "nexthop": "10.1.0.1"}]},
     {"routes": []}, "i-route-10.0.0.0/8-10.1.0.1"),
    ("networking/routerRoutesV2:RouterRoutesV2",
     {"routerId": "i", "routes": [{"destinationCidr": "10.0.0.0/8", "nextHop": "10.1.0.1"}]}, "network", "routers",
     {"id": "i", "routes": [{"destination": "10.0.0.0/8", "nexthop": "10.1.0.1"}]}, {"routes": []}, "i"),
    ("compute/instance:Instance", NAMED, "compute", "servers", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("compute/keypair:Keypair", {**NAMED, "publicKey": KEY}, "compute", "keypairs",
     {"id": "essai", **NAMED, "public_key": KEY}, {"id": "x", "name": "essai-2"}, "essai"),
    ("compute/serverGroup:ServerGroup", NAMED, "compute", "server_groups", {"id": "i", **NAMED}, {"name": "x"}, "i"),
    ("compute/flavor:Flavor", NAMED, "compute", "flavors", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("compute/volumeAttach:VolumeAttach", {"instanceId": "s", "volumeId": "v"}, "compute", "volume_attachments",
     {"id": "i", "volume_id": "v"}, {"volume_id": "autre"}, "s/v"),
    ("blockstorage/volume:Volume", NAMED, "block_storage", "volumes", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("blockstorage/volumeTypeV3:VolumeTypeV3", NAMED, "block_storage", "types",
     {"id": "i", **NAMED}, {"name": "x"}, "i"),
    ("images/image:Image", NAMED, "image", "images", {"id": "i", **NAMED, "owner_id": "nous"}, {"name": "x"}, "i"),
    ("identity/project:Project", NAMED, "identity", "projects", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("identity/groupV3:GroupV3", NAMED, "identity", "groups", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("identity/user:User", NAMED, "identity", "users", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("identity/role:Role", NAMED, "identity", "roles", {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
    ("identity/roleAssignment:RoleAssignment", {"projectId": "p", "groupId": "g", "roleId": "r"}, "identity",
     "role_assignments", {"id": "", "role_id": "r", "scope_project_id": "p", "group_id": "g"}, {"group_id": "x"},
     "/p/g//r"),
    ("identity/inheritRoleAssignment:InheritRoleAssignment", {"domainId": "d", "groupId": "g", "roleId": "r"},
     "identity", "role_assignments", {"id": "", "role_id": "r", "scope_domain_id": "d", "group_id": "g"},
     {"group_id": "x"}, "d//g//r"),
    ("identity/applicationCredential:ApplicationCredential", NAMED, "identity", "application_credentials",
     {"id": "i", **NAMED}, {"name": "essai-2"}, "i"),
]  # fmt: skip


def pending(kind: str, inputs: dict[str, Any]) -> Pending:
    token = f"openstack:{kind}"
    return Pending("creating", {"urn": f"urn:pulumi:z::p::{token}::essai", "type": token, "inputs": inputs})


@pytest.mark.parametrize(("kind", "inputs", "service", "collection", "item", "twist", "identity"), CASES,
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_the_object_is_found_and_its_lookalike_is_not(
    kind: str,
    inputs: dict[str, Any],
    service: str,
    collection: str,
    item: dict[str, Any],
    twist: dict[str, Any],
    identity: str,
) -> None:
    entry = KINDS[f"openstack:{kind}"]

    def find(*items: dict[str, Any]) -> list[str]:
        return [f.id for f in entry.find(cloud(**{service: {collection: list(items)}}), pending(kind, inputs), MARK)]

    assert find(item) == [identity]
    assert find({**item, **twist}) == []
    assert find() == []


QUOTAS = ["compute/quotaSetV2:QuotaSetV2", "blockstorage/quoteSetV3:QuoteSetV3", "networking/quotaV2:QuotaV2"]


@pytest.mark.parametrize("kind", QUOTAS)
def test_a_quota_is_its_project_s_and_always_there(kind: str) -> None:
    [found] = KINDS[f"openstack:{kind}"].find(cloud(), pending(kind, {"projectId": "p"}), MARK)
    assert found.id == "p/RegionOne"


def test_a_membership_is_known_by_whom_and_where() -> None:
    entry = KINDS["openstack:identity/userMembershipV3:UserMembershipV3"]
    asked = pending("identity/userMembershipV3:UserMembershipV3", {"userId": "u", "groupId": "g"})
    assert [f.id for f in entry.find(cloud(members={("u", "g")}), asked, MARK)] == ["u/g"]
    assert list(entry.find(cloud(), asked, MARK)) == []


def test_every_kind_of_the_table_has_its_case_here() -> None:
    elsewhere = {*QUOTAS, "identity/userMembershipV3:UserMembershipV3"}
    assert {f"openstack:{case[0]}" for case in CASES} | {f"openstack:{k}" for k in elsewhere} == set(KINDS)


def test_a_group_cut_short_loses_the_rules_that_let_everything_out() -> None:
    removed: list[tuple[str, str]] = []
    rule = {"security_group_id": "i", "protocol": None, "remote_ip_prefix": None, "remote_group_id": None,
            "port_range_min": None}  # fmt: skip
    rules = [{"id": "sortie", "direction": "egress", **rule}, {"id": "https", "direction": "ingress", **rule}]
    entry = KINDS["openstack:networking/secGroup:SecGroup"]
    assert entry.finish is not None
    here = cloud(removed, network={"security_group_rules": rules})
    entry.finish(here, pending("networking/secGroup:SecGroup", {**NAMED, "deleteDefaultRules": True}), "i")
    assert removed == [("delete_security_group_rule", "sortie")]


@pytest.mark.parametrize(
    ("kind", "inputs", "taken"),
    [
        ("compute/keypair:Keypair", {"publicKey": KEY}, True),
        ("compute/keypair:Keypair", {}, False),
        ("identity/applicationCredential:ApplicationCredential", {}, False),
        ("networking/network:Network", {}, True),
    ],
)
def test_what_is_shown_once_cannot_be_taken_in(kind: str, inputs: dict[str, Any], taken: bool) -> None:
    assert KINDS[f"openstack:{kind}"].adopt(pending(kind, inputs)) is taken


def test_another_person_s_key_of_the_same_name_is_not_proof() -> None:
    entry = KINDS["openstack:compute/keypair:Keypair"]
    theirs = {"id": "essai", "name": "essai", "public_key": "ssh-rsa BBBB x"}
    [found] = entry.find(
        cloud(compute={"keypairs": [theirs]}), pending("compute/keypair:Keypair", {**NAMED, "publicKey": KEY}), MARK
    )
    assert found.marked is False


def test_what_the_cloud_gave_up_on_is_told_as_broken() -> None:
    for kind, service, collection, status in (
        ("compute/instance:Instance", "compute", "servers", "ERROR"),
        ("blockstorage/volume:Volume", "block_storage", "volumes", "error"),
    ):
        here = cloud(**{service: {collection: [{"id": "i", **NAMED, "status": status}]}})
        [found] = KINDS[f"openstack:{kind}"].find(here, pending(kind, NAMED), MARK)
        assert found.broken
