"""An import asked again when nothing changed: answered from what was told then, for the price of hashing.

Nothing changed when the same files, the mapping files, the settings, the decisions, this code and the dataset itself
are, byte for byte, those of an import whose repetition is known to write nothing: one that wrote nothing, or one in
which merging had nothing to settle. What was told is kept in ``.francecloud/``, which may be removed at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inventory.documents import write_text
from inventory.language import language
from inventory.problems import Problem, Severity
from inventory.workspace import Workspace

if TYPE_CHECKING:
    from inventory.importing import ImportResult

FOLDER, RECORD = ".francecloud", "imports.json"
MOST_PROBLEMS = 10_000
"""Problems beyond which the answer is not worth keeping."""
REPEATED = frozenset({"INV-040"})
"""What merging says again, word for word, of the same sources: links that lead nowhere."""
COUNTS = {"read", "created", "updated", "unchanged"}
LIBRARIES = ("polars", "fastexcel", "defusedxml", "odfdo", "sqlglot", "rapidfuzz")


def settled(problems: Iterable[Problem]) -> bool:
    """Whether what merging said shows that merging again would change nothing."""
    return all(p.code in REPEATED for p in problems)


@dataclass(frozen=True)
class Asked:
    """An import as it is asked for: everything its result depends on but the dataset and the day."""

    workspace: Workspace
    paths: tuple[Path, ...]
    format_name: str | None

    def told(self, kind: type[ImportResult]) -> ImportResult | None:
        """The answer of a repetition, or None where the import must be done."""
        # Only what was asked in the same words is worth hashing: a folder given by mistake may be a whole disk.
        entries = [e for e in self._entries() if e.get("given") == self._given()]
        if not entries:
            return None
        asked = self._digest()
        entry = next((e for e in entries if e["asked"] == asked), None) if asked else None
        if entry is None or entry["dataset"] != _digest_of([self.workspace.dataset]):
            return None
        answer = dict(entry["answer"])
        told = [Problem(**{**p, "severity": Severity(p["severity"])}) for p in answer.pop("problems")]
        return kind(**answer, problems=told)

    def keep(self, result: ImportResult) -> None:
        """Keep what a repetition would answer, where that is known."""
        if result.refused or not result.settled or len(result.problems) > MOST_PROBLEMS:
            return
        asked, dataset = self._digest(), _digest_of([self.workspace.dataset])
        if asked is None or not all(set(counts) == COUNTS for counts in result.tables.values()):
            return
        answer = {f.name: getattr(result, f.name) for f in fields(result)}
        answer |= {"problems": [p.as_dict() for p in result.problems], "written": False, "unchanged": True,
                   "tables": _again(result.tables)}  # fmt: skip
        entry = {"given": self._given(), "asked": asked, "dataset": dataset, "answer": answer}
        others = [e for e in self._entries() if e["dataset"] == dataset and e["asked"] != asked]
        try:
            text = json.dumps({"imports": [*others, entry]}, ensure_ascii=False) + "\n"
            write_text(self._file().with_name(".gitignore"), "*\n")
            self._file().unlink(missing_ok=True)
            write_text(self._file(), text)
        except (OSError, TypeError, ValueError):
            # A record that cannot be kept costs time at the next import, nothing else.
            return

    def _given(self) -> list[str]:
        return [str(p) for p in self.paths]

    def _file(self) -> Path:
        return self.workspace.root / FOLDER / RECORD

    def _entries(self) -> list[dict[str, Any]]:
        try:
            kept = json.loads(self._file().read_text(encoding="utf-8"))["imports"]
            return [e for e in kept if {"asked", "dataset", "answer"} <= set(e)]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _digest(self) -> str | None:
        """Of all that the import depends on; None where a source cannot be read twice."""
        # a list of GLPI may have its number of rows in a file beside it
        beside = [total for p in self.paths if (total := p.with_name(f"{p.name}.total")).is_file()]
        sources = _digest_of([*self.paths, *beside])
        if sources is None:
            return None
        root = self.workspace.root
        about = [
            self._given(),
            sources,
            self.format_name,
            _digest_of([root / "sources"], "*.mapping.json"),
            _digest_of([self.workspace.decisions]),
            json.dumps(self.workspace.settings, sort_keys=True, default=str),
            language(),
            _code(),
        ]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def _again(tables: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {t: {"read": c["read"], "created": 0, "updated": 0, "unchanged": c["read"]} for t, c in tables.items()}


def _digest_of(paths: Sequence[Path], among: str = "*") -> str | None:
    """Of files and whole folders, by name and content; None where one is neither, or cannot be read."""
    whole = hashlib.sha256()
    try:
        for path in paths:
            inside = sorted(p for p in path.rglob(among) if not p.is_dir()) if path.is_dir() else [path]
            for file in inside:
                if not file.is_file():
                    return None
                with file.open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
                whole.update(f"{file.relative_to(path)}\0{found}\n".encode(errors="surrogateescape"))
            whole.update(b"\n")
    except OSError:
        return None
    return whole.hexdigest()


@lru_cache
def _code() -> str:
    """The code and data of this room, and the versions of what reads and of the readers of others."""
    here = Path(__file__).parent
    ours = [p for p in sorted(here.rglob("*")) if p.suffix in (".py", ".json", ".yaml", ".csv")]
    others = sorted(
        (p.name, p.value, p.dist.version if p.dist else "") for p in entry_points(group="francecloud.readers")
    )
    return json.dumps([_digest_of(ours), others, [version(name) for name in LIBRARIES]])
