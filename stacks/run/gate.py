"""The gate as a driver uses it: before any engine starts, with the state it can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inventory.problems import Severity
from inventory.workspace import Workspace
from stacks.context import PLATFORM_PROJECTS
from stacks.gate import ALLOWED, Verdict, applied_zone, judge
from stacks.platform import find_platform, platform_names
from stacks.run.session import stored
from stacks.run.target import Target
from stacks.states import Deployment
from stacks.zone import Zone, find_zone, zone_names


@dataclass(frozen=True, slots=True)
class Judged:
    """A target, its zone where it has one, and what the gate says of it."""

    target: Target
    zone: Zone | None
    verdict: Verdict

    @property
    def conditional(self) -> bool:
        """Whether it passes under conditions that a person must see."""
        return any(notice.severity is Severity.WARNING for notice in self.verdict.notices)


def names_of(workspace: Workspace, project: str) -> list[str]:
    """What the project can be run for: the platforms of the workspace, or its zones."""
    return (platform_names if project in PLATFORM_PROJECTS else zone_names)(workspace)


def project_of(workspace: Workspace, zone: str) -> str:
    """The project that drives a zone's offer, by the APIs the doctrine knows it to have.

    Raises:
        NotFound: no such zone. InvalidInput: its file or the doctrine cannot be read.
    """
    from stacks.evidence import project_of as driving

    return driving(workspace, find_zone(workspace, zone).offer) or "landing_zone"


def judged(target: Target, state: Mapping[str, Any] | None = None) -> Judged:
    """Judge a target. *state*: its deployment where the driver has read it, else that of its file.

    Raises:
        NotFound: no such zone or platform. InvalidInput: its file cannot be read.
    """
    if target.project in PLATFORM_PROJECTS:
        platform = find_platform(target.workspace, target.stack)
        return Judged(target, None, Verdict(target.stack, platform.offer, target.as_of, "lawful"))
    zone = find_zone(target.workspace, target.stack)

    def applied() -> Zone | None:
        content = state if state is not None else stored(target)
        return applied_zone(Deployment(content)) if content else None

    return Judged(target, zone, judge(target.workspace, zone, target.as_of, applied))


def refusals_for_a_note(judgement: Judged) -> list[dict[str, str]]:
    """The refusals as a note tells them: one row an application and rule."""
    if judgement.verdict.allowed or judgement.zone is None:
        return []
    from stacks.evidence import gather

    rows = []
    try:
        zone = judgement.zone
        placements = gather(judgement.target.workspace, judgement.target.as_of, zone.application_ids, zone.offer)
    except Exception:  # the gate refused because the evidence cannot be read: its own words stand
        placements = []
    for placement in placements:
        if placement.verdict not in ALLOWED:
            rows += [
                {
                    "application": placement.name,
                    "rule": rule.id,
                    "title": rule.title,
                    "ref": rule.ref,
                    "since": str(rule.since or ""),
                }
                for rule in placement.rules
            ] or [{"application": placement.name, "rule": "", "title": placement.reason, "ref": "", "since": ""}]
    return rows or [
        {
            "application": str(problem.value or ""),
            "rule": problem.code,
            "title": problem.message,
            "ref": "",
            "since": "",
        }
        for problem in judgement.verdict.refusals
    ]
