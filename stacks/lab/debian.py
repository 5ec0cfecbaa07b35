"""What the lab takes from Debian or Ubuntu: database, message broker, cache, name server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stacks.lab.problems import lab_error
from stacks.lab.settings import Lab
from stacks.language import _

PACKAGES = ("mariadb-server", "rabbitmq-server", "memcached")
NAME_SERVER = "bind9"
OS_RELEASE = Path("/etc/os-release")
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this file before it starts a daemon that was just installed (invoke-rc.d)."""
_OURS = "#!/bin/sh\n# francecloud lab: start nothing while its packages are being installed\nexit 101\n"


def wanted(lab: Lab) -> tuple[str, ...]:
    """The packages this lab needs."""
    return (*PACKAGES, NAME_SERVER) if lab.has("designate") else PACKAGES


def is_debian() -> bool:
    """Whether this is Debian, Ubuntu or one of their kin, with its package tools."""
    try:
        release = OS_RELEASE.read_text(encoding="utf-8")
    except OSError:
        return False
    kin = {
        word
        for line in release.splitlines()
        if line.startswith(("ID=", "ID_LIKE="))
        for word in line.partition("=")[2].strip().strip("\"'").split()
    }
    return bool(kin & {"debian", "ubuntu"}) and shutil.which("apt-get") is not None


def require_debian() -> None:
    """Say what is needed where this is neither Debian nor Ubuntu.

    Raises:
        LabError: LAB-001.
    """
    if not is_debian():
        raise lab_error(
            "LAB-001",
            _(
                "the lab runs on Debian 12 or Ubuntu 24.04 and later, with {packages} from the distribution "
                "and Python 3.11 or later: use a virtual machine or a container of those",
                packages=", ".join(PACKAGES),
            ),
        )


def missing(packages: Sequence[str]) -> list[str]:
    """Those of the packages that are not installed."""
    return [name for name in packages if not _installed(name)]


def _installed(package: str) -> bool:
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True, check=False
    )
    return asked.stdout == "installed"


def install(packages: Sequence[str], tell: Callable[[str], None]) -> None:
    """Install what is missing, starting no daemon; nothing to do, nothing done.

    Raises:
        LabError: LAB-002 without the rights to install, LAB-003 when the installation fails.
    """
    absent = missing(packages)
    if not absent:
        return
    if os.geteuid() != 0:
        raise lab_error(
            "LAB-002",
            _("the lab needs packages that are not installed: {packages}", packages=", ".join(absent)),
            _(
                "run: sudo apt-get update && sudo apt-get install --no-install-recommends {packages}",
                packages=" ".join(absent),
            ),
        )
    tell(_("installing {packages}", packages=", ".join(absent)))
    with daemons_held():
        # finishes what an interrupted installation left behind; otherwise does nothing
        _apt("dpkg", "--configure", "-a")
        _apt("apt-get", "update", "-q")
        _apt("apt-get", "install", "-q", "-y", "--no-install-recommends", *absent)


@contextmanager
def daemons_held() -> Iterator[None]:
    """Keep Debian from starting daemons for a while; an administrator's own policy is left as it is."""
    ours = not POLICY.exists() or POLICY.read_text(encoding="utf-8", errors="replace") == _OURS
    if ours:
        POLICY.write_text(_OURS, encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def _apt(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise lab_error(
            "LAB-003",
            _("“{command}” failed: {reason}", command=" ".join(command), reason=last_lines(done.stdout)),
            _("mend the package sources of this machine, then run the same command again"),
        )


def last_lines(text: str, n: int = 5) -> str:
    """The last lines of a command's output, where the reason usually stands, cut to fit a message."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(line if len(line) <= 300 else f"{line[:300]}…" for line in lines[-n:])
