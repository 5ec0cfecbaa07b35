"""What the analysis room answers about applications on an offer: the only place the gate gets it from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from inventory.workspace import Workspace

if TYPE_CHECKING:
    from rationalise import Doctrine, Placement


def doctrine_of(workspace: Workspace) -> Doctrine:
    """The doctrine, the workspace's own entries laid over it.

    Raises:
        UserError: an entry that cannot be read.
    """
    from rationalise import load_doctrine

    return load_doctrine(workspace.doctrine if workspace.doctrine.is_dir() else None)


def offer_known(workspace: Workspace, offer: str) -> bool:
    """Whether the doctrine knows an offer by that id."""
    return offer in doctrine_of(workspace).offers


def gather(workspace: Workspace, as_of: date, application_ids: Collection[str], offer: str) -> list[Placement]:
    """Verdicts that hold now for applications on an offer, from dataset, decisions and doctrine.

    Raises:
        UserError: one of the three cannot be read.
    """
    from inventory import read_dataset
    from rationalise import load_decisions, placements

    decisions = load_decisions(workspace.decisions)
    dataset = read_dataset(workspace.dataset)
    return placements(dataset, decisions, doctrine_of(workspace), as_of, list(application_ids), offer)
