"""Room 3, where it lands: zones from a proposal, the sovereignty gate, the Pulumi programs.

``landing_zone``, ``foundation``, ``network`` and ``external`` are Pulumi projects; each has an
importable ``program()`` that plain Pulumi and the driver both run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from stacks.context import Context, driven
    from stacks.gate import GovernanceRefusal, Verdict, judge
    from stacks.make import make_zones
    from stacks.scaffold import lay_projects
    from stacks.settings import Settings, read_settings
    from stacks.zone import Zone, find_zone, read_zone

__all__ = [
    "Context",
    "GovernanceRefusal",
    "Settings",
    "Verdict",
    "Zone",
    "driven",
    "find_zone",
    "judge",
    "lay_projects",
    "make_zones",
    "read_settings",
    "read_zone",
]

__getattr__ = public_face(
    __name__,
    {
        "Context": "context",
        "GovernanceRefusal": "gate",
        "Settings": "settings",
        "Verdict": "gate",
        "Zone": "zone",
        "driven": "context",
        "find_zone": "zone",
        "judge": "gate",
        "lay_projects": "scaffold",
        "make_zones": "make",
        "read_settings": "settings",
        "read_zone": "zone",
    },
)
