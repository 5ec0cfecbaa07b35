"""What is wrong with an input, said to a person: a code, a place, what was expected, a remedy.

Every room raises :class:`UserError` (or a subclass) for what a user can mend; the front door
turns it into text or JSON and into an exit code. Anything else is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum

from inventory.language import _

SHOWN = 50
"""Problems printed in full as text; the others are counted. JSON carries them all."""


class Severity(StrEnum):
    """How much a problem weighs: an ``error`` stops the whole call, nothing is written."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Exit(IntEnum):
    """Exit codes of the command, those Pulumi publishes (0 to 9 and 255)."""

    OK = 0
    GENERIC = 1
    USAGE = 2
    AUTHENTICATION = 3
    RESOURCE = 4
    GOVERNANCE = 5
    NOT_FOUND = 6
    CHANGES = 7
    CANCELLED = 8
    TIMEOUT = 9
    INTERNAL = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem and its place. ``row`` is 1-based as a spreadsheet shows it; ``line`` too."""

    code: str
    severity: Severity = Severity.ERROR
    message: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    value: str | None = None
    hint: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The same object for JSON, keys always all present, ``None`` where nothing applies."""
        return {key: getattr(value, "value", value) for key, value in asdict(self).items()}

    def text(self) -> str:
        """The problem as a few lines for a terminal, in the current language."""
        level = {
            Severity.ERROR: _("error"),
            Severity.WARNING: _("warning"),
            Severity.INFO: _("note"),
        }[self.severity]
        lines = [_("{level}[{code}]: {message}", level=level, code=self.code, message=self.message)]
        place = self.place()
        if place:
            lines.append(f"  --> {place}")
        if self.hint:
            lines.append(_("  help: {hint}", hint=self.hint))
        return "\n".join(lines)

    def place(self) -> str:
        """``file, sheet, row, column``, as much of it as is known."""
        head = self.file or ""
        if self.row is not None:
            head = f"{head}:{self.row}"
        parts = [head] if head else []
        if self.sheet:
            parts.append(_("sheet “{sheet}”", sheet=self.sheet))
        if self.column:
            parts.append(_("column “{column}”", column=self.column))
        return ", ".join(parts)


class UserError(Exception):
    """Something the user can mend. Carries every problem found, not the first, and an exit code."""

    exit_code: Exit = Exit.GENERIC

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        # Where nobody renders problems (plain Pulumi shows an exception's text), the remedy must still be seen.
        super().__init__("\n".join(f"[{p.code}] {p.message}" + (f" — {p.hint}" if p.hint else "") for p in problems))


class InvalidInput(UserError):
    """Usage, settings or an invalid file (exit code 2)."""

    exit_code = Exit.USAGE


class NotFound(UserError):
    """No such application, stack or zone (exit code 6)."""

    exit_code = Exit.NOT_FOUND


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether at least one problem stops the call."""
    return any(p.severity is Severity.ERROR for p in problems)


def render(problems: Iterable[Problem]) -> str:
    """All problems as text, the first :data:`SHOWN` in full, the rest counted."""
    listed = list(problems)
    blocks = [p.text() for p in listed[:SHOWN]]
    left = len(listed) - SHOWN
    if left > 0:
        blocks.append(_.plural("… and {n} more problem", "… and {n} more problems", left))
    return "\n".join(blocks)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``explain CODE`` prints. The texts are functions so that they follow the language."""

    title: Callable[[], str]
    body: Callable[[], str]
