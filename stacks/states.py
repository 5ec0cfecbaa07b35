"""What Pulumi remembers of a stack, read without changing or locking anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

CREATING = "creating"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The resources of a stack as Pulumi last recorded them (``pulumi stack export``)."""

    content: Mapping[str, Any]

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """Every resource recorded, components and providers included."""
        return list((self.content.get("deployment") or {}).get("resources") or [])

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the program exported when it last came to its end; secrets stay encrypted."""
        stack = next((r for r in self.resources if r["type"] == "pulumi:pulumi:Stack"), {})
        outputs: Mapping[str, Any] = stack.get("outputs") or {}
        return outputs

    @property
    def live(self) -> bool:
        """Whether the stack holds at least one object of a cloud."""
        return any(r.get("custom") and not str(r["type"]).startswith("pulumi:") for r in self.resources)

    @property
    def pending_creations(self) -> list[str]:
        """The objects whose creation was cut short, by URN: Pulumi alone would make them twice."""
        pending = (self.content.get("deployment") or {}).get("pending_operations") or []
        return [str(p["resource"]["urn"]) for p in pending if p.get("type") == CREATING]


class StateUnreadableError(Exception):
    """The state may exist and cannot be read; the message says why."""


class States(Protocol):
    """Where the state of a stack is asked for."""

    def read(self, project: str, stack: str) -> Deployment | None:
        """The stack's deployment, None when it was never made.

        Raises:
            StateUnreadableError: it cannot be told.
        """


@dataclass(frozen=True, slots=True)
class GivenStates:
    """States at hand: what a driver has already read."""

    deployments: Mapping[tuple[str, str], Mapping[str, Any]]

    def read(self, project: str, stack: str) -> Deployment | None:
        """The deployment given for the stack."""
        content = self.deployments.get((project, stack))
        return None if content is None else Deployment(content)


@dataclass(frozen=True, slots=True)
class CommandStates:
    """States asked of the ``pulumi`` command, with the back end of the environment."""

    command: str | None = None
    environment: Mapping[str, str] | None = None
    folder: Path | None = None

    def read(self, project: str, stack: str) -> Deployment | None:
        """The stack's deployment, by ``pulumi stack export``, which takes no lock."""
        command = self.command or pulumi_command()
        if command is None:
            raise StateUnreadableError("pulumi: command not found")
        line = [command, "stack", "export", "--stack", f"organization/{project}/{stack}", "--non-interactive"]
        environment = {**os.environ, **(self.environment or {}), "PULUMI_SKIP_UPDATE_CHECK": "true"}
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment, cwd=self.folder)
        if done.returncode == 0:
            return Deployment(json.loads(done.stdout))
        if "no stack named" in done.stderr:
            return None
        raise StateUnreadableError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else str(done.returncode)
        )


def pulumi_command() -> str | None:
    """The ``pulumi`` on PATH, else the one that started this program (called by its full path)."""
    found = shutil.which("pulumi")
    pid = os.getppid()
    while found is None and pid > 1:
        try:
            binary = Path(f"/proc/{pid}/exe").readlink()
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return None
        if binary.name == "pulumi":
            return str(binary)
        pid = int(status.rpartition(")")[2].split()[1])
    return found
