"""The official pieces: what is installed on the machine, and what the official installer brings.

Nothing here waits for a network that is not there: one short request, in a process with a hard
limit, decides whether the download site answers before the installer is tried.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from stacks.engine import versions
from stacks.engine.engine import Origin, Piece
from stacks.engine.folders import damage, engine_folder, filled, target, user_home, write_manifest
from stacks.language import _

PROBE_LIMIT = 4.0
"""Seconds within which the download site must answer."""
INSTALL_LIMIT = 900.0
"""Seconds given to the installer once the site answers (about 150 MB)."""
PLUGIN_FILE = "pulumi-resource-openstack"
PLUGIN_FOLDER = f"resource-openstack-v{versions.OPENSTACK}"
DOWNLOAD = f"https://get.pulumi.com/releases/sdk/pulumi-v{versions.PULUMI}-{target().replace('amd64', 'x64')}.tar.gz"
PROBE = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Range": "bytes=0-0"})
with urllib.request.urlopen(request, timeout=float(sys.argv[2])) as answer:
    sys.exit(0 if answer.status in (200, 206) and len(answer.read(1)) == 1 else 1)
"""
INSTALL = """
import sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""

Say = Callable[[str], None]


@cache
def command_version(executable: str) -> str | None:
    """The version a ``pulumi`` says it has, without the leading ``v``; None when it does not run."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [executable, "version"], capture_output=True, text=True, check=True, timeout=30, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip().removeprefix("v")


def command_on_path() -> Piece | None:
    """The machine's ``pulumi``: the first on ``PATH`` that fits, was not put there by us, and is whole."""
    for folder in os.get_exec_path():
        executable = Path(folder) / "pulumi"
        if not executable.is_file() or not os.access(executable, os.X_OK) or _ours(executable):
            continue
        version = command_version(str(executable))
        if version and versions.command_fits(version) and versions.BUILT_HERE not in version:
            # Homebrew and others link the command: the language host lies beside what the link leads to.
            real = executable.resolve()
            if (real.parent / "pulumi-language-python").exists():
                return Piece("pulumi", version, real, pulumi_home(), Origin.PATH)
    return None


def plugin_on_machine() -> Piece | None:
    """The official plugin in the user's ``PULUMI_HOME``."""
    home = pulumi_home()
    path = home / "plugins" / PLUGIN_FOLDER / PLUGIN_FILE
    if not os.access(path, os.X_OK) or _ours(path):
        return None
    return Piece("openstack", versions.OPENSTACK, path, home, Origin.PATH)


def pulumi_home() -> Path:
    """The machine's ``PULUMI_HOME``; ours, which ``engine env`` sets, does not count."""
    named = os.environ.get("PULUMI_HOME", "")
    return Path(named) if named and not _ours(Path(named)) else user_home() / ".pulumi"


def fetched_folder() -> Path:
    """Where the installer's command is kept."""
    return engine_folder() / f"official-pulumi-{versions.PULUMI}-{target()}"


def fetched_plugin_folder() -> Path:
    """Where the official plugin is kept; it stands for ``PULUMI_HOME``."""
    return engine_folder() / f"official-openstack-{versions.OPENSTACK}-{target()}"


def fetched_command() -> Piece:
    """The installer's command, whether or not it is there."""
    folder = fetched_folder()
    return Piece("pulumi", versions.PULUMI, folder / "bin" / "pulumi", folder, Origin.INSTALLER)


def fetched_plugin() -> Piece:
    """The downloaded plugin, whether or not it is there."""
    folder = fetched_plugin_folder()
    path = folder / "plugins" / PLUGIN_FOLDER / PLUGIN_FILE
    return Piece("openstack", versions.OPENSTACK, path, folder, Origin.INSTALLER)


def whole(piece: Piece) -> bool:
    """Whether a downloaded piece is there and every file of it is what it was."""
    return piece.home.is_dir() and damage(piece.home) is None


@cache
def site_answers() -> bool:
    """Whether the download site gives the first byte of the command, asked once within :data:`PROBE_LIMIT`."""
    command = [sys.executable, "-I", "-c", PROBE, DOWNLOAD, str(PROBE_LIMIT - 1)]
    return _limited(command, os.environ, PROBE_LIMIT) is None


def install_command(say: Say) -> Piece | None:
    """Run the official installer; None when it fails or takes too long, having said so. Call under the lock."""
    piece = fetched_command()
    say(_("downloading Pulumi {version} with the official installer", version=versions.PULUMI))
    with filled(piece.home) as folder:
        shutil.rmtree(folder)
        folder.mkdir()
        command = [sys.executable, "-c", INSTALL, str(folder), versions.PULUMI]
        failure = _limited(command, os.environ, INSTALL_LIMIT)
        version = None if failure else command_version(str(folder / "bin" / "pulumi"))
        write_manifest(folder, {"piece": "pulumi", "version": versions.PULUMI, "origin": DOWNLOAD})
    if failure or not version or not versions.command_fits(version):
        shutil.rmtree(piece.home, ignore_errors=True)
        say(_("the official installer failed: {reason}", reason=failure or _("it brought {version}", version=version)))
        return None
    return piece


def install_plugin(pulumi: Path, say: Say) -> Piece | None:
    """Have an official ``pulumi`` download the official plugin; None when that fails. Call under the lock."""
    piece = fetched_plugin()
    say(_("downloading the OpenStack plugin {version}", version=versions.OPENSTACK))
    with filled(piece.home) as folder:
        shutil.rmtree(folder)
        folder.mkdir()
        failure = _limited(
            [str(pulumi), "plugin", "install", "resource", "openstack", versions.OPENSTACK, "--non-interactive"],
            {**os.environ, "PULUMI_HOME": str(folder), "PULUMI_SKIP_UPDATE_CHECK": "true"},
            INSTALL_LIMIT,
        )
        write_manifest(folder, {"piece": "openstack", "version": versions.OPENSTACK, "origin": "pulumi plugin install"})
    if failure or not piece.path.exists():
        shutil.rmtree(piece.home, ignore_errors=True)
        say(_("the official plugin could not be downloaded: {reason}", reason=failure or _("it is not there")))
        return None
    return piece


def _ours(path: Path) -> bool:
    return path.resolve().is_relative_to(engine_folder().resolve())


def _limited(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | None:
    """Run a process and all it starts within a time; why it failed, or None."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        errors = process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired:
        return _("no answer within {seconds} seconds", seconds=round(seconds))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode == 0:
        return None
    lines = errors.strip().splitlines()
    return lines[-1] if lines else _("exit code {code}", code=process.returncode)
