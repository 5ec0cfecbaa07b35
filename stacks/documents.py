"""YAML documents that people keep: read with every mistake named by its line, written the same twice.

The first lines of a file we generate are comments: a modeline that gives editors the schema, and
the digest of what was generated, by which a later run knows whether a person has changed it since.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from inventory.documents import nearest, parse_document, read_document, write_text

__all__ = [
    "Document", "body_of", "digest", "generated", "lay_schema", "nearest", "parse_document", "plain", "printable",
    "read_document", "schema_text", "untouched", "write_text",
]  # fmt: skip

SCHEMAS = Path(__file__).parent / "schema"
SCHEMA_FOLDER = ".schema"
"""Where, beside the documents of a workspace, a copy of their schema lies for editors."""

_GENERATED = re.compile(r"^# francecloud: generated (sha256:[0-9a-f]{64})$", re.MULTILINE)


class Document(BaseModel):
    """A part of a document: what it does not know it refuses, what it holds does not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


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


def lay_schema(folder: Path, schema: str) -> None:
    """Put a copy of a published schema where the modelines of a folder's documents point."""
    write_text(folder / SCHEMA_FOLDER / f"{schema}.json", (SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))


def schema_text(model: type[Document]) -> str:
    """The JSON Schema of a document, as it is published."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class _Dumper(yaml.SafeDumper):
    """Lists are set in under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        # A value that stands twice is written twice: people do not read anchors.
        return True


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shape(item) for item in value]
    return value
