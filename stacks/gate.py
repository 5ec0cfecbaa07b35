"""The sovereignty gate: the doctrine asked again, at the date, before anything is made or extended.

It never trusts what a zone file says of itself: verdicts come from the dataset, the signed decisions
and the doctrine. Denied and unknown are both refused. It does not stand in the way of taking away:
a live zone may always be narrowed, and removed (``down`` never passes here).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from inventory.problems import Exit, Problem, Severity, UserError
from inventory.workspace import Workspace
from stacks.breakglass import BreakGlass, read_breakglass
from stacks.context import Context, Unfinished
from stacks.language import _
from stacks.narrowing import widenings
from stacks.states import Deployment
from stacks.zone import Zone

if TYPE_CHECKING:
    from rationalise import Placement

Ground = Literal["lawful", "narrowing", "breakglass", "refused"]
Applied = Callable[[], Zone | None]
ALLOWED = ("allowed", "conditional")


class GovernanceRefusal(UserError):
    """The doctrine refuses the zone (exit code 5)."""

    exit_code = Exit.GOVERNANCE


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a zone on a day, and on what ground.

    ``refusals`` are the doctrine's, also where another ground lets the zone pass; ``notices`` say what
    must be seen wherever the zone is shown.
    """

    zone: str
    offer: str
    as_of: date
    ground: Ground
    refusals: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the zone may be made or changed as its file says."""
        return self.ground != "refused"

    def as_dict(self) -> dict[str, object]:
        """The verdict for JSON."""
        return {
            "zone": self.zone, "offer": self.offer, "as_of": self.as_of.isoformat(), "allowed": self.allowed,
            "ground": self.ground, "refusals": [p.as_dict() for p in self.refusals],
            "notices": [p.as_dict() for p in self.notices],
        }  # fmt: skip


def judge(workspace: Workspace, zone: Zone, as_of: date, applied: Applied = lambda: None) -> Verdict:
    """Judge a zone.

    Args:
        workspace: where dataset, decisions and doctrine are.
        zone: what is asked for.
        as_of: the day the doctrine is applied at.
        applied: the zone as last applied, None when nothing is live; asked only where the law refuses.

    Raises:
        InvalidInput: a break-glass decision that cannot be read (``GAT-005``).
    """
    refusals, notices = _law(workspace, zone, as_of)
    if not refusals:
        return Verdict(zone.name, zone.offer, as_of, "lawful", (), tuple(notices))
    for name, decision in read_breakglass(workspace).items():
        if decision.in_force(zone.name, as_of):
            shown = (_in_force(name, decision, zone), *notices)
            return Verdict(zone.name, zone.offer, as_of, "breakglass", tuple(refusals), shown)
    before = applied()
    if before is None:
        return Verdict(zone.name, zone.offer, as_of, "refused", tuple(refusals), tuple(notices))
    added = widenings(before, zone)
    if not added:
        return Verdict(zone.name, zone.offer, as_of, "narrowing", tuple(refusals), (_narrows(zone), *notices))
    return Verdict(zone.name, zone.offer, as_of, "refused", (*refusals, _widens(zone, added)), tuple(notices))


def judge_context(context: Context) -> Verdict:
    """Judge the zone a program runs for, its state read only where the law refuses it."""
    if context.zone is None:
        # No application lands in a platform: the gate stands before its zones.
        return Verdict(context.stack, context.platform.offer if context.platform else "", context.as_of, "lawful")
    return judge(context.workspace, context.zone, context.as_of, lambda: _applied(context))


def _applied(context: Context) -> Zone | None:
    try:
        return applied_zone(context.state)
    except Unfinished:
        # What cannot be read proves nothing to be live: the refusal stands.
        return None


def require(verdict: Verdict) -> Verdict:
    """The verdict, when the zone may pass.

    Raises:
        GovernanceRefusal: every refusal, each naming application, rule, reference and date.
    """
    if not verdict.allowed:
        raise GovernanceRefusal(*verdict.refusals)
    return verdict


def applied_zone(state: Deployment | None) -> Zone | None:
    """The zone as the last complete run applied it; None when nothing is live, or it was never complete."""
    if state is None or not state.live:
        return None
    document = state.outputs.get("zone")
    if document is None:
        return None
    import json

    try:
        return Zone.model_validate_json(json.dumps(document))
    except ValidationError:
        return None


def _law(workspace: Workspace, zone: Zone, as_of: date) -> tuple[list[Problem], list[Problem]]:
    from stacks.evidence import gather, offer_known

    try:
        if not offer_known(workspace, zone.offer):
            return [_no_such_offer(zone, as_of)], []
        placements = gather(workspace, as_of, zone.application_ids, zone.offer)
    except UserError as error:
        return [_unreadable(zone, as_of, problem) for problem in error.problems], []
    spoken = {p.application_id for p in placements}
    refusals = [_refusal(zone, as_of, p) for p in placements if p.verdict not in ALLOWED]
    refusals += [_no_evidence(zone, as_of, name) for name in zone.application_ids if name not in spoken]
    return refusals, _conditions(as_of, [p for p in placements if p.verdict == "conditional"])


def _refusal(zone: Zone, as_of: date, placement: Placement) -> Problem:
    if placement.verdict != "denied":
        return _no_evidence(zone, as_of, placement.application_id, placement.reason)
    rules = "; ".join(f"{r.id} — {r.title} ({r.ref})" for r in placement.rules)
    return Problem(
        code="GAT-001",
        message=_("{name} ({id}) may not be on {offer} on {as_of}: {rules}", name=placement.name,
                  id=placement.application_id, offer=zone.offer, as_of=as_of.isoformat(),
                  rules=rules or placement.reason),
        file=_file(zone),
        field="applications",
        value=placement.application_id,
        hint=_("take it out of the zone, or see what would change it: francecloud explain {id}",
               id=placement.application_id),
    )  # fmt: skip


def _no_evidence(zone: Zone, as_of: date, application: str, reason: str = "") -> Problem:
    return Problem(
        code="GAT-002",
        message=_("nothing proves that {id} may be on {offer} on {as_of}: {reason}", id=application, offer=zone.offer,
                  as_of=as_of.isoformat(), reason=reason or _("it is not in the dataset")),
        file=_file(zone),
        field="applications",
        value=application,
        hint=_("unknown is refused as denied is; import what is known of it, or take it out of the zone"),
    )  # fmt: skip


def _unreadable(zone: Zone, as_of: date, problem: Problem) -> Problem:
    return Problem(
        code="GAT-003",
        message=_("zone {zone} cannot be judged on {as_of}, so it is refused: {reason}", zone=zone.name,
                  as_of=as_of.isoformat(), reason=f"[{problem.code}] {problem.message}"),
        file=problem.file,
        row=problem.row,
        hint=problem.hint,
    )  # fmt: skip


def _no_such_offer(zone: Zone, as_of: date) -> Problem:
    return Problem(
        code="GAT-004",
        message=_("zone {zone}: the doctrine of {as_of} knows no offer “{offer}”", zone=zone.name,
                  as_of=as_of.isoformat(), offer=zone.offer),
        file=_file(zone),
        field="offer",
        value=zone.offer,
    )  # fmt: skip


def _conditions(as_of: date, placements: Sequence[Placement]) -> list[Problem]:
    """One notice a set of conditions, whatever the number of applications it holds for."""
    grouped: dict[tuple[str, str], list[Placement]] = {}
    for placement in placements:
        rules = "; ".join(f"{r.id} — {r.title} ({r.ref})" for r in placement.rules)
        grouped.setdefault((placement.offer, rules or placement.reason), []).append(placement)
    return [
        Problem(
            code="GAT-008", severity=Severity.WARNING,
            message=_.plural("{n} application is admitted on {offer} on {as_of} under conditions: {rules} ({ids})",
                             "{n} applications are admitted on {offer} on {as_of} under conditions: {rules} ({ids})",
                             len(group), offer=offer, as_of=as_of.isoformat(), rules=rules,
                             ids=", ".join(p.application_id for p in group)),
        )
        for (offer, rules), group in grouped.items()
    ]  # fmt: skip


def _narrows(zone: Zone) -> Problem:
    return Problem(
        code="GAT-009", severity=Severity.WARNING,
        message=_("zone {zone} is live and no longer lawful; this change only takes away, so it passes",
                  zone=zone.name),
        hint=_("nothing may be added to it; empty it, then: francecloud down {zone}", zone=zone.name),
    )  # fmt: skip


def _widens(zone: Zone, added: list[str]) -> Problem:
    return Problem(
        code="GAT-011",
        message=_("zone {zone} is live and no longer lawful; this change adds to it: {added}", zone=zone.name,
                  added="; ".join(added)),
        file=_file(zone),
        hint=_("closing, shrinking, rotating and removing stay possible"),
    )  # fmt: skip


def _in_force(name: str, decision: BreakGlass, zone: Zone) -> Problem:
    signed = decision.signed_by
    return Problem(
        code="GAT-010", severity=Severity.WARNING,
        message=_("BREAK-GLASS: zone {zone} passes by decision “{name}” of {role} ({organisation}), "
                  "signed on {signed}, until {until}: {reason}",
                  zone=zone.name, name=name, role=signed.role if signed else "",
                  organisation=signed.organisation if signed else "", signed=decision.signed_on,
                  until=decision.expires_on, reason=decision.reason),
        file=f"decisions/breakglass/{name}.yaml",
    )  # fmt: skip


def _file(zone: Zone) -> str:
    return f"zones/{zone.name}.yaml"
