"""Starts, watches and ends the processes of one lab, by their records and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from stacks.lab import processes
from stacks.lab.debian import last_lines
from stacks.lab.health import FAILURES, record_of
from stacks.lab.problems import LabError, lab_error
from stacks.lab.service import Service, Word, environment
from stacks.lab.services import services
from stacks.lab.settings import Lab
from stacks.language import _

PATIENCE = 180.0
"""Seconds a service is given to become healthy."""


class Keeper:
    """The processes of one lab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.services: dict[str, Service] = services(lab)

    def alive(self, name: str) -> bool:
        """Whether the recorded process of a service runs."""
        return processes.alive(record_of(self.lab, name))

    def healthy(self, name: str) -> bool:
        """Whether a service runs and answers."""
        try:
            return self.alive(name) and self.services[name].healthy()
        except FAILURES:
            return False

    def start(self, name: str) -> None:
        """Start a service unless it runs; does not wait for it to answer."""
        if self.alive(name):
            return
        service = self.services[name]
        record = record_of(self.lab, name)
        # what a killed service left running would hold its port
        processes.stop([record])
        command = [str(word) for word in service.command]
        try:
            processes.launch(
                record, self._log(name), command, environment(self.lab, service.environment), self.lab.base
            )
        except (OSError, TimeoutError) as error:
            raise self._failed(name) from error

    def wait(self, name: str, patience: float = PATIENCE) -> None:
        """Wait until a service answers.

        Raises:
            LabError: LAB-007, it died or does not answer in time.
        """
        limit = time.monotonic() + patience
        while not self.healthy(name):
            if not self.alive(name) or time.monotonic() > limit:
                raise self._failed(name)
            time.sleep(0.2)

    def stop(self, names: Iterable[str]) -> list[str]:
        """End services, all at once; returns those that had to be forced."""
        forced = processes.stop([record_of(self.lab, name) for name in names])
        return [record.stem for record in forced]

    def recorded(self) -> list[str]:
        """Everything recorded in the lab's folder, set-up commands included."""
        return sorted(record.stem for record in self.lab.run.glob("*.record"))

    def complete(self, name: str, command: Sequence[Word], more: Mapping[str, Word] | None = None) -> None:
        """Run a command of the lab's virtual environment, or of Debian, to its end.

        Raises:
            LabError: LAB-008, with the log to read.
        """
        log = self._log(name)
        words = [str(word) for word in command]
        status = processes.complete(
            record_of(self.lab, name), log, words, environment(self.lab, more or {}), self.lab.base
        )
        if status:
            raise lab_error(
                "LAB-008",
                _("“{command}” failed with status {status}", command=" ".join([words[0], *words[3:4]]), status=status),
                _("read {log}; the next “lab up” starts the first boot over", log=log),
            )

    def memory(self, name: str) -> float:
        """Memory of a service and its children, in MiB."""
        return processes.memory(record_of(self.lab, name))

    def _log(self, name: str) -> Path:
        return self.lab.log / f"{name}.log"

    def _failed(self, name: str) -> LabError:
        log = self._log(name)
        try:
            text = log.read_bytes()[-2000:].decode(errors="replace")
        except OSError:
            text = ""
        reason = last_lines(text, 2) or "–"
        message = (
            _("{service} does not answer: {reason}", service=name, reason=reason)
            if self.alive(name)
            else _("{service} stopped by itself: {reason}", service=name, reason=reason)
        )
        return lab_error("LAB-007", message, _("read {log}, then run “lab up” again", log=log))


Tell = Callable[[str], None]
"""Receives a line about the work going on."""
