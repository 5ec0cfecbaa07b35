"""The inventory dataset: the contract between this room and the next."""

from __future__ import annotations

from pathlib import Path

from inventory.package import Package, Schema, load_schema, read_package
from inventory.workspace import Workspace

SCHEMA_FILE = Path(__file__).parent / "schema/dataset.json"
COUNTED = (
    "organisations", "applications", "components", "servers", "hosts", "sites", "databases", "deployments", "flows",
)  # fmt: skip
"""The tables of what exists, in the order they are told; ``sources`` and ``origins`` say where it comes from."""


def schema() -> Schema:
    """The tables of a dataset and their columns."""
    return load_schema(SCHEMA_FILE)


def read_dataset(where: Path | Workspace) -> Package:
    """Read a dataset, from its folder or from the store of a workspace.

    Raises:
        InvalidInput: absent, of another version, or not what the contract says, every problem at once.
    """
    if isinstance(where, Workspace):
        from inventory.stores import open_store

        return open_store(where).read()
    return read_package(where, schema())


def empty_dataset() -> Package:
    """A dataset that holds nothing."""
    return Package({name: table.empty() for name, table in schema().tables.items()}, {})
