"""Lay the sample's files in a workspace: exports under ``sources/``, signatures under ``decisions/``."""

from __future__ import annotations

from pathlib import Path

from francecloud.demo.decisions import decision_files
from francecloud.demo.lists import applications_bytes, links_bytes, organisations_bytes
from francecloud.demo.machines import vcenter_bytes

SOURCES = {
    "organisations.csv": organisations_bytes,
    "applications.csv": applications_bytes,
    "vcenter-exemple.xlsx": vcenter_bytes,
    "applications-serveurs.csv": links_bytes,
}
"""The exports of the sample, in the order they are imported, and what makes each."""


def lay_sample(workspace: Path) -> list[Path]:
    """Write the sample's sources and decisions in *workspace*; return the sources, in the order to import."""
    contents = {f"sources/{name}": make() for name, make in SOURCES.items()}
    contents |= {f"decisions/{name}": body for name, body in decision_files().items()}
    for name, body in contents.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != body:
            path.write_bytes(body)
    return [workspace / "sources" / name for name in SOURCES]
