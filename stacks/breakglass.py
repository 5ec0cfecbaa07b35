"""Break-glass: a signed, dated decision that lets one zone through the gate, and is shown everywhere.

``decisions/breakglass/<name>.yaml``. What is unsigned, not yet in force or past does not count.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, Self

from pydantic import model_validator

from inventory.workspace import Workspace
from stacks.documents import Document, read_document
from stacks.language import _

LONGEST = timedelta(days=92)
"""A decision for an emergency does not settle in: three months at most, then a new one is signed."""


class Signature(Document):
    """Who signed: the role matters, the name may be left out."""

    role: Literal["AQSSI", "HFDS", "FSSI", "autorité d'homologation", "DNUM"]
    organisation: str
    name: str | None = None


class BreakGlass(Document):
    """The decision to let a zone be made or extended against the doctrine."""

    kind: Literal["breakglass"]
    zones: tuple[str, ...]
    reason: str
    signed_by: Signature | None = None
    signed_on: date | None = None
    expires_on: date

    @model_validator(mode="after")
    def _short(self) -> Self:
        if self.signed_on and not self.signed_on <= self.expires_on <= self.signed_on + LONGEST:
            raise ValueError(_("it ends at most {n} days after it is signed", n=LONGEST.days))
        return self

    def in_force(self, zone: str, as_of: date) -> bool:
        """Whether it covers the zone on that day (the last day included)."""
        signed = self.signed_by is not None and self.signed_on is not None and self.signed_on <= as_of
        return signed and zone in self.zones and as_of <= self.expires_on


def read_breakglass(workspace: Workspace) -> dict[str, BreakGlass]:
    """The decisions of a workspace, by file name.

    Raises:
        InvalidInput: a file that is not such a decision (``GAT-005``).
    """
    folder = workspace.decisions / "breakglass"
    return {p.stem: read_document(p, BreakGlass, code="GAT-005") for p in sorted(folder.glob("*.yaml"))}
