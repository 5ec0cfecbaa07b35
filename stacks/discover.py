"""What only the cloud knows, asked once and written in the platform's file: programs look nothing up."""

from __future__ import annotations

from typing import Any

from inventory.problems import InvalidInput, Problem
from inventory.workspace import Workspace
from stacks.documents import body_of, generated, untouched, write_text
from stacks.language import _
from stacks.platform import Domain, Platform, Role, find_platform, platforms_folder
from stacks.settings import read_settings


def discover(platform: Platform, connection: Any) -> Platform:
    """The platform with the ids of the cloud's roles, and of its domain where it exists already.

    Args:
        platform: what is written.
        connection: the operator's ``openstack.connection.Connection``.

    Raises:
        InvalidInput: the cloud lacks one of the roles (``ZON-024``).
    """
    roles = {role.name: role.id for role in connection.identity.roles()}
    missing = [role.name for role in platform.roles if role.name not in roles]
    if missing:
        raise InvalidInput(
            Problem(
                code="ZON-024",
                message=_("platform {name}: the cloud has no role {missing}",
                          name=platform.name, missing=", ".join(missing)),
                file=f"platforms/{platform.name}.yaml",
                field="roles",
                hint=_("Keystone has reader and member since Rocky, manager since 2024.2"),
            )
        )  # fmt: skip
    domain = connection.identity.find_domain(platform.domain.name)
    ours = domain is not None and f"[francecloud:{platform.name}]" not in str(domain.description or "")
    return platform.model_copy(
        update={
            "roles": tuple(Role(name=role.name, id=roles[role.name]) for role in platform.roles),
            "domain": Domain(name=platform.domain.name, id=domain.id) if ours else platform.domain,
        }
    )


def discover_into(workspace: Workspace, name: str) -> Platform:
    """Ask the platform's cloud, with the operator's credential, and write its file.

    Raises:
        NotFound: no such platform. InvalidInput: no operator's cloud in the settings (``ZON-020``).
    """
    import openstack

    platform = find_platform(workspace, name)
    settings = read_settings(workspace).offer(platform.offer)
    cloud = settings.operator_cloud or settings.cloud
    if cloud is None:
        raise InvalidInput(
            Problem(
                code="ZON-020",
                message=_("offer {offer}: the settings name no cloud", offer=platform.offer),
                field=f"offers.{platform.offer}.operator_cloud",
            )
        )
    found = discover(platform, openstack.connect(cloud=cloud, region_name=settings.region))
    path = platforms_folder(workspace) / f"{name}.yaml"
    ours = untouched(path.read_text(encoding="utf-8"))
    if found != platform:
        write_text(path, generated(found, "platform") if ours else body_of(found))
    return found
