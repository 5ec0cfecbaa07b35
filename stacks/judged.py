"""What every program of a zone does first, before any resource is declared."""

from __future__ import annotations

import pulumi

from inventory.problems import Severity
from stacks.context import Context, refuse_while_pending
from stacks.gate import Verdict, judge_context, require


def judged(context: Context) -> Verdict:
    """Pass the gate, say what must be seen, refuse a stack left unfinished.

    Raises:
        GovernanceRefusal: the doctrine refuses the zone.
        Unfinished: creations of a killed run are pending, or the state cannot be read.
    """
    verdict = require(judge_context(context))
    for notice in verdict.notices:
        (pulumi.log.warn if notice.severity is Severity.WARNING else pulumi.log.info)(notice.text())
    refuse_while_pending(context)
    return verdict
