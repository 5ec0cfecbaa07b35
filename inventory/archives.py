"""Several files that are one source: a folder, or a ZIP, and its members in a fixed order.

Members are read when they are asked for and not kept, so that fifty thousand of them never stand in memory together.
A ZIP is measured before anything is unpacked; what would leave its folder, or swell, is refused.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from inventory.files import LARGEST_FILE, SourceFile
from inventory.language import _
from inventory.problems import InvalidInput, Problem

MOST_MEMBERS = 200_000
LARGEST_ARCHIVE = 4 * 2**30
"""Bytes of all the members of a folder or ZIP together, once unpacked."""
LARGEST_RATIO = 200
"""Times a member may be larger than its packed size, beyond :data:`SMALL`."""
SMALL = 2**24
UNREADABLE = (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError)
"""What the library raises of a ZIP that is cut, damaged, or packed in a way it does not know."""
NOISE = {"__MACOSX", "Thumbs.db", "desktop.ini"}
WORKBOOK_PARTS = ("[Content_Types].xml", "content.xml", "mimetype", "META-INF/manifest.xml")


class FolderMember(SourceFile):
    """A file of a folder, read each time its content is asked for."""

    def __init__(self, path: Path) -> None:
        object.__setattr__(self, "path", path)

    @property
    def content(self) -> bytes:
        """The file's bytes.

        Raises:
            InvalidInput: it cannot be read (``INV-001``).
        """
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise InvalidInput(
                self.problem("INV-001", _("the file cannot be read: {error}", error=error.strerror or error))
            ) from error


class ZipMember(SourceFile):
    """A member of a ZIP, unpacked each time its content is asked for; ``path`` is the ZIP's, then its name inside."""

    _packed: zipfile.ZipFile
    _entry: zipfile.ZipInfo

    def __init__(self, archive: Path, packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        object.__setattr__(self, "path", archive / entry.filename)
        object.__setattr__(self, "_packed", packed)
        object.__setattr__(self, "_entry", entry)

    @property
    def content(self) -> bytes:
        """The member's bytes, never more than the ZIP announced.

        Raises:
            InvalidInput: the ZIP is damaged there, or asks for a password (``INV-120``).
        """
        try:
            return self._packed.read(self._entry)
        except (*UNREADABLE, zlib.error, RuntimeError) as error:
            raise InvalidInput(_damaged(self, error)) from error


def is_archive(content: bytes) -> bool:
    """Whether the content is a ZIP of files, and not a workbook, which is a ZIP of its parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
    except UNREADABLE:
        return False
    return not any(name in WORKBOOK_PARTS or name.startswith("xl/") for name in names)


def folder_members(path: Path) -> tuple[SourceFile, ...]:
    """The files below a folder, sorted by path; hidden ones, locks and mappings left out.

    Raises:
        InvalidInput: there are none, too many or too much of them (``INV-121``, ``INV-124``).
    """
    found: list[Path] = []
    size = 0
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if _shown(name))
        for name in files:
            file = Path(folder) / name
            if _shown(name) and file.is_file():
                found.append(file)
                size += file.stat().st_size
        if len(found) > MOST_MEMBERS or size > LARGEST_ARCHIVE:
            raise InvalidInput(_too_much(SourceFile(path, b""), len(found), size))
    if not found:
        raise InvalidInput(SourceFile(path, b"").problem("INV-124", _("there is no file in it")))
    return tuple(FolderMember(file) for file in sorted(found, key=lambda f: f.relative_to(path).parts))


def zip_members(path: Path, content: bytes) -> tuple[SourceFile, ...]:
    """The files in a ZIP, sorted by name, after making sure that unpacking them is safe.

    Raises:
        InvalidInput: damaged, encrypted (``INV-120``), too large (``INV-121``), with a member that would leave its
            folder (``INV-122``) or is an archive itself (``INV-123``), or empty (``INV-124``); every one listed.
    """
    source = SourceFile(path, b"")
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except UNREADABLE as error:
        raise InvalidInput(_damaged(source, error)) from error
    everything = packed.infolist()
    size = sum(e.file_size for e in everything)
    if len(everything) > MOST_MEMBERS or size > LARGEST_ARCHIVE:
        raise InvalidInput(_too_much(source, len(everything), size))
    problems = [p for e in everything for p in _unsafe(path, e)]
    if problems:
        raise InvalidInput(*problems)
    entries = [e for e in everything if not e.is_dir() and all(map(_shown, PurePosixPath(e.filename).parts))]
    if not entries:
        raise InvalidInput(source.problem("INV-124", _("there is no file in it")))
    return tuple(ZipMember(path, packed, e) for e in sorted(entries, key=lambda e: PurePosixPath(e.filename).parts))


def children(source: SourceFile) -> Iterator[Path | SourceFile]:
    """What a folder or ZIP that is not one source is made of: paths to open in turn, or members of the ZIP."""
    if source.path.is_dir():
        yield from sorted(
            p for p in source.path.iterdir() if _shown(p.name) and (p.is_file() or (p.is_dir() and not p.is_symlink()))
        )
    else:
        yield from source.members or ()


def _shown(name: str) -> bool:
    return not name.startswith((".", "~$")) and name not in NOISE and not name.endswith(".mapping.json")


def _unsafe(path: Path, entry: zipfile.ZipInfo) -> Iterator[Problem]:
    member = SourceFile(path / entry.filename, b"")
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if (
        name.is_absolute()
        or ".." in name.parts
        or ":" in entry.filename.split("/")[0]
        or stat.S_ISLNK(entry.external_attr >> 16)
    ):
        yield member.problem(
            "INV-122",
            _("this member would be written outside of its folder: the archive is refused"),
            hint=_("an export never holds such names: ask where this file comes from"),
        )
    elif entry.flag_bits & 1:
        yield member.problem(
            "INV-120", _("the archive asks for a password"), hint=_("unpack it, and give the folder instead")
        )
    elif name.suffix.lower() in (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar"):
        yield member.problem("INV-123", _("an archive within an archive is not opened"), hint=_("unpack it first"))
    elif entry.file_size > min(
        LARGEST_FILE, max(SMALL, LARGEST_RATIO * entry.compress_size)
    ):  # a text packs ten to thirty times
        yield member.problem(
            "INV-121",
            _("unpacked, this member would take {n} bytes, {ratio} times its size: the archive is refused",
              n=entry.file_size, ratio=entry.file_size // max(entry.compress_size, 1)),
        )  # fmt: skip


def _too_much(source: SourceFile, members: int, size: int) -> Problem:
    return source.problem(
        "INV-121",
        _("there are {members} files and {size} bytes in it, more than may be read at once", members=members, size=size),
        hint=_("give fewer files at a time: at most {members} and {size} GiB", members=MOST_MEMBERS, size=LARGEST_ARCHIVE // 2**30),
    )  # fmt: skip


def _damaged(source: SourceFile, error: BaseException) -> Problem:
    return source.problem(
        "INV-120",
        _("the archive cannot be unpacked: {error}", error=str(error) or type(error).__name__),
        hint=_("make it again, or unpack it and give the folder"),
    )
