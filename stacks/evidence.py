"""What the analysis room answers about applications on an offer: the only place the gate gets it from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.workspace import Workspace
from stacks.apis import driven_by

if TYPE_CHECKING:
    from rationalise import Doctrine, Placement


def doctrine_of(workspace: Workspace) -> Doctrine:
    """The doctrine, the workspace's own entries laid over it; read once for as long as they do not change.

    Raises:
        UserError: an entry that cannot be read.
    """
    folder = workspace.doctrine
    if not folder.is_dir():
        return _doctrine(None, ())
    files = [(str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.rglob("*")) if p.is_file()]
    return _doctrine(folder, tuple(files))


@lru_cache(maxsize=4)
def _doctrine(folder: Path | None, files: tuple[tuple[str, int, int], ...]) -> Doctrine:
    from rationalise import load_doctrine

    return load_doctrine(folder)


def offer_known(workspace: Workspace, offer: str) -> bool:
    """Whether the doctrine knows an offer by that id."""
    return offer in doctrine_of(workspace).offers


def project_of(workspace: Workspace, offer: str) -> str | None:
    """The Pulumi project that drives an offer's API, None where none does (or nobody knows the offer)."""
    known = doctrine_of(workspace).offers.get(offer)
    return driven_by(known.api) if known else None


def gather(workspace: Workspace, as_of: date, application_ids: Collection[str], offer: str) -> list[Placement]:
    """Verdicts that hold now for applications on an offer, from dataset, decisions and doctrine.

    Raises:
        UserError: one of the three cannot be read.
    """
    from inventory.dataset import read_dataset

    # The public name is also its module's: once that is loaded, the package's attribute is the module.
    from rationalise import load_decisions, placements

    decisions = load_decisions(workspace.decisions)
    dataset = read_dataset(workspace)
    return placements(dataset, decisions, doctrine_of(workspace), as_of, list(application_ids), offer)
