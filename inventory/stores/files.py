"""The dataset as a folder of text, in git: the default. One process at a time changes it."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from inventory.dataset import empty_dataset, schema
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
            yield FileSession(self)


class FileSession:
    """The folder while this process alone may change it."""

    def __init__(self, store: FileStore) -> None:
        self.store = store

    def read(self) -> Package:
        """The dataset; empty where there is none."""
        return self.store.read() if self.store.exists() else empty_dataset()

    def write(self, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> bool:
        """Replace the folder as a whole; whether anything changed."""
        return write_package(self.store.directory, schema(), tables, about=about, parquet=self.store.parquet)


@contextmanager
def locked(directory: Path, told: Told | None = None, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a folder: a file beside it, gone once released; its text names who holds it.

    Raises:
        InvalidInput: another process held it for longer than *patience* seconds (``INV-200``).
    """
    path = directory.with_name(f".{directory.name}.lock")
    handle = _acquired(path, told, patience)
    try:
        yield
    finally:
        # Unlinked while still held: whoever waits on it sees that it is no longer the file of that name.
        path.unlink(missing_ok=True)
        os.close(handle)


def _acquired(path: Path, told: Told | None, patience: float) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    said = False
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            if time.monotonic() >= deadline:
                raise InvalidInput(_busy(path)) from None
            if told and not said:
                said = True
                told(_("waiting for {holder}, which is changing the dataset", holder=_holder(path)))
            time.sleep(PAUSE)
            continue
        if _is_still(path, handle):
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()} {socket.gethostname()}\n".encode())
            return handle
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    """Whether the file that is locked is the one of that name, not one that its holder took away meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    try:
        pid, host = path.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return _("another process")
    return _("process {pid} of {host}", pid=pid, host=host)


def _busy(path: Path) -> Problem:
    return Problem(
        code="INV-200",
        message=_("{holder} is changing the dataset", holder=_holder(path)),
        file=str(path),
        hint=_("let it end, or end it, and run this again: nothing was written"),
    )
