"""An import attempted as a user would, and what must be true of it whatever the file."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from francecloud.main import run

ALLOWED = (0, 2)
SECONDS = 30.0
"""Of processor time: what one hostile file may take; how busy the machine is changes nothing."""
MEMORY = 2 * 2**30
OURS = "import sys; from francecloud.main import main; main(sys.argv[1:])"


class Networked(AssertionError):
    """Something tried to reach the network."""


@dataclass(frozen=True)
class Attempt:
    """What an import did: its exit code, what it printed, seconds of processor, peak memory in bytes (a process of its own only)."""

    code: int
    said: str
    seconds: float
    memory: int = 0


@contextlib.contextmanager
def no_network() -> Iterator[None]:
    """Make every connection and look-up an error that no ``except Exception`` of the product hides."""
    reached: list[object] = []

    def refuse(*words: object, **_more: object) -> None:
        reached.append(words)
        raise OSError("the network is closed")

    before = socket.socket.connect, socket.getaddrinfo, socket.create_connection
    socket.socket.connect, socket.getaddrinfo, socket.create_connection = refuse, refuse, refuse  # type: ignore
    try:
        yield
    finally:
        socket.socket.connect, socket.getaddrinfo, socket.create_connection = before  # type: ignore
    if reached:
        raise Networked(reached)


def workspace(folder: Path) -> Path:
    """A workspace with a dataset in it, so that a refusal has something to leave alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "francecloud.toml").write_text('[workspace]\nname = "essai"\n')
    known = folder.parent / "connu.csv"
    known.write_text("Code application;Nom\nZ1;Connue\n")
    assert attempt(known, folder).code == 0
    return folder


def attempt(path: Path, here: Path) -> Attempt:
    """Import a file in this process."""
    out, err = io.StringIO(), io.StringIO()
    begun = time.process_time()
    with no_network(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["import", str(path), "--workspace", str(here), "--json"])
    return Attempt(code, out.getvalue() + err.getvalue(), time.process_time() - begun)


def apart(path: Path, here: Path) -> Attempt:
    """Import a file in a process of its own, killed beyond what it may take."""

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    words = [sys.executable, "-c", OURS, "import", str(path), "--workspace", str(here), "--json"]
    watched = (
        "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:]); "
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(u.ru_maxrss, u.ru_utime + u.ru_stime, file=sys.stderr); sys.exit(r.returncode % 256)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, *words], capture_output=True, text=True, check=False, preexec_fn=limits
    )
    said, _sep, used = done.stderr.strip().rpartition("\n")
    memory, seconds = used.split()
    return Attempt(done.returncode, done.stdout + said, float(seconds), int(memory) * 1024)


def tree(root: Path) -> dict[str, bytes]:
    """Every file of a workspace and its bytes, but for what is kept of the last imports to save time."""
    found = (p for p in sorted(root.rglob("*")) if p.is_file() and ".francecloud" not in p.parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in found}


def faults(done: Attempt, before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """What is not as it must be."""
    found = []
    if done.code not in ALLOWED:
        found.append(f"exit code {done.code}: {done.said[-600:]}")
    if "Traceback" in done.said or "panicked" in done.said:
        found.append(f"a traceback: {done.said[-600:]}")
    if done.code and before != after:
        found.append(
            f"refused and yet written: {sorted(n for n in {*before, *after} if before.get(n) != after.get(n))}"
        )
    if done.code == 2 and '"error"' not in done.said:
        found.append("refused without a problem that says why")
    if done.seconds > SECONDS:
        found.append(f"{done.seconds:.1f} s")
    if done.memory > MEMORY:
        found.append(f"{done.memory / 2**20:.0f} MiB")
    if left := [n for n in after if ".next" in n or ".previous" in n]:
        found.append(f"left behind: {left}")
    with contextlib.suppress(ValueError):
        json.loads(done.said[: done.said.rfind("}") + 1])
    return found
