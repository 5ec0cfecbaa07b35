"""The program of an operator's foundation: domain, groups, roles, projects, quotas, volume type.

Outputs (the contract of this stack, read by ``network``):

- ``domain_id``; ``groups``, ``roles``, ``projects``: ``{name: id}``.
- ``encrypted_volume_type``: its name, null where the platform has none.
"""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from inventory.problems import InvalidInput, Problem
from stacks import marks
from stacks.cloud import provider
from stacks.components.hierarchy import Hierarchy
from stacks.components.quotas import ProjectQuotas
from stacks.context import Context, context_for_program, refuse_while_pending
from stacks.language import _
from stacks.platform import Platform


def program() -> None:
    """Declare the foundation of the platform that the stack is named for.

    No application lands here, so the gate has nothing to judge: it stands before the zones.

    Raises:
        Unfinished: creations of a killed run are pending.
        InvalidInput: a real run before the cloud was asked for its roles (``ZON-023``).
    """
    context = context_for_program()
    refuse_while_pending(context)
    declare(context)


def declare(context: Context) -> None:
    """Declare the resources of the context's platform and export its outputs."""
    platform = context.platform
    if platform is None:
        raise TypeError("a foundation needs a platform")
    _require_roles(context, platform)
    cloud = provider(context, operator=True)
    opts = ResourceOptions(providers=[cloud])
    hierarchy = Hierarchy(platform, opts)
    for project in platform.projects:
        ProjectQuotas(project, hierarchy.projects[project.name].id, opts)
    kind = platform.encrypted_volume_type
    if kind is not None:
        openstack.blockstorage.VolumeTypeV3(
            f"{platform.name}-{kind.name}", name=kind.name, is_public=True, extra_specs=kind.extra_specs,
            description=marks.described(platform.name, kind.description), opts=ResourceOptions(provider=cloud),
        )  # fmt: skip
    pulumi.export("domain_id", hierarchy.domain_id)
    pulumi.export("groups", hierarchy.groups)
    pulumi.export("roles", hierarchy.roles)
    pulumi.export("projects", {name: project.id for name, project in hierarchy.projects.items()})
    pulumi.export("encrypted_volume_type", kind.name if kind else None)


def _require_roles(context: Context, platform: Platform) -> None:
    unknown = [role.name for role in platform.roles if role.id is None]
    if unknown and not context.dry_run:
        raise InvalidInput(
            Problem(
                code="ZON-023",
                message=_("platform {name}: the ids of these roles are not known: {roles}",
                          name=platform.name, roles=", ".join(unknown)),
                file=f"platforms/{platform.name}.yaml",
                field="roles",
                hint=_("ask the cloud, once: francecloud zones discover {name}", name=platform.name),
            )
        )  # fmt: skip
