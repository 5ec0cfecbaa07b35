"""Lay a workspace: a git repository holding settings, folders, CI files and the Pulumi projects."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from inventory.language import language
from inventory.workspace import SETTINGS
from rationalise.doctrine.published import published_schemas
from rationalise.templating import render, templates_folder

FOLDERS = ("sources", "decisions", "doctrine", "zones", "platforms", "stacks")
"""The folders people fill; those a verb writes are made by that verb."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What ``init`` did: files written, files found and left as they were, and whether git took part."""

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    git: str
    """``made``, ``found`` (already a repository), ``absent`` (no git command) or ``failed``."""


def lay_workspace(root: Path) -> Laid:
    """Make *root* a workspace, writing only what is missing: a file that exists is never touched."""
    root.mkdir(parents=True, exist_ok=True)
    git = _repository(root)
    written, kept = _write(root, _files(root))
    for name in FOLDERS:
        if not (root / name).exists():
            (root / name).mkdir()
            (root / name / ".gitkeep").touch()
    written += _projects(root)
    return Laid(root, tuple(sorted(written)), tuple(sorted(kept)), git)


def is_workspace(root: Path) -> bool:
    """Whether *root* already holds the settings of a workspace."""
    return (root / SETTINGS).is_file()


def _files(root: Path) -> Mapping[str, str]:
    values = {"name": root.resolve().name, "version": version("francecloud")}
    return {
        SETTINGS: render("workspace/francecloud.toml.j2", **values),
        "README.md": render(f"workspace/README.{language()}.md.j2", **values),
        ".gitignore": (templates_folder() / "workspace/gitignore").read_text(encoding="utf-8"),
        ".gitlab-ci.yml": render("workspace/gitlab-ci.yml.j2", **values),
        ".github/workflows/francecloud.yml": render("workspace/github-workflow.yml.j2", **values),
        "decisions/perimeters/perimeter.yaml.example": render("workspace/perimeter.yaml.j2"),
        "decisions/assessments/assessment.yaml.example": render("workspace/assessment.yaml.j2"),
        **{f"doctrine/.schema/{name}": text for name, text in published_schemas().items()},
    }


def _write(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    written, kept = [], []
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as out:
                out.write(text)
            written.append(name)
        except FileExistsError:
            kept.append(name)
    return written, kept


def _projects(root: Path) -> list[str]:
    from stacks.scaffold import lay_projects

    return [str(path) for path in lay_projects(root)]


def _repository(root: Path) -> str:
    if (root / ".git").exists():
        return "found"
    if shutil.which("git") is None:
        return "absent"
    done = subprocess.run(
        ["git", "init", "--quiet", "--initial-branch=main", str(root)], capture_output=True, text=True, check=False
    )
    return "made" if done.returncode == 0 else "failed"
