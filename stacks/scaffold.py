"""Copies of the Pulumi projects in a workspace, so that ``cd stacks/<project> && pulumi up`` works there."""

from __future__ import annotations

from pathlib import Path

import yaml

from inventory.workspace import Workspace, open_workspace
from stacks.documents import write_text
from stacks.settings import state_backend, state_folder

PROJECTS = ("landing_zone", "foundation", "network", "external")
HERE = Path(__file__).parent


def lay_projects(root: Path) -> list[Path]:
    """Lay each project's ``Pulumi.yaml`` (with the state's address) and ``__main__.py`` in a workspace.

    Files that exist are left as they are, but for the state's address, which follows the settings.

    Returns:
        The files written.

    Raises:
        InvalidInput: no workspace at *root*, or invalid settings.
    """
    workspace = open_workspace(root)
    written = []
    for project in PROJECTS:
        folder = workspace.stacks / project
        for name, text in {"Pulumi.yaml": _project(workspace, project), "__main__.py": _main(project)}.items():
            path = folder / name
            if (name == "Pulumi.yaml" or not path.exists()) and write_text(path, text):
                written.append(path)
    states = state_folder(workspace)
    if states is not None and states.is_relative_to(workspace.root):
        # Git keeps no empty folder, and Pulumi makes none: a clone must find it.
        states.mkdir(parents=True, exist_ok=True)
        (states / ".gitkeep").touch()
    return written


def _project(workspace: Workspace, project: str) -> str:
    """The project file, a person's own settings in it kept."""
    there = workspace.stacks / project / "Pulumi.yaml"
    source = there if there.is_file() else HERE / project / "Pulumi.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    # a relative address stays relative, so that the copy can move
    content["backend"] = {"url": state_backend(workspace, "../..")}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _main(project: str) -> str:
    return (HERE / project / "__main__.py").read_text(encoding="utf-8")
