"""Domain, groups, roles and projects of an operated cloud."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import Input, ResourceOptions

from stacks import marks
from stacks.platform import Platform, Project

FORESEEN_ROLE = "role-of-the-cloud"
"""Stands for a role's id in a preview made before the cloud was asked; a real run refuses it."""


class Hierarchy(pulumi.ComponentResource):
    """Where tenants live and who they are: roles are given to groups, never to a person, never ``admin``."""

    def __init__(self, platform: Platform, opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:foundation:Hierarchy", platform.name, {}, opts)
        self.platform, self.own = platform, ResourceOptions(parent=self)
        self.domain_id: Input[str] = platform.domain.id or self._domain()
        self.groups: dict[str, Input[str]] = {
            name: openstack.identity.GroupV3(
                f"{platform.name}-{name}", name=name, domain_id=self.domain_id,
                description=marks.described(platform.name), opts=self.own,
            ).id
            for name in platform.groups
        }  # fmt: skip
        self.roles = {role.name: role.id or FORESEEN_ROLE for role in platform.roles}
        self.projects: dict[str, openstack.identity.Project] = {p.name: self._project(p) for p in platform.projects}
        self.register_outputs({})

    def _domain(self) -> Input[str]:
        domain: Input[str] = openstack.identity.Project(
            f"{self.platform.name}-domain", name=self.platform.domain.name, is_domain=True, enabled=True,
            description=marks.described(self.platform.name), opts=self.own,
        ).id  # fmt: skip
        return domain

    def _project(self, wanted: Project) -> openstack.identity.Project:
        project = openstack.identity.Project(
            wanted.name, name=wanted.name, domain_id=self.domain_id, enabled=True,
            description=marks.described(self.platform.name, wanted.description),
            tags=sorted([marks.mark(self.platform.name), f"side={wanted.side}"]), opts=self.own,
        )  # fmt: skip
        for grant in wanted.grants:
            openstack.identity.RoleAssignment(
                f"{wanted.name}-{grant.group}-{grant.role}", project_id=project.id,
                group_id=self.groups[grant.group], role_id=self.roles[grant.role], opts=self.own,
            )  # fmt: skip
        return project
