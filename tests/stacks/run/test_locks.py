"""Whose lock it is decides: the dead lose theirs, the living are named, other machines are left alone."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stacks.run import journal
from stacks.run.locks import locks_in, locks_of, settle_locks
from stacks.run.problems import Busy

sys.path.insert(0, str(Path(__file__).parent))
from killed import DEAD, leave_lock

HERE = socket.gethostname()


class FakeStack:
    def __init__(self, target: Any) -> None:
        self.target, self.stack, self.cancelled = target, self, 0

    def cancel(self) -> None:
        self.cancelled += 1


@pytest.fixture
def engine_alive(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like an engine: its name is that of the command."""
    script = tmp_path / "pulumi"
    script.symlink_to(sys.executable)
    process = subprocess.Popen([str(script), "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_the_lock_of_a_process_that_is_gone_is_taken_away_and_said(target: Any, said: list[str]) -> None:
    leave_lock(target, DEAD, HERE)
    session = FakeStack(target)
    settle_locks(session, locks_of(target), said.append)  # type: ignore[arg-type]
    assert session.cancelled == 1
    assert "collègue" in said[0]
    assert str(DEAD) in said[0]


def test_a_number_given_again_to_another_process_is_not_the_engine(target: Any, said: list[str]) -> None:
    leave_lock(target, os.getpid(), HERE)
    session = FakeStack(target)
    settle_locks(session, locks_of(target), said.append)  # type: ignore[arg-type]
    assert session.cancelled == 1


def test_somebody_at_work_is_named(target: Any, said: list[str], engine_alive: subprocess.Popen[bytes]) -> None:
    leave_lock(target, engine_alive.pid, HERE)
    session = FakeStack(target)
    with pytest.raises(Busy) as caught:
        settle_locks(session, locks_of(target), said.append)  # type: ignore[arg-type]
    [problem] = caught.value.problems
    assert (caught.value.exit_code, problem.code, session.cancelled) == (4, "RUN-010", 0)
    assert "collègue" in problem.message
    assert str(engine_alive.pid) in problem.message


def test_another_machine_s_lock_is_never_taken_away(target: Any, said: list[str]) -> None:
    leave_lock(target, DEAD, "ailleurs")
    session = FakeStack(target)
    with pytest.raises(Busy) as caught:
        settle_locks(session, locks_of(target), said.append)  # type: ignore[arg-type]
    assert (caught.value.problems[0].code, session.cancelled) == ("RUN-011", 0)


def test_the_engine_of_a_driver_that_is_gone_is_waited_for(
    target: Any, said: list[str], engine_alive: subprocess.Popen[bytes]
) -> None:
    operation = replace(journal.begin(target.journal, "up"), driver_pid=DEAD, engine_pid=engine_alive.pid)
    journal._write(target.journal, operation)
    leave_lock(target, engine_alive.pid, HERE)
    session = FakeStack(target)
    with pytest.raises(Busy):
        settle_locks(session, locks_of(target), said.append, patience=0.3)  # type: ignore[arg-type]
    engine_alive.kill()
    engine_alive.wait()
    settle_locks(session, locks_of(target), said.append, patience=5)  # type: ignore[arg-type]
    assert session.cancelled == 1


def test_the_engine_s_own_refusal_names_the_lock_on_any_back_end() -> None:
    text = ("error: the stack is currently locked by 1 lock(s).\n  s3://b/l.json: created by root@vm (pid 25731) "
            "at 2026-11-25T17:43:14Z")  # fmt: skip
    [lock] = locks_in(text)
    assert (lock.user, lock.host, lock.pid) == ("root", "vm", 25731)
    assert lock.since == datetime(2026, 11, 25, 17, 43, 14, tzinfo=UTC)


def test_a_process_not_yet_reaped_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    for _attempt in range(100):
        if not journal.alive(process.pid):
            break
        time.sleep(0.05)
    assert not journal.alive(process.pid)
    process.wait()
