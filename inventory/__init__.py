"""Room 1, what exists: sources read into one dataset, with where each value came from.

It knows nothing of clouds nor of the law; people may use it alone.
"""

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from inventory.checking import check_dataset
    from inventory.dataset import read_dataset
    from inventory.importing import ImportResult, import_files
    from inventory.package import Package
    from inventory.provenance import Origin, conflicts, where_from
    from inventory.removal import remove_sources

__all__ = [
    "ImportResult",
    "Origin",
    "Package",
    "check_dataset",
    "conflicts",
    "import_files",
    "read_dataset",
    "remove_sources",
    "where_from",
]

__getattr__ = public_face(
    __name__,
    {
        "check_dataset": "checking",
        "read_dataset": "dataset",
        "ImportResult": "importing",
        "import_files": "importing",
        "Package": "package",
        "Origin": "provenance",
        "conflicts": "provenance",
        "where_from": "provenance",
        "remove_sources": "removal",
    },
)
