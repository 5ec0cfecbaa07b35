"""The key that names are replaced with: made once, kept by the DSI, never in git."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from inventory.language import _
from inventory.problems import InvalidInput, Problem

SHORTEST = 32
"""Bytes of a key."""
LEAST_DISTINCT = 12
"""Distinct bytes below which a key is a word repeated, not chance: 32 random ones practically never have fewer."""


@dataclass(frozen=True)
class Key:
    """A key, and those made of it, one a purpose. Its text form says nothing."""

    master: bytes

    def __repr__(self) -> str:
        return f"Key({self.identity})"

    def derived(self, purpose: bytes, size: int = 64) -> bytes:
        """The key of a purpose (at most 16 bytes of name)."""
        return hashlib.blake2b(key=self.master, person=purpose, digest_size=size).digest()

    @property
    def identity(self) -> str:
        """What tells two keys apart without telling anything of them."""
        return self.derived(b"identity", 8).hex()

    @classmethod
    def of(cls, content: bytes) -> Key:
        """The key whose file holds *content*."""
        return cls(hashlib.blake2b(content, person=b"francecloud", digest_size=64).digest())


def read_key(path: Path, workspace: Path) -> Key:
    """Read a key file.

    Args:
        path: the file.
        workspace: the workspace's root, in whose git the key must not be.

    Raises:
        InvalidInput: absent, too short or too plain (``INV-209``), or in the workspace and not ignored (``INV-210``).
    """
    _away_from_git(path, workspace)
    try:
        content = path.read_bytes().strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-209", file=str(path), message=_("the key cannot be read: {error}", error=error.strerror or error),
                    hint=_("make one with: francecloud export --new-key --key-file FILE"))
        ) from error  # fmt: skip
    if len(content) < SHORTEST or len(set(content)) < LEAST_DISTINCT:
        raise InvalidInput(
            Problem(code="INV-209", file=str(path), message=_("this is no key: it is shorter than {n} bytes, or too plain", n=SHORTEST),
                    hint=_("make one with: francecloud export --new-key --key-file FILE"))
        )  # fmt: skip
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidInput(
            Problem(code="INV-209", file=str(path), message=_("others than you may read or write this key"),
                    hint=_("chmod 600 {path}", path=path))
        )  # fmt: skip
    return Key.of(content)


def new_key(path: Path, workspace: Path) -> Key:
    """Make a key file that nobody else may read; one that exists is never replaced.

    Raises:
        InvalidInput: there is one (``INV-211``), or it would be in the workspace's git (``INV-210``).
    """
    _away_from_git(path, workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = secrets.token_hex(32).encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidInput(
            Problem(code="INV-211", file=str(path), message=_("there is a key already"),
                    hint=_("without it what was sent cannot be read again: give another name"))
        ) from error  # fmt: skip
    with os.fdopen(handle, "wb") as out:
        out.write(content + b"\n")
    return Key.of(content)


def _away_from_git(path: Path, workspace: Path) -> None:
    root = workspace.resolve()
    # Both as named and as it is: a link leads out of the workspace, or into it.
    for seen in (path.absolute(), path.resolve()):
        if seen.is_relative_to(root) and not _ignored(seen, root):
            raise InvalidInput(
                Problem(code="INV-210", file=str(path), message=_("the key is in the workspace, where git would take it"),
                        hint=_("keep it elsewhere, or name it so that .gitignore holds it out, as *.key does"))
            )  # fmt: skip


def _ignored(path: Path, root: Path) -> bool:
    if shutil.which("git") is None:
        return False
    done = subprocess.run(
        ["git", "-C", str(root), "check-ignore", "--quiet", str(path)], capture_output=True, check=False
    )
    return done.returncode == 0
