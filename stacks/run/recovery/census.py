"""What is there before an operation begins, for the types whose API gives neither date nor mark.

An object that was not there then was made since: for these types it stands for ``created_at``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from stacks.run.recovery.kinds import Cloud

COUNTED: Mapping[str, Callable[[Cloud], Iterable[str]]] = {
    "openstack:networking/addressScope:AddressScope": lambda cloud: (s.id for s in cloud.network.address_scopes()),
    "openstack:identity/role:Role": lambda cloud: (role.id for role in cloud.identity.roles()),
    "openstack:compute/serverGroup:ServerGroup": lambda cloud: (g.id for g in cloud.compute.server_groups()),
}
"""Type token → the ids of that type that the credential sees."""


def take_census(cloud: Cloud) -> dict[str, list[str]]:
    """The ids of each counted type, sorted."""
    return {token: sorted(listing(cloud)) for token, listing in COUNTED.items()}
