"""YAML documents that people keep: read with every mistake named by its line, written the same twice.

The first lines of a file we generate are comments: a modeline that gives editors the schema, and
the digest of what was generated, by which a later run knows whether a person has changed it since.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from inventory.problems import InvalidInput, Problem
from stacks.language import _

SCHEMAS = Path(__file__).parent / "schema"
SCHEMA_FOLDER = ".schema"
"""Where, beside the documents of a workspace, a copy of their schema lies for editors."""

_GENERATED = re.compile(r"^# francecloud: generated (sha256:[0-9a-f]{64})$", re.MULTILINE)

Path_ = tuple[int | str, ...]


class Document(BaseModel):
    """A part of a document: what it does not know it refuses, what it holds does not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


D = TypeVar("D", bound=Document)


def read_document(path: Path, model: type[D], *, code: str) -> D:
    """Read and check a YAML document.

    Args:
        path: the file.
        model: what it must be.
        code: the code of a problem of content; YAML that cannot be read is ``ZON-001``.

    Raises:
        InvalidInput: every mistake at once, each with its line and field, and the nearest known name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code="ZON-001", message=_("the file cannot be read: {error}", error=error), file=str(path))
        ) from error
    return parse_document(text, model, code=code, file=str(path))


def parse_document(text: str, model: type[D], *, code: str, file: str) -> D:
    """As :func:`read_document`, of a text; *file* names its place.

    Raises:
        InvalidInput: every mistake at once.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(_unreadable(error, file)) from error
    lines: dict[Path_, int] = {}
    problems = [
        Problem(code=code, message=_("“{field}” is given twice", field=".".join(map(str, where))), file=file, row=line)
        for where, line in _walk(node, (), lines)
    ]
    try:
        found = model.model_validate_json(json.dumps(content, default=_word))
    except ValidationError as error:
        problems += [_problem(e, model, lines, code, file) for e in error.errors()]
        raise InvalidInput(*problems) from error
    if problems:
        raise InvalidInput(*problems)
    return found


def body_of(document: Document) -> str:
    """The document as YAML, without the comments of :func:`generated`: same document, same text."""
    return yaml.dump(
        plain(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )


def plain(document: Document) -> dict[str, Any]:
    """The document as plain values; what is absent is left out, dates stay dates."""
    return {key: _shape(value) for key, value in document.model_dump(exclude_none=True).items()}


def printable(document: Document) -> dict[str, Any]:
    """The document as JSON holds it: dates are text, what is absent is left out."""
    return document.model_dump(mode="json", exclude_none=True)


def generated(document: Document, schema: str) -> str:
    """The text of a generated document: modeline, digest of what follows, body."""
    body = body_of(document)
    return (
        f"# yaml-language-server: $schema={SCHEMA_FOLDER}/{schema}.json\n"
        f"# francecloud: generated {digest(body)}\n{body}"
    )


def digest(text: str) -> str:
    """``sha256:…`` of a text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def untouched(text: str) -> bool:
    """Whether a generated text is still, to the byte, what was generated."""
    mark = _GENERATED.search(text)
    return mark is not None and digest(text[mark.end() + 1 :]) == mark[1]


def write_text(path: Path, text: str) -> bool:
    """Write a file as a whole or not at all; whether it changed."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return True


def lay_schema(folder: Path, schema: str) -> None:
    """Put a copy of a published schema where the modelines of a folder's documents point."""
    write_text(folder / SCHEMA_FOLDER / f"{schema}.json", (SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))


def schema_text(model: type[Document]) -> str:
    """The JSON Schema of a document, as it is published."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str | None:
    """The known name that looks most like *name*, if one does."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


class _Dumper(yaml.SafeDumper):
    """Lists are set in under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shape(item) for item in value]
    return value


def _word(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _walk(node: yaml.Node | None, where: Path_, lines: dict[Path_, int]) -> list[tuple[Path_, int]]:
    """Fill *lines* with the line of every field (1-based); the fields that are given twice."""
    if node is None:
        return []
    lines.setdefault(where, node.start_mark.line + 1)
    twice: list[tuple[Path_, int]] = []
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
        code="ZON-001",
        message=_("this is not YAML: {error}", error=getattr(error, "problem", None) or error),
        file=file,
        row=mark.line + 1 if mark else None,
    )


def _problem(error: ErrorDetails, model: type[Document], lines: Mapping[Path_, int], code: str, file: str) -> Problem:
    where: Path_ = error["loc"]
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


def _fields(model: type[BaseModel], where: Path_) -> list[str]:
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
