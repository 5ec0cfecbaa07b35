"""What people decided of pairs: ``decisions/matches.csv``, a text they complete, and which wins.

A row without a decision is one that waits for a person. Comma or semicolon, UTF-8, in the order of the columns or not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from inventory.documents import nearest, write_text
from inventory.language import _
from inventory.matching.groups import KINDS
from inventory.problems import InvalidInput, Problem
from inventory.workspace import Workspace

ACCEPTED = ("same", "different")


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair and what was decided of it; ``decision`` is empty while nobody has."""

    table: str
    left_id: str
    right_id: str
    decision: str = ""
    author_role: str = ""
    organisation: str = ""
    date: str = ""
    reason: str = ""

    @property
    def pair(self) -> tuple[str, str, str]:
        """The table and the two identifiers, in order."""
        first, second = sorted((self.left_id, self.right_id))
        return self.table, first, second


COLUMNS = [f.name for f in fields(Decision)]
SIGNED = ("author_role", "organisation", "date", "reason")
"""What a decision is worth nothing without."""


def matches_file(workspace: Workspace) -> Path:
    """Where the decisions about pairs are kept."""
    return workspace.decisions / "matches.csv"


def read_decisions(workspace: Workspace) -> list[Decision]:
    """Every row of the file, those without a decision included; none when there is no file.

    Raises:
        InvalidInput: it cannot be read or lacks a column (``INV-163``), or holds what is not accepted, a decision
            nobody signed, or two that contradict each other (``INV-164``); every mistake at once.
    """
    path = matches_file(workspace)
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code="INV-163", message=_("the decisions cannot be read: {error}", error=error), file=str(path))
        ) from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    found = [str(n).strip() for n in reader.fieldnames or []]
    reader.fieldnames = found
    missing = [c for c in COLUMNS if c not in found]
    if missing:
        raise InvalidInput(*(_no_column(path, c, found) for c in missing))
    problems: list[Problem] = []
    rows: list[Decision] = []
    lines: dict[tuple[str, str, str], tuple[int, str]] = {}
    for raw in reader:
        row = Decision(**{c: (raw.get(c) or "").strip() for c in COLUMNS})
        if any(astuple(row)):
            problems += _mistakes(path, reader.line_num, row, lines)
            rows.append(row)
    if problems:
        raise InvalidInput(*problems)
    return rows


def write_decisions(workspace: Workspace, rows: Iterable[Decision]) -> bool:
    """Write the file whole, rows in the order given; whether it changed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return write_text(matches_file(workspace), out.getvalue())


def _no_column(path: Path, column: str, found: list[str]) -> Problem:
    near = nearest(column, found)
    return Problem(
        code="INV-163", file=str(path), row=1, column=column, message=_("the column “{column}” is missing", column=column),
        hint=_("is it the one called “{near}”?", near=near) if near else _("expected: {expected}", expected=", ".join(COLUMNS)),
    )  # fmt: skip


def _mistakes(
    path: Path, line: int, row: Decision, lines: dict[tuple[str, str, str], tuple[int, str]]
) -> list[Problem]:
    def wrong(column: str, message: str, hint: str | None = None) -> Problem:
        return Problem(code="INV-164", file=str(path), row=line, column=column, message=message,
                       value=getattr(row, column) or None, hint=hint)  # fmt: skip

    found = []
    for column, accepted in (("table", tuple(KINDS)), ("decision", (*ACCEPTED, ""))):
        value = getattr(row, column)
        if value not in accepted:
            near = nearest(value, list(accepted))
            found.append(
                wrong(column, _("“{value}” is not accepted here", value=value),
                      _("did you mean “{near}”?", near=near) if near
                      else _("expected: {expected}", expected=", ".join(a for a in accepted if a)))
            )  # fmt: skip
    for column in ("left_id", "right_id"):
        if not getattr(row, column):
            found.append(wrong(column, _("an identifier is missing")))
    if row.left_id and row.left_id == row.right_id:
        found.append(wrong("right_id", _("both identifiers are the same")))
    if row.decision:
        found += [
            wrong(c, _("a decision needs its author's role, organisation, date and reason"))
            for c in SIGNED
            if not getattr(row, c)
        ]
        if row.date and not _is_day(row.date):
            found.append(wrong("date", _("“{value}” is not a date; expected for example 2026-11-23", value=row.date)))
    first = lines.setdefault(row.pair, (line, row.decision))
    if first[0] != line and {first[1], row.decision} >= set(ACCEPTED):
        found.append(wrong("decision", _("line {line} decides the contrary of this pair", line=first[0])))
    return found


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
