"""The processes a language host starts, and how none of them outlives the engine."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

GRACE = 5.0
"""Seconds a process is given to end by itself once asked to."""


class Children:
    """The running processes of a host, so that a cancellation or the engine's death reaches them all."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
        """Run a process whose output is the host's own; its exit code, negative for a signal."""
        with self._started(subprocess.Popen(command, env=environment, cwd=folder)) as process:
            return process.wait()

    def stream(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Iterator[tuple[str, bytes | int]]:
        """Run a process and hand on its output as it comes: ``("stdout"|"stderr", bytes)``, then ``("exit", code)``.

        Closing the iterator stops the process.
        """
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        words: queue.Queue[tuple[str, bytes] | None] = queue.Queue()

        def read(name: str, pipe: BinaryIO) -> None:
            while piece := os.read(pipe.fileno(), 65536):
                words.put((name, piece))
            words.put(None)

        with self._started(process):
            try:
                for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
                    assert pipe is not None
                    threading.Thread(target=read, args=(name, pipe), daemon=True).start()
                open_pipes = 2
                while open_pipes:
                    word = words.get()
                    if word is None:
                        open_pipes -= 1
                    else:
                        yield word
                yield "exit", process.wait()
            finally:
                _stop(process)

    def stop(self) -> None:
        """Ask every process to end, then make it."""
        with self._lock:
            running = list(self._running)
        for process in running:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in running:
            _stop(process)

    def leave_with(self, parent: int, every: float = 0.5) -> None:
        """Watch the engine (process id *parent*); end this process and all it started when it is gone.

        A hard kill of the engine closes nothing here, so its absence is looked for.
        """

        def watch() -> None:
            while os.getppid() == parent:
                time.sleep(every)
            with self._lock:
                running = list(self._running)
            for process in running:
                with suppress(ProcessLookupError):
                    process.kill()
            # What the children started themselves: the engine gives each host a process group of its own.
            if os.getpgrp() == os.getpid():
                os.killpg(os.getpid(), signal.SIGKILL)
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()

    def _started(self, process: subprocess.Popen[bytes]) -> _Registered:
        return _Registered(self._running, self._lock, process)


class _Registered:
    """A process counted among the running ones for the length of a block."""

    def __init__(
        self, running: set[subprocess.Popen[bytes]], lock: threading.Lock, process: subprocess.Popen[bytes]
    ) -> None:
        self._running, self._lock, self._process = running, lock, process

    def __enter__(self) -> subprocess.Popen[bytes]:
        with self._lock:
            self._running.add(self._process)
        return self._process

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._running.discard(self._process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: asked first, forced after :data:`GRACE` seconds."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
