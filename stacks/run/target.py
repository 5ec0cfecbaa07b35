"""What a run is about: one stack of one project of one workspace, on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from inventory.workspace import Workspace
from stacks.run.journal import path_of

PROJECTS = ("landing_zone", "foundation", "network", "external")


@dataclass(frozen=True, slots=True)
class Target:
    """One stack: its project, its name (the zone's, or the platform's), where and when."""

    workspace: Workspace
    project: str
    stack: str
    as_of: date

    @property
    def label(self) -> str:
        """``project/stack``, how a person names it."""
        return f"{self.project}/{self.stack}"

    @property
    def configuration(self) -> Path:
        """The stack's own settings, those plain Pulumi reads: ``stacks/<project>/Pulumi.<stack>.yaml``."""
        return self.workspace.stacks / self.project / f"Pulumi.{self.stack}.yaml"

    @property
    def journal(self) -> Path:
        """Where the operation under way is written down, beside the state."""
        return path_of(self.workspace.root, self.project, self.stack)
