"""One writer at a time on a folder: two imports at once take turns, and none finishes what another is in the middle of.

The lock is the kernel's, on the parent folder itself: it goes with the process, whatever ends it, and leaves no file.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_here = threading.RLock()
_depths: dict[str, int] = {}


@contextmanager
def alone(directory: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold what is beside *directory*; within one process it may be asked for again.

    Args:
        directory: the folder about to be replaced; the nearest folder above it is what is held.
        wait: until whoever holds it is done; otherwise whether it could be held is what the block is given.
    """
    parent = _held_folder(directory)
    with _here:
        if _depths.get(parent):
            yield True
            return
        handle = os.open(parent, os.O_RDONLY)
        try:
            held = _locked(handle, wait)
            if held:
                _depths[parent] = 1
            yield held
        finally:
            _depths.pop(parent, None)
            os.close(handle)


def holder(directory: Path) -> int | None:
    """The process that holds a folder, None where it cannot be told (Linux only)."""
    found = Path(_held_folder(directory)).stat()
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    with suppress(OSError):
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5] == place:
                return int(words[4])
    return None


def _held_folder(directory: Path) -> str:
    return str(next(p for p in directory.resolve().parents if p.is_dir()))


def _locked(handle: int, wait: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems know no locks: there, as before, one writer at a time is people's business.
        return True
    return True
