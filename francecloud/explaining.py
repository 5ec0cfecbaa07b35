"""What a word means: an error code, an entry of the doctrine, an application; otherwise what is nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from francecloud.language import _
from inventory.problems import Explanation, NotFound, Problem

if TYPE_CHECKING:
    from inventory.workspace import Workspace
    from rationalise import Doctrine

EXPLAINED_BY = (
    "francecloud.explanations",
    "inventory.explanations",
    "rationalise.explanations",
    "stacks.explanations",
    "stacks.engine.explanations",
    "stacks.run.explanations",
    "stacks.lab.explanations",
)
"""The modules that hold ``EXPLANATIONS``, one a room or part of a room."""

NEAREST = 5
"""Words offered when the one given is not known."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word means: ``kind`` is ``code``, ``doctrine`` or ``application``."""

    kind: str
    word: str
    title: str
    body: str
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The meaning for ``--json``; an application's is its explanation as the analysis gives it."""
        if self.kind == "application":
            return dict(self.data)
        return {"kind": self.kind, "word": self.word, "title": self.title, "body": self.body, **self.data}


def explanations() -> dict[str, Explanation]:
    """Every error code of every room and its explanation."""
    return {code: text for module in EXPLAINED_BY for code, text in import_module(module).EXPLANATIONS.items()}


def meaning(word: str, workspace: Workspace | None, as_of: date) -> Meaning:
    """What *word* means; without a workspace, applications are not known.

    Raises:
        NotFound: nothing bears that name (``FRC-001``); its hint gives the nearest words.
    """
    codes = explanations()
    if word.upper() in codes:
        found = codes[word.upper()]
        return Meaning("code", word.upper(), found.title(), found.body(), {})
    entries = doctrine_entries(_doctrine(workspace))
    if entry := entries.get(word) or entries.get(word.upper()):
        return _entry(entry)
    names = _applications(workspace)
    if workspace is not None and (identifier := names.get(word.casefold())):
        return _application(workspace, identifier, as_of)
    raise NotFound(_unknown(word, [*codes, *entries, *names]))


def doctrine_entries(doctrine: Doctrine) -> dict[str, Any]:
    """Every entry of the doctrine by its identifier: rules, offers, shared services, figures, texts."""
    return dict(doctrine.entries)


def _doctrine(workspace: Workspace | None) -> Doctrine:
    from rationalise import load_doctrine

    overlay = workspace.doctrine if workspace else None
    return load_doctrine(overlay if overlay and overlay.is_dir() else None)


def _entry(entry: Any) -> Meaning:
    known = entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True, by_alias=True)
    lines = [f"{key}: {_plain(value)}" for key, value in known.items() if key not in ("id", "title")]
    return Meaning("doctrine", entry.id, str(entry.title), "\n".join(lines), known)


def _plain(value: Any) -> str:
    from inventory.language import language

    if isinstance(value, Mapping) and set(value) == {"fr", "en"}:
        return str(value[language()])
    if isinstance(value, Mapping):
        return "; ".join(
            f"{k} = ({_plain(v)})" if isinstance(v, Mapping) else f"{k} = {_plain(v)}" for k, v in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_plain(v) for v in value)
    return str(value)


def _applications(workspace: Workspace | None) -> dict[str, str]:
    """Applications of the dataset: their identifier by itself and by name, without regard to case."""
    from inventory import read_dataset
    from inventory.stores import open_store

    if workspace is None or not open_store(workspace).exists():
        return {}
    table = read_dataset(workspace)["applications"]
    names: dict[str, str] = {}
    for identifier, name in table.select("id", "name").sort("id").iter_rows():
        names.setdefault(str(name or identifier).casefold(), identifier)
        names[identifier.casefold()] = identifier
    return names


def _application(workspace: Workspace, identifier: str, as_of: date) -> Meaning:
    from rationalise import explain_application

    data = explain_application(workspace, identifier, as_of)
    return Meaning("application", identifier, "", data["text"], data)


def _unknown(word: str, known: list[str]) -> Problem:
    from rapidfuzz import process

    near = [match for match, score, _index in process.extract(word, known, limit=NEAREST) if score >= 50]
    return Problem(
        code="FRC-001",
        message=_("nothing is known by the name “{word}”", word=word),
        value=word,
        hint=_("did you mean: {words}?", words=", ".join(near))
        if near
        else _("give a code (INV-012), a rule (FC-04), an offer, or an application of the workspace"),
    )


def nearest_workspace(start: Path) -> Workspace | None:
    """The workspace at or above *start*, if any: codes and rules are explained anywhere."""
    from inventory.workspace import find_root, open_workspace

    return open_workspace(start) if find_root(start) else None
