"""Which Python runs a program, from the ``runtime`` options of its ``Pulumi.yaml``.

Options as `documented for Pulumi <https://www.pulumi.com/docs/iac/languages-sdks/python/>`_:
``virtualenv`` (a folder, relative to the project) and ``toolchain`` (``pip``, ``uv``, ``poetry``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOOLCHAINS = ("pip", "uv", "poetry")


class UnusableInterpreter(Exception):
    """The project names a virtual environment or a toolchain that cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and the virtual environment it stands in, if the project named one."""

    executable: Path
    virtualenv: Path | None = None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The variables of a process that this Python runs: the virtual environment as if activated."""
        if self.virtualenv is None:
            return dict(base)
        path = os.pathsep.join(filter(None, [str(self.virtualenv / "bin"), base.get("PATH")]))
        kept = {name: value for name, value in base.items() if name != "PYTHONHOME"}
        return {**kept, "VIRTUAL_ENV": str(self.virtualenv), "PATH": path}


def named_virtualenv(options: Mapping[str, object], root: Path) -> Path | None:
    """The virtual environment that the options designate, whether or not it exists yet.

    Raises:
        UnusableInterpreter: an unknown toolchain, or poetry cannot tell.
    """
    toolchain = str(options.get("toolchain") or "pip")
    if toolchain not in TOOLCHAINS:
        raise UnusableInterpreter(f"unknown toolchain {toolchain!r}: expected one of {', '.join(TOOLCHAINS)}")
    named = str(options.get("virtualenv") or "")
    if not named and toolchain == "uv":
        named = os.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    if not named and toolchain == "poetry":
        named = _poetry_environment(root)
    # Not resolved: a virtual environment may be a link, and its Python finds it by the name it is started by.
    return Path(os.path.normpath(root / named)) if named else None


def interpreter(options: Mapping[str, object], root: Path) -> Interpreter:
    """The Python for a project whose folder is *root*.

    Without options: ``PULUMI_PYTHON_CMD`` if set, else the Python this host runs on.

    Raises:
        UnusableInterpreter: what the options designate is not there.
    """
    virtualenv = named_virtualenv(options, root)
    if virtualenv is None:
        return Interpreter(Path(os.environ.get("PULUMI_PYTHON_CMD") or sys.executable))
    executable = virtualenv / "bin" / "python"
    if not executable.is_file():
        raise UnusableInterpreter(f"{virtualenv} is not a virtual environment: make it with `pulumi install`")
    return Interpreter(executable, virtualenv)


def _poetry_environment(root: Path) -> str:
    try:
        answer = subprocess.run(
            ["poetry", "env", "info", "--path"], cwd=root, capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UnusableInterpreter(f"poetry does not tell its environment: {error}") from error
    return answer.stdout.strip()
