"""The program of a landing zone: everything a member of one project may make, and nothing else.

What the credential may not do (quotas, a wider network, an encrypted volume type…) is not declared
here: it is a request to the operator, shown with its state among the prerequisites.

Outputs (the contract of this stack; ``[secret]`` ones are encrypted in the state):

- ``zone``: the zone document as applied; the gate compares the next change with it.
- ``network``: ``{network_id, subnet_id, cidr, router_id}`` (``router_id`` null without a gateway).
- ``security_groups``, ``volumes``: ``{name: id}``.
- ``key_pairs``: ``{name: {name, fingerprint}}``; ``private_keys`` [secret]: those the cloud made.
- ``ci_credential`` [secret]: ``{id, name, secret, expires_on}``, null where it was not made.
- ``instances``: ``{name: {id, address}}``.
- ``prerequisites``: ``[{id, title, state}]``, what was asked of the operator.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import ResourceOptions

from stacks.cloud import provider
from stacks.components.access import Access
from stacks.components.machines import Machines
from stacks.components.security import SecurityGroups
from stacks.components.spoke import SpokeNetwork
from stacks.components.storage import Storage
from stacks.context import Context, context_for_program
from stacks.documents import printable
from stacks.judged import judged
from stacks.requests import prerequisites
from stacks.zone import Zone


def program() -> None:
    """Judge the zone, then declare it.

    Raises:
        GovernanceRefusal: the doctrine refuses it; nothing was declared.
        Unfinished: creations of a killed run are pending.
    """
    context = context_for_program()
    judged(context)
    declare(context)


def declare(context: Context) -> None:
    """Declare the resources of the context's zone and export its outputs."""
    zone = context.zone
    if zone is None:
        raise TypeError("a landing zone needs a zone")
    settings = context.settings.offer(zone.offer)
    opts = ResourceOptions(providers=[provider(context)])
    spoke = SpokeNetwork(zone, settings.external_network(zone.network.side), opts)
    security = SecurityGroups(zone, opts)
    storage = Storage(zone, settings, opts)
    access = Access(zone, credential=settings.can_create_credentials, opts=opts)
    machines = Machines(zone, settings, (spoke, security, storage, access), opts)
    _export(zone, spoke, security, storage, access, machines)
    asked = prerequisites(context.workspace, zone, context.settings)
    for request in asked:
        if request.state != "granted":
            pulumi.log.info(request.line())
    pulumi.export("prerequisites", [{"id": r.id, "title": r.title, "state": r.state} for r in asked])


def _export(zone: Zone, spoke: SpokeNetwork, security: SecurityGroups, storage: Storage, access: Access,
            machines: Machines) -> None:  # fmt: skip
    pulumi.export("zone", printable(zone))
    pulumi.export(
        "network",
        {
            "network_id": spoke.network.id,
            "subnet_id": spoke.subnet.id,
            "cidr": zone.network.cidr,
            "router_id": spoke.router.id if spoke.router else None,
        },
    )
    pulumi.export("security_groups", {name: group.id for name, group in security.groups.items()})
    pulumi.export("volumes", {name: volume.id for name, volume in storage.volumes.items()})
    pairs = access.key_pairs
    pulumi.export("key_pairs", {n: {"name": p.name, "fingerprint": p.fingerprint} for n, p in pairs.items()})
    made = {p.name for p in zone.key_pairs if p.public_key is None}
    pulumi.export("private_keys", pulumi.Output.secret({n: p.private_key for n, p in pairs.items() if n in made}))
    pulumi.export("ci_credential", _credential(zone, access))
    pulumi.export(
        "instances",
        {
            name: {"id": instance.id, "address": machines.ports[name].all_fixed_ips[0]}
            for name, instance in machines.instances.items()
        },
    )


def _credential(zone: Zone, access: Access) -> pulumi.Output[Any] | None:
    made = access.credential
    if made is None or zone.ci_credential is None:
        return None
    ends = zone.ci_credential.expires_on.isoformat()
    return pulumi.Output.secret({"id": made.id, "name": made.name, "secret": made.secret, "expires_on": ends})
