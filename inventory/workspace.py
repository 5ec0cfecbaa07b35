"""Where a workspace is and what its settings say. A workspace is a folder holding francecloud.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory.language import _
from inventory.problems import InvalidInput, Problem

SETTINGS = "francecloud.toml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace and its settings; every room reads its own section of them."""

    root: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def dataset(self) -> Path:
        """The inventory dataset, a Data Package written by ``import``."""
        return self.root / "dataset"

    @property
    def decisions(self) -> Path:
        """What people decided and signed: perimeters, assessments, overrides, derogations."""
        return self.root / "decisions"

    @property
    def doctrine(self) -> Path:
        """The DSI's own entries of the doctrine catalogue, laid over the shipped one."""
        return self.root / "doctrine"

    @property
    def proposal(self) -> Path:
        """The proposal, a Data Package written by ``analyse``."""
        return self.root / "proposal"

    @property
    def zones(self) -> Path:
        """The zone files, one a landing zone."""
        return self.root / "zones"

    @property
    def stacks(self) -> Path:
        """The Pulumi projects of the workspace."""
        return self.root / "stacks"

    @property
    def reports(self) -> Path:
        """Reports and notes."""
        return self.root / "reports"

    @property
    def requests(self) -> Path:
        """What must be asked of an operator, in words and as data."""
        return self.root / "requests"


def find_root(start: Path) -> Path | None:
    """The nearest folder, from *start* upward, that holds ``francecloud.toml``."""
    here = start.resolve()
    return next((d for d in (here, *here.parents) if (d / SETTINGS).is_file()), None)


def open_workspace(start: Path) -> Workspace:
    """The workspace at or above *start*, its settings read.

    Raises:
        InvalidInput: there is none (``WSP-001``) or its settings are not TOML (``WSP-002``).
    """
    root = find_root(start)
    if root is None:
        raise InvalidInput(
            Problem(
                code="WSP-001",
                message=_("no workspace at {path} nor above it", path=start),
                hint=_("make one with: francecloud init {path}", path=start),
            )
        )
    path = root / SETTINGS
    try:
        return Workspace(root, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(
                code="WSP-002",
                message=_("the settings cannot be read: {error}", error=error),
                file=str(path),
                hint=_("mend the line named above; the file is TOML 1.0"),
            )
        ) from error
