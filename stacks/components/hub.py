"""A hub: one side of the State seen from an operated cloud, and who may reach it."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import Input, ResourceOptions

from stacks import marks
from stacks.platform import Hub as HubDocument

PREFIX = 24
"""Length of a zone's network taken from the pool when nothing else is said."""


class Hub(pulumi.ComponentResource):
    """Transit network, router, addresses of one side, shared with the projects of that side and no other.

    The transit network is external to those projects only, by sharing rules: an external network made
    as such would be open to every project of the cloud.
    """

    def __init__(self, platform: str, hub: HubDocument, projects: dict[str, Input[str]],
                 opts: ResourceOptions | None = None) -> None:  # fmt: skip
        super().__init__("francecloud:network:Hub", f"{platform}-{hub.side}", {}, opts)
        self.name, self.own = f"{platform}-{hub.side}", ResourceOptions(parent=self)
        self.marks = {"description": marks.described(platform, hub.side), "tags": [marks.mark(platform)]}
        self.scope = openstack.networking.AddressScope(
            f"{self.name}-scope", name=self.name, ip_version=4, opts=self.own
        )
        self.pool = openstack.networking.SubnetPool(
            f"{self.name}-pool", name=self.name, prefixes=[hub.cidr], ip_version=4, default_prefixlen=PREFIX,
            address_scope_id=self.scope.id, opts=self.own, **self.marks,
        )  # fmt: skip
        self.transit = self._network("transit", hub.transit, {})
        self.router = self._router(hub)
        self.shared = [rule for name, target in projects.items() for rule in self._share(name, target)]
        self.register_outputs({})

    def _network(self, part: str, cidr: str, options: dict[str, object]) -> openstack.networking.Network:
        name = f"{self.name}-{part}"
        network = openstack.networking.Network(name, name=name, opts=self.own, **options, **self.marks)
        subnet = openstack.networking.Subnet(
            f"{name}-subnet", name=name, network_id=network.id, cidr=cidr, ip_version=4, enable_dhcp=False,
            opts=self.own, **self.marks,
        )  # fmt: skip
        self.subnets = {**getattr(self, "subnets", {}), part: subnet}
        return network

    def _router(self, hub: HubDocument) -> openstack.networking.Router:
        gateway: Input[str] | None = None
        waits: list[pulumi.Resource] = []
        self.provider_network: openstack.networking.Network | None = None
        if hub.external is not None:
            segment = openstack.networking.NetworkSegmentArgs(
                network_type=hub.external.network_type,
                physical_network=hub.external.physical_network,
                segmentation_id=hub.external.segmentation_id,
            )
            self.provider_network = self._network("externe", hub.external.cidr, {"segments": [segment]})
            gateway = self.provider_network.id
            # A sharing rule makes a network external for whom it names: here the operator alone.
            own_rule = self._rule("externe", "network", gateway, "access_as_external", self.provider_network.tenant_id)
            waits = [own_rule, self.subnets["externe"]]
        router = openstack.networking.Router(
            f"{self.name}-router", name=self.name, admin_state_up=True, external_network_id=gateway,
            opts=ResourceOptions(parent=self, depends_on=waits), **self.marks,
        )  # fmt: skip
        openstack.networking.RouterInterface(
            f"{self.name}-interface", router_id=router.id, subnet_id=self.subnets["transit"].id, opts=self.own
        )
        return router

    def _share(self, project: str, target: Input[str]) -> list[openstack.networking.RbacPolicyV2]:
        scope = self._rule(f"{project}-scope", "address_scope", self.scope.id, "access_as_shared", target)
        return [
            self._rule(f"{project}-transit", "network", self.transit.id, "access_as_external", target),
            scope,
            # Neutron shares a pool only with who sees its address scope.
            self._rule(f"{project}-pool", "subnetpool", self.pool.id, "access_as_shared", target, [scope]),
        ]

    def _rule(self, part: str, kind: str, target_id: Input[str], action: str, project: Input[str],
              waits: list[pulumi.Resource] | None = None) -> openstack.networking.RbacPolicyV2:  # fmt: skip
        return openstack.networking.RbacPolicyV2(
            f"{self.name}-{part}", object_type=kind, object_id=target_id, action=action, target_tenant=project,
            opts=ResourceOptions(parent=self, depends_on=waits or []),
        )  # fmt: skip
