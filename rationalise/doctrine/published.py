"""The published JSON Schemas of the doctrine's files, for an editor; read without loading the models."""

from __future__ import annotations

from pathlib import Path

SCHEMAS = Path(__file__).parent / "schema"


def published_schemas() -> dict[str, str]:
    """Each schema's text by its file name: what a workspace's ``doctrine/.schema/`` holds."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(SCHEMAS.glob("*.json"))}
