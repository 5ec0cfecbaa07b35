"""Before anything else is done to a stack: its lock, the plugins and the operations of a killed run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from stacks.language import _
from stacks.run import journal
from stacks.run.locks import locks_of, settle_locks
from stacks.run.recovery.doubtful import remove_doubtful
from stacks.run.recovery.pending import has_secret_provider, pending_operations
from stacks.run.recovery.settle import Settled, settle
from stacks.run.recovery.verdict import Act
from stacks.run.session import Session
from stacks.run.steps import Account


def recover(session: Session, mark: str, say: Callable[[str], None]) -> list[Settled]:
    """Leave the stack unlocked and without unfinished operations; how each of these was settled.

    Raises:
        Busy: somebody holds the stack.
        Unsure: a person must say which object is ours; nothing was changed.
    """
    locks = locks_of(session.target)
    settle_locks(session, locks, say)
    operation = journal.read(session.target.journal)
    if operation is not None:
        _stop_orphans(operation, say)
    elif locks:
        journal.take_over(session.target.journal, locks[0].user, locks[0].host, locks[0].pid, locks[0].since)
    deployment = session.export()
    pending = pending_operations(deployment)
    doubts = operation.doubtful if operation else ()
    if not pending and not doubts:
        return []
    plain = session.export(secrets=True) if has_secret_provider(deployment) else None
    present = operation.present if operation else None
    settled: list[Settled] = []
    if pending:
        say(
            _.plural(
                "{label}: {n} operation was cut short; looking up what became of it",
                "{label}: {n} operations were cut short; looking up what became of them",
                len(pending),
                label=session.target.label,
            )
        )
        starts: list[datetime] = [lock.since for lock in locks]
        if operation is not None:
            starts.append(operation.started)
        deployment, settled = settle(
            deployment, mark=mark, began=min(starts, default=None), say=say, plain=plain, present=present
        )
        session.restore(deployment)
        _read_again(session, settled)
    if operation is not None:
        settled += remove_doubtful(
            deployment, doubts, mark=mark, began=operation.started, say=say, plain=plain, present=present
        )
    return settled


def _read_again(session: Session, settled: list[Settled]) -> None:
    """Refresh the resources concerned, and those only: the state then says what is really there."""
    body = session.export()["deployment"]
    there = {resource["urn"] for resource in body.get("resources") or ()}
    targets = sorted({item.urn for item in settled if item.act is not Act.REMAKE} & there)
    if targets:
        session.run("refresh", Account(outcome=True), lambda: None, target=targets)


def _stop_orphans(operation: journal.Operation, say: Callable[[str], None]) -> None:
    for pid in journal.orphans(operation):
        say(_("plugin left by the killed engine (process {pid}): stopped", pid=pid))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
