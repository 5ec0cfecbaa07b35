"""YAML documents that people keep, read with every mistake named by its line and field.

The doctrine, the decisions and the zones are such documents: a pydantic model says what one must be,
and a mistake comes out as a :class:`~inventory.problems.Problem` with the nearest known name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from inventory.language import _
from inventory.problems import InvalidInput, Problem

Place = tuple[int | str, ...]
"""The way to a part of a document: keys and positions from its root."""

UNREADABLE = "WSP-003"
"""The code of a document that is not readable YAML, whatever it should hold."""

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same documents either way; the C one is ten times faster where it is there."""

M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, model: type[M], *, code: str) -> M:
    """Read and check a YAML document.

    Args:
        path: the file.
        model: what it must be.
        code: the code of a problem of content; YAML that cannot be read is :data:`UNREADABLE`.

    Raises:
        InvalidInput: every mistake at once, each with its line and field, and the nearest known name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code=UNREADABLE, message=_("the file cannot be read: {error}", error=error), file=str(path))
        ) from error
    return parse_document(text, model, code=code, file=str(path))


def parse_document(text: str, model: type[M], *, code: str, file: str) -> M:
    """As :func:`read_document`, of a text; *file* names its place.

    Raises:
        InvalidInput: every mistake at once.
    """
    lines: dict[Place, int] = {}
    node = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        twice = _walk(node, (), lines)
        written = json.dumps(loader.construct_document(node) if node else None, default=_word, allow_nan=False)
    except yaml.YAMLError as error:
        raise InvalidInput(_unreadable(error, file)) from error
    except (ValueError, TypeError, RecursionError) as error:
        # A date that is none, a list that holds itself, a key that is a list: YAML, but no document.
        raise InvalidInput(_impossible(error, node, file)) from error
    problems = [
        Problem(code=code, message=_("“{field}” is given twice", field=".".join(map(str, where))), file=file, row=line)
        for where, line in twice
    ]
    try:
        found = model.model_validate_json(written)
    except ValidationError as error:
        problems += [_problem(e, model, lines, code, file) for e in error.errors()]
        raise InvalidInput(*problems) from error
    if problems:
        raise InvalidInput(*problems)
    return found


def lines_of(text: str) -> dict[Place, int]:
    """The line (1-based) of every field of a YAML document that reads: where a later check places its problem."""
    lines: dict[Place, int] = {}
    _walk(yaml.compose(text, Loader=_Loader), (), lines)
    return lines


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str | None:
    """The known name that looks most like *name*, if one does."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def _word(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _impossible(error: Exception, node: yaml.Node | None, file: str) -> Problem:
    """What makes YAML no document: at its line where a value looks like a date or a number and is none."""
    loader = yaml.SafeLoader("")
    pending: list[yaml.Node | None] = [node] if isinstance(error, ValueError) else []
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, yaml.MappingNode):
            pending += [inner for pair in part.value for inner in pair]
        elif isinstance(part, yaml.SequenceNode):
            pending += part.value
        elif isinstance(part, yaml.ScalarNode):
            try:
                loader.construct_object(part)
            except ValueError as wrong:
                return Problem(
                    code=UNREADABLE,
                    message=_("“{value}” is not a value that exists: {error}", value=part.value, error=wrong),
                    file=file,
                    row=part.start_mark.line + 1,
                    value=part.value,
                    hint=_("a day is written like 2026-11-23; a text that looks like one goes between quotes"),
                )
    message = _("this is not a document of plain keys and values: {error}", error=error)
    return Problem(code=UNREADABLE, message=message, file=file)


def _walk(node: yaml.Node | None, where: Place, lines: dict[Place, int]) -> list[tuple[Place, int]]:
    """Fill *lines* with the line of every field (1-based); the fields that are given twice."""
    if node is None:
        return []
    lines.setdefault(where, node.start_mark.line + 1)
    twice: list[tuple[Place, int]] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*where, str(key.value))
            if inner in lines:
                twice.append((inner, key.start_mark.line + 1))
            lines[inner] = key.start_mark.line + 1
            twice += _walk(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            twice += _walk(value, (*where, index), lines)
    return twice


def _unreadable(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    return Problem(
        code=UNREADABLE,
        message=_("this is not YAML: {error}", error=getattr(error, "problem", None) or error),
        file=file,
        row=mark.line + 1 if mark else None,
    )


def _problem(error: ErrorDetails, model: type[BaseModel], lines: Mapping[Place, int], code: str, file: str) -> Problem:
    where: Place = error["loc"]
    row = next((lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines), None)
    field = ".".join(str(part) for part in where)
    value = None if isinstance(error["input"], (dict, list)) else str(error["input"])
    context = error.get("ctx", {})
    hint: str | None = None
    match error["type"]:
        case "extra_forbidden":
            known = _fields(model, where[:-1])
            near = nearest(str(where[-1]), known)
            message = _("“{field}” is not a field here", field=field)
            hint = _("did you mean “{near}”?", near=near) if near else _("known here: {known}", known=", ".join(known))
            value = None
        case "missing":
            message = _("“{field}” is missing", field=field)
        case "literal_error":
            accepted = str(context["expected"]).replace(" or ", ", ").replace("'", "")
            near = nearest(value or "", accepted.split(", "))
            message = _("“{field}”: “{value}” is not accepted", field=field, value=value)
            hint = _("did you mean “{near}”?", near=near) if near else _("accepted: {accepted}", accepted=accepted)
        case "value_error":
            message = _("“{field}”: {reason}", field=field, reason=context["error"]) if field else str(context["error"])
        case _:
            message = _("“{field}”: {reason}", field=field, reason=error["msg"])
    return Problem(code=code, message=message, file=file, row=row, field=field, value=value, hint=hint)


def _fields(model: type[BaseModel], where: Place) -> list[str]:
    """The names a part of a document knows, found by following its path through the models."""
    for part in where:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        inner = _model_in(model.model_fields[part].annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def write_text(path: Path, text: str) -> bool:
    """Write a file as a whole or not at all; whether it changed."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return True
