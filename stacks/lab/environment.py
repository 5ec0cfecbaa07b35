"""The virtual environment of OpenStack: made by pip, the way this machine configures it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stacks.lab import debian
from stacks.lab.problems import lab_error
from stacks.lab.settings import Lab
from stacks.language import _

HERE = Path(__file__).parent


def interpreter() -> str:
    """The Python to build on: ``FRANCECLOUD_LAB_PYTHON``, else the one beneath our own environment."""
    return os.environ.get("FRANCECLOUD_LAB_PYTHON") or str(getattr(sys, "_base_executable", "") or sys.executable)


def digest(lab: Lab) -> str:
    """A fingerprint of the versions a lab runs: it changes when a release of ours moves one."""
    told = hashlib.sha256()
    for path in _requirements(lab):
        told.update(path.read_bytes())
    return told.hexdigest()[:16]


def is_ready(lab: Lab) -> bool:
    """Whether the environment was completed with these very versions."""
    try:
        return _stamp(lab).read_text(encoding="ascii") == digest(lab)
    except OSError:
        return False


def make(lab: Lab, tell: Callable[[str], None]) -> None:
    """Make the environment or complete it; does nothing when it is ready.

    Raises:
        LabError: LAB-004 with the last lines of what failed, LAB-002 or LAB-003 where Debian's
            Python lacks ``python3-venv`` and it cannot be installed.
    """
    if is_ready(lab):
        return
    lab.base.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _has_pip(lab):
        tell(_("creating the virtual environment of OpenStack"))
        shutil.rmtree(lab.venv, ignore_errors=True)
        _create(lab, tell)
    tell(_("installing OpenStack with pip (about a minute, 0.7 GB)"))
    requirements, extras, constraints = _requirements(lab)
    command = [str(lab.tool("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["-r", str(requirements), *(["-r", str(extras)] if lab.extras else []), "-c", str(constraints)]
    _run(command)
    _stamp(lab).write_text(digest(lab), encoding="ascii")


def _requirements(lab: Lab) -> tuple[Path, Path, Path]:
    return HERE / "requirements.txt", HERE / "requirements-extras.txt", HERE / "constraints.txt"


def _stamp(lab: Lab) -> Path:
    # what is installed depends on whether there are optional services at all
    return lab.venv / ("complete-with-extras" if lab.extras else "complete")


def _create(lab: Lab, tell: Callable[[str], None]) -> None:
    python = interpreter()
    if _answers([python, "-c", "import ensurepip, venv"]):
        _run([python, "-m", "venv", str(lab.venv)])
        return
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--quiet", "--seed", "--python", python, str(lab.venv)])
        return
    # Debian keeps ensurepip in a package of its own
    debian.install(["python3-venv"], tell)
    _run([python, "-m", "venv", str(lab.venv)])


def _has_pip(lab: Lab) -> bool:
    return lab.tool("python").exists() and _answers([str(lab.tool("python")), "-m", "pip", "--version"])


def _answers(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, env=_environment(), check=False).returncode == 0


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        raise _failed(command, str(error)) from error
    if done.returncode:
        raise _failed(command, debian.last_lines(done.stdout))


def _failed(command: list[str], reason: str) -> Exception:
    return lab_error(
        "LAB-004",
        _(
            "the virtual environment of OpenStack cannot be made: {command}: {reason}",
            command=" ".join(command[:4]), reason=reason,
        ),
        _("pip follows this machine's settings (pip config list); run the same command again, it goes on from there"),
    )  # fmt: skip


def _environment() -> dict[str, str]:
    """Ours, less what ties Python to our own environment."""
    return {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("PYTHON") and k not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }
