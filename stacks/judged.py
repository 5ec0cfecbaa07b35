"""What every program of a zone does first, before any resource is declared."""

from __future__ import annotations

import pulumi

from inventory.problems import InvalidInput, Problem, Severity
from stacks.context import Context, refuse_while_pending
from stacks.evidence import project_of
from stacks.gate import Verdict, judge_context, require
from stacks.language import _
from stacks.plan import check_zone
from stacks.zone import Zone


def judged(context: Context) -> Verdict:
    """Pass the gate, say what must be seen, check the address, refuse a stack left unfinished.

    Raises:
        GovernanceRefusal: the doctrine refuses the zone.
        InvalidInput: the address plan does not give it its network (``ZON-031``), another project drives
            its offer (``ZON-032``).
        Unfinished: creations of a killed run are pending, or the state cannot be read.
    """
    verdict = require(judge_context(context))
    for notice in verdict.notices:
        (pulumi.log.warn if notice.severity is Severity.WARNING else pulumi.log.info)(notice.text())
    if context.zone is not None:
        _right_project(context, context.zone)
        check_zone(context.workspace, context.zone)
    refuse_while_pending(context)
    return verdict


def _right_project(context: Context, zone: Zone) -> None:
    wanted = project_of(context.workspace, zone.offer)
    if wanted != context.project:
        drives = _("which project “{project}” drives", project=wanted) if wanted else _("whose API nothing here drives")
        raise InvalidInput(
            Problem(
                code="ZON-032",
                message=_("zone {zone} is on {offer}, {drives}, not “{here}”",
                          zone=zone.name, offer=zone.offer, drives=drives, here=context.project),
                file=f"zones/{zone.name}.yaml",
                field="offer",
                value=zone.offer,
            )
        )  # fmt: skip
