"""A collection, whole: ask, lay down the source file, import it as any other; or leave everything as it was."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from inventory.collect.asking import Collector, Environment, Settings
from inventory.collect.document import render, undated
from inventory.documents import write_text
from inventory.files import SourceFile
from inventory.importing import import_files
from inventory.language import _
from inventory.mappings import read_mapping
from inventory.problems import InvalidInput, Problem, has_errors
from inventory.readers import reader_for
from inventory.workspace import Workspace


@dataclass
class Outcome:
    """What a collection did: the file, whether it changed, what could not be read, what the import did."""

    path: Path
    changed: bool
    scope: str
    unread: tuple[str, ...]
    tables: Mapping[str, Mapping[str, int]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether an error stopped it: nothing was written."""
        return has_errors(self.problems)

    def as_dict(self) -> dict[str, Any]:
        """The answer of ``collect --json``."""
        return {
            "file": self.path.name, "changed": self.changed, "scope": self.scope, "unread": list(self.unread),
            "tables": self.tables, "problems": [p.as_dict() for p in self.problems],
        }  # fmt: skip


def collect(
    collector: Collector,
    workspace: Workspace,
    *,
    settings: Settings,
    environment: Environment,
    today: date,
    dry: bool = False,
) -> Outcome:
    """Ask a system and import what it says.

    Args:
        collector: the system.
        workspace: where the source file and the dataset are.
        settings: the collector's options, and ``name``.
        environment: where credentials are.
        today: the day a new content is first seen.
        dry: ask and read, write nothing.

    Returns:
        What happened. When ``refused``, the file and the dataset are those that were there.

    Raises:
        UserError: the system could not be asked, or did not answer whole: nothing was written.
    """
    collected = collector.collect(settings, environment)
    document = collected.document
    path = workspace.root / "sources" / document.file_name
    before = path.read_bytes() if path.is_file() else None
    text = render(document, today.isoformat())
    changed = before is None or undated(before.decode("utf-8", "replace")) != undated(text)
    outcome = Outcome(path, changed, document.scope, tuple(sorted(document.unread)), {}, list(collected.problems))
    if dry:
        outcome.tables, problems = _read_only(SourceFile(path, text.encode()), workspace)
        outcome.problems += problems
        return outcome
    try:
        # What did not change keeps the day it was first seen.
        if changed:
            write_text(path, text)
        result = import_files([path], workspace, today=today, format_name="collected")
    except OSError as error:
        with suppress(OSError):
            _restore(path, before)
        raise _unwritable(path, error) from error
    except BaseException:
        _restore(path, before)
        raise
    if result.refused:
        _restore(path, before)
    outcome.tables = result.tables
    outcome.problems += result.problems
    return outcome


def _restore(path: Path, before: bytes | None) -> None:
    """The source file as it was: a refused import leaves no trace."""
    if before is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != before:
        write_text(path, before.decode("utf-8"))


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(
        Problem(code="INV-155", message=_("the source file cannot be written: {error}", error=error.strerror or error),
                file=str(path), hint=_("what was there is untouched"))
    )  # fmt: skip


def _read_only(source: SourceFile, workspace: Workspace) -> tuple[dict[str, dict[str, int]], list[Problem]]:
    """What an import would read, without a dataset to compare with."""
    reading = reader_for(source, "collected").read(source, read_mapping(workspace, source.name))
    return {name: {"read": frame.height} for name, frame in reading.tables.items()}, reading.problems
