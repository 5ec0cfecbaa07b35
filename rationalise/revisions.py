"""Read a workspace as it was at a git revision, without touching the working tree."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from inventory.problems import InvalidInput, Problem
from inventory.workspace import SETTINGS, Workspace, open_workspace
from rationalise.language import _

WORKING_TREE = ""
"""The name of what is on disk now, committed or not."""

READ = (SETTINGS, "dataset", "decisions", "doctrine", "zones")
"""What an analysis needs of a workspace."""


@contextmanager
def at_revision(workspace: Workspace, revision: str) -> Iterator[Workspace]:
    """The workspace at *revision* (:data:`WORKING_TREE`: as it is), in a folder that lives as long as the block.

    Raises:
        InvalidInput: no git, no repository or no such revision (``ANA-071``); the settings of that
            revision cannot be read.
    """
    if revision == WORKING_TREE:
        yield workspace
        return
    with TemporaryDirectory(prefix="francecloud-") as folder:
        root = Path(folder)
        _extract(workspace.root, revision, root)
        if not (root / SETTINGS).is_file():
            (root / SETTINGS).touch()
        yield open_workspace(root)


def describe(workspace: Workspace, revision: str) -> str:
    """The revision's short name for a person: what was asked and its abbreviated commit."""
    if revision == WORKING_TREE:
        return _("working tree")
    commit = _git(workspace.root, revision, "rev-parse", "--short", f"{revision}^{{commit}}").decode().strip()
    return commit if revision.startswith(commit) else f"{revision} ({commit})"


def _extract(root: Path, revision: str, into: Path) -> None:
    # From within a subfolder git narrows what it lists and archives: it is asked from the top instead.
    top = Path(_git(root, revision, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    prefix = _git(root, revision, "rev-parse", "--show-prefix").decode().rstrip("\n")
    tree = f"{revision}:{prefix}"
    present = set(_git(top, revision, "ls-tree", "-z", "--name-only", tree).decode().split("\0"))
    wanted = [name for name in READ if name in present]
    if not wanted:
        return
    with tarfile.open(fileobj=BytesIO(_git(top, revision, "archive", "--format=tar", tree, *wanted))) as archive:
        # What git archives is named within its tree; Debian 12's Python has no extraction filter yet.
        kept = [member for member in archive.getmembers() if member.isfile() or member.isdir()]
        archive.extractall(into, members=kept)  # noqa: S202


def _git(root: Path, revision: str, *words: str) -> bytes:
    # An option-like revision would be read by git as an option.
    if revision.startswith("-"):
        raise _unreadable(revision, _("it is not the name of a revision"))
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise _unreadable(revision, _("git is not installed")) from error
    if done.returncode:
        raise _unreadable(revision, done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout


def _unreadable(revision: str, reason: str) -> InvalidInput:
    return InvalidInput(
        Problem(
            code="ANA-071",
            message=_("revision {revision} cannot be read: {reason}", revision=revision, reason=reason),
            value=revision,
            hint=_("give a commit, a tag or a branch that git log shows here (in CI: fetch the whole history)"),
        )
    )
