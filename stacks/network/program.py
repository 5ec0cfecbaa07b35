"""The program of an operator's network: one hub a side, RIE and Internet, shared with the zones' projects.

It reads ``projects`` from the outputs of ``foundation`` for the same platform. No zone is shared both
hubs, and a zone for restricted information none.

Outputs (the contract of this stack):

- ``hubs``: ``{side: {external_network_id, subnet_pool_id, address_scope_id, router_id}}``; the first is
  what a tenant of that side is given as ``[offers.<offer>] external_network_id``.
"""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions

from inventory.problems import Exit, Problem, UserError
from stacks.cloud import provider
from stacks.components.hub import Hub
from stacks.context import Context, Unfinished, context_for_program, refuse_while_pending
from stacks.language import _

FORESEEN = "made-by-foundation"
"""Stands for a project's id in a preview made before ``foundation`` exists; nothing is called then."""


class NotReady(UserError):
    """The foundation that this stack builds on was not applied (exit code 4)."""

    exit_code = Exit.RESOURCE


def program() -> None:
    """Declare the hubs of the platform that the stack is named for.

    Raises:
        Unfinished: creations of a killed run are pending.
        NotReady: a real run before ``foundation`` made the projects (``ZON-021``).
    """
    context = context_for_program()
    refuse_while_pending(context)
    declare(context)


def declare(context: Context) -> None:
    """Declare the resources of the context's platform and export its outputs."""
    platform = context.platform
    if platform is None:
        raise TypeError("a network needs a platform")
    ids = project_ids(context)
    opts = ResourceOptions(providers=[provider(context, operator=True)])
    hubs = {}
    for hub in platform.hubs:
        reached: dict[str, pulumi.Input[str]] = {p.name: ids[p.name] for p in platform.projects if p.side == hub.side}
        hubs[hub.side] = Hub(platform.name, hub, reached, opts)
    pulumi.export(
        "hubs",
        {
            side: {
                "external_network_id": hub.transit.id,
                "subnet_pool_id": hub.pool.id,
                "address_scope_id": hub.scope.id,
                "router_id": hub.router.id,
            }
            for side, hub in hubs.items()
        },
    )


def project_ids(context: Context) -> dict[str, str]:
    """The ids of the platform's projects, from the outputs of ``foundation``.

    Raises:
        NotReady: one is missing in a real run; a preview goes on with :data:`FORESEEN`.
    """
    platform = context.platform
    names = [p.name for p in platform.projects] if platform else []
    known = _made(context)
    missing = [name for name in names if name not in known]
    if missing and not context.dry_run:
        raise NotReady(
            Problem(
                code="ZON-021",
                message=_("platform {name}: foundation has not made: {missing}",
                          name=context.stack, missing=", ".join(missing)),
                hint=_("first run: francecloud up {name} --project foundation", name=context.stack),
            )
        )  # fmt: skip
    return {name: known.get(name, FORESEEN) for name in names}


def _made(context: Context) -> dict[str, str]:
    try:
        state = context.neighbour("foundation")
    except Unfinished:
        if not context.dry_run:
            raise
        return {}
    return dict((state.outputs if state else {}).get("projects") or {})
