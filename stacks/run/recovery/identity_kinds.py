"""Keystone: projects, groups, users, roles, role assignments, application credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stacks.run.recovery.kinds import Cloud, Found, Kind, marked
from stacks.run.recovery.pending import Pending


def _named(collection: str) -> Callable[[Cloud, Pending, str], Iterable[Found]]:
    """Objects of a collection by exact name, in the domain asked for. Keystone gives no date of creation."""

    def find(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
        wanted = pending.inputs
        query = {"domain_id": wanted["domainId"]} if wanted.get("domainId") else {}
        for item in getattr(cloud.identity, collection)(name=wanted["name"], **query):
            if item.name == wanted["name"]:
                yield Found(item.id, None, None, marked(mark, getattr(item, "tags", None), item.description))

    return find


def _project(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # A domain is a project that acts as one; the two collections do not overlap.
    if pending.inputs.get("isDomain"):
        for domain in cloud.identity.domains(name=pending.inputs["name"]):
            yield Found(domain.id, None, None, marked(mark, domain.description))
        return
    yield from _named("projects")(cloud, pending, mark)


def _role(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # The provider gives a role no description to bear the mark: the census stands for it.
    for role in cloud.identity.roles(name=pending.inputs["name"]):
        yield Found(role.id, counted=True)


def _assignment(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    # An assignment is its own key: where, whom, which role. The provider's id is that key too.
    wanted = pending.inputs
    if list(cloud.identity.role_assignments(**_query(wanted))):
        yield Found(
            "/".join(str(wanted.get(key) or "") for key in ("domainId", "projectId", "groupId", "userId", "roleId"))
        )


def _query(wanted: Mapping[str, Any]) -> dict[str, str]:
    query = {"role_id": wanted["roleId"]}
    if wanted.get("projectId"):
        query["scope_project_id"] = wanted["projectId"]
    if wanted.get("domainId"):
        query["scope_domain_id"] = wanted["domainId"]
    if wanted.get("groupId"):
        query["group_id"] = wanted["groupId"]
    if wanted.get("userId"):
        query["user_id"] = wanted["userId"]
    return query


def _membership(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    wanted = pending.inputs
    if cloud.is_user_in_group(wanted["userId"], wanted["groupId"]):
        yield Found(f"{wanted['userId']}/{wanted['groupId']}")


def _credential(cloud: Cloud, pending: Pending, mark: str) -> Iterable[Found]:
    user = cloud.current_user_id
    for credential in cloud.identity.application_credentials(user):
        if credential.name == pending.inputs["name"]:
            yield Found(credential.id, credential.project_id, None, marked(mark, credential.description))


def _remove_credential(cloud: Cloud, identity: str) -> None:
    cloud.identity.delete_application_credential(cloud.current_user_id, identity, ignore_missing=True)


def _remove(method: str) -> Callable[[Cloud, str], None]:
    return lambda cloud, identity: getattr(cloud.identity, method)(identity, ignore_missing=True)


def _never(pending: Pending) -> bool:
    # The secret is shown once, at creation.
    return False


IDENTITY_KINDS: dict[str, Kind] = {
    "openstack:identity/project:Project": Kind(_project, _remove("delete_project")),
    "openstack:identity/groupV3:GroupV3": Kind(_named("groups"), _remove("delete_group")),
    "openstack:identity/user:User": Kind(_named("users"), _remove("delete_user")),
    "openstack:identity/role:Role": Kind(_role, _remove("delete_role")),
    "openstack:identity/roleAssignment:RoleAssignment": Kind(_assignment),
    "openstack:identity/inheritRoleAssignment:InheritRoleAssignment": Kind(_assignment),
    "openstack:identity/userMembershipV3:UserMembershipV3": Kind(_membership),
    "openstack:identity/applicationCredential:ApplicationCredential": Kind(
        _credential, _remove_credential, adopt=_never
    ),
}
"""Type token → how it is found."""
