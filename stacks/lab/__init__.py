"""A real OpenStack on this machine, to try ``up`` on: unmodified services, nothing beneath them.

A few names for the other rooms and for tests; ``francecloud lab`` for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from stacks.lab.face import lab_clouds_file, lab_is_up
    from stacks.lab.settings import is_lab_url, lab_base

__all__ = ["is_lab_url", "lab_base", "lab_clouds_file", "lab_is_up"]

__getattr__ = public_face(
    __name__,
    {"is_lab_url": "settings", "lab_base": "settings", "lab_clouds_file": "face", "lab_is_up": "face"},
)
