"""Public faces that cost nothing to import: a room's names are loaded when first used.

``francecloud --help`` must answer in 200 ms while Polars alone takes twice that to import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def public_face(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """A module's ``__getattr__`` (PEP 562) that finds each public name in the module given for it."""

    def load(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{names[name]}"), name)

    return load
