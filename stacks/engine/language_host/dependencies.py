"""``pulumi install``: the commands that make a project's virtual environment and fill it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from .interpreter import named_virtualenv


def installation(options: Mapping[str, object], root: Path, folder: Path) -> list[list[str]]:
    """The commands to run in *folder*, none where the project names neither environment nor toolchain.

    Such a project runs on an interpreter that is not its own, into which nothing is installed.

    Raises:
        UnusableInterpreter: an unknown toolchain.
    """
    toolchain = options.get("toolchain")
    if toolchain in ("uv", "poetry"):
        return [["uv", "sync"]] if toolchain == "uv" else [["poetry", "install", "--no-ansi"]]
    virtualenv = named_virtualenv(options, root)
    if virtualenv is None:
        return []
    python = virtualenv / "bin" / "python"
    commands = [] if python.is_file() else [[sys.executable, "-m", "venv", str(virtualenv)]]
    if (folder / "requirements.txt").is_file():
        commands.append([str(python), "-m", "pip", "install", "-r", "requirements.txt"])
    elif (folder / "pyproject.toml").is_file():
        commands.append([str(python), "-m", "pip", "install", "-e", "."])
    return commands
