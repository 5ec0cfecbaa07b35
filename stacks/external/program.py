"""The program of a zone on an offer that speaks EC2 and S3: a bucket and a shut private network.

Address and credential come from the environment only (see ``clients``). What these APIs lack, against
a zone on OpenStack, is said in the outputs.

Outputs (the contract of this stack):

- ``zone``: the zone document as applied; the gate compares the next change with it.
- ``bucket``: its name. ``network``: ``{vpc_id, subnet_id, security_group_id, cidr}``.
- ``prerequisites``: ``[{id, title, state}]``, what was asked of the provider.
- ``not_made``: the parts of the zone that this stack does not make.
"""

from __future__ import annotations

import pulumi

from stacks import marks
from stacks.context import Context, context_for_program
from stacks.documents import printable
from stacks.external.resources import BucketResource, PrivateNetworkResource
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
        raise TypeError("an external zone needs a zone")
    region, tags = context.settings.offer(zone.offer).region, marks.metadata(zone)
    bucket = BucketResource(zone.name, region=region, tags=tags)
    network = PrivateNetworkResource(f"{zone.name}-net", region=region, cidr=zone.network.cidr, tags=tags)
    pulumi.export("zone", printable(zone))
    pulumi.export("bucket", bucket.bucket)
    pulumi.export(
        "network",
        {
            "vpc_id": network.id,
            "subnet_id": network.subnet_id,
            "security_group_id": network.security_group_id,
            "cidr": zone.network.cidr,
        },
    )
    asked = prerequisites(context.workspace, zone, context.settings)
    pulumi.export("prerequisites", [{"id": r.id, "title": r.title, "state": r.state} for r in asked])
    pulumi.export("not_made", not_made(zone))


def not_made(zone: Zone) -> list[str]:
    """The sections of a zone that this stack leaves aside, where the zone has them."""
    sections = ("security_groups", "volumes", "key_pairs", "ci_credential", "instances")
    return [name for name in sections if getattr(zone, name)]
