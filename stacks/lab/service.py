"""One service of the lab: what to run, and how to tell that it works."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stacks.lab.settings import HOST, Lab

Word = str | int | Path
_FOREIGN = ("OS_", "PYTHON", "RABBITMQ_", "ERL_", "UWSGI_")
"""Variables of the user's shell that would change what a service does."""


@dataclass(frozen=True, slots=True)
class Service:
    """A process to keep: its command, its question of health, its ports and its own variables."""

    name: str
    command: Sequence[Word]
    healthy: Callable[[], bool]
    ports: Sequence[str] = ()
    environment: Mapping[str, Word] = field(default_factory=dict)


def api(
    lab: Lab,
    name: str,
    module: str,
    healthy: Callable[[], bool],
    *,
    processes: int = 2,
    arguments: str = "",
    environment: Mapping[str, Word] | None = None,
) -> Service:
    """An HTTP API, served by uWSGI.

    One thread a process, on purpose: with several, the first concurrent requests to a fresh
    Neutron process get a wrong 403 ("disallowed by policy"), a race in loading the policy.
    """
    command: list[Word] = [
        lab.tool("pyuwsgi"), "--http-socket", f"{HOST}:{lab.port(name)}", "--module", module,
        "--virtualenv", lab.venv, "--master", "--lazy-apps", "--need-app",
        "--processes", processes, "--threads", 1, "--enable-threads",
        "--die-on-term", "--no-orphans", "--worker-reload-mercy", 5,
        "--buffer-size", 65535, "--listen", 100, "--disable-logging",
        # One request a connection, and said so: Go's clients would otherwise now and then reuse
        # a connection that was closed.
        "--add-header", "Connection: close",
        # uploads to Glance come in chunks
        "--http-chunked-input",
        # some services read their own command line
        *(["--pyargv", arguments] if arguments else []),
    ]  # fmt: skip
    return Service(name, command, healthy, ports=(name,), environment=environment or {})


def environment(lab: Lab, more: Mapping[str, Word]) -> dict[str, str]:
    """The variables a process of the lab runs with: the user's, cleaned, and those of the lab."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN) and name != "VIRTUAL_ENV"
    }
    return {
        **kept,
        "PATH": f"{lab.venv}/bin:/usr/local/sbin:/usr/sbin:/sbin:{kept.get('PATH', '/usr/local/bin:/usr/bin:/bin')}",
        "PYTHONPATH": str(lab.base / "plugins"),
        "PYTHONWARNINGS": "ignore",
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": f"{HOST},localhost",
        "no_proxy": f"{HOST},localhost",
        **{name: str(value) for name, value in more.items()},
    }
