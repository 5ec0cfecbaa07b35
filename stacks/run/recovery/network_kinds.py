"""Neutron: networks, subnets, routers, ports, security groups, floating addresses, sharing, quotas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from stacks.run.recovery.kinds import Cloud, Found, Kind, instant, marked
from stacks.run.recovery.pending import Pending

RULE_FIELDS = {
    "direction": "direction",
    "ethertype": "ether_type",
    "protocol": "protocol",
    "portRangeMin": "port_range_min",
    "portRangeMax": "port_range_max",
    "remoteIpPrefix": "remote_ip_prefix",
    "remoteGroupId": "remote_group_id",
    "remoteAddressGroupId": "remote_address_group_id",
}
"""Inputs of a security-group rule, with their name on the API; together with the group they are its key."""


def seen(item: Any, mark: str, **more: Any) -> Found:
    """A Neutron object as a candidate."""
    places = (getattr(item, "tags", None), getattr(item, "description", None))
    return Found(item.id, item.project_id, instant(getattr(item, "created_at", None)), marked(mark, *places), **more)


def by_name(collection: str, *same: tuple[str, str]) -> Callable[[Cloud, Pending, str], Iterable[Found]]:
    """Objects of a collection with the exact name asked for; *same*: (input, attribute) that must agree too."""

    def find(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
        wanted = pending.inputs
        for item in getattr(cloud.network, collection)(name=wanted["name"]):
            if item.name == wanted["name"] and all(getattr(item, there) == wanted.get(here) for here, there in same):
                yield seen(item, mark)

    return find


def removing(method: str) -> Callable[[Cloud, str], None]:
    """Delete by a method of the network proxy."""
    return lambda cloud, identity: getattr(cloud.network, method)(identity, ignore_missing=True)


def _router_interface(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    for port in cloud.network.ports(device_id=wanted["routerId"]):
        subnets = {address["subnet_id"] for address in port.fixed_ips}
        same = port.id == wanted["portId"] if wanted.get("portId") else wanted.get("subnetId") in subnets
        if same and str(port.device_owner).startswith("network:"):
            yield Found(port.id, None, instant(port.created_at))


def _rule(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # Neutron refuses two equal rules in a group, and the group is ours: the key is exact.
    wanted = pending.inputs
    for rule in cloud.network.security_group_rules(security_group_id=wanted["securityGroupId"]):
        if all(_same(wanted.get(here), getattr(rule, there)) for here, there in RULE_FIELDS.items()):
            yield Found(rule.id, rule.project_id, instant(rule.created_at))


def _same(wanted: object, there: object) -> bool:
    empty = (None, "", 0)
    return str(wanted) == str(there) if wanted not in empty else there in empty


def default_rule(rule: Any) -> bool:
    """Whether it is one of the rules Neutron puts in every new group: everything may leave."""
    narrowed = rule.protocol or rule.remote_ip_prefix or rule.remote_group_id or rule.port_range_min
    return bool(rule.direction == "egress" and not narrowed)


def _no_default_rules(cloud: Cloud, pending: Pending, identity: str) -> None:
    # The provider empties a new group once, just after making it; cut short, the rules are still there.
    if pending.inputs.get("deleteDefaultRules"):
        for rule in cloud.network.security_group_rules(security_group_id=identity):
            if default_rule(rule):
                cloud.network.delete_security_group_rule(rule, ignore_missing=True)


def _floating_ip(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # An address has no name: its description, which bears our mark, stands for it.
    wanted = pending.inputs
    for item in cloud.network.ips(description=wanted.get("description", "")):
        if wanted.get("description") and item.description == wanted["description"]:
            yield seen(item, mark)


def _sharing(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    query = {
        "object_type": wanted["objectType"],
        "object_id": wanted["objectId"],
        "action": wanted["action"],
        "target_project_id": wanted["targetTenant"],
    }
    for policy in cloud.network.rbac_policies(**query):
        yield Found(policy.id, policy.project_id)


def _address_scope(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # No date and no mark on the API: the census taken before the operation stands for both.
    for scope in cloud.network.address_scopes(name=pending.inputs["name"]):
        if scope.name == pending.inputs["name"]:
            yield Found(scope.id, scope.project_id, counted=True)


def _route(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    if (wanted["destinationCidr"], wanted["nextHop"]) in _routes_of(cloud, wanted["routerId"]):
        yield Found(f"{wanted['routerId']}-route-{wanted['destinationCidr']}-{wanted['nextHop']}")


def _routes(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    if {(route["destinationCidr"], route["nextHop"]) for route in wanted["routes"]} <= _routes_of(
        cloud, wanted["routerId"]
    ):
        yield Found(wanted["routerId"])


def _routes_of(cloud: Cloud, router_id: str) -> set[tuple[str, str]]:
    router = cloud.network.find_router(router_id, ignore_missing=True)
    return {(route["destination"], route["nexthop"]) for route in (router.routes if router else None) or ()}


def _quota(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    yield Found(f"{pending.inputs['projectId']}/{pending.inputs.get('region') or cloud.config.get_region_name()}")


NETWORK_KINDS: dict[str, Kind] = {
    "openstack:networking/network:Network": Kind(by_name("networks"), removing("delete_network")),
    "openstack:networking/subnet:Subnet": Kind(
        by_name("subnets", ("networkId", "network_id")), removing("delete_subnet")
    ),
    "openstack:networking/router:Router": Kind(by_name("routers"), removing("delete_router")),
    "openstack:networking/routerInterface:RouterInterface": Kind(_router_interface),
    "openstack:networking/routerRoute:RouterRoute": Kind(_route),
    "openstack:networking/routerRoutesV2:RouterRoutesV2": Kind(_routes),
    "openstack:networking/secGroup:SecGroup": Kind(
        by_name("security_groups"), removing("delete_security_group"), finish=_no_default_rules
    ),
    "openstack:networking/secGroupRule:SecGroupRule": Kind(_rule, removing("delete_security_group_rule")),
    "openstack:networking/port:Port": Kind(by_name("ports", ("networkId", "network_id")), removing("delete_port")),
    "openstack:networking/floatingIp:FloatingIp": Kind(_floating_ip, removing("delete_ip")),
    "openstack:networking/rbacPolicyV2:RbacPolicyV2": Kind(_sharing, removing("delete_rbac_policy")),
    "openstack:networking/addressScope:AddressScope": Kind(_address_scope, removing("delete_address_scope")),
    "openstack:networking/subnetPool:SubnetPool": Kind(by_name("subnet_pools"), removing("delete_subnet_pool")),
    "openstack:networking/quotaV2:QuotaV2": Kind(_quota),
}
"""Type token → how it is found."""
