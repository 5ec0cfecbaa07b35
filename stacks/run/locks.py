"""Who holds a stack, and what to do about a lock left by a process that is gone."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inventory.problems import Problem
from stacks.language import _
from stacks.run import journal
from stacks.run.problems import Busy, problem
from stacks.run.session import Session
from stacks.run.target import Target
from stacks.settings import state_folder

PATIENCE = 180.0
"""Seconds left to the engine of a killed driver to finish what it had begun."""

_HELD = re.compile(r"created by (?P<user>[^@]+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock of a stack, as the engine writes it in its back end."""

    user: str
    host: str
    pid: int
    since: datetime

    @property
    def here(self) -> bool:
        """Whether the process that took it ran on this machine."""
        return self.host == socket.gethostname()

    @property
    def dead(self) -> bool:
        """Whether that process is gone for certain."""
        return self.here and not (journal.alive(self.pid) and _is_engine(self.pid))


def locks_in(text: str) -> list[Lock]:
    """The locks that the engine names when it refuses to go on."""
    return [Lock(m["user"], m["host"], int(m["pid"]), datetime.fromisoformat(m["since"])) for m in _HELD.finditer(text)]


def locks_of(target: Target) -> list[Lock]:
    """The locks of a stack whose back end is a folder; none are seen elsewhere before the engine says so."""
    root = state_folder(target.workspace)
    if root is None:
        return []
    folder = root / ".pulumi" / "locks" / "organization" / target.project / target.stack
    found = []
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError, KeyError):
            content = json.loads(path.read_text(encoding="utf-8"))
            since = datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", content["timestamp"]))
            found.append(Lock(content["username"], content["hostname"], int(content["pid"]), since))
    return found


def settle_locks(
    session: Session, locks: Iterable[Lock], say: Callable[[str], None], patience: float = PATIENCE
) -> None:
    """Take away the locks of processes that are gone; wait for the engine of a driver that is.

    Raises:
        Busy: somebody alive, or on another machine, holds the stack (``RUN-010``, ``RUN-011``).
    """
    held = list(locks)
    if not held:
        return
    operation = journal.read(session.target.journal)
    for lock in held:
        if lock.dead:
            continue
        orphan = operation is not None and operation.driver_is_here_and_dead and operation.engine_pid == lock.pid
        if lock.here and orphan:
            say(
                _(
                    "the engine of an interrupted run (process {pid}) is finishing what it had begun: waiting",
                    pid=lock.pid,
                )
            )
            if _gone(lock.pid, patience):
                continue
        raise Busy(held_by(session.target, lock))
    if locks_of(session.target) or state_folder(session.target.workspace) is None:
        for lock in held:
            say(
                _(
                    "lock of {label} left by {user}, process {pid}, gone since: taken away",
                    label=session.target.label,
                    user=lock.user,
                    pid=lock.pid,
                )
            )
        session.stack.cancel()


def held_by(target: Target, lock: Lock) -> Problem:
    """Who holds a stack, in words (``RUN-010`` somebody alive here, ``RUN-011`` nobody can tell from here)."""
    values = {
        "label": target.label,
        "user": lock.user,
        "host": lock.host,
        "pid": lock.pid,
        "since": lock.since.isoformat(timespec="seconds"),
    }
    if lock.here and not lock.dead:
        return problem(
            "RUN-010",
            _("{label} is being worked on by {user}, process {pid}, since {since}", **values),
            hint=_("wait for it, or stop that process"),
        )
    return problem(
        "RUN-011",
        _("{label} is locked by {user} on {host} (process {pid}) since {since}", **values),
        hint=_("ask that person; if the process is gone for certain: pulumi cancel -s {stack}", stack=target.stack),
    )


def _gone(pid: int, patience: float) -> bool:
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        if not journal.alive(pid):
            return True
        time.sleep(0.2)
    return False


def _is_engine(pid: int) -> bool:
    """Whether the process is an engine: numbers are given again to others."""
    with suppress(OSError):
        return "pulumi" in Path(f"/proc/{pid}/comm").read_text()
    return True
