"""Where a dataset is kept: text in git (the default), or a PostgreSQL that the DSIs of a ministry share.

``[inventory] store`` of francecloud.toml chooses; whoever reads or writes a dataset asks :func:`open_store`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl

    from inventory.package import Package
    from inventory.workspace import Workspace

Told = Callable[[str], None]
"""Where a wait is told to a person."""


class Session(Protocol):
    """A change of the dataset under way: nobody else changes it until it ends."""

    def read(self) -> Package:
        """The dataset to be changed; empty where there is none yet."""

    def write(
        self, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], mappings: Mapping[str, bytes] | None = None
    ) -> bool:
        """Replace the dataset as a whole, and the mapping files that go with it; whether the dataset changed."""


class Store(Protocol):
    """A place that keeps a dataset."""

    def exists(self) -> bool:
        """Whether something was ever written here."""

    def read(self) -> Package:
        """The dataset, checked against its contract."""

    def writing(self, told: Told | None = None) -> AbstractContextManager[Session]:
        """Change the dataset, alone; a wait for another process is said to *told*."""


def open_store(workspace: Workspace) -> Store:
    """The store that the settings of a workspace name.

    Raises:
        InvalidInput: the settings name none that exists (``INV-201``) or hold a password (``INV-202``).
    """
    from inventory.stores.files import FileStore
    from inventory.stores.settings import store_settings

    chosen = store_settings(workspace)
    if chosen.address is None:
        return FileStore(workspace.dataset, parquet=chosen.parquet)
    from inventory.stores.postgresql import PostgreSQLStore

    return PostgreSQLStore(chosen.address, chosen.organisation, workspace.root / "sources")
