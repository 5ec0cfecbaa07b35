"""The same files give the same archive, whatever the day; and what is written is written whole or not at all."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from inventory.language import _
from inventory.package import DESCRIPTOR, recover, replace_folder
from inventory.problems import InvalidInput, Problem

EPOCH = (1980, 1, 1, 0, 0, 0)
Content = bytes | Mapping[str, bytes]
"""An export: one file, or the files of a folder by name."""


def archive(files: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP of *files*, in their order, dated of no day; *stored* are kept uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return out.getvalue()


def write_whole(path: Path, content: Content) -> None:
    """Write a file, or a folder, as a whole; what was there is replaced if it is a former export.

    Raises:
        InvalidInput: something else stands there (``INV-207``), or it cannot be written (``INV-024``).
    """
    try:
        if isinstance(content, bytes):
            _write_file(path, content)
        else:
            _write_folder(path, content)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-024", message=_("the file cannot be written: {error}", error=error.strerror or error),
                    file=str(error.filename or path))
        ) from error  # fmt: skip


def _write_file(path: Path, body: bytes) -> None:
    if path.is_dir():
        raise _in_the_way(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    with beside.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


def _write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    recover(path)
    # A folder is replaced as a whole: only one of ours may be.
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / DESCRIPTOR).is_file()):
        raise _in_the_way(path)
    strangers = sorted({p.name for p in path.iterdir()} - _ours(files)) if path.is_dir() else []
    if strangers:
        raise _in_the_way(path / strangers[0])
    replace_folder(path, files)


def _ours(files: Mapping[str, bytes]) -> set[str]:
    stems = {Path(name).stem for name in files}
    return {*files, *(f"{s}{suffix}" for s in stems for suffix in (".csv", ".parquet", ".json", ".sealed"))}


def _in_the_way(path: Path) -> InvalidInput:
    return InvalidInput(
        Problem(code="INV-207", file=str(path), message=_("something that is not a former export is in the way"),
                hint=_("give another name with -o, or move it"))
    )  # fmt: skip
