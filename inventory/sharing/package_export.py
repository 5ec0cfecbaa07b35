"""What is exported: tables, and what must go with them whatever the format: version, marking, digest, origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from inventory.dataset import schema
from inventory.package import Package, canonical_digest
from inventory.sharing.marking import marking_of


@dataclass(frozen=True)
class Export:
    """A dataset ready to leave.

    ``about``: keys of the descriptor (``title``, ``marking``, ``digest``, ``publisher``, ``pseudonymised``,
    ``packages``); ``files``: what goes beside the tables (``correspondence.sealed``, ``provenance.csv``).
    """

    tables: Mapping[str, pl.DataFrame]
    about: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """What is said of the export, as texts, for the formats that hold properties."""
        known = {"name": schema().name, "schema_version": schema().version, **self.about}
        return {
            k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True) for k, v in known.items()
        }


def export_of(package: Package, publisher: str | None, **more: Any) -> Export:
    """A dataset as it leaves: tables in the contract's order, the digest of their content, the marking.

    Args:
        package: the dataset.
        publisher: whose it is, as the settings name the workspace.
        more: more of ``about``.
    """
    tables = {n: t.conform(package.tables.get(n, t.empty())) for n, t in schema().tables.items()}
    kept = {k: package.descriptor[k] for k in ("packages",) if k in package.descriptor}
    about = {
        "title": str(package.descriptor.get("title", "Inventaire")),
        "marking": marking_of(package),
        "digest": canonical_digest(schema(), tables),
        **({"publisher": publisher} if publisher else {}),
        **kept,
        **more,
    }
    return Export(tables, about)
