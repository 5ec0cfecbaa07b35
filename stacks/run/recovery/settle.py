"""Settle what a killed run left: every unfinished operation becomes a resource of the state, or nothing.

Pulumi alone only warns about pending creations and makes everything twice. Here each one is looked up
on the cloud; what is surely ours enters the state with the inputs it was asked with (so that what the
API does not give back is not lost, as it would be with ``pulumi import``), then a refresh of those
resources alone reads what is really there, and the next ``up`` finishes what the kill cut short.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stacks.language import _
from stacks.run.problems import Unsure, problem
from stacks.run.recovery.cloud import clock_difference, connect
from stacks.run.recovery.kinds import Cloud, Found, Kind
from stacks.run.recovery.pending import Pending, in_clear, known_ids, pending_operations
from stacks.run.recovery.registry import KINDS, REPEATABLE
from stacks.run.recovery.verdict import Act, Verdict, decide

SETTLING = 3.0
"""Seconds left to a request that the kill caught on its way, before an object is said not to exist."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How one unfinished operation was settled: on which resource, which act, on which object."""

    urn: str
    type: str
    act: Act
    id: str | None = None


def settle(
    deployment: dict[str, Any],
    *,
    mark: str,
    began: datetime | None,
    say: Callable[[str], None],
    plain: Mapping[str, Any] | None = None,
    present: Mapping[str, Collection[str]] | None = None,
    connect_to: Callable[[Mapping[str, Any]], Cloud] = connect,
    settling: float = SETTLING,
) -> tuple[dict[str, Any], list[Settled]]:
    """The deployment without pending operations, and how each was settled.

    Args:
        deployment: the stack's export; left as it is.
        mark: what our objects bear, ``francecloud:zone=<zone>``.
        began: when the operation that was killed began (UTC), None when nothing tells.
        say: told, in words, what is done.
        plain: the same export with secrets in clear, where a provider's credential is one.
        present: ids that were there before, of types that give no date (see ``census``).
        connect_to: gives a connection for a provider's inputs.
        settling: seconds to wait before an object is said not to exist.

    Raises:
        Unsure: for one or more, a person must say (``RUN-020``…``RUN-022``); nothing was changed.
    """
    clouds = Clouds(deployment, plain or deployment, connect_to)
    plan: list[tuple[Pending, Kind | None, Verdict]] = []
    problems = []
    for pending in pending_operations(deployment):
        if pending.operation != "creating" or pending.type in REPEATABLE or not pending.on_a_cloud:
            # the state still holds the resource as it was, or making it again makes nothing twice
            plan.append((pending, None, Verdict(Act.FORGET)))
            continue
        kind = KINDS.get(pending.type)
        if kind is None:
            problems.append(
                problem(
                    "RUN-021",
                    _(
                        "creation of {name} ({type}) was cut short, and nothing tells how to find it",
                        name=pending.name,
                        type=pending.type,
                    ),
                    hint=_("delete it on the cloud if it is yours, then: pulumi refresh --clear-pending-creates"),
                )
            )
            continue
        verdict = look_up(clouds, pending, kind, mark, began, present or {}, settling)
        if verdict.act is Act.ASK:
            problems.append(_question(pending, verdict, clouds, began))
        plan.append((pending, kind, verdict))
    if problems:
        raise Unsure(*problems)
    return _apply(deployment, plan, clouds, say)


def look_up(
    clouds: Clouds,
    pending: Pending,
    kind: Kind,
    mark: str,
    began: datetime | None,
    present: Mapping[str, Collection[str]],
    settling: float,
    *,
    adoptable: bool = True,
) -> Verdict:
    """What the cloud says of one creation, looked at twice before an object is said not to exist."""
    known = known_ids(clouds.deployment, pending.type).union(present.get(pending.type, ()))
    cloud = clouds.of(pending)
    since = began + clouds.clock_difference(pending) if began else None
    verdict = Verdict(Act.FORGET)
    for attempt in range(2):
        verdict = decide(
            list(kind.find(cloud, pending, mark)),
            project_id=cloud.current_project_id,
            began=since,
            known=known,
            counted=pending.type in present,
            adoptable=adoptable and kind.adopt(pending) and not _replaces(clouds.deployment, pending),
            removable=kind.remove is not None,
        )
        if verdict.act is not Act.FORGET or attempt or not clouds.wait_once(settling):
            break
    return verdict


