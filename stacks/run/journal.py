"""The operation under way, written down before it starts: who, where, since when.

It is what tells, after a hard kill, from when on an object of the cloud can be ours, and whether the
engine that holds the lock belongs to a driver that is gone.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a stack; ``started`` in UTC."""

    verb: str
    started: datetime
    driver_pid: int
    user: str
    host: str
    engine_pid: int | None = None
    present: dict[str, list[str]] | None = None
    """Ids there before it began, of the types that give no date (:mod:`stacks.run.recovery.census`)."""
    doubtful: tuple[Mapping[str, Any], ...] = ()
    """Creations that failed and may have made their object (:mod:`stacks.run.recovery.doubtful`)."""

    @property
    def driver_is_here_and_dead(self) -> bool:
        """Whether the driver ran on this machine and is gone."""
        return self.host == socket.gethostname() and not alive(self.driver_pid)


def path_of(root: Path, project: str, stack: str) -> Path:
    """Where a stack's operation is written down, in the workspace at *root*."""
    return root / "state" / "operations" / f"{project}.{stack}.json"


def alive(pid: int) -> bool:
    """Whether a process of this machine still runs (one that is dead but not reaped does not)."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    if Path("/proc/self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read(path: Path) -> Operation | None:
    """The operation written at *path*, or None; a journal that cannot be read counts as none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Operation(**{**content, "started": datetime.fromisoformat(content["started"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def begin(path: Path, verb: str, present: dict[str, list[str]] | None = None) -> Operation:
    """Write down that an operation starts now. *present*: see :attr:`Operation.present`."""
    started = datetime.now(UTC).replace(microsecond=0)
    operation = Operation(verb, started, os.getpid(), getpass.getuser(), socket.gethostname(), present=present)
    _write(path, operation)
    return operation


def take_over(path: Path, user: str, host: str, pid: int, started: datetime) -> None:
    """Write down the operation of a killed run of plain Pulumi, known only by the lock it left."""
    _write(path, Operation("pulumi", started, pid, user, host))


def engine_started(path: Path, pid: int) -> None:
    """Add the engine's process (which leads its own session) to the operation this driver has begun."""
    operation = read(path)
    if operation is not None and operation.driver_pid == os.getpid():
        _write(path, replace(operation, engine_pid=pid))


def doubt(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a creation that failed to the operation this driver has begun."""
    operation = read(path)
    if operation is not None and operation.driver_pid == os.getpid():
        _write(path, replace(operation, doubtful=(*operation.doubtful, entry)))


def end(path: Path) -> None:
    """The operation is over and everything it made is in the state."""
    path.unlink(missing_ok=True)


def _write(path: Path, operation: Operation) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(
        json.dumps(asdict(operation), default=lambda value: value.isoformat(), indent=1), encoding="utf-8"
    )
    beside.replace(path)


def orphans(operation: Operation) -> list[int]:
    """Plugins that a killed engine of this machine left behind: those of its session (Linux only)."""
    ours = operation.driver_is_here_and_dead or operation.driver_pid == os.getpid()
    if not ours or operation.engine_pid is None or alive(operation.engine_pid):
        return []
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            name, _end, fields = entry.read_text().partition("(")[2].rpartition(")")
            if name.startswith("pulumi-") and int(fields.split()[3]) == operation.engine_pid:
                found.append(int(entry.parent.name))
    return sorted(pid for pid in found if alive(pid))
