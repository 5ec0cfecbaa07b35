"""A folder replaced as a whole, and the mapping files of ``sources/`` with it, whatever kills the process.

The new folder is made beside (``.name.next``), its marker file last; two renames put it in place. It carries the
mapping files that go with it (``.sources.next`` inside it) until each is in ``sources/``: so a mapping is never newer
than the dataset, and the next command finishes what was begun. ``init`` has git ignore both.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from inventory.holding import alone
from inventory.language import _
from inventory.problems import InvalidInput, Problem

CARRIED = ".sources.next"
SOURCES = "sources"


def replace(directory: Path, contents: Mapping[str, bytes], marker: str, mappings: Mapping[str, bytes]) -> None:
    """Replace a folder; whoever kills this leaves the old one or the new one.

    Args:
        directory: the folder.
        contents: its files, by name.
        marker: the one whose presence says that the folder is complete.
        mappings: files of the ``sources/`` beside it that change with it, by name.
    """
    ready, previous = beside(directory)
    shutil.rmtree(ready, ignore_errors=True)
    shutil.rmtree(previous, ignore_errors=True)
    _stage(ready / CARRIED, _changed(directory, mappings))
    ready.mkdir(parents=True, exist_ok=True)
    for name, body in sorted(contents.items(), key=lambda item: item[0] == marker):
        _written(ready / name, body)
    _flushed(ready)
    if directory.exists():
        directory.rename(previous)
    ready.rename(directory)
    _flushed(directory.parent)
    _settle(directory)
    shutil.rmtree(previous, ignore_errors=True)


def carry(directory: Path, mappings: Mapping[str, bytes]) -> None:
    """Change mapping files all together where the folder itself stays as it is."""
    changed = _changed(directory, mappings)
    if not changed:
        return
    ready = directory.with_name(CARRIED)
    shutil.rmtree(ready, ignore_errors=True)
    _stage(ready, changed)
    _flushed(ready)
    ready.rename(directory / CARRIED)
    _settle(directory)


def recover(directory: Path, marker: str) -> None:
    """Finish, or undo, what a kill interrupted; what another process is in the middle of is waited for.

    Raises:
        InvalidInput: it was interrupted and cannot be finished here (``INV-220``).
    """
    if not directory.parent.is_dir() or not _interrupted(directory):
        return
    try:
        # Leftovers alone are no reason to wait for the import that is making them.
        with alone(directory, wait=not directory.exists() or (directory / CARRIED).exists()) as held:
            if held:
                _recover(directory, marker)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-220", file=str(error.filename or directory),
                    message=_("an import was interrupted and cannot be finished: {error}", error=error.strerror or error),
                    hint=_("make the folder one that can be written to, then run any command again"))
        ) from error  # fmt: skip


def beside(directory: Path) -> tuple[Path, Path]:
    """Where the next folder is made and where the previous one waits."""
    return directory.with_name(f".{directory.name}.next"), directory.with_name(f".{directory.name}.previous")


def _interrupted(directory: Path) -> bool:
    left = (*beside(directory), directory / CARRIED, directory.with_name(CARRIED))
    return any(path.exists() for path in left)


def _recover(directory: Path, marker: str) -> None:
    ready, previous = beside(directory)
    if not directory.exists():
        if (ready / marker).is_file():
            ready.rename(directory)
        elif previous.exists():
            previous.rename(directory)
    _settle(directory)
    for left in (ready, previous, directory.with_name(CARRIED)):
        shutil.rmtree(left, ignore_errors=True)


def _settle(directory: Path) -> None:
    """Put in ``sources/`` the mapping files that a folder carries; one that a person edited since stays theirs."""
    carried = directory / CARRIED
    if not carried.is_dir():
        return
    sources = directory.with_name(SOURCES)
    sources.mkdir(exist_ok=True)
    for file in sorted(path for path in carried.rglob("*") if path.is_file()):
        place = sources / file.relative_to(carried)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_file() and place.stat().st_mtime_ns > file.stat().st_mtime_ns:
            file.unlink()
        else:
            file.replace(place)
    _flushed(sources)
    shutil.rmtree(carried)


def _changed(directory: Path, mappings: Mapping[str, bytes]) -> dict[str, bytes]:
    sources = directory.with_name(SOURCES)
    return {n: b for n, b in mappings.items() if not (sources / n).is_file() or (sources / n).read_bytes() != b}


def _stage(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _written(folder / name, body)


def _written(path: Path, body: bytes) -> None:
    with path.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())


def _flushed(folder: Path) -> None:
    """Make the names in a folder last through a power cut, where the file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