def _replaces(deployment: Mapping[str, Any], pending: Pending) -> bool:
    """Whether the creation was the first half of a replacement: nothing depends on it yet, it is remade."""
    return any(r["urn"] == pending.urn for r in deployment["deployment"].get("resources") or ())


def _apply(
    deployment: dict[str, Any],
    plan: list[tuple[Pending, Kind | None, Verdict]],
    clouds: Clouds,
    say: Callable[[str], None],
) -> tuple[dict[str, Any], list[Settled]]:
    mended = copy.deepcopy(deployment)
    body = mended["deployment"]
    body.pop("pending_operations", None)
    settled = []
    for pending, kind, verdict in plan:
        found = verdict.found[0] if verdict.found else None
        values = {"name": pending.name, "type": pending.type, "id": found.id if found else ""}
        if found and kind and verdict.act is Act.ADOPT:
            if kind.finish:
                kind.finish(clouds.of(pending), pending, found.id)
            body["resources"].append(adopted(pending, found))
            say(_("{name} ({type}): made before the kill, taken into the state as {id}", **values))
        elif found and kind and kind.remove and verdict.act is Act.REMAKE:
            kind.remove(clouds.of(pending), found.id)
            say(_("{name} ({type}): {id} cannot be taken in as it is; deleted, it will be made again", **values))
        elif pending.operation == "creating" and kind is not None:
            say(_("{name} ({type}): nothing was made before the kill", **values))
        settled.append(Settled(pending.urn, pending.type, verdict.act, found.id if found else None))
    return mended, settled


def adopted(pending: Pending, found: Found) -> dict[str, Any]:
    """The state's entry of a resource: what was asked for stands as what is there, until the refresh."""
    entry = copy.deepcopy(dict(pending.resource))
    outputs = {key: value for key, value in copy.deepcopy(entry.get("inputs") or {}).items() if key != "__defaults"}
    return {**entry, "id": found.id, "outputs": {**outputs, "id": found.id}}


def _question(pending: Pending, verdict: Verdict, clouds: Clouds, began: datetime | None) -> Any:
    objects = "; ".join(_describe(found) for found in verdict.found)
    project = clouds.of(pending).current_project_id
    return problem(
        "RUN-020",
        _(
            "creation of {name} ({type}) was cut short; not sure which object it is, in project {project}: {objects}",
            name=pending.name,
            type=pending.type,
            project=project,
            objects=objects,
        ),
        hint=_(
            "delete what is yours, or import it (pulumi import {type} {name} ID), then run it again",
            type=pending.type,
            name=pending.name,
        ),
        value=pending.urn,
    )


def _describe(found: Found) -> str:
    made = found.created.isoformat() if found.created else _("date unknown")
    mark = _("our mark") if found.marked else _("without our mark")
    return f"{found.id} ({made}, {mark})"


class Clouds:
    """One connection a provider of the state, opened when first needed."""

    def __init__(
        self,
        deployment: Mapping[str, Any],
        plain: Mapping[str, Any],
        connect_to: Callable[[Mapping[str, Any]], Cloud] = connect,
    ) -> None:
        self.deployment = deployment
        self._plain = plain
        self._connect_to = connect_to
        self._open: dict[str, Cloud] = {}
        self._differences: dict[str, Any] = {}
        self._waited = False

    def of(self, pending: Pending) -> Cloud:
        """The cloud on which a resource was being made."""
        urn = pending.provider
        if urn not in self._open:
            resources = self._plain["deployment"].get("resources") or ()
            provider = next((r for r in resources if r["urn"] == urn), None)
            try:
                if provider is None:
                    raise LookupError(urn)
                self._open[urn] = self._connect_to(in_clear(provider.get("inputs") or {}))
            except Exception as error:  # any failure to reach the cloud means the same: nobody was asked
                raise Unsure(
                    problem(
                        "RUN-022",
                        _(
                            "the cloud of {name} cannot be asked what became of it: {error}",
                            name=pending.name,
                            error=error,
                        ),
                        hint=_("mend the access (clouds.yaml, credential), then run it again"),
                    )
                ) from error
        return self._open[urn]

    def clock_difference(self, pending: Pending) -> Any:
        """The cloud's clock less ours."""
        urn = pending.provider
        if urn not in self._differences:
            self._differences[urn] = clock_difference(self.of(pending))
        return self._differences[urn]

    def wait_once(self, seconds: float) -> bool:
        """Wait, the first time an object is missing; whether it is worth looking again (always)."""
        if not self._waited:
            time.sleep(seconds)
            self._waited = True
        return True
