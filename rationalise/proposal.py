"""The proposal as it is kept: a Data Package and its ``summary.json``, the contract with the stacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from inventory.package import Package, load_schema, read_package, write_package

SCHEMA_FILE = Path(__file__).parent / "schema/proposal.json"
SUMMARY = "summary.json"


@dataclass(frozen=True)
class Proposal:
    """What the analysis proposes: the tables of the contract and their summary."""

    tables: Mapping[str, pl.DataFrame]
    summary: Mapping[str, Any]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]


def write_proposal(directory: Path, proposal: Proposal) -> bool:
    """Write a proposal as a whole or not at all; whether anything changed."""
    text = json.dumps(proposal.summary, ensure_ascii=False, indent=1, default=str) + "\n"
    about = {"title": "Proposition de rationalisation", "marking": proposal.summary["marking"]["code"]}
    return write_package(
        directory, load_schema(SCHEMA_FILE), proposal.tables, about=about, files={SUMMARY: text.encode()}
    )


def read_proposal(directory: Path) -> Package:
    """Read a proposal back; its summary is ``read_summary``.

    Raises:
        InvalidInput: absent, of another version, or not what the contract says.
    """
    return read_package(directory, load_schema(SCHEMA_FILE))


def read_summary(directory: Path) -> dict[str, Any]:
    """The summary of a proposal on disk."""
    summary: dict[str, Any] = json.loads((directory / SUMMARY).read_text(encoding="utf-8"))
    return summary
