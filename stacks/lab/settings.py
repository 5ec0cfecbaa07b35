"""Where a lab lives, which ports it takes, which optional services it has; remembered in its folder.

A lab is one folder. Two labs run side by side when folder and ports differ.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from inventory.problems import InvalidInput, Problem
from stacks.language import _

HOST = "127.0.0.1"
"""The only address a lab listens on."""
REGION = "RegionOne"
DEFAULT_PORT_BASE = 15000
PORTS = (
    "keystone", "placement", "glance", "neutron", "nova", "cinder", "barbican", "octavia", "swift", "designate",
    "mariadb", "rabbitmq", "rabbitmq-distribution", "epmd", "memcached", "swift-account", "swift-container",
    "swift-object", "designate-mdns", "named", "rndc",
)  # fmt: skip
"""What takes a port, in order: the first takes ``port_base``, the next one more, and so on."""
EXTRAS = {"dns": "designate", "lb": "octavia", "keys": "barbican", "objects": "swift"}
"""Optional services: the word of ``--with`` and the OpenStack project behind it."""
LONGEST_BASE = 80
"""A Unix socket's path holds 107 bytes, and MariaDB's stands two levels below the folder."""


@dataclass(frozen=True, slots=True)
class Lab:
    """One lab: its folder, the first of its ports, its optional services (words of :data:`EXTRAS`)."""

    base: Path
    port_base: int = DEFAULT_PORT_BASE
    extras: tuple[str, ...] = ()

    @property
    def venv(self) -> Path:
        """The virtual environment of OpenStack, apart from ours."""
        return self.base / "venv"

    @property
    def etc(self) -> Path:
        """Configuration, written again at each start."""
        return self.base / "etc"

    @property
    def log(self) -> Path:
        """One log a service."""
        return self.base / "log"

    @property
    def run(self) -> Path:
        """One record a process started, and sockets."""
        return self.base / "run"

    @property
    def data(self) -> Path:
        """What the cloud holds: databases, images, keys."""
        return self.base / "data"

    @property
    def snapshot(self) -> Path:
        """A copy of :attr:`data` as the first boot left it."""
        return self.base / "snapshot"

    @property
    def clouds_file(self) -> Path:
        """The ``clouds.yaml`` that says how to reach the lab."""
        return self.base / "clouds.yaml"

    def port(self, name: str) -> int:
        """The TCP port of one of :data:`PORTS`."""
        return self.port_base + PORTS.index(name)

    def url(self, service: str, path: str = "") -> str:
        """The address of a service's API."""
        return f"http://{HOST}:{self.port(service)}{path}"

    def has(self, project: str) -> bool:
        """Whether an optional OpenStack project (``designate``…) is part of this lab."""
        return any(EXTRAS[word] == project for word in self.extras)

    def tool(self, name: str) -> Path:
        """A command of the lab's virtual environment."""
        return self.venv / "bin" / name


def lab_base() -> Path:
    """The lab's folder: ``FRANCECLOUD_LAB_BASE``, else ``francecloud/lab`` in the user's cache."""
    named = os.environ.get("FRANCECLOUD_LAB_BASE")
    if named:
        return Path(named).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(cache).expanduser() / "francecloud" / "lab").resolve()


def recorded_lab(base: Path | None = None) -> Lab | None:
    """The lab that was set up in a folder, or None where there is none."""
    base = lab_base() if base is None else base.resolve()
    try:
        kept = json.loads((base / "lab.json").read_text(encoding="utf-8"))
        return Lab(base, int(kept["port_base"]), tuple(str(word) for word in kept["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(lab: Lab) -> None:
    """Keep ports and optional services in the lab's folder, for the next commands."""
    lab.base.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(
        lab.base / "lab.json",
        json.dumps({"port_base": lab.port_base, "extras": list(lab.extras)}, indent=1) + "\n",
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def asked_port_base() -> int | None:
    """The first port that the environment asks for (``FRANCECLOUD_LAB_PORT_BASE``), if any.

    Raises:
        InvalidInput: it is not a number.
    """
    word = os.environ.get("FRANCECLOUD_LAB_PORT_BASE")
    if not word:
        return None
    if not word.isdecimal():
        raise InvalidInput(_bad_port(word))
    return int(word)


def parse_extras(text: str) -> tuple[str, ...]:
    """The optional services named in ``dns,lb``, in a fixed order; ``all`` means every one.

    Raises:
        InvalidInput: a word is not one of :data:`EXTRAS`.
    """
    words = {word.strip() for word in text.split(",") if word.strip()}
    if words == {"all"}:
        return tuple(EXTRAS)
    unknown = sorted(words - set(EXTRAS))
    if unknown:
        raise InvalidInput(
            *(
                Problem(
                    code="LAB-011",
                    message=_("“{word}” is not an optional service of the lab", word=word),
                    field="--with",
                    value=word,
                    hint=_("choose among {words}", words=", ".join(EXTRAS)),
                )
                for word in unknown
            )
        )
    return tuple(word for word in EXTRAS if word in words)


def check_place(lab: Lab) -> None:
    """Refuse a folder or ports that no lab can work with.

    Raises:
        InvalidInput: every reason at once.
    """
    problems = []
    if not 1024 <= lab.port_base <= 65535 - len(PORTS):
        problems.append(_bad_port(str(lab.port_base)))
    if len(os.fsencode(lab.base)) > LONGEST_BASE:
        problems.append(
            Problem(
                code="LAB-011",
                message=_("the lab's folder has too long a path for a Unix socket: {path}", path=lab.base),
                field="--base",
                value=str(lab.base),
                hint=_("choose one of {n} bytes at most with --base", n=LONGEST_BASE),
            )
        )
    if any(sign in str(lab.base) for sign in " '\"\t\n%$"):
        problems.append(
            Problem(
                code="LAB-011",
                message=_("the lab's folder has a space, a quote, “%” or “$” in its path: {path}", path=lab.base),
                field="--base",
                value=str(lab.base),
                hint=_("OpenStack's configuration files cannot hold it; choose another with --base"),
            )
        )
    if problems:
        raise InvalidInput(*problems)


def _bad_port(word: str) -> Problem:
    return Problem(
        code="LAB-011",
        message=_("“{word}” cannot be the first port of the lab", word=word),
        field="--port-base",
        value=word,
        hint=_(
            "give a number from 1024 to {last}; {n} ports are taken from there", last=65535 - len(PORTS), n=len(PORTS)
        ),
    )


def is_lab_url(auth_url: str, base: Path | None = None) -> bool:
    """Whether an identity address is that of the lab on this machine: loopback, and its port."""
    lab = recorded_lab(base)
    if lab is None:
        return False
    try:
        parts = urlsplit(auth_url)
        return parts.scheme == "http" and parts.hostname in (HOST, "localhost") and parts.port == lab.port("keystone")
    except ValueError:
        return False


def names(projects: Iterable[str]) -> str:
    """A list for a sentence: ``dns, lb``, or a dash for none."""
    return ", ".join(projects) or "–"
