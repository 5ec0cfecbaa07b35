"""Driving Pulumi on a zone: preview, up, drift, down, behind the gate, safe to run again after a kill.

The engine runs the same ``program()`` as plain ``pulumi up``, inline, through the Automation API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from stacks.run.changes import Outcome, deploy, destroy
    from stacks.run.drift import Drift
    from stacks.run.preview import Preview
    from stacks.run.previews import Previews, preview_all
    from stacks.run.target import Target

__all__ = ["Drift", "Outcome", "Preview", "Previews", "Target", "deploy", "destroy", "preview_all"]

__getattr__ = public_face(
    __name__,
    {
        "Drift": "drift", "Outcome": "changes", "Preview": "preview", "Previews": "previews", "Target": "target",
        "deploy": "changes", "destroy": "changes", "preview_all": "previews",
    },
)  # fmt: skip
