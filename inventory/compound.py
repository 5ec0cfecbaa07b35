"""Old workbooks (XLS) are compound files: chains of sectors that a damaged or made-up file can close into a circle.

The reader follows them without counting and fills the memory; so they are followed here first, once each.
Layout: [MS-CFB], "Compound File Binary File Format", §2.2 to §2.6.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator

HEADER = 512
LAST_SECTOR = 0xFFFFFFFA
"""Numbers from this one on are marks (end of chain, free, table), not sectors."""
ENTRY = 128


class Broken(Exception):
    """The chains do not hold; the text says which."""


def check_chains(content: bytes) -> None:
    """Make sure that every chain of sectors ends.

    Raises:
        Broken: one does not, or leads out of the file.
    """
    if len(content) < HEADER:
        raise Broken("header")
    (shift,) = struct.unpack_from("<H", content, 30)
    tables, directory, _transaction, cutoff, small, _small_count, more = struct.unpack_from("<7I", content, 44)
    if shift not in (9, 12):
        raise Broken("sectors")
    size = 1 << shift
    table = _table(content, size, tables, more)
    entries = b"".join(_sector(content, size, n) for n in _chain(table, directory, "directory"))
    small_table = _numbers(b"".join(_sector(content, size, n) for n in _chain(table, small, "small sectors")))
    for at in range(0, len(entries) - ENTRY + 1, ENTRY):
        kind, start, length = entries[at + 66], *struct.unpack_from("<II", entries, at + 116)
        if kind in (2, 5) and length:
            within = small_table if kind == 2 and length < cutoff else table
            for _sector_number in _chain(within, start, "stream"):
                pass


def _table(content: bytes, size: int, tables: int, more: int) -> array[int]:
    """The table that says of each sector which follows it."""
    places = list(_numbers(content[76:HEADER]))
    seen: set[int] = set()
    while more < LAST_SECTOR:
        if more in seen:
            raise Broken("table")
        seen.add(more)
        *listed, more = _numbers(_sector(content, size, more))
        places += listed
    parts = [_sector(content, size, n) for n in places[: min(tables, len(places))] if n < LAST_SECTOR]
    return _numbers(b"".join(parts))


def _chain(table: array[int], start: int, what: str) -> Iterator[int]:
    steps = 0
    while start < LAST_SECTOR:
        if start >= len(table) or steps > len(table):
            raise Broken(what)
        yield start
        start = table[start]
        steps += 1


def _sector(content: bytes, size: int, number: int) -> bytes:
    found = content[(number + 1) * size : (number + 2) * size]
    if not found:
        raise Broken("sector")
    return found.ljust(size, b"\0")


def _numbers(content: bytes) -> array[int]:
    found = array("I")
    found.frombytes(content[: len(content) // found.itemsize * found.itemsize])
    if sys.byteorder == "big":
        found.byteswap()
    return found
