"""JSON as records with their place: one document, an array of them, or one a line.

What is cut, nested beyond reason or no JSON at all is a problem with its line; a lone surrogate or a NUL, which
JSON can write and text cannot hold, is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.parts import Part

MANY_LINES = "Extra data"
LARGEST_VALUE = 10_000
"""Characters of one value; what is longer is cut, with an ellipsis that shows it."""


def json_records(part: Part, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    """The records of a file and their number: position in the array, or line where there is one a line.

    Args:
        part: the file.
        problems: where what cannot be read is added (``INV-100``, or what the file itself is refused for).
    """
    try:
        text = part.file.text
    except InvalidInput as error:
        problems += error.problems
        return
    if part.file.encoding == "cp1252":
        problems.append(
            Problem(code="INV-113", severity=Severity.WARNING, file=str(part.file.path), sheet=part.sheet,
                    message=_("this JSON is not in UTF-8: it is read as Windows-1252"),
                    hint=_("look at the accents; export it again if they are wrong"))
        )  # fmt: skip
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == MANY_LINES and "\n" in text.strip():
            yield from _lines(part, text, problems)
            return
        problems.append(_unreadable(part, error, error.lineno))
        return
    except (ValueError, RecursionError) as error:
        problems.append(_unreadable(part, error, None))
        return
    yield from enumerate(document if isinstance(document, list) else [document], start=1)


def _lines(part: Part, text: str, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(_unreadable(part, error, number))


def _unreadable(part: Part, error: Exception, row: int | None) -> Problem:
    if isinstance(error, RecursionError):
        reason, column = _("it is nested too deeply"), None
    elif isinstance(error, json.JSONDecodeError):
        reason, column = error.msg, error.colno
    else:
        reason, column = str(error), None
    return Problem(
        code="INV-100", file=str(part.file.path), sheet=part.sheet, row=row, column=str(column) if column else None,
        message=_("this is not JSON, or it was cut: {error}", error=reason),
        hint=_("export it again, and compare its size with that of the original"),
    )  # fmt: skip


def as_text(value: Any) -> str | None:
    """A JSON value as a cell; None for an empty one, and for what is not a value but a structure."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an integer of more digits than Python writes
        return None
    if len(text) > LARGEST_VALUE:
        text = text[:LARGEST_VALUE] + "…"
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\0", "").strip() or None
