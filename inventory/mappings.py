"""How the columns of a source were understood, one JSON file a source that people may edit and that wins.

``sources/<source>.mapping.json``: for each sheet ("" for a text file), heading → ``table.column`` and, in brackets,
the unit of its numbers; null for a column that is not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inventory.dataset import schema
from inventory.documents import nearest
from inventory.headings import dictionary, parse_kept
from inventory.language import _
from inventory.problems import InvalidInput, Problem
from inventory.readers.reading import Mapped, Reading
from inventory.workspace import Workspace


def mapping_file(workspace: Workspace, source: str) -> Path:
    """Where the mapping of a source is kept."""
    return workspace.root / "sources" / f"{source}.mapping.json"


def read_mapping(workspace: Workspace, source: str) -> Mapped:
    """The mapping kept of a source; empty when there is none.

    Raises:
        InvalidInput: it is not such a file (``INV-018``) or leads to columns that do not exist (``INV-019``).
    """
    path = mapping_file(workspace, source)
    if not path.is_file():
        return {}
    try:
        sheets = json.loads(path.read_text(encoding="utf-8"))["sheets"]
        entries = [(s, h, t) for s, headings in sheets.items() for h, t in headings.items()]
        if not all(t is None or isinstance(t, str) for _s, _h, t in entries):
            raise ValueError(_("every heading leads to a text or to null"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            Problem(code="INV-018", message=_("the mapping file cannot be read: {error}", error=error), file=str(path),
                    row=getattr(error, "lineno", None), hint=_("mend it, or remove it and import again"))
        ) from error  # fmt: skip
    problems = [p for sheet, heading, target in entries if target for p in _wrong(path, sheet, heading, target)]
    if problems:
        raise InvalidInput(*problems)
    kept: Mapped = sheets
    return kept


def _wrong(path: Path, sheet: str, heading: str, target: str) -> Iterator[Problem]:
    known = targets()
    entry = parse_kept(target)
    if entry is None or f"{entry[0]}.{entry[1]}" not in known:
        near = nearest(target, known)
        yield Problem(
            code="INV-019", file=str(path), sheet=sheet or None, column=heading, value=target,
            message=_("“{heading}” leads to “{target}”, which is no column of the dataset", heading=heading, target=target),
            hint=_("did you mean “{near}”?", near=near) if near else _("expected for example “applications.name”, or null"),
        )  # fmt: skip


def targets() -> list[str]:
    """Everything a heading may lead to: columns of the dataset, and what the dictionary makes links and components of."""
    columns = {f"{t.name}.{f.name}" for t in schema().tables.values() for f in t.fields}
    return sorted(columns | {f"{t}.{c}" for t, aliases in dictionary().items() for c in aliases.values()})


def mapping_text(reading: Reading) -> tuple[str, bytes]:
    """The name, in ``sources/``, and the content of the file that keeps how a source was understood."""
    document: dict[str, Any] = {"source": reading.source.name, "format": reading.format, "sheets": reading.mapping}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return f"{reading.source.name}.mapping.json", text.encode()
