"""Quotas of the projects. Deleting these resources changes nothing on the cloud: see ``foundation.quotas``."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import Input, ResourceOptions

from stacks.platform import Project

MIB_PER_GIB = 1024


class ProjectQuotas(pulumi.ComponentResource):
    """What one project is allowed: compute, network and volumes. Sharing rules are the operator's: none."""

    def __init__(self, project: Project, project_id: Input[str], opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:foundation:ProjectQuotas", project.name, {}, opts)
        own, quotas = ResourceOptions(parent=self), project.quotas
        openstack.compute.QuotaSetV2(
            f"{project.name}-compute", project_id=project_id, instances=quotas.instances, cores=quotas.vcpu,
            ram=quotas.ram_gib * MIB_PER_GIB, opts=own,
        )  # fmt: skip
        openstack.blockstorage.QuoteSetV3(
            f"{project.name}-volumes", project_id=project_id, volumes=quotas.volumes, gigabytes=quotas.storage_gib,
            opts=own,
        )  # fmt: skip
        openstack.networking.QuotaV2(
            f"{project.name}-network", project_id=project_id, network=quotas.networks, subnet=quotas.subnets,
            router=quotas.routers, port=quotas.ports, security_group=quotas.security_groups,
            security_group_rule=quotas.security_group_rules, floatingip=quotas.floating_ips, rbac_policy=0,
            subnetpool=0, opts=own,
        )  # fmt: skip
        self.register_outputs({})
