"""Live collection: a system is asked what exists, its answer becomes a source file like any other.

A collector only reads, and only knows its system; what it brings back is laid down in ``sources/`` and imported as
every export is, so that provenance, mapping, precedence and replays are the same.
"""

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from inventory.collect.asking import Collected, Collector
    from inventory.collect.document import Document, Sheet
    from inventory.collect.running import Outcome, collect

__all__ = ["Collected", "Collector", "Document", "Outcome", "Sheet", "collect"]

__getattr__ = public_face(
    __name__,
    {
        "Collected": "asking",
        "Collector": "asking",
        "Document": "document",
        "Sheet": "document",
        "Outcome": "running",
        "collect": "running",
    },
)
