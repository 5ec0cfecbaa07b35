"""The Pulumi engine: found where it is installed, else installed, else built from package registries.

``find_engine()`` looks and never touches the network; ``ensure_engine()`` installs what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from stacks.engine.engine import Engine, Origin, Piece
    from stacks.engine.routes import ensure_engine, find_engine

__all__ = ["Engine", "Origin", "Piece", "ensure_engine", "find_engine"]

__getattr__ = public_face(
    __name__,
    {"Engine": "engine", "Origin": "engine", "Piece": "engine", "ensure_engine": "routes", "find_engine": "routes"},
)
