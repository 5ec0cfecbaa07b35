"""Where installed engines are kept, and how a folder of them is whole or not there at all.

``<cache>/francecloud/engine/<piece>-<hash of inputs>/`` holds the files and ``manifest.json``, which
says what they were made of and gives the SHA-256 of each. A folder is filled under another name and
renamed when complete; one lock serves all installations of a user.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import pwd
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stacks.engine.problems import EngineError, engine_problem
from stacks.language import _

MANIFEST = "manifest.json"
HASH_LENGTH = 16


def user_home() -> Path:
    """The user's folder; where ``HOME`` says nothing usable, what the system's accounts say."""
    named = os.environ.get("HOME", "")
    return Path(named) if Path(named).is_absolute() else Path(pwd.getpwuid(os.getuid()).pw_dir)


def engine_folder() -> Path:
    """``francecloud/engine`` in the user's cache (``XDG_CACHE_HOME``, ignored when relative, else ``~/.cache``)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(named) if Path(named).is_absolute() else user_home() / ".cache"
    return cache / "francecloud" / "engine"


def login_folder() -> Path:
    """Where ``pulumi login`` keeps what it is told, from one version of the engine to the next."""
    return engine_folder() / "login"


def target() -> str:
    """The system and processor, as the Go toolchain names them (``linux-amd64``)."""
    processors = {"x86_64": "amd64", "aarch64": "arm64"}
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{processors.get(machine, machine)}"


def piece_folder(piece: str, inputs: Mapping[str, bytes]) -> Path:
    """The folder of a piece made of *inputs* (name to content), for this system and processor."""
    digest = hashlib.sha256(target().encode())
    for name in sorted(inputs):
        digest.update(f"\0{name}\0{len(inputs[name])}\0".encode())
        digest.update(inputs[name])
    return engine_folder() / f"{piece}-{digest.hexdigest()[:HASH_LENGTH]}"


def write_manifest(folder: Path, facts: Mapping[str, object]) -> None:
    """Record *facts* and the digest of every file of a folder."""
    files = {
        str(path.relative_to(folder)): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and "__pycache__" not in path.parts
    }
    text = json.dumps({**facts, "files": files}, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What the manifest of a folder says, or None where there is no readable one."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and isinstance(manifest.get("files"), dict) else None


def damage(folder: Path) -> str | None:
    """The first file of an installed folder that is not what its manifest says, or None when it is whole."""
    manifest = read_manifest(folder)
    if manifest is None:
        return MANIFEST
    for name, digest in manifest["files"].items():
        try:
            if _digest(folder / name) != digest:
                return str(name)
        except OSError:
            return str(name)
    return None


@contextmanager
def installing(say: Callable[[str], None]) -> Iterator[None]:
    """Hold the one lock of all installations of this user; it goes with the process, however that ends.

    Raises:
        EngineError: the cache folder cannot be written.
    """
    folder = engine_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = (folder / ".lock").open("a")
    except OSError as error:
        raise EngineError(
            engine_problem(
                "ENG-005",
                _("the cache folder {folder} cannot be written: {error}", folder=folder, error=error.strerror),
                _("set XDG_CACHE_HOME to a folder of yours"),
            )
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(_("another installation of the engine is running: waiting for it"))
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def filled(folder: Path) -> Iterator[Path]:
    """A folder to fill, given its name when the block ends well; call under :func:`installing`.

    What an interrupted installation left is found there again: write each file under another name
    and rename it, so that what is there is whole.
    """
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    yield partial
    if folder.exists():
        # A rename cannot replace a folder that has files: the damaged one steps aside first.
        aside = folder.with_name(f"{folder.name}.damaged-{time.time_ns()}")
        folder.rename(aside)
        partial.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        partial.rename(folder)


def put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".fresh")
    with suppress(FileNotFoundError):
        fresh.unlink()
    fresh.write_bytes(content)
    fresh.chmod(mode)
    fresh.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
