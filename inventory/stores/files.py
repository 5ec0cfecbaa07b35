"""The dataset as a folder of text, in git: the default. One process at a time changes it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from inventory.dataset import empty_dataset, schema
from inventory.holding import alone, holder
from inventory.language import _
from inventory.package import DESCRIPTOR, Package, read_package, recover, write_package
from inventory.problems import InvalidInput, Problem
from inventory.stores import Told

PATIENCE = 120.0
"""Seconds waited for another process before giving up: an import of the largest ministry takes ten."""
PAUSE = 0.05


class FileStore:
    """A dataset in a folder."""

    def __init__(self, directory: Path, *, parquet: bool = False, patience: float = PATIENCE) -> None:
        self.directory = directory
        self.parquet = parquet
        self.patience = patience

    def exists(self) -> bool:
        """Whether a dataset is there."""
        recover(self.directory)
        return (self.directory / DESCRIPTOR).is_file()

    def read(self) -> Package:
        """The dataset.

        Raises:
            InvalidInput: as :func:`inventory.package.read_package`.
        """
        return read_package(self.directory, schema())

    @contextmanager
    def writing(self, told: Told | None = None) -> Iterator[FileSession]:
        """Change the dataset, alone.

        Raises:
            InvalidInput: another process is at it and does not end (``INV-200``).
        """
        with locked(self.directory, told, self.patience):
            recover(self.directory)
            yield FileSession(self)


class FileSession:
    """The folder while this process alone may change it."""

    def __init__(self, store: FileStore) -> None:
        self.store = store

    def read(self) -> Package:
        """The dataset; empty where there is none."""
        return self.store.read() if self.store.exists() else empty_dataset()

    def write(
        self, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], mappings: Mapping[str, bytes] | None = None
    ) -> bool:
        """Replace the folder as a whole; whether anything changed."""
        return write_package(
            self.store.directory, schema(), tables, about=about, mappings=mappings, parquet=self.store.parquet
        )


@contextmanager
def locked(directory: Path, told: Told | None = None, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a folder alone (:func:`inventory.holding.alone`), saying whom it waits for.

    Raises:
        InvalidInput: another process held it for longer than *patience* seconds (``INV-200``).
    """
    deadline = time.monotonic() + patience
    directory.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with alone(directory, wait=False) as held:
            if held:
                yield
                return
        if time.monotonic() >= deadline:
            raise InvalidInput(_busy(directory))
        if told:
            told(_("waiting for {holder}, which is changing the dataset", holder=_holder(directory)))
            told = None
        time.sleep(PAUSE)


def _holder(directory: Path) -> str:
    """Who holds it, as Linux tells."""
    pid = holder(directory)
    return _("another process") if pid is None else _("process {pid} of {host}", pid=pid, host=socket.gethostname())


def _busy(directory: Path) -> Problem:
    return Problem(
        code="INV-200",
        message=_("{holder} is changing the dataset", holder=_holder(directory)),
        file=str(directory),
        hint=_("let it end, or end it, and run this again: nothing was written"),
    )
