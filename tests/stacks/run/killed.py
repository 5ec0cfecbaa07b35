"""Make a stack look as a kill leaves it: creations told as unfinished, while the objects exist."""

import json
import os
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

DEAD = 2**22 - 1
"""A process number that Linux never gives on the machines tests run on."""


def leave_unfinished(target: Any, began: datetime, chosen: Callable[[dict[str, Any]], bool],
                     present: dict[str, list[str]] | None = None) -> list[str]:  # fmt: skip
    """Turn the chosen resources of a stack's state into pending creations; their URNs.

    The lock and the journal of the killed run are left too.
    """
    from stacks.run.journal import Operation, _write

    path = state(target)
    content = json.loads(path.read_text(encoding="utf-8"))
    latest = content["checkpoint"]["latest"]
    cut = [r for r in latest["resources"] if r.get("custom") and "providers:" not in r["type"] and chosen(r)]
    latest["resources"] = [r for r in latest["resources"] if r not in cut]
    gone = ("id", "outputs", "created", "modified")
    latest["pending_operations"] = [
        {"resource": {key: value for key, value in r.items() if key not in gone}, "type": "creating"} for r in cut
    ]
    path.write_text(json.dumps(content), encoding="utf-8")
    path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)
    _write(target.journal, Operation("up", began, DEAD, "essai", socket.gethostname(), DEAD, present))
    leave_lock(target, DEAD, socket.gethostname())
    return [r["urn"] for r in cut]


def leave_lock(target: Any, pid: int, host: str, since: str = "2026-11-23T10:00:00.123456789Z") -> Path:
    """Leave a lock as the engine writes it in a folder back end."""
    folder = state(target).parents[2] / "locks" / "organization" / target.project / target.stack
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "5e1f0c7a-0000-4000-8000-000000000000.json"
    lock.write_text(json.dumps({"pid": pid, "username": "collègue", "hostname": host, "timestamp": since}))
    return lock


def state(target: Any) -> Path:
    """The file of a stack's state."""
    from stacks.run.session import state_file

    path = state_file(target)
    assert path is not None
    return path


def environment() -> dict[str, str]:
    """The environment for a ``francecloud`` started apart."""
    return {**os.environ, "PULUMI_CONFIG_PASSPHRASE": "essai"}
