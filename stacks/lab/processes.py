"""Processes kept by record: what was started here is found again, nothing else is ever touched.

A record is a small file that the process writes about itself before it becomes the service, so
that even a launcher killed halfway leaves no stray: the boot of the machine, then the process's
own line of ``/proc/<pid>/stat`` (process id, and start time in clock ticks). A process id that
was given to another since has another start time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "FRANCECLOUD_LAB_RECORD"
"""Environment variable that names the record in everything a recorded process starts in turn."""
_WRITE_RECORD_THEN_BECOME = (
    'record="$1"; shift; read -r boot </proc/sys/kernel/random/boot_id; read -r stat </proc/$$/stat; '
    'printf "%s\\n%s\\n" "$boot" "$stat" >"$record.partial" && mv "$record.partial" "$record" && exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Record:
    """A process as it was when started: id, start in clock ticks, boot, and time in Unix seconds."""

    pid: int
    ticks: int
    boot: str
    started: float


def _stat(text: str) -> tuple[str, int, int]:
    """State letter, session and start ticks out of a line of ``/proc/<pid>/stat`` (man 5 proc)."""
    fields = text.rsplit(")", 1)[1].split()
    return fields[0], int(fields[3]), int(fields[19])


def start_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        state, _session, ticks = _stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))
    except (OSError, IndexError, ValueError):
        return None
    return None if state in "ZX" else ticks


def read_record(record: Path) -> Record | None:
    """What a record says, or None where there is none."""
    try:
        boot, stat = record.read_text(encoding="utf-8", errors="replace").splitlines()[:2]
        return Record(int(stat.split()[0]), _stat(stat)[2], boot, record.stat().st_mtime)
    except (OSError, IndexError, ValueError):
        return None


def alive(record: Path) -> bool:
    """Whether the very process that was recorded still runs."""
    kept = read_record(record)
    return kept is not None and kept.boot == _boot() and start_ticks(kept.pid) == kept.ticks


def launch(record: Path, log: Path, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Start a detached process in a session of its own, its output in *log*, recorded in *record*.

    Raises:
        TimeoutError: nothing was recorded within ten seconds.
    """
    record.unlink(missing_ok=True)
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", "/bin/sh", "-c", _WRITE_RECORD_THEN_BECOME, "sh", str(record), *command],
            env={**environment, MARK: str(record)}, cwd=folder, check=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    limit = time.monotonic() + 10
    while read_record(record) is None:
        if time.monotonic() > limit:
            raise TimeoutError(f"{command[0]} was not started")
        time.sleep(0.01)


def complete(record: Path, log: Path, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run a recorded command to its end and return its exit status; the record goes with it."""
    with log.open("ab") as output:
        done = subprocess.run(
            ["/bin/sh", "-c", _WRITE_RECORD_THEN_BECOME, "sh", str(record), *command],
            env={**environment, MARK: str(record)}, cwd=folder, start_new_session=True, check=False,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    record.unlink(missing_ok=True)
    return done.returncode


def send(record: Path, number: signal.Signals) -> bool:
    """Signal a recorded process and its group; whether there was one."""
    kept = read_record(record)
    if kept is None or not alive(record):
        return False
    with suppress(ProcessLookupError):
        os.killpg(kept.pid, number)
    return True


def strays(record: Path) -> list[int]:
    """Processes still there that a recorded one started before it died.

    They are in its session and carry its mark in their environment; either alone proves nothing.
    """
    kept = read_record(record)
    if kept is None or kept.boot != _boot():
        return []
    mark = os.fsencode(f"{MARK}={record}")
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            state, session, _ticks = _stat((folder / "stat").read_text(encoding="utf-8", errors="replace"))
            if session == kept.pid and state not in "ZX" and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except (OSError, IndexError, ValueError):
            continue
    return found


def stop(records: Iterable[Path], grace: float = 15) -> list[Path]:
    """End recorded processes and what they started: politely, then after *grace* seconds by force.

    Returns the records that had to be forced. A record is removed once its process is gone.
    """
    asked = [record for record in records if read_record(record) is not None]
    for record in asked:
        send(record, signal.SIGTERM)
    limit = time.monotonic() + grace
    while any(alive(record) for record in asked) and time.monotonic() < limit:
        time.sleep(0.05)
    forced = [record for record in asked if send(record, signal.SIGKILL)]
    for record in asked:
        for pid in strays(record):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + 10
    while any(alive(record) or strays(record) for record in asked) and time.monotonic() < limit:
        time.sleep(0.05)
    for record in asked:
        record.unlink(missing_ok=True)
    return forced


def memory(record: Path) -> float:
    """Memory of a recorded process and its session in MiB (proportional set size); 0 if it is gone."""
    kept = read_record(record)
    if kept is None or not alive(record):
        return 0.0
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if os.getsid(int(folder.name)) == kept.pid:
                rollup = (folder / "smaps_rollup").read_text(encoding="ascii")
                total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
