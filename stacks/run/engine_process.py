"""The engine as a child process on a leash: its own session, its words in files, one way to interrupt it.

The SDK's own runner ties the engine to pipes: when the driver is killed, the engine dies of the
broken pipe, keeps its lock and leaves its plugins behind. Here its output goes to files, and
:mod:`stacks.run.leash` has it interrupted instead: it gives its lock back and stops its plugins.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pulumi.automation import CommandResult, OnOutput, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

LEASH = Path(__file__).with_name("leash.py")
KEPT_OPENSTACK = frozenset({"OS_CLIENT_CONFIG_FILE"})

T = TypeVar("T")


def environment(extra: Mapping[str, str], binary: Path) -> dict[str, str]:
    """What the engine sees: the shell's variables without its OpenStack ones, then *extra*.

    The provider reads any ``OS_*`` it finds; a zone says itself which cloud it is for.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_") or k in KEPT_OPENSTACK}
    path = os.pathsep.join(filter(None, [str(binary.parent), kept.get("PATH")]))
    return {**kept, "PATH": path, **extra, "PULUMI_AUTOMATION_API": "true"}


class LeashedCommand(PulumiCommand):
    """The Automation API's command, started by us. :attr:`started` is told the pid of each process."""

    def __init__(self, binary: Path, version: str) -> None:
        self.command = str(binary)
        self.version = VersionInfo.parse(version.removeprefix("v"))
        self.started: Callable[[int], None] | None = None
        self._running: subprocess.Popen[str] | None = None

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run the engine and wait for it.

        Raises:
            pulumi.automation.errors.CommandError: it left with another code than 0.
        """
        binary = Path(self.command)
        command = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), self.command, "--non-interactive", *args]
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                text=True,
                env=environment(additional_env, binary),
                start_new_session=True,
            )
            self._running = process
            if self.started:
                self.started(process.pid)
            code = process.wait()
            self._running = None
            out.seek(0)
            err.seek(0)
            result = CommandResult(stdout=out.read(), stderr=err.read(), code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """One interrupt, as Ctrl-C would: what runs finishes and is recorded, nothing new starts."""
        process = self._running
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)


def attended(work: Callable[[], T], command: LeashedCommand, on_interrupt: Callable[[], None]) -> tuple[T, bool]:
    """Run *work* while listening for Ctrl-C and SIGTERM: ``(its result, whether it was interrupted)``.

    Each interrupt is handed to the engine, which then leaves by itself.
    """
    done = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def carry_out() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    worker = threading.Thread(target=carry_out, daemon=True)
    interrupted = False
    with _terminate_like_interrupt():
        worker.start()
        while not done.is_set():
            try:
                done.wait(0.2)
            except KeyboardInterrupt:
                interrupted = True
                on_interrupt()
                command.interrupt()
    if errors and not interrupted:
        raise errors[0]
    if errors:
        raise InterruptedError from errors[0]
    return results[0], interrupted


class _terminate_like_interrupt:  # noqa: N801 a context manager, read as a phrase
    """SIGTERM means the same as Ctrl-C for the length of a block (main thread only)."""

    def __enter__(self) -> None:
        self.main = threading.current_thread() is threading.main_thread()
        if self.main:
            self.before = signal.signal(signal.SIGTERM, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self.main:
            signal.signal(signal.SIGTERM, self.before)
