"""Creations told as failed whose object may exist all the same: the plugin died, the answer was lost.

The engine drops a creation that failed, so that the next run would make the object a second time. Each
is looked up; one that is surely ours is deleted, and made again by the run that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from stacks.language import _
from stacks.run.problems import Unsure
from stacks.run.recovery.pending import Pending
from stacks.run.recovery.registry import KINDS, REPEATABLE
from stacks.run.recovery.settle import SETTLING, Clouds, Settled, look_up
from stacks.run.recovery.verdict import Act

CREATIONS = ("create", "create-replacement")


def doubtful(metadata: Any) -> dict[str, Any] | None:
    """What a failed operation leaves in doubt, as an entry of the journal; None when nothing.

    Args:
        metadata: of the engine's ``resOpFailed`` event.
    """
    new = metadata.new
    if metadata.op.value not in CREATIONS or new is None or not new.custom or new.type in REPEATABLE:
        return None
    if new.type.startswith("pulumi:"):
        return None
    return {
        "urn": new.urn,
        "type": new.type,
        "custom": True,
        "provider": new.provider,
        "inputs": dict(new.inputs or {}),
    }


def remove_doubtful(
    deployment: dict[str, Any],
    entries: Sequence[Mapping[str, Any]],
    *,
    mark: str,
    began: datetime,
    say: Callable[[str], None],
    plain: Mapping[str, Any] | None = None,
    present: Mapping[str, Collection[str]] | None = None,
    clouds: Clouds | None = None,
    settling: float = SETTLING,
) -> list[Settled]:
    """Delete what failed creations made and the state does not hold.

    It never stops a run: an object of which nothing certain can be said is named and left alone.

    Args:
        deployment: the stack's export.
        entries: what the journal holds in doubt.
        mark: what our objects bear.
        began: when the operation that failed began (UTC).
        say: told, in words, what is done.
        plain: the same export with secrets in clear.
        present: ids that were there before (see ``census``).
        clouds: connections, one a provider.
        settling: seconds to wait before an object is said not to exist.
    """
    clouds = clouds or Clouds(deployment, plain or deployment)
    settled = []
    for entry in entries:
        pending, kind = Pending("creating", entry), KINDS.get(entry["type"])
        values = {"name": pending.name, "type": pending.type}
        try:
            if kind is None or kind.remove is None:
                say(_("{name} ({type}): its creation failed; look on the cloud whether it exists", **values))
                continue
            verdict = look_up(clouds, pending, kind, mark, began, present or {}, settling, adoptable=False)
            if verdict.act is Act.REMAKE:
                kind.remove(clouds.of(pending), verdict.found[0].id)
                say(_("{name} ({type}): {id} was made although its creation failed; deleted, it will be made again",
                      id=verdict.found[0].id, **values))  # fmt: skip
                settled.append(Settled(pending.urn, pending.type, verdict.act, verdict.found[0].id))
            elif verdict.act is Act.ASK:
                ids = ", ".join(found.id for found in verdict.found)
                say(_("{name} ({type}): its creation failed; perhaps it is one of these, left alone: {ids}",
                      ids=ids, **values))  # fmt: skip
        except Unsure as error:
            for problem in error.problems:
                say(problem.message)
    return settled
